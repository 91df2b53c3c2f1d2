"""The table of what is billed. It turns the page when it must and repeats its header there."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from sample_data.generator.business import Line
from sample_data.generator.pen import Cell
from sample_data.generator.sheet import BOTTOM, Sheet

RIGHT = {"quantity", "unit_price", "tax_rate", "line_total"}
Columns = Mapping[str, float]  # name -> width in millimetres, left to right

FULL: Columns = {
    "position": 10,
    "article_number": 22,
    "description": 62,
    "quantity": 16,
    "unit": 14,
    "unit_price": 22,
    "line_total": 24,
}
ERP: Columns = {
    "position": 9,
    "article_number": 21,
    "description": 64,
    "quantity": 16,
    "unit": 12,
    "unit_price": 18,
    "tax_rate": 12,
    "line_total": 20,
}
WITH_TAX: Columns = {
    "article_number": 24,
    "description": 66,
    "quantity": 16,
    "unit_price": 22,
    "tax_rate": 16,
    "line_total": 26,
}
SHORT: Columns = {"description": 92, "quantity": 22, "unit_price": 28, "line_total": 28}
NARROW: Columns = {"description": 58, "quantity": 16, "unit_price": 26, "line_total": 28}
QUANTITY_FIRST: Columns = {"quantity": 16, "unit": 16, "description": 84, "unit_price": 26, "line_total": 28}


def table(
    sheet: Sheet, y: float, *, columns: Columns, look: str = "lines", left: float = 20.0, step: float = 6.0
) -> float:
    """Print all lines. `look`: ruled (every cell), lines (under header and end), zebra, or plain."""
    right = left + sum(columns.values())
    y = _header(sheet, y, columns, look, left, right)
    carried = Decimal("0.00")
    for row, line in enumerate(sheet.invoice.lines):
        described = sheet.pen.wrap(line.description, columns["description"] - 3)
        height = step + 4.2 * (len(described) - 1)
        if y + height > BOTTOM - 8:
            y = _carry_over(sheet, y, carried, right)
            y = _header(sheet, y, columns, look, left, right)
        _ornament(sheet, y, columns, look, left, height, row)
        _row(sheet, y + step * 0.68, row, line, described, columns, left)
        carried += line.total
        y += height
    if look != "plain":
        sheet.pen.rule(left, y, right, y)
    return y + 7


def _header(sheet: Sheet, y: float, columns: Columns, look: str, left: float, right: float) -> float:
    if look in ("ruled", "zebra"):
        sheet.pen.box(left, y, right - left, 7, fill=(0.85, 0.87, 0.9))
    if look == "ruled":
        _cells(sheet, y, columns, left, 7)
    x = left
    for name, width in columns.items():
        aligned, at = ("right", x + width - 1.5) if name in RIGHT else ("left", x + 1.5)
        sheet.pen.text(at, y + 4.8, sheet.word(name), bold=True, size=sheet.pen.size - 0.5, align=aligned)
        x += width
    if look in ("lines", "plain"):
        sheet.pen.rule(left, y + 7, right, y + 7, weight=0.9, dots=look == "plain")
    return y + 7.5 if look == "lines" else y + 7


def _row(sheet: Sheet, y: float, row: int, line: Line, described: list[str], columns: Columns, left: float) -> None:
    """One line's values; a long description goes on under itself."""
    texts = {
        "position": str(row + 1),
        "article_number": line.article,
        "quantity": sheet.number(line.quantity),
        "unit": line.unit,
        "unit_price": sheet.amount(line.unit_price),
        "tax_rate": f"{sheet.number(line.rate)} %" if sheet.style.language == "de" else f"{line.rate}%",
        "line_total": sheet.amount(line.total),
    }
    x = left
    for name, width in columns.items():
        if name == "description":
            sheet.pen.truth.note(Cell("line_items", row, name), " ".join(described))
            for at, text in enumerate(described):
                sheet.pen.text(x + 1.5, y + 4.2 * at, text)
        else:
            aligned, edge = ("right", x + width - 1.5) if name in RIGHT else ("left", x + 1.5)
            value = sheet.number(line.rate) if name == "tax_rate" else None
            sheet.pen.text(edge, y, texts[name], Cell("line_items", row, name), align=aligned, value=value)
        x += width


def _ornament(sheet: Sheet, y: float, columns: Columns, look: str, left: float, height: float, row: int) -> None:
    if look == "ruled":
        _cells(sheet, y, columns, left, height)
    if look == "zebra" and row % 2:
        sheet.pen.box(left, y, sum(columns.values()), height, fill=(0.95, 0.96, 0.97))


def _cells(sheet: Sheet, y: float, columns: Columns, left: float, height: float) -> None:
    x = left
    for width in columns.values():
        sheet.pen.box(x, y, width, height, weight=0.3)
        x += width


def _carry_over(sheet: Sheet, y: float, carried: Decimal, right: float) -> float:
    """The sum so far at the foot of this page and at the top of the next."""
    sheet.pen.text(right - 40, y + 5, sheet.word("subtotal_page"), align="right")
    sheet.pen.text(right - 1.5, y + 5, sheet.amount(carried), align="right")
    y = sheet.turn_page()
    sheet.pen.text(right - 40, y, sheet.word("carried"), align="right")
    sheet.pen.text(right - 1.5, y, sheet.amount(carried), align="right")
    return y + 4
