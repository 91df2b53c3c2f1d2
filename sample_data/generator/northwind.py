"""What northwind drops: German wholesale, supplier invoices and credit notes."""

from __future__ import annotations

import datetime as dt

from sample_data.generator import containers, faults, letters, scanning, textlayers
from sample_data.generator.desk import DOUBTFUL, Desk, Fate, Tray, printed

NOVEMBER = dt.date(2026, 11, 2)
SCANS = [  # how, supplier, layout
    (scanning.CLEAN, "hansen", "din_letter"),
    (scanning.CLEAN, "mueller", "erp"),
    (scanning.CLEAN, "kessler", "band"),
    (scanning.SKEWED, "elbtal", "zebra_letter"),
    (scanning.SKEWED, "sonnenhof", "centred_serif"),
    (scanning.STAMPED, "schrader", "boxed_parties"),
    (scanning.STAMPED, "brandt", "service_letter"),
    (scanning.FOLDED, "hansen", "reference_line"),
    (scanning.PNG, "nordlicht", "reference_line"),
    (scanning.JPEG, "schrader", "totals_left"),
    (scanning.LEFT, "alpenholz", "din_letter"),
    (scanning.HEADLONG, "elbtal", "totals_left"),
    (scanning.RIGHT, "baltic", "band"),
    (scanning.FAX, "sonnenhof", "typewriter"),
]
HARD_SCANS = [
    (scanning.TILTED, "mueller", "typewriter"),
    (scanning.NOISY, "nordlicht", "sidebar"),
    (scanning.BLURRED, "vandenberg", "english_letter"),
    (scanning.FADED, "kessler", "boxed_parties"),
    (scanning.LOW, "brandt", "service_letter"),
]


def fill(desk: Desk) -> None:
    """Lay out the inbox of northwind."""
    tray = desk.tray("northwind", "supplier-invoices")
    every_layout(tray)
    _usual_amounts(tray)
    _credit_notes(tray)
    _long_invoices(tray)
    _scans(tray)
    _text_layers(tray)
    _batch_and_archives(tray)
    _exceptions(tray)
    _duplicates(tray)
    _strays(tray)
    _bad_files(tray)
    _batch_scans(Tray(desk, "northwind", "batch-scans", tray.books))


def every_layout(tray: Tray) -> None:
    """One invoice in each face that each known supplier's paper has."""
    day = dt.date(2026, 9, 24)
    for key, supplier in tray.books.suppliers().items():
        for layout in supplier.layouts:
            day += dt.timedelta(days=1)
            if supplier.known:
                invoice = tray.books.invoice(key, day)
                tray.print(_name(key, invoice.number), invoice, layout, shows="a clean invoice")


def _usual_amounts(tray: Tray) -> None:
    """Enough invoices of one supplier to know what is usual, each a little lower on the sheet, and one far beyond."""
    for week in range(7):
        invoice = tray.books.invoice("baltic", dt.date(2026, 9, 14) + dt.timedelta(weeks=week), lines=4)
        shows = "the same layout at other heights"
        tray.print(_name("baltic", invoice.number), invoice, "reference_line", shows=shows, shift=week * 2.5)
    invoice = tray.books.invoice("baltic", NOVEMBER, lines=4, scale=40)
    shows = "forty times the usual amount of this supplier"
    tray.print(_name("baltic", invoice.number), invoice, "reference_line", shows=shows, fate=faults.OUTLIER)


def _credit_notes(tray: Tray) -> None:
    faces = [
        ("hansen", "din_letter"),
        ("elbtal", "totals_left"),
        ("mueller", "erp"),
        ("brandt", "service_letter"),
        ("vandenberg", "english_letter"),
    ]
    for at, (key, layout) in enumerate(faces):
        invoice = tray.books.invoice(key, NOVEMBER + dt.timedelta(days=at), lines=2, kind="credit_note")
        tray.print(f"Gutschrift_{key}_{at + 1}.pdf", invoice, layout, shows="a credit note that names its invoice")
    invoice = tray.books.invoice("kessler", NOVEMBER, lines=2, kind="credit_note")
    tray.scan("scan_gutschrift_kessler.pdf", invoice, "band", scanning.CLEAN, shows="a scanned credit note")


def _long_invoices(tray: Tray) -> None:
    """More lines than a page holds, digital and as a multi-page TIFF."""
    faces = [
        ("mueller", "typewriter", 46),
        ("kessler", "band", 34),
        ("schrader", "boxed_parties", 27),
        ("hansen", "din_letter", 60),
    ]
    for key, layout, lines in faces:
        invoice = tray.books.invoice(key, NOVEMBER, lines=lines)
        shows = f"{lines} lines over several pages, totals on the last"
        tray.print(f"Sammelrechnung {key.title()}.pdf", invoice, layout, shows=shows, fate=DOUBTFUL)
    invoice = tray.books.invoice("elbtal", NOVEMBER, lines=38)
    tray.scan("fax_0231.tif", invoice, "zebra_letter", scanning.FAX, shows="a multi-page fax TIFF", fate=DOUBTFUL)


def _scans(tray: Tray) -> None:
    for at, (how, key, layout) in enumerate(SCANS + HARD_SCANS):
        invoice = tray.books.invoice(key, dt.date(2026, 10, 8) + dt.timedelta(days=at))
        ending = {"pdf": "pdf", "tiff": "tif", "png": "png", "jpeg": "jpg"}[how.form]
        fate = DOUBTFUL if at >= len(SCANS) or how.turn else Fate()
        tray.scan(f"scan_20261104_{at + 1:04}.{ending}", invoice, layout, how, fate=fate)


def _text_layers(tray: Tray) -> None:
    """Scans that bring a text of their own, right or wrong."""
    books = tray.books
    tray.overlay(
        "scan_durchsuchbar.pdf",
        books.invoice("mueller", NOVEMBER),
        "erp",
        textlayers.searchable,
        shows="a searchable scan: the text under the picture is right",
    )
    tray.overlay(
        "scan_textsalat.pdf",
        books.invoice("hansen", NOVEMBER),
        "din_letter",
        textlayers.garbled,
        shows="nonsense as text layer: the picture must be read",
    )
    tray.overlay(
        "Rechnung_alte_Software.pdf",
        books.invoice("alpenholz", NOVEMBER),
        "stacked_right",
        textlayers.lying_font,
        shows="fonts that map to unreadable letters: the page must be read as a picture",
    )
    tray.overlay(
        "Rechnung_halb_gescannt.pdf",
        books.invoice("schrader", NOVEMBER, lines=30),
        "totals_left",
        textlayers.hybrid,
        shows="first page digital, second scanned",
        fate=DOUBTFUL,
    )


def _batch_and_archives(tray: Tray) -> None:
    books, suppliers = tray.books, tray.books.suppliers()
    urgent = books.invoice("nordlicht", NOVEMBER)
    tray.print("urgent/Rechnung Nordlicht EILT.pdf", urgent, "sidebar", shows="dropped into `urgent`: it overtakes")
    keys = ["sonnenhof", "mueller", "elbtal", "brandt", "schrader", "alpenholz"]
    papers = [(f"{key}.pdf", books.invoice(key, NOVEMBER), suppliers[key].layouts[0]) for key in keys]
    tray.batch("batch-2026-11-03", papers)
    zipped = ["sonnenhof", "lumiere", "brandt", "vandenberg"]
    papers = [(f"Re {key} Oktober.pdf", books.invoice(key, NOVEMBER), suppliers[key].layouts[-1]) for key in zipped]
    tray.archive("Rechnungen_Oktober.zip", papers)
    papers = [(f"{key}.pdf", books.invoice(key, NOVEMBER), suppliers[key].layouts[0]) for key in ("plus", "lumiere")]
    tray.archive("Weiterleitung.zip", papers, inside="Anlagen.zip")


def _exceptions(tray: Tray) -> None:
    books, seed = tray.books, tray.desk.seed
    november = NOVEMBER
    one = books.invoice("schrader", november)
    shows = "the total is 10.00 too much"
    tray.print("5502_schrader.pdf", faults.wrong_gross(one, "10.00"), "totals_left", shows=shows, fate=faults.SUM)
    one = books.invoice("kessler", november, lines=4)
    shows = "the net is not the sum of the lines"
    tray.print("kessler_nov.pdf", faults.wrong_net(one, "100.00"), "band", shows=shows, fate=faults.LINE_SUM)
    for key, layout in (("pfeiffer", "zebra_letter"), ("druckpunkt", "stacked_right")):
        shows = "a supplier that is not in the master data"
        tray.print(f"{key}.pdf", books.invoice(key, november), layout, shows=shows, fate=faults.UNKNOWN_SUPPLIER)
    one = faults.without_number(books.invoice("brandt", november))
    tray.print("Brandt November.pdf", one, "service_letter", shows="no invoice number", fate=faults.NO_NUMBER)
    one = faults.with_wrong_iban(books.invoice("elbtal", november))
    tray.print("EG_Getraenke.pdf", one, "zebra_letter", shows="IBAN with wrong check digits", fate=faults.WRONG_IBAN)
    one = faults.with_other_account(books.invoice("sonnenhof", november), seed)
    shows = "a valid IBAN that is not the supplier's"
    tray.print("Molkerei_neue_Bank.pdf", one, "centred_serif", shows=shows, fate=faults.OTHER_ACCOUNT)
    one = faults.due_too_early(books.invoice("nordlicht", november))
    shows = "due before it was written"
    tray.print("Nordlicht_faellig.pdf", one, "reference_line", shows=shows, fate=faults.DUE_TOO_EARLY)
    one = faults.with_formula(books.invoice("hansen", november), "=SUM(A1:A9) Kabel")
    tray.print("Hansen Formel.pdf", one, "din_letter", shows="a description that begins like a formula")
    shows = "a supplier's name that begins like a formula"
    tray.print("+Plus.pdf", books.invoice("plus", november), "zebra_letter", shows=shows)


def _duplicates(tray: Tray) -> None:
    again = tray.books.invoice("alpenholz", NOVEMBER)
    content = tray.print("AH-November.pdf", again, "din_letter", shows="dropped twice, this is the first")
    _, paper = printed(again, "din_letter")
    shows = "the same bytes as AH-November.pdf"
    tray.drop("AH-November (Kopie).pdf", content, made="copy", shows=shows, fate=faults.SAME_BYTES_HELD, paper=paper)
    twice = tray.books.invoice("hansen", NOVEMBER, lines=3)
    tray.scan("scan_20261105_0001.pdf", twice, "din_letter", scanning.CLEAN, shows="scanned twice, this is the first")
    shows = "the same invoice scanned again; whichever comes second is held"
    tray.scan("scan_20261105_0002.pdf", twice, "din_letter", scanning.STAMPED, shows=shows, fate=faults.SAME_INVOICE)


def _strays(tray: Tray) -> None:
    books = tray.books
    old = books.invoice("baltic", dt.date(2026, 8, 3), lines=4)
    tray.stray("Mahnung Baltic.pdf", letters.reminder(old, NOVEMBER), shows="a payment reminder, no invoice")
    goods = books.invoice("kessler", NOVEMBER, lines=4)
    tray.stray("Lieferschein.pdf", letters.delivery_note(goods), shows="a delivery note")
    tray.stray("Herbstaktion.pdf", letters.advert(books.suppliers()["schrader"]), shows="an advert")


def _bad_files(tray: Tray) -> None:
    """What cannot be read, must not be read, or is not what it says."""
    content, paper = printed(tray.books.invoice("mueller", NOVEMBER), "erp")
    shows = "opens with an empty user password, must not be changed (RESTRICTED)"
    open_copy = containers.locked(content, user="", owner="innen")
    tray.drop("Rechnung_schreibgeschuetzt.pdf", open_copy, made="encrypted PDF", shows=shows, paper=paper)
    content, paper = printed(tray.books.invoice("kessler", NOVEMBER), "boxed_parties")
    unlisted = containers.without_ending(content)
    fate = Fate("in_review", "DAMAGED_REPAIRED", tolerate="delivered")
    shows = "the cross-reference table is missing, everything else is there"
    tray.drop("Rechnung_defekt.pdf", unlisted, made="cut PDF", shows=shows, fate=fate, paper=paper)
    content, paper = printed(tray.books.invoice("brandt", NOVEMBER), "sidebar")
    fate = Fate("in_review", "TYPE_MISMATCH", tolerate="delivered")
    tray.drop("foto.jpg", content, made="PDF named .jpg", shows="the name does not fit", fate=fate, paper=paper)
    content, paper = printed(tray.books.invoice("lumiere", NOVEMBER), "american")
    odd = "Rechnung März · Übergrößen № 7 (endgültig) 2.pdf"
    tray.drop(
        odd, content, made="PDF, layout `american`", shows="blanks and letters beyond ASCII in the name", paper=paper
    )
    spare, _ = printed(tray.books.invoice("elbtal", NOVEMBER), "zebra_letter")
    hopeless = {
        "Rechnung_abgebrochen.pdf": (containers.truncated(spare, 0.3), Fate("rejected", "UNREADABLE"), "cut off early"),
        "Rechnung_Passwort.pdf": (
            containers.locked(spare, user="geheim", owner="innen"),
            Fate("held", "NEEDS_PASSWORD"),
            "opens only with a password",
        ),
        "leer.pdf": (b"", Fate("rejected", "EMPTY_FILE"), "no bytes at all"),
        "Angebot.docx": (containers.word_document(), Fate("rejected", "UNSUPPORTED_TYPE"), "a word processor file"),
        "setup.exe": (containers.program(), Fate("rejected", "UNSUPPORTED_TYPE"), "begins like a program"),
        "Belege.zip": (containers.slip(spare), Fate("quarantined", "ARCHIVE_UNSAFE_PATH"), "writes outside its folder"),
        "Archiv_2025.zip": (containers.bomb(), Fate("quarantined", "ARCHIVE_BOMB"), "12 MB of zeros in 12 kB"),
    }
    for name, (data, fate, shows) in hopeless.items():
        tray.drop(name, data, made="made by hand", shows=shows, fate=fate)


def _batch_scans(tray: Tray) -> None:
    """Piles of paper, one file each."""
    books = tray.books
    faces = [("mueller", "erp"), ("sonnenhof", "centred_serif"), ("hansen", "din_letter")]
    papers = [(books.invoice(key, NOVEMBER), layout) for key, layout in faces]
    shows = "three invoices with separator sheets, the first with a blank back"
    tray.pile("stapel_0001.pdf", papers, scanning.CLEAN, shows=shows)
    faces = [("brandt", "service_letter"), ("schrader", "boxed_parties"), ("alpenholz", "stacked_right")]
    papers = [(books.invoice(key, NOVEMBER), layout) for key, layout in faces]
    tray.pile("sammeldruck.pdf", papers, None, shows="three invoices in one file without sheets")


def _name(key: str, number: str | None) -> str:
    """How this supplier names its files."""
    plain = str(number).replace("/", "-").replace(" ", "")
    return {0: f"Rechnung_{plain}.pdf", 1: f"{key}-{plain}.pdf", 2: f"{plain}.pdf"}[len(key) % 3]
