"""Invoices that name their number as nobody else does, printed as digital PDFs, with what a person keys."""

from __future__ import annotations

import io
from decimal import Decimal

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

KONTOR = "Kontor Seeblick GmbH"
STEMS = (
    "Brunnen",
    "Falken",
    "Linden",
    "Mohn",
    "Nebel",
    "Ostsee",
    "Rosen",
    "Silber",
    "Tannen",
    "Ulmen",
    "Wolken",
    "Zedern",
)
TOWNS = (
    "23966 Wismar",
    "18055 Rostock",
    "24103 Kiel",
    "26122 Oldenburg",
    "39104 Magdeburg",
    "04109 Leipzig",
    "50667 Köln",
)


def supplier(turn: int) -> str:
    """A supplier's name; a different one each turn for a long time."""
    return f"{STEMS[turn % 12]}{('hof', 'werk', 'handel')[turn // 12 % 3]} {('GmbH', 'KG', 'AG')[turn % 3]}"


def letter(turn: int, *, of: str = KONTOR) -> tuple[bytes, dict[str, str]]:
    """The invoice of that turn (0, 1, 2 ...) from a supplier, and its truth."""
    net = Decimal(100 + 37 * turn)
    tax = net * Decimal("0.19")
    truth = {
        "supplier_name": of,
        "recipient_name": "Acme",
        "invoice_number": f"KS-{7700 + 13 * turn}",
        "invoice_date": f"2026-10-{1 + turn % 28:02}",
        "net_total": f"{net:.2f}",
        "tax_total": f"{tax:.2f}",
        "gross_total": f"{net + tax:.2f}",
        "currency": "EUR",
    }
    return _printed(truth, turn), truth


def _printed(truth: dict[str, str], turn: int) -> bytes:
    day = ".".join(reversed(truth["invoice_date"].split("-")))
    net, tax, gross = (truth[name].replace(".", ",") for name in ("net_total", "tax_total", "gross_total"))
    rows = [
        (780, [(60, truth["supplier_name"])]),
        (766, [(60, f"Am Ufer {1 + 7 * turn % 90}, {TOWNS[turn % 7]}")]),
        (690, [(60, "Acme"), (340, "Vorgang"), (440, f"{4400 + turn}-B")]),
        (676, [(60, "Hafenstraße 9, 20457 Hamburg"), (340, "Zeichen"), (440, truth["invoice_number"])]),
        (662, [(340, "Datum"), (440, day)]),
        (600, [(60, "RECHNUNG")]),
        (560, [(60, "Beratung und Anlieferung laut Absprache")]),
        (520, [(340, "Netto"), (480, net)]),
        (506, [(340, "MwSt. 19 %"), (480, tax)]),
        (492, [(340, "Rechnungsbetrag EUR"), (480, gross)]),
    ]
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=A4, invariant=1)
    for y, texts in rows:
        for x, text in texts:
            canvas.drawString(x, y, text)
    canvas.save()
    return stream.getvalue()
