"""What stands under the sums, and at the foot of every page: terms, bank, tax numbers."""

from __future__ import annotations

from sample_data.generator.identifiers import grouped_iban
from sample_data.generator.pen import GREY, Tag
from sample_data.generator.sheet import Sheet


def terms(sheet: Sheet, y: float, *, left: float = 20.0) -> float:
    """When to pay, the cash discount, and a note on reverse charge."""
    of = sheet.invoice
    y = sheet.room(y, 18)
    if of.supplier.reverse_charge:
        sheet.pen.text(left, y, sheet.word("reverse_charge"))
        y += 5
    if of.due:
        _due(sheet, left, y)
        y += 5
    if of.discount:
        _discount(sheet, left, y)
        y += 5
    return y + 4


def bank_block(sheet: Sheet, y: float, *, left: float = 20.0) -> float:
    """Bank details in the body, label and value in two columns."""
    y = sheet.room(y, 20)
    sheet.pen.text(left, y, sheet.word("bank"), bold=True)
    for label, tag, text in _bank(sheet):
        y += 4.8
        sheet.pen.text(left, y, label)
        sheet.pen.text(left + 22, y, text, tag)
    return y + 7


def terms_and_bank(sheet: Sheet, y: float) -> float:
    """Terms, then the bank block."""
    return bank_block(sheet, terms(sheet, y))


def foot_columns(sheet: Sheet) -> None:
    """Three small columns at the foot: address, bank, tax."""
    seller, pen = sheet.invoice.supplier, sheet.pen
    pen.rule(20, 270, 190, 270, weight=0.4, colour=GREY)
    bank: list[tuple[str, Tag, str]] = [(label, tag, text) for label, tag, text in _bank(sheet)]
    columns: list[list[tuple[str, Tag, str]]] = [
        [("", None, seller.name), ("", None, seller.street), ("", None, seller.town), ("", None, seller.phone)],
        bank,
        [*_tax_rows(sheet), ("", None, seller.register)],
    ]
    for x, rows in zip((20, 78, 146), columns, strict=True):
        for at, (label, tag, text) in enumerate(rows):
            pen.run(x, 274.5 + 3.6 * at, [(f"{label} " if label else "", None), (text, tag)], size=7)


def foot_line(sheet: Sheet) -> None:
    """One small line with tax and bank numbers, in the middle."""
    rows = [*_tax_rows(sheet), *_bank(sheet)]
    width = sum(sheet.pen.measure(f"{label}: {text}   ", size=7) for label, _, text in rows)
    x = 105 - width / 2
    for label, tag, text in rows:
        x += sheet.pen.run(x, 285, [(f"{label}: ", None), (text, tag), ("   ", None)], size=7)


def foot_tax(sheet: Sheet) -> None:
    """Only the tax numbers; the bank stands in the body."""
    x = 20.0
    for label, tag, text in _tax_rows(sheet):
        x += sheet.pen.run(x, 284, [(f"{label} ", None), (text, tag), ("     ", None)], size=7.5)


def foot_bare(sheet: Sheet) -> None:
    """Nothing but a rule: the numbers stand elsewhere on the page."""
    sheet.pen.rule(62, 284, 190, 284, weight=0.3, colour=GREY)


def _bank(sheet: Sheet) -> list[tuple[str, str, str]]:
    grouped = sheet.style.variant != 3
    iban = grouped_iban(sheet.invoice.iban) if grouped else sheet.invoice.iban
    return [("IBAN", "iban", iban), ("BIC", "bic", sheet.invoice.supplier.bic)]


def _tax_rows(sheet: Sheet) -> list[tuple[str, Tag, str]]:
    seller = sheet.invoice.supplier
    rows: list[tuple[str, Tag, str]] = [(sheet.word("vat_id"), "supplier_vat_id", seller.vat_id)]
    if seller.tax_number:
        rows.append((sheet.word("tax_number"), "supplier_tax_number", seller.tax_number))
    return rows


def _due(sheet: Sheet, left: float, y: float) -> None:
    due = sheet.date(sheet.invoice.due) if sheet.invoice.due else ""
    sheet.pen.text(left, y, sheet.word("due_sentence", due=due), "due_date", value=due)


def _discount(sheet: Sheet, left: float, y: float) -> None:
    percent, days = (str(each) for each in sheet.invoice.discount or ("", ""))
    sheet.pen.truth.note("discount_percent", percent)
    sheet.pen.truth.note("discount_days", days)
    sheet.pen.text(left, y, sheet.word("discount_sentence", percent=percent, days=days))
