"""Corrections as a table: what differs between a delivery and the one that it supersedes, one changed value a row.

For targets that must not take a whole record twice: a posted invoice is corrected by its difference, or by a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from schemas.document_type import FieldType
from schemas.payload import Payload
from tasks.formats.sheets import Row, Sheet

CORRECTIONS = "corrections"
COLUMNS = {
    "delivery": FieldType.TEXT,
    "supersedes": FieldType.TEXT,
    "document": FieldType.TEXT,
    "file": FieldType.TEXT,
    "table": FieldType.TEXT,
    "row": FieldType.TEXT,
    "field": FieldType.TEXT,
    "old": FieldType.TEXT,
    "new": FieldType.TEXT,
}

Place = tuple[str, str, str]  # table, row, field


def corrections(payloads: Sequence[Payload], before: Mapping[str, Payload]) -> Sheet:
    """`before`: the superseded payloads by their delivery's id. A value that is gone has an empty `new`."""
    rows = [row for payload in payloads for row in _changes(payload, before[payload.supersedes or ""])]
    return Sheet(CORRECTIONS, COLUMNS, rows)


def _changes(payload: Payload, before: Payload) -> list[Row]:
    old, new = _values(before), _values(payload)
    return [
        {
            "delivery": payload.delivery,
            "supersedes": before.delivery,
            "document": payload.document,
            "file": payload.file,
            "table": place[0],
            "row": place[1],
            "field": place[2],
            "old": old.get(place, ""),
            "new": new.get(place, ""),
        }
        for place in sorted(old.keys() | new.keys())
        if old.get(place) != new.get(place)
    ]


def _values(payload: Payload) -> dict[Place, str]:
    header = {("", "", name): text for name, text in payload.fields.items()}
    cells = {
        (table, row["row"], name): text
        for table, rows in payload.tables.items()
        for row in rows
        for name, text in row.items()
        if name != "row"
    }
    return {**header, **cells}
