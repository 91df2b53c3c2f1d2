"""A shipment's files as bytes, in the form and for the reader that the target asks for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from schemas.document_type import DocumentType
from schemas.payload import Payload
from schemas.process import Target
from tasks.formats.comma_separated import comma_separated
from tasks.formats.corrections import CORRECTIONS, corrections
from tasks.formats.sheets import DOCUMENTS, sheets_of
from tasks.formats.workbook import workbook


@dataclass(frozen=True)
class Rendered:
    """One file: what its name ends with, its bytes, and how many rows it has."""

    suffix: str
    content: bytes
    rows: int


def render(
    payloads: Sequence[Payload],
    types: Sequence[DocumentType],
    target: Target,
    before: Mapping[str, Payload] | None = None,
) -> list[Rendered]:
    """The data files of a shipment; the manifest is written over them.

    `before`: superseded payloads by their delivery's id. Where the target wants corrections as differences or as a list for a
    person, what supersedes something stands in a file of its own and in no other.
    """
    known = before or {}
    corrected = [p for p in payloads if p.supersedes in known] if target.corrections != "replace" else []
    fresh = [payload for payload in payloads if payload not in corrected]
    files = _data(fresh, types, target) if fresh or not corrected else []
    return files + ([_corrections(corrected, known, target)] if corrected else [])


def _corrections(payloads: Sequence[Payload], before: Mapping[str, Payload], target: Target) -> Rendered:
    """The differences: JSON lines for machines that read them, else a table; a list is for a person, whoever reads the rest."""
    sheet = corrections(payloads, before)
    if target.corrections == "delta" and target.format == "jsonl":
        lines = "".join(json.dumps(row, sort_keys=True, ensure_ascii=False) + "\n" for row in sheet.rows)
        return Rendered(f"-{CORRECTIONS}.jsonl", lines.encode(), len(sheet.rows))
    for_people = target.corrections == "list" or target.reader == "human"
    return Rendered(f"-{CORRECTIONS}.csv", comma_separated(sheet, for_people=for_people), len(sheet.rows))


def _data(payloads: Sequence[Payload], types: Sequence[DocumentType], target: Target) -> list[Rendered]:
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
