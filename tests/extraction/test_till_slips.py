"""Many tills title their slips `Tax invoice`: a time of day tells them from a letter of the same title."""

from __future__ import annotations

import pytest

from extraction.classify import classify
from tests.extraction.paper import Line, reading_of


def slip(when: str) -> list[Line]:
    return [
        [(60, "CORNER GROCER")],
        [(60, "12 MILL ROAD")],
        [(60, "TAX INVOICE")],
        [(60, when)],
        [(60, "INVOICE NO : 052949")],
        [(60, "SOAP"), (200, "7.80")],
        *([] for _ in range(30)),
        [(60, "GIVEN IN CASH"), (200, "7.80")],
    ]


@pytest.mark.parametrize(
    ("when", "kind"),
    [
        ("01/06/2018", "other"),
        ("01/06/2018 6:31", "receipt"),
        ("01/06/2018 18:31:07", "receipt"),
        ("01/06/2018 25:31", "other"),
    ],
)
def test_a_time_of_day_makes_a_short_tax_invoice_a_receipt(when: str, kind: str) -> None:
    assert classify(reading_of(slip(when)), ["receipt"], ["en"]).document_type == kind


def test_where_invoices_come_too_a_letter_with_a_time_stays_an_invoice() -> None:
    letter: list[Line] = [
        [(60, "INVOICE")],
        [(60, "Invoice No: 4711"), (300, "Invoice date: 01/06/2018")],
        [(60, "Bill to: Northwind Ltd")],
        [(60, "Net total"), (300, "100.00")],
        [(60, "Total due"), (300, "120.00")],
        [(60, "Call us from 9:00")],
    ]
    assert classify(reading_of(letter), ["receipt", "invoice"], ["en"]).document_type == "invoice"
