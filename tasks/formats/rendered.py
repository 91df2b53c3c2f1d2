"""A shipment's files as bytes, in the form and for the reader that the target asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.document_type import DocumentType
from schemas.payload import Payload
from schemas.process import Target
from tasks.formats.comma_separated import comma_separated
from tasks.formats.sheets import DOCUMENTS, sheets_of
from tasks.formats.workbook import workbook


@dataclass(frozen=True)
class Rendered:
    """One file: what its name ends with, its bytes, and how many rows it has."""

    suffix: str
    content: bytes
    rows: int


def render(payloads: Sequence[Payload], types: Sequence[DocumentType], target: Target) -> list[Rendered]:
    """The data files of a shipment; the manifest is written over them."""
    for_people = target.reader == "human"
    if target.format == "jsonl":
        return [Rendered(".jsonl", _json_lines(payloads), len(payloads))]
    sheets = sheets_of(payloads, types)
    if target.format == "xlsx":
        return [Rendered(".xlsx", workbook(sheets, for_people=for_people), sum(len(s.rows) for s in sheets))]
    return [
        Rendered(
            ".csv" if sheet.name == DOCUMENTS else f"-{sheet.name}.csv",
            comma_separated(sheet, for_people=for_people),
            len(sheet.rows),
        )
        for sheet in sheets
    ]


def _json_lines(payloads: Sequence[Payload]) -> bytes:
    """One frozen payload a line, altered for nobody."""
    return "".join(payload.canonical() + "\n" for payload in payloads).encode()
