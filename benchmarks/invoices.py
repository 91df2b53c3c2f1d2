"""Small one-page digital invoices, each a different one, that an accounts-payable process can accept."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

SUPPLIERS = Path(__file__).resolve().parent.parent / "sample_data" / "clients" / "northwind" / "suppliers.csv"
RECIPIENT = ("Northwind Handels GmbH", "Hafenstraße 12", "24103 Kiel")
GOODS = (
    "Kabeltrommel 50 m",
    "Versandkarton A4",
    "Etikettenrolle",
    "Palette Euro 1",
    "Klebeband transparent",
    "Handschuhe",
)
TAX = Decimal("0.19")
CENT = Decimal("0.01")
NUMBER_PREFIX = "RE-"
USUAL_NET = Decimal(1000)


@dataclass(frozen=True)
class Line:
    """One line item."""

    description: str
    quantity: int
    price: Decimal

    @property
    def total(self) -> Decimal:
        return self.quantity * self.price


def made_invoices(count: int, *, seed: int = 1) -> Iterator[tuple[str, bytes]]:
    """`count` (file name, PDF) pairs; the same for the same seed."""
    with SUPPLIERS.open(encoding="utf-8-sig", newline="") as stream:
        suppliers = [row for row in csv.DictReader(stream) if row["country"] == "DE"]  # whose tax rate is the drawn one
    for number in range(1, count + 1):
        chance = random.Random(f"{seed}/{number}")
        yield f"invoice-{number:05d}.pdf", _draw(f"{NUMBER_PREFIX}{seed}{number:05d}", chance.choice(suppliers), chance)


def _draw(number: str, supplier: dict[str, str], chance: random.Random) -> bytes:
    count = chance.randint(1, 4)
    lines = [_line(chance, USUAL_NET / count) for _ in range(count)]
    target = io.BytesIO()
    page = Canvas(target, pagesize=A4, invariant=1)
    date = dt.date(2026, 10, 1) + dt.timedelta(days=chance.randrange(40))
    _head(page, number, supplier, date)
    _sums(page, _items(page, lines), lines)
    _foot(page, supplier, date)
    page.save()
    return target.getvalue()


def _line(chance: random.Random, about: Decimal) -> Line:
    """One item that costs about so much: no invoice is an outlier."""
    quantity = chance.randint(1, 20)
    return Line(chance.choice(GOODS), quantity, (about * chance.randint(800, 1200) / 1000 / quantity).quantize(CENT))


def _head(page: Canvas, number: str, supplier: dict[str, str], date: dt.date) -> None:
    page.setFont("Helvetica-Bold", 13)
    page.drawString(20 * mm, 275 * mm, supplier["name"])
    page.setFont("Helvetica", 9)
    page.drawString(20 * mm, 270 * mm, f"{supplier['street']}, {supplier['postcode']} {supplier['city']}")
    for step, text in enumerate(RECIPIENT):
        page.drawString(20 * mm, (245 - 5 * step) * mm, text)
    facts = {"Rechnungsnummer": number, "Rechnungsdatum": f"{date:%d.%m.%Y}", "Leistungsdatum": f"{date:%d.%m.%Y}"}
    for step, (label, text) in enumerate(facts.items()):
        page.drawString(125 * mm, (245 - 5 * step) * mm, f"{label}:")
        page.drawRightString(190 * mm, (245 - 5 * step) * mm, text)
    page.setFont("Helvetica-Bold", 12)
    page.drawString(20 * mm, 215 * mm, "Rechnung")
    page.setFont("Helvetica", 9)


def _items(page: Canvas, lines: list[Line]) -> float:
    """The line items; returns the height in millimetres below them."""
    height = 203.0
    for x, title in ((25, "Pos."), (35, "Bezeichnung")):
        page.drawString(x * mm, height * mm, title)
    for x, title in ((125, "Menge"), (155, "Einzelpreis"), (190, "Gesamtpreis")):
        page.drawRightString(x * mm, height * mm, title)
    page.line(20 * mm, (height - 2) * mm, 190 * mm, (height - 2) * mm)
    for number, line in enumerate(lines, 1):
        height -= 7
        page.drawString(25 * mm, height * mm, str(number))
        page.drawString(35 * mm, height * mm, line.description)
        for x, text in ((125, str(line.quantity)), (155, _german(line.price)), (190, _german(line.total))):
            page.drawRightString(x * mm, height * mm, text)
    return height - 10


def _sums(page: Canvas, height: float, lines: list[Line]) -> None:
    net = sum((line.total for line in lines), Decimal())
    tax = (net * TAX).quantize(CENT)
    for label, amount in (("Nettobetrag", net), ("zzgl. 19 % MwSt.", tax), ("Gesamtbetrag", net + tax)):
        page.drawString(125 * mm, height * mm, label)
        page.drawRightString(190 * mm, height * mm, f"{_german(amount)} EUR")
        height -= 6


def _foot(page: Canvas, supplier: dict[str, str], date: dt.date) -> None:
    due = date + dt.timedelta(days=30)
    page.drawString(20 * mm, 60 * mm, f"Zahlbar bis {due:%d.%m.%Y} ohne Abzug.")
    page.drawString(
        20 * mm, 30 * mm, f"IBAN: {supplier['iban']}   BIC: {supplier['bic']}   USt-IdNr.: {supplier['vat_id']}"
    )


def _german(amount: Decimal) -> str:
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))
