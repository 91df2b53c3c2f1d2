"""What harbour drops: British facility management, purchase invoices in pounds and euros."""

from __future__ import annotations

import datetime as dt

from sample_data.generator import containers, faults, letters, scanning, textlayers
from sample_data.generator.desk import DOUBTFUL, Desk, Fate, Tray, printed

NOVEMBER = dt.date(2026, 11, 3)
SCANS = [  # how, supplier, layout
    (scanning.CLEAN, "crown", "english_letter"),
    (scanning.CLEAN, "marlow", "american"),
    (scanning.CLEAN, "severn", "erp"),
    (scanning.SKEWED, "avon", "band"),
    (scanning.SKEWED, "pemberton", "english_letter"),
    (scanning.RECEIVED, "bluebird", "american"),
    (scanning.RECEIVED, "oakwell", "band"),
    (scanning.FOLDED, "thistle", "boxed_parties"),
    (scanning.PNG, "dewaal", "stacked_right"),
    (scanning.JPEG, "rheinstahl", "din_letter"),
    (scanning.FAX, "greenfield", "service_letter"),
    (scanning.LEFT, "crown", "american"),
    (scanning.HEADLONG, "marlow", "totals_left"),
]
HARD_SCANS = [
    (scanning.NOISY, "avon", "stacked_right"),
    (scanning.BLURRED, "bluebird", "totals_left"),
    (scanning.LOW, "crown", "english_letter"),
    (scanning.FADED, "severn", "sidebar"),
]


def fill(desk: Desk) -> None:
    """Lay out the inbox of harbour."""
    tray = desk.tray("harbour", "purchase-invoices")
    every_layout(tray)
    _credits_and_long_ones(tray)
    _scans(tray)
    _batches(tray)
    _exceptions(tray)


def every_layout(tray: Tray) -> None:
    """One invoice in each face that each known supplier's paper has."""
    day = dt.date(2026, 9, 28)
    for key, supplier in tray.books.suppliers().items():
        for layout in supplier.layouts:
            day += dt.timedelta(days=1)
            if supplier.known:
                invoice = tray.books.invoice(key, day)
                plain = str(invoice.number).replace("/", "-")
                name = f"{supplier.name.split()[0]} {plain}.pdf"
                tray.print(name, invoice, layout, shows="a clean invoice")


def _credits_and_long_ones(tray: Tray) -> None:
    for key, layout in (("crown", "american"), ("thistle", "boxed_parties"), ("pemberton", "centred_serif")):
        credit = tray.books.invoice(key, NOVEMBER, lines=2, kind="credit_note")
        tray.print(f"Credit note {key}.pdf", credit, layout, shows="a credit note that names its invoice")
    for key, layout, lines in (("marlow", "american", 32), ("oakwell", "typewriter", 44)):
        long = tray.books.invoice(key, NOVEMBER, lines=lines)
        shows = f"{lines} lines over two pages"
        tray.print(f"{key} consolidated.pdf", long, layout, shows=shows, fate=DOUBTFUL)


def _scans(tray: Tray) -> None:
    for at, (how, key, layout) in enumerate(SCANS + HARD_SCANS):
        invoice = tray.books.invoice(key, dt.date(2026, 10, 12) + dt.timedelta(days=at))
        ending = {"pdf": "pdf", "tiff": "tiff", "png": "png", "jpeg": "jpeg"}[how.form]
        fate = DOUBTFUL if at >= len(SCANS) or how.turn else Fate()
        tray.scan(f"Scan{at + 118}.{ending}", invoice, layout, how, fate=fate)
    shows = "a searchable scan: the text under the picture is right"
    invoice = tray.books.invoice("thistle", NOVEMBER)
    tray.overlay("Scan_OCR.pdf", invoice, "boxed_parties", textlayers.searchable, shows=shows)


def _batches(tray: Tray) -> None:
    """A complete batch, one that lacks its last announced file, and a file in a hurry."""
    books, suppliers = tray.books, tray.books.suppliers()
    keys = ["avon", "greenfield", "dewaal", "bluebird", "crown"]
    papers = [(f"{key}.pdf", books.invoice(key, NOVEMBER), suppliers[key].layouts[0]) for key in keys]
    tray.batch("batch-2026-11-03", papers)
    later = NOVEMBER + dt.timedelta(days=1)
    papers = [(f"{key}-2.pdf", books.invoice(key, later), suppliers[key].layouts[1]) for key in ("severn", *keys[:3])]
    tray.batch("batch-2026-11-05", papers, missing=papers[-1][0])
    urgent = books.invoice("severn", NOVEMBER)
    shows = "a scan dropped into `urgent`: it overtakes"
    tray.scan("urgent/Severn final.pdf", urgent, "erp", scanning.CLEAN, shows=shows)


def _exceptions(tray: Tray) -> None:
    books = tray.books
    one = faults.wrong_gross(books.invoice("crown", NOVEMBER), "-9.00")
    tray.print("Crown November.pdf", one, "english_letter", shows="the total is 9.00 too little", fate=faults.SUM)
    shows = "a supplier that is not in the master data"
    glass = books.invoice("falcon", NOVEMBER)
    tray.print("Falcon.pdf", glass, "zebra_letter", shows=shows, fate=faults.UNKNOWN_SUPPLIER)
    one = faults.without_number(books.invoice("greenfield", NOVEMBER))
    tray.print("Greenfield.pdf", one, "minimal", shows="no invoice number", fate=faults.NO_NUMBER)
    twice = books.invoice("thistle", NOVEMBER, lines=3)
    tray.scan("Scan201.pdf", twice, "sidebar", scanning.CLEAN, shows="scanned twice, this is the first")
    shows = "the same invoice scanned again; whichever comes second is held"
    tray.scan("Scan202.pdf", twice, "sidebar", scanning.SKEWED, shows=shows, fate=faults.SAME_INVOICE)
    avon = books.suppliers()["avon"]
    open_ones = [books.invoice("avon", NOVEMBER - dt.timedelta(days=30 * month)) for month in (3, 2, 1)]
    account = letters.statement(avon, books.buyer, open_ones, NOVEMBER)
    tray.stray("Statement.pdf", account, shows="a statement of account")
    spare, _ = printed(books.invoice("marlow", NOVEMBER), "totals_left")
    half = containers.truncated(spare, 0.4)
    fate = Fate("rejected", "UNREADABLE")
    tray.drop("Marlow part.pdf", half, made="cut PDF", shows="an upload that broke off", fate=fate)
