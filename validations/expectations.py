"""What must be true of a whole lot or batch: expectations over the frames' columns, built from the document type.

These are plain data; `validations.suites` hands them to Great Expectations, whose names they bear.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from schemas.document_type import DocumentType, FieldDefinition, FieldType
from validations.definitions import default_rules
from validations.frames import (
    LINE_DIFFERENCE,
    LINE_ITEMS,
    LINES_DIFFERENCE,
    POSITION_STEP,
    SUM_DIFFERENCE,
    UNREADABLE,
)
from validations.rules.formats import currencies_in_use
from validations.rules.sums import CENTS

OLDEST = dt.timedelta(days=3650)
PATTERNS = {
    FieldType.IBAN: r"^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$",
    FieldType.BIC: r"^[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?$",
    FieldType.VAT_ID: r"^[A-Z]{2}[A-Z0-9]{2,13}$",
    FieldType.IDENTIFIER: r"^(?=.*\S)[^\x00-\x1f]{1,60}$",
}


@dataclass(frozen=True)
class Expected:
    """One expectation: its Great Expectations class and that class's arguments."""

    kind: str
    arguments: dict[str, Any] = field(default_factory=dict)


def of_documents(document_type: DocumentType, today: dt.date) -> list[Expected]:
    """What must be true of the frame of documents."""
    columns = [e for name, shape in document_type.fields.items() for e in _of_column(name, shape, today)]
    differences = [between(name, 0, CENTS) for name in (SUM_DIFFERENCE, LINES_DIFFERENCE)]
    return [between(UNREADABLE, 0, 0), *columns, *differences, *_of_roles(document_type, today)]


def of_lines(document_type: DocumentType, today: dt.date) -> list[Expected]:
    """What must be true of the frame of line items; nothing where the type has none."""
    if LINE_ITEMS not in document_type.tables:
        return []
    shapes = document_type.tables[LINE_ITEMS].columns
    columns = [e for name, shape in shapes.items() for e in _of_column(name, shape, today)]
    steps = [between(POSITION_STEP, 0, strict_min=True)] if "position" in shapes else []
    return [between(UNREADABLE, 0, 0), *columns, between(LINE_DIFFERENCE, 0, CENTS), *steps]


def between(column: str, least: object = None, most: object = None, *, strict_min: bool = False) -> Expected:
    """Every value of the column, where there is one, lies in a range."""
    arguments: dict[str, Any] = {"column": column, "min_value": least, "strict_min": strict_min}
    return Expected("ExpectColumnValuesToBeBetween", arguments if most is None else {**arguments, "max_value": most})


def _of_column(name: str, shape: FieldDefinition, today: dt.date) -> Iterator[Expected]:
    if shape.required:
        yield Expected("ExpectColumnValuesToNotBeNull", {"column": name})
    if shape.type in PATTERNS:
        yield Expected("ExpectColumnValuesToMatchRegex", {"column": name, "regex": PATTERNS[shape.type]})
    if shape.type is FieldType.CURRENCY:
        yield Expected("ExpectColumnValuesToBeInSet", {"column": name, "value_set": sorted(currencies_in_use(today))})
    if shape.type is FieldType.DATE:
        yield between(name, today - OLDEST, today + OLDEST)
    if shape.type is FieldType.PERCENT:
        yield between(name, 0, 100)


def _of_roles(document_type: DocumentType, today: dt.date) -> Iterator[Expected]:
    roles = document_type.roles
    if roles.date:
        yield between(roles.date, today - OLDEST, today)
    if roles.total and any(setting.rule == "positive_total" for setting in default_rules(document_type.name)):
        yield between(roles.total, Decimal(0), strict_min=True)
    if roles.number and roles.supplier:
        arguments = {"column_list": [roles.supplier, roles.number], "ignore_row_if": "any_value_is_missing"}
        yield Expected("ExpectCompoundColumnsToBeUnique", arguments)
