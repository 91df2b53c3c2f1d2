"""A made-up past: invoices of six suppliers as text-layer PDFs, and the bookkeeping's export, as a German program writes it."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from sample_data.generator.business import Books, Invoice
from sample_data.generator.desk import BUYERS, printed

SUPPLIERS = (("hansen", "din_letter"), ("mueller", "erp"), ("kessler", "band"), ("elbtal", "zebra_letter"),
             ("sonnenhof", "centred_serif"), ("baltic", "reference_line"))  # fmt: skip
HEADER = ("Beleg-Nr", "Belegdatum", "Lieferant", "Rechnungsbetrag", "Datei", "Konto")
WITHOUT_FILE = 5  # every so many rows name no file
WRONG_GROSS, WRONG_DATE = 5, 8  # invoices (from 0) that were booked wrongly
UNBOOKED = 14  # a document that was never booked


@dataclass(frozen=True)
class Past:
    """Where it lies, and what is true of it."""

    folder: Path
    truth: Path
    invoices: list[Invoice]

    def row(self, at: int) -> int:
        """The line of the export that books an invoice: a title and the header stand above."""
        return at + 3 if at < UNBOOKED else at + 2


def make_past(root: Path, count: int = 16) -> Past:
    """Print the invoices, oldest first, in folders by supplier; write the export."""
    books = Books("northwind", BUYERS["northwind"], seed=5)
    folder, rows, invoices = root / "past", [], []
    for at in range(count):
        key, layout = SUPPLIERS[at % len(SUPPLIERS)]
        invoice = books.invoice(key, dt.date(2026, 1, 7) + dt.timedelta(days=4 * at))
        content, _ = printed(invoice, layout)
        path = folder / key / f"scan_{at:04d}.pdf"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        invoices.append(invoice)
        if at != UNBOOKED:
            rows.append(_row(at, invoice, "" if at % WITHOUT_FILE == 0 else path.name))
    rows.append(["4711", "05.05.2026", "Fremde Firma GmbH", "1,19", "", "3400"])
    truth = root / "export.csv"
    with truth.open("w", encoding="cp1252", newline="") as stream:
        writer = csv.writer(stream, delimiter=";")
        writer.writerow(["Buchungen 2026, Größe XL"])  # a title, as such programs like to write
        writer.writerow(HEADER)
        writer.writerows(rows)
    return Past(folder, truth, invoices)


def _row(at: int, invoice: Invoice, file: str) -> list[str]:
    gross = invoice.gross + (Decimal("90.00") if at == WRONG_GROSS else 0)
    date = invoice.date + (dt.timedelta(days=33) if at == WRONG_DATE else dt.timedelta())
    return [
        invoice.number or "",
        f"{date:%d.%m.%Y}",
        invoice.supplier.name,
        _german(gross),
        file,
        "3400",
    ]


def _german(amount: Decimal) -> str:
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))
