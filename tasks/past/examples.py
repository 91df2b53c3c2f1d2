"""Examples: matched documents as what can be learned from them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from extraction.extract import classify
from schemas.document_type import DocumentType
from schemas.learning import Example
from schemas.normalisation import fold
from schemas.reading import Reading
from tasks.past.matching import Match
from tasks.past.setting import Setting, in_words_of

SUPPLIER_NUMBER = "supplier_number"


def newest(matches: Sequence[Match], setting: Setting, most: int) -> list[Match]:
    """The matches with the newest documents, in their order; those without a date count as old."""
    days = {match.booking.row: match.booking.fields.get(setting.booked.roles.date or "", "") for match in matches}
    kept = sorted(matches, key=lambda each: days[each.booking.row], reverse=True)[:most]
    rows = {match.booking.row for match in kept}
    return [match for match in matches if match.booking.row in rows]


def examples_of(matches: Sequence[Match], setting: Setting) -> list[Example]:
    """One example a match, in the same order. A document that looks like none of the types is taken for the booked one."""
    return [_example(match, match.document.reading(), setting) for match in matches]


def _example(match: Match, reading: Reading, setting: Setting) -> Example:
    found = classify(reading, setting.type_names, setting.languages).document_type
    kind = next((each for each in setting.types if each.name == found), setting.booked)
    fields = in_words_of(match.booking.fields, setting.booked, kind)
    return Example(
        key=match.document.name,
        document_type=kind.name,
        reading=reading,
        fields=fields,
        supplier=_supplier(fields, kind, setting),
        at=_dated(fields, kind),
    )


def _supplier(fields: dict[str, str], kind: DocumentType, setting: Setting) -> str:
    """The supplier's number in the master data, else the booked number or name; empty where none is booked."""
    name, number = fields.get(kind.roles.supplier or "", ""), fields.get(SUPPLIER_NUMBER, "")
    if setting.master is not None:
        match = setting.master.match({SUPPLIER_NUMBER: [number]} if number else {}, [name] if name else [])
        if match is not None and match.supplier_number:
            return match.supplier_number
    return number or fold(name)


def _dated(fields: dict[str, str], kind: DocumentType) -> dt.datetime | None:
    """The start of the document's day."""
    text = fields.get(kind.roles.date or "")
    return dt.datetime.combine(dt.date.fromisoformat(text), dt.time(), dt.UTC) if text else None
