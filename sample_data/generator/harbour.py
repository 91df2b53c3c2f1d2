"""What harbour drops: British facility management, purchase invoices in pounds and euros."""

from __future__ import annotations

import datetime as dt

from sample_data.generator.desk import Desk, Tray


def fill(desk: Desk) -> None:
    """Lay out the inbox of harbour."""
    tray = desk.tray("harbour", "purchase-invoices")
    _every_layout(tray)


def _every_layout(tray: Tray) -> None:
    """One invoice in each face that each known supplier's paper has."""
    day = dt.date(2026, 9, 28)
    for key, supplier in tray.books.suppliers().items():
        for layout in supplier.layouts:
            day += dt.timedelta(days=1)
            if supplier.known:
                invoice = tray.books.invoice(key, day)
                plain = str(invoice.number).replace("/", "-")
                tray.print(f"{supplier.name.split()[0]} {plain}.pdf", invoice, layout, shows="a clean invoice")
