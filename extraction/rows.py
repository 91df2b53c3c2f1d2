"""Rows of a table of line items: cells typed and checked, whatever found them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from extraction.confidence import legibility
from extraction.spans import Notation
from schemas.document_type import FieldDefinition, FieldType
from schemas.normalisation import normalise
from schemas.reading import Box
from schemas.values import Value

LINE_ITEMS = "line_items"
CHECKED = 0.97  # quantity x unit price = line total
UNCHECKED = 0.75
_QUANTITY = re.compile(r"\s*([+-]?[\d.,'\u2019]+)\s*([^\d\s].*)?$")


@dataclass(frozen=True, slots=True)
class Cell:
    """Text as printed, its page, box in shares of the page, and the least word confidence."""

    raw: str
    page: int
    box: Box | None
    confidence: float = 1.0


@dataclass(slots=True)
class Row:
    """One line item: printed cells, and the canonical texts of those that have the right type."""

    cells: dict[str, Cell]
    texts: dict[str, str] = field(default_factory=dict)

    @property
    def is_item(self) -> bool:
        """It has its own price: a line total, or quantity and unit price."""
        return "line_total" in self.texts or {"quantity", "unit_price"} <= self.texts.keys()

    @property
    def adds_up(self) -> bool | None:
        """Whether quantity x unit price, less discount, is the line total; None where a part is missing."""
        numbers = [self.texts.get(name) for name in ("quantity", "unit_price", "line_total")]
        if None in numbers:
            return None
        quantity, price, total = (Decimal(str(each)) for each in numbers)
        discount = Decimal(self.texts.get("discount_percent", "0"))
        slack = Decimal("0.011") + abs(quantity) * Decimal("0.00005")
        return abs(quantity * price * (100 - discount) / 100 - total) <= slack


def typed_row(cells: Mapping[str, Cell], definitions: Mapping[str, FieldDefinition], notation: Notation) -> Row:
    """Cells normalised by their columns' types; a cell of the wrong type is dropped. `5 ST` gives quantity and unit."""
    row = Row(dict(cells))
    for name, cell in cells.items():
        raw = cell.raw
        if name == "quantity" and (match := _QUANTITY.match(raw)):
            raw = match[1]
            if match[2] and "unit" not in cells and "unit" in definitions:
                row.cells["unit"] = Cell(match[2], cell.page, cell.box, cell.confidence)
                row.texts["unit"] = match[2].strip()
        text = _normal(raw, definitions[name].type, notation)
        if text is not None:
            row.texts[name] = text
    return row


def row_values(rows: Sequence[Row], *, scanned: bool) -> list[Value]:
    """The rows as values, numbered from 1."""
    return [
        _value(name, number, row, scanned=scanned)
        for number, row in enumerate(rows, start=1)
        for name in row.cells
        if row.texts.get(name)
    ]


def extend_description(row: Row, cell: Cell) -> None:
    """A further line of a description."""
    known = row.cells.get("description")
    raw = f"{known.raw} {cell.raw}" if known else cell.raw
    box = cell.box
    if known and known.box and cell.box and known.page == cell.page:
        a, b = known.box, cell.box
        box = Box(min(a.x0, b.x0), min(a.y0, b.y0), max(a.x1, b.x1), max(a.y1, b.y1))
    elif known:
        box = known.box
    page = known.page if known else cell.page
    sure = min(known.confidence, cell.confidence) if known else cell.confidence
    row.cells["description"] = Cell(raw, page, box, sure)
    row.texts["description"] = " ".join(raw.split())


def _normal(raw: str, field_type: FieldType, notation: Notation) -> str | None:
    if field_type is FieldType.IDENTIFIER:
        return raw.strip(" .,:;") or None
    return normalise(raw.strip(), field_type, convention=notation.convention, order=notation.order)


def _value(name: str, number: int, row: Row, *, scanned: bool) -> Value:
    cell = row.cells[name]
    counted = name in ("quantity", "unit_price", "line_total")
    sure = CHECKED if counted and row.adds_up else UNCHECKED if counted else 0.9
    if scanned and not (counted and row.adds_up):
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
        evidence=["product"] if counted and row.adds_up else [],
    )
