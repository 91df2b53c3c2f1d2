"""Paper to extract from: lines of `(left edge in points, text)` become a reading, digital or scanned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from schemas.reading import Box, PageReading, Reading, Source, Word

WIDTH, HEIGHT = 595.0, 842.0
LETTER, LEADING = 5.0, 14.0

Line = Sequence[tuple[float, str]]

INVOICE: Mapping[str, str] = {
    "invoice_number": "RE-2026-0815",
    "invoice_date": "2026-11-03",
    "due_date": "2026-12-03",
    "customer_number": "10023",
    "supplier_name": "Muster Werkzeuge GmbH",
    "recipient_name": "Nordwind Handels AG",
    "supplier_vat_id": "DE136695976",
    "iban": "DE89370400440532013000",
    "bic": "COBADEFFXXX",
    "currency": "EUR",
    "net_total": "1250.00",
    "tax_total": "237.50",
    "gross_total": "1487.50",
    "discount_percent": "2",
    "discount_days": "10",
}


def german_invoice(*, net: str = "1.250,00", tax: str = "237,50", gross: str = "1.487,50") -> list[Line]:
    """A letter as many suppliers write it; its values are those of `INVOICE`."""
    return [
        [(60, "Muster Werkzeuge GmbH")],
        [(60, "Hauptstraße 1")],
        [(60, "42855 Remscheid")],
        [],
        [(60, "Muster Werkzeuge GmbH · Hauptstraße 1 · 42855 Remscheid")],
        [(60, "Firma")],
        [(60, "Nordwind Handels AG"), (360, "Rechnungs-Nr.:"), (460, "RE-2026-0815")],
        [(60, "Kanalstraße 80"), (360, "Rechnungsdatum:"), (460, "03.11.2026")],
        [(60, "23552 Lübeck"), (360, "Kunden-Nr.:"), (460, "10023")],
        [],
        [(60, "RECHNUNG")],
        [(60, "Pos."), (100, "Bezeichnung"), (330, "Menge"), (390, "Einzelpreis"), (480, "Gesamt")],
        [(60, "1"), (100, "Wasserpumpenzange 250 mm"), (330, "10"), (390, "25,00"), (480, "250,00")],
        [(100, "verchromt")],
        [(60, "2"), (100, "Schlagbohrmaschine"), (330, "4 Stk"), (390, "250,00"), (480, "1.000,00")],
        [(330, "Nettobetrag"), (480, net)],
        [(330, "zzgl. 19 % MwSt."), (480, tax)],
        [(330, "Gesamtbetrag"), (480, f"{gross} EUR")],
        [],
        [(60, "Zahlbar bis 03.12.2026 ohne Abzug, bei Zahlung innerhalb von 10 Tagen 2 % Skonto.")],
        [],
        [(60, "USt-IdNr.: DE136695976"), (220, "IBAN: DE89 3704 0044 0532 0130 00"), (460, "BIC: COBADEFFXXX")],
    ]


def reading_of(*pages: Sequence[Line], confidence: float | None = None) -> Reading:
    """A reading with one word per blank-separated part; with `confidence` it is a scan."""
    return Reading(
        reader="test", pages=[_page(number, lines, confidence) for number, lines in enumerate(pages, start=1)]
    )


def _page(number: int, lines: Sequence[Line], confidence: float | None) -> PageReading:
    words = []
    for row, line in enumerate(lines):
        top = 40 + row * LEADING
        for left, text in line:
            for part in text.split():
                box = Box(left / WIDTH, top / HEIGHT, (left + LETTER * len(part)) / WIDTH, (top + 10) / HEIGHT)
                words.append(Word(part, box, 1.0 if confidence is None else confidence, row))
                left += LETTER * (len(part) + 0.6)
    source = Source.TEXT_LAYER if confidence is None else Source.OCR
    return PageReading(number=number, width=WIDTH, height=HEIGHT, source=source, words=words)
