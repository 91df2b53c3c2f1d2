"""The faces of a receipt: till roll, sales slip, filled form, hotel folio, confirmation sent by mail."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from sample_data.generator import printing
from sample_data.generator.pen import Cell, Pen
from sample_data.generator.receipts import Receipt

WORDS = {
    "de": {
        "number": ["Beleg-Nr.", "Bon-Nr.", "Rechnung Nr."],
        "date": ["Datum", "Datum", "Belegdatum"],
        "time": ["Uhrzeit"],
        "total": ["SUMME", "Gesamtbetrag", "Zu zahlen"],
        "tax": ["MwSt", "USt", "MwSt"],
        "tax_total": ["MwSt gesamt", "enthaltene USt", "Summe MwSt"],
        "net": ["Netto"],
        "gross": ["Brutto"],
        "vat_id": ["UID-Nr.", "USt-IdNr.", "UID"],
        "paid": ["Bezahlt mit", "Zahlung", "Gegeben"],
        "thanks": ["Vielen Dank für Ihren Besuch!", "Danke für Ihren Einkauf", "Auf Wiedersehen!"],
        "title": ["Quittung", "Rechnung", "Beleg"],
        "guest": ["Gast"],
        "served": ["Es bediente Sie: Martina", "Kasse 2  Bediener 14", "Tisch 12"],
    },
    "en": {
        "number": ["Receipt no", "Check #", "Receipt number"],
        "date": ["Date"],
        "time": ["Time"],
        "total": ["TOTAL", "Total", "Total to pay"],
        "tax": ["VAT"],
        "tax_total": ["VAT total", "VAT included", "Total VAT"],
        "net": ["Net"],
        "gross": ["Gross"],
        "vat_id": ["VAT no", "VAT Reg No", "VAT number"],
        "paid": ["Paid by", "Payment", "Card"],
        "thanks": ["Thank you for your visit!", "Please come again", "Thank you"],
        "title": ["Receipt", "Receipt", "Receipt"],
        "guest": ["Guest"],
        "served": ["Served by Owen", "Till 3", "Table 7"],
    },
}


class Roll:
    """A pen with a merchant's words, writing line under line."""

    def __init__(self, receipt: Receipt, pen: Pen, y: float, step: float) -> None:
        self.receipt, self.pen, self.y, self.step = receipt, pen, y, step
        self.style = receipt.merchant.style
        self.middle = pen.width / 2
        self.left, self.edge = 5.0, pen.width - 5.0

    def word(self, key: str) -> str:
        spellings = WORDS[self.style.language][key]
        return spellings[self.style.variant % len(spellings)]

    def amount(self, value: Decimal) -> str:
        return printing.amount(value, self.style)

    def down(self, lines: float = 1.0) -> None:
        self.y += lines * self.step

    def head(self, *, size: float, address: bool = True) -> None:
        """Name and address in the middle."""
        merchant = self.receipt.merchant
        self.pen.text(self.middle, self.y, merchant.name, "supplier_name", size=size, bold=True, align="centre")
        self.down(1.3)
        if address:
            self.pen.truth.note("supplier_address", f"{merchant.street} {merchant.town}")
            for line in (merchant.street, merchant.town):
                self.pen.text(self.middle, self.y, line, align="centre")
                self.down()

    def pair(
        self, label: str, value: str, tag: str | Cell | None = None, *, bold: bool = False, size: float | None = None
    ) -> None:
        """A label at the left, its value at the right."""
        self.pen.text(self.left, self.y, label, bold=bold, size=size)
        self.pen.text(self.edge, self.y, value, tag, bold=bold, size=size, align="right")
        self.down()

    def total(self, *, size: float) -> None:
        gross, currency = self.receipt.gross, self.receipt.merchant.currency
        self.pen.truth.note("currency", currency)
        self.pen.truth.note("gross_total", self.amount(gross))
        self.pair(self.word("total"), printing.money(gross, currency, self.style), bold=True, size=size)

    def line(self, *, dots: bool = True) -> None:
        self.pen.rule(self.left, self.y - self.step * 0.6, self.edge, self.y - self.step * 0.6, dots=dots)
        self.down(0.5)

    def taxes(self) -> None:
        """One line per rate with rate, net and tax."""
        for at, word in enumerate([self.word("tax"), self.word("net"), self.word("tax")]):
            self.pen.text(
                5 if at == 0 else self.edge - (2 - at) * 20,
                self.y,
                f"{word} %" if at == 0 else word,
                align="left" if at == 0 else "right",
            )
        self.down()
        for row, tax in enumerate(self.receipt.taxes):
            rate = printing.number(tax.rate, self.style)
            self.pen.text(5, self.y, f"{rate} %", Cell("taxes", row, "rate"), value=rate)
            self.pen.text(self.edge - 20, self.y, self.amount(tax.net), Cell("taxes", row, "net"), align="right")
            self.pen.text(self.edge, self.y, self.amount(tax.tax), Cell("taxes", row, "tax"), align="right")
            self.down()
        if len(self.receipt.taxes) == 1:
            self.pen.truth.note("tax_total", self.amount(self.receipt.tax))


def till(receipt: Receipt) -> Pen:
    """A restaurant's till roll: everything centred, items with counts, taxes under the total."""
    roll = Roll(receipt, Pen("till", 8, (80, 74 + 4.6 * len(receipt.items) + 4.6 * len(receipt.taxes))), 10, 4.4)
    roll.head(size=11)
    _vat_id(roll)
    roll.down(0.6)
    roll.pair(f"{roll.word('number')} {receipt.number}", printing.date(receipt.time.date(), roll.style))
    roll.pen.truth.note("receipt_number", receipt.number)
    roll.pen.truth.note("receipt_date", printing.date(receipt.time.date(), roll.style))
    roll.pair(roll.word("served"), f"{receipt.time:%H:%M}")
    roll.line()
    for item in receipt.items:
        roll.pair(f"{item.count} x {item.text}", roll.amount(item.total))
    roll.line()
    roll.total(size=11)
    roll.down(0.5)
    roll.taxes()
    roll.pair(roll.word("paid"), receipt.payment)
    roll.down(0.5)
    roll.pen.text(roll.middle, roll.y, roll.word("thanks"), align="centre")
    return roll.pen


def slip(receipt: Receipt) -> Pen:
    """A shop's slip in a proportional type: date and number at the end."""
    roll = Roll(receipt, Pen("narrow", 9.5, (72, 78 + 8.5 * len(receipt.items) + 4.6 * len(receipt.taxes))), 10, 4.6)
    roll.head(size=13)
    roll.line(dots=False)
    for item in receipt.items:
        roll.pair(item.text, roll.amount(item.total))
        if item.count > 1:
            roll.pen.text(9, roll.y, f"{item.count} x {roll.amount(item.price)}", size=8)
            roll.down()
    roll.line(dots=False)
    roll.total(size=12.5)
    roll.pair(roll.word("paid"), receipt.payment)
    roll.down(0.6)
    roll.taxes()
    roll.line()
    roll.pair(roll.word("date"), printing.date(receipt.time.date(), roll.style), "receipt_date")
    roll.pair(roll.word("time") if "time" in WORDS[roll.style.language] else "", f"{receipt.time:%H:%M:%S}")
    roll.pair(roll.word("number"), receipt.number, "receipt_number")
    _vat_id(roll)
    roll.pen.text(roll.middle, roll.y, roll.word("thanks"), align="centre")
    return roll.pen


def form(receipt: Receipt) -> Pen:
    """A driver's or car park's form: printed labels, values on dotted lines, in landscape."""
    roll = Roll(receipt, Pen("sans", 9, (105, 74)), 9, 5.4)
    roll.pen.box(2.5, 2.5, 100, 69)
    roll.head(size=12)
    roll.line(dots=False)
    roll.pen.text(roll.middle, roll.y, roll.word("title"), bold=True, size=11, align="centre")
    roll.down(1.1)
    roll.pair(f"{roll.word('number')}", receipt.number, "receipt_number")
    roll.pair(roll.word("date"), printing.date(receipt.time.date(), roll.style), "receipt_date")
    roll.pair(receipt.items[0].text, receipt.payment)
    tax = receipt.taxes[0]
    label = f"{roll.word('tax')} {printing.number(tax.rate, roll.style)} %"
    roll.pen.truth.note(Cell("taxes", 0, "rate"), printing.number(tax.rate, roll.style))
    roll.pen.truth.note("tax_total", roll.amount(tax.tax))
    roll.pair(label, roll.amount(tax.tax), Cell("taxes", 0, "tax"))
    roll.total(size=12)
    roll.down(0.2)
    _vat_id(roll)
    return roll.pen


def folio(receipt: Receipt) -> Pen:
    """A hotel's bill on A4 with a row for each service."""
    roll = Roll(receipt, Pen("book", 10.5, (210, 297)), 25, 6)
    roll.head(size=18)
    roll.edge, pen = 185.0, roll.pen
    roll.down(3)
    pen.text(25, roll.y, f"{roll.word('title')}", bold=True, size=15)
    roll.down(1.5)
    rows = [
        (roll.word("number"), receipt.number, "receipt_number"),
        (roll.word("date"), printing.date(receipt.time.date(), roll.style), "receipt_date"),
        (roll.word("guest"), "A. Reisinger", None),
    ]
    for label, value, tag in rows:
        pen.text(25, roll.y, f"{label}:")
        pen.text(60, roll.y, value, tag)
        roll.down()
    roll.down()
    for item in receipt.items:
        _folio_row(roll, item.text, str(item.count), roll.amount(item.price), roll.amount(item.total))
    pen.rule(25, roll.y - 3, 185, roll.y - 3)
    roll.down(0.5)
    _folio_sums(roll)
    return pen


def mail(receipt: Receipt) -> Pen:
    """A booking confirmation on A5: the sum large at the top, details under it."""
    roll = Roll(receipt, Pen("liberation", 10, (148, 210)), 18, 6)
    roll.left, roll.edge = 10.0, 138.0
    pen, gross = roll.pen, receipt.gross
    pen.box(0, 0, 148, 5, fill=(0.2, 0.3, 0.55))
    pen.text(10, roll.y, receipt.merchant.name, "supplier_name", bold=True, size=14)
    pen.text(
        138, roll.y, printing.money(gross, receipt.merchant.currency, roll.style), bold=True, size=18, align="right"
    )
    roll.down(2)
    rows = [
        (roll.word("date"), printing.date(receipt.time.date(), roll.style), "receipt_date"),
        (roll.word("number"), receipt.number, "receipt_number"),
    ]
    for label, value, tag in rows:
        pen.text(10, roll.y, label, size=8, colour=(0.4, 0.4, 0.4))
        pen.text(45, roll.y, value, tag)
        roll.down()
    roll.down()
    for item in receipt.items:
        roll.pair(item.text, roll.amount(item.total))
    roll.line(dots=False)
    roll.total(size=12)
    pen.truth.note("tax_total", roll.amount(receipt.tax))
    roll.pair(f"{roll.word('tax_total')}", roll.amount(receipt.tax))
    roll.pair(roll.word("paid"), receipt.payment)
    roll.down(2)
    merchant = receipt.merchant
    pen.truth.note("supplier_address", f"{merchant.street} {merchant.town}")
    pen.text(10, roll.y, f"{merchant.name}, {merchant.street}, {merchant.town}", size=8)
    roll.down()
    _vat_id(roll, x=10)
    return pen


LAYOUTS: dict[str, Callable[[Receipt], Pen]] = {"till": till, "slip": slip, "form": form, "folio": folio, "mail": mail}


def draw(receipt: Receipt) -> Pen:
    """Print a receipt in its merchant's face."""
    return LAYOUTS[receipt.merchant.layout](receipt)


def _vat_id(roll: Roll, x: float | None = None) -> None:
    label, number = f"{roll.word('vat_id')} ", roll.receipt.merchant.vat_id
    left = roll.middle - roll.pen.measure(label + number) / 2 if x is None else x
    roll.pen.run(left, roll.y, [(label, None), (number, "supplier_vat_id")])
    roll.down()


def _folio_row(roll: Roll, text: str, count: str, price: str, total: str) -> None:
    roll.pen.text(25, roll.y, text)
    for x, value in ((120, count), (150, price), (185, total)):
        roll.pen.text(x, roll.y, value, align="right")
    roll.down(1.2)


def _folio_sums(roll: Roll) -> None:
    """Net, tax per rate, gross, then the number for the tax office."""
    receipt, pen = roll.receipt, roll.pen
    rows: list[tuple[str, Decimal, str | Cell]] = [(roll.word("net"), receipt.gross - receipt.tax, "net_total")]
    for row, tax in enumerate(receipt.taxes):
        rate = printing.number(tax.rate, roll.style)
        pen.truth.note(Cell("taxes", row, "rate"), rate)
        rows.append((f"{roll.word('tax')} {rate} %", tax.tax, Cell("taxes", row, "tax")))
    for label, value, tag in rows:
        pen.text(120, roll.y, label)
        pen.text(185, roll.y, roll.amount(value), tag, align="right")
        roll.down()
    if len(receipt.taxes) == 1:
        pen.truth.note("tax_total", roll.amount(receipt.tax))
    money = printing.money(receipt.gross, receipt.merchant.currency, roll.style)
    pen.truth.note("currency", receipt.merchant.currency)
    pen.text(120, roll.y, roll.word("total"), bold=True, size=12)
    pen.text(185, roll.y, money, "gross_total", bold=True, size=12, align="right", value=roll.amount(receipt.gross))
    roll.down(2)
    pen.text(120, roll.y, f"{roll.word('paid')}: {receipt.payment}")
    roll.y = 275
    _vat_id(roll)
