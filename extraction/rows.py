"""Rows of a table of line items: cells typed and checked, whatever found them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from extraction.column_roles import is_product
from extraction.spans import Notation
from schemas.document_type import FieldDefinition, FieldType
from schemas.normalisation import normalise
from schemas.reading import Box, union

LINE_ITEMS = "line_items"
_QUANTITY = re.compile(r"\s*([+-]?[\d.,'\u2019]+)\s*([^\d\s].*)?$")
_RULES = " |{}_\n"  # what a reader makes of the rules between cells
_RATE = re.compile(r"\s*(\d[\d.,]*\s?%)\s*\D*$")  # `19 % VAT (S)`


@dataclass(frozen=True, slots=True)
class Cell:
    """Text as printed, its page, box in shares of the page, the least word confidence, and how sure its column's name is."""

    raw: str
    page: int
    box: Box | None
    confidence: float = 1.0
    named: float = 1.0


@dataclass(slots=True)
class Row:
    """One line item: printed cells, and the canonical texts of those that have the right type.

    `in_sum`: whether the document's rows add up to a printed total; None where that cannot be told.
    """

    cells: dict[str, Cell]
    texts: dict[str, str] = field(default_factory=dict)
    in_sum: bool | None = None

    @property
    def is_item(self) -> bool:
        """It has its own price: a line total, or quantity and unit price."""
        return "line_total" in self.texts or {"quantity", "unit_price"} <= self.texts.keys()

    @property
    def total(self) -> Decimal | None:
        """The line total, as a number."""
        return Decimal(self.texts["line_total"]) if "line_total" in self.texts else None

    @property
    def adds_up(self) -> bool | None:
        """Whether quantity x unit price, less discount, is the line total; None where a part is missing."""
        numbers = [self.texts.get(name) for name in ("quantity", "unit_price", "line_total")]
        if None in numbers:
            return None
        quantity, price, total = (Decimal(str(each)) for each in numbers)
        return is_product(quantity, price, total, Decimal(self.texts.get("discount_percent", "0")))


def typed_row(cells: Mapping[str, Cell], definitions: Mapping[str, FieldDefinition], notation: Notation) -> Row:
    """Cells normalised by their columns' types; a cell of the wrong type is dropped. `5 ST` gives quantity and unit."""
    row = Row(dict(cells))
    for name, cell in cells.items():
        raw = cell.raw
        if name == "quantity" and (match := _QUANTITY.match(raw)):
            raw = match[1]
            if match[2] and "unit" not in cells and "unit" in definitions:
                row.cells["unit"] = Cell(match[2], cell.page, cell.box, cell.confidence, cell.named)
                row.texts["unit"] = match[2].strip()
        if definitions[name].type is FieldType.PERCENT and (match := _RATE.match(raw)):
            raw = match[1]
        text = _normal(raw, definitions[name].type, notation)
        if text is not None:
            row.texts[name] = text
    return row


def extend_description(row: Row, cell: Cell, *, before: bool = False) -> None:
    """A further line of a description, below the others or above them."""
    known = row.cells.get("description")
    row.cells["description"] = joined = (_joined(cell, known) if before else _joined(known, cell)) if known else cell
    row.texts["description"] = " ".join(joined.raw.split())


def _joined(first: Cell, second: Cell) -> Cell:
    """Two cells read as one; the box is the first page's."""
    box = first.box
    if first.page == second.page and first.box and second.box:
        box = union([first.box, second.box])
    raw = f"{first.raw} {second.raw}"
    return Cell(raw, first.page, box, min(first.confidence, second.confidence), min(first.named, second.named))


def _normal(raw: str, field_type: FieldType, notation: Notation) -> str | None:
    raw = raw.strip(_RULES)
    if field_type is FieldType.IDENTIFIER:
        return raw.strip(" .,:;") or None
    if field_type is not FieldType.TEXT and ("(" in raw) != (")" in raw):
        raw = raw.strip("() ")
    return normalise(raw, field_type, convention=notation.convention, order=notation.order)
