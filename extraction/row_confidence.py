"""How sure a row's cells are: by the row's product, the sum of all rows, the column's name and the reader.

A product that is right proves its three numbers; a sum that is right proves every line total; both leave nothing to doubt
but which line it is. A product or a sum that is wrong says that one of its parts is, not which.
"""

from __future__ import annotations

from collections.abc import Sequence

from extraction.confidence import legibility
from extraction.rows import LINE_ITEMS, Row
from schemas.values import Value

COUNTED = ("quantity", "unit_price", "line_total")
PROVEN, BY_PRODUCT, BY_SUM = 0.985, 0.97, 0.95
UNCHECKED, CONTRADICTED = 0.75, 0.6
PRINTED = 0.9  # of a cell that no arithmetic reaches
MISSED_SUM = (
    0.95  # what is left of it all where the rows miss every printed total: one is lacking, too many, or misread
)


def row_values(rows: Sequence[Row], *, scanned: bool) -> list[Value]:
    """The rows as values, numbered from 1."""
    return [
        _value(name, number, row, scanned=scanned)
        for number, row in enumerate(rows, start=1)
        for name in row.cells
        if row.texts.get(name)
    ]


def _value(name: str, number: int, row: Row, *, scanned: bool) -> Value:
    cell = row.cells[name]
    proofs = _proofs(name, row)
    sure = _sure(name, row, proofs) * (1.0 if proofs else cell.named)
    if scanned and not proofs:
        sure *= legibility(cell.confidence)
    return Value(
        name=name,
        table=LINE_ITEMS,
        row=number,
        text=row.texts[name],
        raw=cell.raw,
        page=cell.page,
        box=cell.box,
        probability=round(sure, 3),
        evidence=proofs,
    )


def _proofs(name: str, row: Row) -> list[str]:
    by_product = name in COUNTED and bool(row.adds_up)
    by_sum = name == "line_total" and bool(row.in_sum)
    return [proof for proof, holds in (("product", by_product), ("sum", by_sum)) if holds]


def _sure(name: str, row: Row, proofs: Sequence[str]) -> float:
    if "product" in proofs:
        sure = PROVEN if row.in_sum else BY_PRODUCT
    elif "sum" in proofs:
        sure = BY_SUM
    elif name in COUNTED:
        sure = CONTRADICTED if row.adds_up is False else UNCHECKED
    else:
        sure = PRINTED
    return sure * MISSED_SUM if row.in_sum is False else sure
