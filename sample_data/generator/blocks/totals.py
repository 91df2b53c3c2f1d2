"""The sums of an invoice, in several shapes. Each takes the top of the free space and returns its end."""

from __future__ import annotations

from decimal import Decimal

from sample_data.generator.business import Tax
from sample_data.generator.pen import Cell, Tag
from sample_data.generator.sheet import Sheet


def sums(
    sheet: Sheet, y: float, *, left: float = 120.0, right: float = 188.5, leader: str = "", boxed: bool = False
) -> float:
    """Net, tax per rate, gross under each other: at the right or the left, with dotted leaders or in a box."""
    of = sheet.invoice
    rows: list[tuple[str, Decimal, Tag]] = [(sheet.word("net_total"), of.net, "net_total")]
    rows += [
        (_tax_label(sheet, row, tax), tax.tax, Cell("taxes", row, "tax"))
        for row, tax in enumerate(of.taxes)
        if tax.rate
    ]
    y = sheet.room(y, 7.0 * (len(rows) + 1))
    if boxed:
        sheet.pen.box(left - 3, y - 5, right - left + 6, 6.0 * (len(rows) + 1) + 5)
    for label, value, tag in rows:
        _sum_row(sheet, left, right, y, label, value, tag, leader)
        y += 6
    if len(of.taxes) == 1:  # the one tax line is the whole tax
        sheet.pen.truth.note("tax_total", sheet.amount(of.tax)) if of.tax else None
    sheet.pen.rule(left, y - 3.8, right, y - 3.8, weight=0.8)
    _sum_row(sheet, left, right, y + 1, gross_word(sheet), of.gross, "gross_total", leader, bold=True)
    return y + 10


def per_rate(sheet: Sheet, y: float, *, left: float = 20.0, width: float = 140.0) -> float:
    """A small table with rate, net, tax and gross per rate, then the grand totals."""
    of = sheet.invoice
    y = sheet.room(y, 6.0 * (len(of.taxes) + 4))
    step = width / 4
    ends = [left + step * (at + 1) - 2 for at in range(4)]
    for end, key in zip(ends, ("rate_head", "net_head", "tax_head", "gross_head"), strict=True):
        sheet.pen.text(end, y, sheet.word(key), bold=True, align="right", size=sheet.pen.size - 0.5)
    sheet.pen.rule(left, y + 1.8, left + width, y + 1.8)
    for row, tax in enumerate(of.taxes):
        y += 6
        cells = [
            f"{sheet.number(tax.rate)} %",
            sheet.amount(tax.net),
            sheet.amount(tax.tax),
            sheet.amount(tax.net + tax.tax),
        ]
        for end, text, column in zip(ends, cells, ("rate", "net", "tax", ""), strict=True):
            value = sheet.number(tax.rate) if column == "rate" else None
            sheet.pen.text(end, y, text, Cell("taxes", row, column) if column else None, align="right", value=value)
    return _grand_totals(sheet, y + 9)


def corner_total(sheet: Sheet, y: float) -> float:
    """The sums in words at the right, the gross total again large over a coloured rule."""
    y = sums(sheet, y, left=118, leader="")
    sheet.pen.rule(118, y - 6, 188.5, y - 6, weight=2, colour=sheet.accent)
    return y


def tax_sentence(sheet: Sheet, y: float) -> float:
    """Net and gross in rows; the tax as a phrase that names its base."""
    of = sheet.invoice
    y = sheet.room(y, 7.0 * (len(of.taxes) + 2))
    _sum_row(sheet, 110, 188.5, y, sheet.word("net_total"), of.net, "net_total", "")
    on = {"de": "auf", "en": "on"}[sheet.style.language]
    for row, tax in enumerate(of.taxes):
        if tax.rate:
            y += 6
            sheet.pen.truth.note(Cell("taxes", row, "rate"), sheet.number(tax.rate))
            sheet.pen.truth.note(Cell("taxes", row, "net"), sheet.amount(tax.net))
            label = f"{sheet.word('tax_line', rate=sheet.number(tax.rate))} {on} {sheet.amount(tax.net)}"
            _sum_row(sheet, 110, 188.5, y, label, tax.tax, Cell("taxes", row, "tax"), "")
    if len(of.taxes) == 1 and of.tax:
        sheet.pen.truth.note("tax_total", sheet.amount(of.tax))
    _sum_row(sheet, 110, 188.5, y + 7, gross_word(sheet), of.gross, "gross_total", "", bold=True)
    return y + 16


def gross_word(sheet: Sheet) -> str:
    """What this supplier calls the sum to be paid, or given back."""
    name = sheet.word("gross_total" if sheet.invoice.kind == "invoice" else "credit_total")
    if sheet.style.money != "none":
        return name
    sheet.pen.truth.note("currency", sheet.invoice.currency)
    return f"{name} {sheet.invoice.currency}"


def _grand_totals(sheet: Sheet, y: float) -> float:
    of = sheet.invoice
    rows: list[tuple[str, Decimal, Tag]] = [
        (sheet.word("net_total"), of.net, "net_total"),
        (sheet.word("tax_total"), of.tax, "tax_total"),
        (gross_word(sheet), of.gross, "gross_total"),
    ]
    for label, value, tag in rows:
        _sum_row(sheet, 20, 108, y, label, value, tag, "", bold=tag == "gross_total")
        y += 5.5
    return y + 5


def _tax_label(sheet: Sheet, row: int, tax: Tax) -> str:
    sheet.pen.truth.note(Cell("taxes", row, "rate"), sheet.number(tax.rate))
    return sheet.word("tax_line", rate=sheet.number(tax.rate))


def _sum_row(
    sheet: Sheet,
    left: float,
    right: float,
    y: float,
    label: str,
    value: Decimal,
    tag: Tag,
    leader: str,
    *,
    bold: bool = False,
) -> None:
    start = left + sheet.pen.text(left, y, label, bold=bold)
    if leader:
        dot = sheet.pen.measure(leader)
        count = int((right - start - 32) / dot)
        sheet.pen.text(start + 1, y, leader * max(0, count))
    sheet.money(right, y, value, tag, bold=bold)
