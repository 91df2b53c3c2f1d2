"""Sheets: payloads laid out as tables, one of documents and one for each table that the process's types have.

Columns depend on the process alone, not on what a shipment happens to hold, so that a client's import need not change.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schemas.document_type import DocumentType, FieldType
from schemas.payload import Payload

Row = dict[str, str]

DOCUMENTS = "documents"
DOCUMENT_COLUMNS = {
    "document": FieldType.TEXT,
    "version": FieldType.INTEGER,
    "document_type": FieldType.TEXT,
    "file": FieldType.TEXT,
    "received_at": FieldType.TEXT,
}
LAST_COLUMNS = {"unreadable": FieldType.TEXT}
LINE_COLUMNS = {"document": FieldType.TEXT, "row": FieldType.INTEGER}


@dataclass(frozen=True)
class Sheet:
    """A table: typed columns in order, and rows of normalised texts; a missing key is an empty cell."""

    name: str
    columns: dict[str, FieldType]
    rows: list[Row]


def sheets_of(payloads: Sequence[Payload], types: Sequence[DocumentType]) -> list[Sheet]:
    """The documents' sheet first, then one a table."""
    return [_documents(payloads, types), *(_lines(name, payloads, types) for name in _table_names(payloads, types))]


def _documents(payloads: Sequence[Payload], types: Sequence[DocumentType]) -> Sheet:
    typed = {name: field.type for each in types for name, field in each.fields.items()}
    columns = DOCUMENT_COLUMNS | _with_strangers(typed, (p.fields for p in payloads)) | LAST_COLUMNS
    return Sheet(DOCUMENTS, columns, [_document_row(payload) for payload in payloads])


def _document_row(payload: Payload) -> Row:
    return {
        **payload.fields,
        "document": payload.document,
        "version": str(payload.version),
        "document_type": payload.document_type,
        "file": payload.file,
        "received_at": payload.received_at.isoformat(timespec="seconds"),
        "unreadable": " ".join(payload.unreadable),
    }


def _table_names(payloads: Sequence[Payload], types: Sequence[DocumentType]) -> list[str]:
    known = [name for each in types for name in each.tables]
    return list(dict.fromkeys([*known, *(name for payload in payloads for name in payload.tables)]))


def _lines(table: str, payloads: Sequence[Payload], types: Sequence[DocumentType]) -> Sheet:
    typed = {n: c.type for each in types if table in each.tables for n, c in each.tables[table].columns.items()}
    rows = [{**row, "document": payload.document} for payload in payloads for row in payload.tables.get(table, [])]
    return Sheet(table, LINE_COLUMNS | _with_strangers(typed, rows), rows)


def _with_strangers(typed: dict[str, FieldType], rows: Iterable[Row]) -> dict[str, FieldType]:
    """A frozen value whose field the document type has lost since is still delivered, at the end."""
    strangers = {name: FieldType.TEXT for row in rows for name in row if name not in typed}
    return {**typed, **{name: kind for name, kind in strangers.items() if name not in LINE_COLUMNS}}
