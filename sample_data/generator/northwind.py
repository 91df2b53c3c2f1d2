"""What northwind drops: German wholesale, supplier invoices and credit notes."""

from __future__ import annotations

import datetime as dt

from sample_data.generator.desk import Desk, Tray

NOVEMBER = dt.date(2026, 11, 2)


def fill(desk: Desk) -> None:
    """Lay out the inbox of northwind."""
    tray = desk.tray("northwind", "supplier-invoices")
    _every_layout(tray)
    _more_of_one_supplier(tray)
    _credit_notes(tray)
    _long_invoices(tray)
    _urgent(tray)


def _every_layout(tray: Tray) -> None:
    """One invoice in each face that each known supplier's paper has."""
    day = dt.date(2026, 9, 24)
    for key, supplier in tray.books.suppliers().items():
        for layout in supplier.layouts:
            day += dt.timedelta(days=1)
            if supplier.known:
                invoice = tray.books.invoice(key, day)
                tray.print(_name(key, invoice.number), invoice, layout, shows="a clean invoice")


def _more_of_one_supplier(tray: Tray) -> None:
    """Enough invoices of one supplier to know what is usual; the layout's body stands a little lower each time."""
    for week in range(6):
        invoice = tray.books.invoice("baltic", dt.date(2026, 9, 21) + dt.timedelta(weeks=week), lines=4)
        tray.print(
            _name("baltic", invoice.number),
            invoice,
            "reference_line",
            shows="the same layout at other heights",
            shift=week * 2.5,
        )


def _credit_notes(tray: Tray) -> None:
    for at, (key, layout) in enumerate(
        [("hansen", "din_letter"), ("elbtal", "totals_left"), ("mueller", "erp"), ("brandt", "service_letter")]
    ):
        invoice = tray.books.invoice(key, NOVEMBER + dt.timedelta(days=at), lines=2, kind="credit_note")
        tray.print(f"Gutschrift_{key}_{at + 1}.pdf", invoice, layout, shows="a credit note that names its invoice")


def _long_invoices(tray: Tray) -> None:
    """More lines than a page holds."""
    for key, layout, lines in [
        ("mueller", "typewriter", 46),
        ("kessler", "band", 34),
        ("schrader", "boxed_parties", 27),
        ("hansen", "din_letter", 60),
    ]:
        invoice = tray.books.invoice(key, NOVEMBER, lines=lines)
        tray.print(
            f"Sammelrechnung {key.title()}.pdf",
            invoice,
            layout,
            shows=f"{lines} lines over several pages, totals on the last",
        )


def _urgent(tray: Tray) -> None:
    invoice = tray.books.invoice("nordlicht", NOVEMBER)
    tray.print("urgent/Rechnung Nordlicht EILT.pdf", invoice, "sidebar", shows="dropped into `urgent`: it overtakes")


def _name(key: str, number: str | None) -> str:
    """How this supplier names its files."""
    plain = str(number).replace("/", "-").replace(" ", "")
    return {0: f"Rechnung_{plain}.pdf", 1: f"{key}-{plain}.pdf", 2: f"{plain}.pdf"}[len(key) % 3]
