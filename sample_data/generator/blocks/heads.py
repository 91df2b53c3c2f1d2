"""Tops of a page: who writes, and to whom. Each returns where the body may begin."""

from __future__ import annotations

from sample_data.generator.pen import GREY
from sample_data.generator.sheet import Sheet

WHITE = (1.0, 1.0, 1.0)


def din_window(sheet: Sheet) -> float:
    """DIN 5008: logo at the right, small sender line over the address window."""
    pen, seller = sheet.pen, sheet.invoice.supplier
    pen.disc(166, 20, 6, sheet.accent)
    pen.box(168, 14, 12, 12, fill=sheet.accent)
    pen.text(190, 35, seller.name, "supplier_name", size=13, bold=True, align="right")
    pen.text(190, 40, f"{seller.street} · {seller.town}", size=8, align="right", colour=GREY)
    pen.text(25, 50, f"{seller.name} · {seller.street} · {seller.town}", size=6.5, colour=GREY)
    _recipient(sheet, 25, 58)
    return 95.0


def band(sheet: Sheet) -> float:
    """A coloured band with the name in white, the address under it."""
    pen, seller = sheet.pen, sheet.invoice.supplier
    pen.box(0, 0, 210, 24, fill=sheet.accent)
    pen.text(20, 15, seller.name, "supplier_name", size=17, bold=True, colour=WHITE)
    pen.text(20, 31, f"{seller.street}, {seller.town}", size=8.5)
    pen.text(20, 45, sheet.word("recipient"), size=8, colour=GREY)
    _recipient(sheet, 20, 50)
    return 82.0


def letter_left(sheet: Sheet) -> float:
    """The name large at the left, the address under it, then the recipient."""
    pen, seller = sheet.pen, sheet.invoice.supplier
    pen.text(20, 25, seller.name, "supplier_name", size=16, bold=True, colour=sheet.accent)
    for at, line in enumerate([seller.street, seller.town]):
        pen.text(20, 31 + 4.5 * at, line)
    pen.rule(20, 40, 190, 40, colour=sheet.accent, weight=1.2)
    pen.text(20, 50, f"{sheet.word('recipient')}:", bold=True)
    _recipient(sheet, 20, 55)
    return 84.0


def centred(sheet: Sheet) -> float:
    """Name and address in the middle, between two rules."""
    pen, seller = sheet.pen, sheet.invoice.supplier
    pen.text(105, 22, seller.name, "supplier_name", size=19, bold=True, align="centre")
    pen.text(105, 28, f"{seller.street} · {seller.town}", align="centre")
    pen.rule(20, 32, 190, 32, weight=1.5)
    pen.rule(20, 33, 190, 33, weight=0.4)
    _recipient(sheet, 20, 46)
    return 78.0


def two_boxes(sheet: Sheet) -> float:
    """The parties in two boxes beside each other, the title over them."""
    pen, seller = sheet.pen, sheet.invoice.supplier
    pen.text(20, 24, sheet.word(sheet.invoice.kind).upper(), size=20, bold=True, colour=sheet.accent)
    for x, title in ((20, "supplier"), (107, "recipient")):
        pen.box(x, 32, 83, 36)
        pen.box(x, 32, 83, 6, fill=sheet.accent)
        pen.text(x + 3, 36.3, sheet.word(title), size=8.5, bold=True, colour=WHITE)
    pen.text(23, 43.5, seller.name, "supplier_name", bold=True, size=9)
    lines = [seller.street, seller.town]
    for at, line in enumerate(lines):
        pen.text(23, 48 + 4.4 * at, line)
    _vat_line(sheet, 23, 60)
    _recipient(sheet, 110, 43.5, step=4.5)
    return 78.0


def sidebar(sheet: Sheet) -> float:
    """A grey column at the left with all about the supplier."""
    pen, seller = sheet.pen, sheet.invoice.supplier
    pen.box(0, 0, 52, 297, fill=(0.93, 0.93, 0.93))
    pen.disc(26, 24, 11, sheet.accent)
    pen.text(26, 27.5, seller.name[0], size=20, bold=True, align="centre", colour=WHITE)
    y = 46.0
    for line in pen.wrap(seller.name, 42, size=10):
        pen.text(6, y, line, size=10, bold=True)
        y += 4.5
    pen.truth.note("supplier_name", seller.name)
    for line in (seller.street, seller.town):
        pen.text(6, y, line, size=8)
        y += 4
    _side_numbers(sheet, y + 6)
    _recipient(sheet, 62, 45)
    return 78.0


def corner_grid(sheet: Sheet) -> float:
    """The supplier small at the top left, the title large at the right."""
    pen, seller = sheet.pen, sheet.invoice.supplier
    pen.text(20, 22, seller.name, "supplier_name", size=12, bold=True)
    pen.text(20, 27, seller.street, size=8.5)
    pen.text(20, 31, seller.town, size=8.5)
    pen.text(190, 25, sheet.word(sheet.invoice.kind).upper(), size=24, bold=True, align="right", colour=sheet.accent)
    pen.text(20, 46, sheet.word("recipient").upper(), size=8, bold=True, colour=sheet.accent)
    _recipient(sheet, 20, 51)
    return 40.0


def plain_lines(sheet: Sheet) -> float:
    """Typewriter: every line at the left margin, no ornament."""
    pen, seller = sheet.pen, sheet.invoice.supplier
    pen.text(20, 20, seller.name, "supplier_name", bold=True)
    pen.text(20, 24.5, seller.street)
    pen.text(20, 29, seller.town)
    _recipient(sheet, 20, 44, step=4.5)
    return 72.0


def _recipient(sheet: Sheet, x: float, y: float, step: float = 5.0) -> None:
    buyer = sheet.invoice.buyer
    sheet.pen.text(x, y, buyer.name, "recipient_name")
    sheet.pen.text(x, y + step, buyer.street)
    sheet.pen.text(x, y + 2 * step, buyer.town)


def _vat_line(sheet: Sheet, x: float, y: float) -> None:
    sheet.pen.run(
        x, y, [(f"{sheet.word('vat_id')}: ", None), (sheet.invoice.supplier.vat_id, "supplier_vat_id")], size=8.5
    )


def _side_numbers(sheet: Sheet, y: float) -> None:
    """Tax and bank numbers down the side column, each label above its value."""
    seller = sheet.invoice.supplier
    rows = [
        (sheet.word("vat_id"), "supplier_vat_id", seller.vat_id),
        (sheet.word("tax_number"), "supplier_tax_number", seller.tax_number),
        ("IBAN", "iban", sheet.invoice.iban),
        ("BIC", "bic", seller.bic),
    ]
    for label, tag, text in rows:
        if text:
            sheet.pen.text(6, y, label, size=6.5, colour=GREY)
            sheet.pen.text(6, y + 3.5, text, tag, size=7.5)
            y += 9
