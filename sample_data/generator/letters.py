"""Papers that come among invoices and are none: a reminder, a delivery note, a statement, an advert."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from sample_data.generator import printing
from sample_data.generator.business import Invoice, Party, Supplier
from sample_data.generator.pen import Pen

Row = tuple[str, ...]


def reminder(invoice: Invoice, day: dt.date) -> Pen:
    """Zahlungserinnerung: an old invoice's number, date and sum, and a fee. Nothing new is billed."""
    pen, style = _letterhead(invoice.supplier, invoice.buyer), invoice.supplier.style
    fee = Decimal("5.00")
    pen.text(20, 100, "1. Mahnung", bold=True, size=14)
    pen.text(190, 100, f"{invoice.supplier.city}, {printing.date(day, style)}", align="right")
    pen.text(20, 112, "Sehr geehrte Damen und Herren,")
    pen.text(20, 119, "sicher haben Sie übersehen, die folgende Rechnung zu bezahlen:")
    rows: list[Row] = [
        ("Rechnung", "vom", "fällig am", "Betrag", "Mahngebühr"),
        (
            str(invoice.number),
            printing.date(invoice.date, style),
            printing.date(invoice.due or day, style),
            printing.amount(invoice.gross, style),
            printing.amount(fee, style),
        ),
    ]
    _columns(pen, 130, rows, (20, 60, 95, 150, 188))
    pen.text(20, 150, f"Bitte überweisen Sie {printing.amount(invoice.gross + fee, style)} EUR innerhalb von 7 Tagen.")
    pen.text(20, 157, "Haben Sie inzwischen gezahlt, betrachten Sie diese Mahnung als gegenstandslos.")
    return pen


def delivery_note(invoice: Invoice) -> Pen:
    """Lieferschein: goods and quantities without prices, a place to sign."""
    pen, style = _letterhead(invoice.supplier, invoice.buyer), invoice.supplier.style
    pen.text(20, 100, f"Lieferschein LS-{invoice.customer_number}-118", bold=True, size=14)
    pen.text(
        20, 109, f"Lieferdatum: {printing.date(invoice.date, style)}     Ihre Bestellung: {invoice.order or 'mündlich'}"
    )
    rows: list[Row] = [("Pos.", "Artikel", "Bezeichnung", "Menge", "Einheit")]
    for at, line in enumerate(invoice.lines):
        quantity = printing.number(line.quantity, style)
        rows.append((str(at + 1), line.article, line.description, quantity, line.unit))
    end = _columns(pen, 122, rows, (20, 35, 65, 160, 188))
    pen.text(20, end + 14, "Ware vollständig und unbeschädigt erhalten:")
    pen.rule(95, end + 15, 185, end + 15)
    return pen


def statement(supplier: Supplier, buyer: Party, invoices: list[Invoice], day: dt.date) -> Pen:
    """Statement of account: what is open, a balance, nothing to book."""
    pen, style = _letterhead(supplier, buyer), supplier.style
    pen.text(20, 100, "Statement of Account", bold=True, size=14)
    pen.text(190, 100, f"as of {printing.date(day, style)}", align="right")
    rows: list[Row] = [("Date", "Reference", "Due", "Amount", "Balance")]
    balance = Decimal("0.00")
    for each in invoices:
        balance += each.gross
        due = printing.date(each.due or day, style)
        reference = str(each.number)
        amount, sofar = printing.amount(each.gross, style), printing.amount(balance, style)
        rows.append((printing.date(each.date, style), reference, due, amount, sofar))
    end = _columns(pen, 115, rows, (20, 62, 100, 160, 188))
    pen.text(20, end + 10, f"Closing balance: {printing.money(balance, supplier.currency, style)}", bold=True)
    pen.text(20, end + 18, "This is not an invoice. Please let us know if you do not agree with the balance.")
    return pen


def advert(supplier: Supplier) -> Pen:
    """A flyer with big prices and no obligation at all."""
    pen = Pen("sans", 12)
    pen.box(0, 0, 210, 80, fill=(0.85, 0.2, 0.1))
    pen.text(105, 40, "HERBST-AKTION", size=38, bold=True, align="centre", colour=(1, 1, 1))
    pen.text(105, 60, "Nur solange der Vorrat reicht: bis zu 40 % Rabatt!", size=16, align="centre", colour=(1, 1, 1))
    offers = [
        ("Arbeitsleuchte LED", "statt 89,00 jetzt 54,90 €"),
        ("Werkzeugkoffer 96-teilig", "statt 149,00 jetzt 99,00 €"),
    ]
    for at, (thing, price) in enumerate(offers):
        pen.box(25, 100 + 50 * at, 160, 38)
        pen.text(105, 116 + 50 * at, thing, size=18, bold=True, align="centre")
        pen.text(105, 130 + 50 * at, price, size=16, align="centre")
    pen.text(105, 230, f"{supplier.name} · {supplier.street} · {supplier.town} · {supplier.phone}", align="centre")
    pen.text(
        105, 240, "Werbung: Sie möchten unseren Newsletter nicht mehr? Jederzeit abmelden.", size=8, align="centre"
    )
    return pen


def _letterhead(supplier: Supplier, buyer: Party) -> Pen:
    pen = Pen("sans", 10)
    pen.text(20, 22, supplier.name, bold=True, size=15)
    pen.text(20, 28, f"{supplier.street}, {supplier.town}   {supplier.phone}", size=8)
    for at, line in enumerate([buyer.name, buyer.street, buyer.town]):
        pen.text(20, 55 + 5 * at, line)
    pen.text(20, 285, f"IBAN {supplier.iban}   BIC {supplier.bic}   {supplier.vat_id}", size=7)
    return pen


def _columns(pen: Pen, y: float, rows: list[Row], stops: tuple[float, ...]) -> float:
    """A small table; the last two columns are right aligned."""
    for at, row in enumerate(rows):
        for column, text in enumerate(row):
            align = "right" if column >= len(row) - 2 else "left"
            pen.text(stops[column], y, text, bold=at == 0, align=align)
        if at == 0:
            pen.rule(stops[0], y + 2, stops[-1], y + 2)
        y += 6.5
    return y
