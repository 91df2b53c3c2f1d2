"""Data frames of many documents, for audits over a lot or a delivered batch.

Rows are indexed by `document` (its id) and `line` (0 for the document itself), so that an audit can name what it found.
Amounts are Decimal, dates `date`, everything else text; what is missing or cannot be read is None. Columns of our own
begin with an underscore.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from schemas.document_type import DocumentType, FieldDefinition, FieldType, Roles
from schemas.values import Value, ValueState
from validations.facts import day_in, number_in
from validations.rules.sums import half_unit

INDEX = ["document", "line"]
LINE_ITEMS = "line_items"
UNREADABLE = "_unreadable"  # how many of the row's values are not what their field says
SUM_DIFFERENCE = "_sum_difference"  # |net + tax - total|
LINES_DIFFERENCE = "_lines_difference"  # |sum of line totals - net or total|, whichever is nearer
LINE_DIFFERENCE = "_line_difference"  # |quantity * price less discount - line total| beyond the price's rounding
POSITION_STEP = "_position_step"  # the printed position less the one before it in the same document

NUMBERS = {FieldType.AMOUNT, FieldType.QUANTITY, FieldType.PERCENT, FieldType.INTEGER}
Documents = Mapping[str, Sequence[Value]]  # document id -> its values
Cell = Decimal | dt.date | str | None
Row = dict[str, Any]


def frame_of(documents: Documents, document_type: DocumentType) -> pd.DataFrame:
    """One row a document: its header fields, and how far its sums are out."""
    rows = []
    for document, values in documents.items():
        texts = _texts(values)
        row = _row(texts.get(("", 0), {}), document_type.fields)
        row[SUM_DIFFERENCE] = _sum_difference(row, document_type.roles)
        row[LINES_DIFFERENCE] = _lines_difference(row, texts, document_type.roles)
        rows.append({"document": document, "line": 0, **row})
    return _frame(rows, [*document_type.fields, UNREADABLE, SUM_DIFFERENCE, LINES_DIFFERENCE])


def lines_of(documents: Documents, document_type: DocumentType) -> pd.DataFrame:
    """One row a line item; empty where the type has none."""
    columns = document_type.tables[LINE_ITEMS].columns if LINE_ITEMS in document_type.tables else {}
    rows = []
    for document, values in documents.items():
        before: Decimal | None = None
        for (table, line), texts in sorted(_texts(values).items()):
            if table != LINE_ITEMS:
                continue
            row = _row(texts, columns)
            position = row.get("position")
            row[LINE_DIFFERENCE] = _line_difference(row)
            row[POSITION_STEP] = None if before is None or position is None else position - before
            before = before if position is None else position
            rows.append({"document": document, "line": line, **row})
    return _frame(rows, [*columns, UNREADABLE, LINE_DIFFERENCE, POSITION_STEP])


def _frame(rows: list[Row], columns: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=[*INDEX, *columns], dtype=object).set_index(INDEX)


def _texts(values: Sequence[Value]) -> dict[tuple[str, int], dict[str, str]]:
    """What is present, by table and row, then by name."""
    texts: dict[tuple[str, int], dict[str, str]] = {}
    for value in values:
        if value.state is ValueState.PRESENT and value.text:
            texts.setdefault((value.table, value.row), {})[value.name] = value.text
    return texts


def _row(texts: Mapping[str, str], definitions: Mapping[str, FieldDefinition]) -> Row:
    """The typed cells of one row, and how many texts could not be typed."""
    cells: Row = {name: _cell(texts.get(name), definition.type) for name, definition in definitions.items()}
    unreadable = sum(1 for name in cells if name in texts and cells[name] is None)
    return {**cells, UNREADABLE: unreadable}


def _cell(text: str | None, kind: FieldType) -> Cell:
    if text is None:
        return None
    if kind is FieldType.DATE:
        return day_in(text)
    return number_in(text) if kind in NUMBERS else text


def _sum_difference(row: Row, roles: Roles) -> Decimal | None:
    net, tax, total = (row.get(name or "") for name in (roles.net, roles.tax, roles.total))
    return None if net is None or tax is None or total is None else abs(net + tax - total)


def _lines_difference(row: Row, texts: Mapping[tuple[str, int], Mapping[str, str]], roles: Roles) -> Decimal | None:
    totals = [amount for name in (roles.net, roles.total) if (amount := row.get(name or "")) is not None]
    printed = [line["line_total"] for (table, _), line in texts.items() if table == LINE_ITEMS and "line_total" in line]
    amounts = [amount for text in printed if (amount := number_in(text)) is not None]
    return min(abs(sum(amounts, Decimal()) - total) for total in totals) if totals and amounts else None


def _line_difference(row: Row) -> Decimal | None:
    quantity, price, total = (row.get(name) for name in ("quantity", "unit_price", "line_total"))
    if quantity is None or price is None or total is None:
        return None
    discount = row.get("discount_percent") or Decimal()
    beyond: Decimal = abs(quantity * price * (100 - discount) / 100 - total) - abs(quantity) * half_unit(price)
    return max(Decimal(), beyond)
