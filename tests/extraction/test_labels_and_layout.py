"""Lines, segments and labels: what a person sees at a glance."""

from __future__ import annotations

import pytest

from extraction.labels import OTHER, LabelHit, field_labels, find_labels
from extraction.page_layout import PageLayout, lay_out
from schemas.reading import Box, Source, Word
from tests.extraction.paper import Line, reading_of


def page_of(*lines: Line, confidence: float | None = None) -> PageLayout:
    return lay_out(reading_of(lines, confidence=confidence).pages[0])


def labels(page: PageLayout) -> list[LabelHit]:
    return find_labels(page, field_labels("invoice"))


def test_columns_part_segments_and_blanks_do_not() -> None:
    page = page_of([(60, "Rechnungs-Nr. der Firma"), (300, "4711")], [(60, "Datum")])
    assert [[segment.text for segment in line.segments] for line in page.lines] == [
        ["Rechnungs-Nr. der Firma", "4711"],
        ["Datum"],
    ]


def test_a_sloping_line_stays_one_line() -> None:
    reading = reading_of([[(60 + 40 * i, f"w{i}") for i in range(12)], [(60, "below")]])
    page = reading.pages[0]
    words = [word._replace(box=word.box._replace(y0=word.box.y0 + i * 0.002, y1=word.box.y1 + i * 0.002))
             for i, word in enumerate(page.words[:12])]  # fmt: skip
    layout = lay_out(page.model_copy(update={"words": words}))
    assert len(layout.lines) == 1


def test_lines_that_a_reader_of_pictures_saw_are_not_mixed_on_a_slope() -> None:
    lines: list[dict[str, tuple[float, float, float, float]]] = [
        {"Lantern": (0.176, 0.1299, 0.397, 0.1655), "Gallery": (0.422, 0.1246, 0.587, 0.1587)},
        {"Little": (0.239, 0.1633, 0.36, 0.1909), "Hill": (0.376, 0.1601, 0.475, 0.1875)},
        {"Upper": (0.197, 0.1784, 0.3, 0.2055), "Middleham": (0.312, 0.1739, 0.485, 0.1981)},
        {"Reg": (0.277, 0.1936, 0.345, 0.2165), "No.": (0.356, 0.1913, 0.42, 0.2147)},
    ]
    places = [(number, text, Box(*place)) for number, line in enumerate(lines) for text, place in line.items()]
    words = [Word(text, box, 0.99, number) for number, text, box in places]
    page = reading_of([], confidence=0.99).pages[0].model_copy(update={"words": words, "source": Source.OCR})
    assert [line.text for line in lay_out(page).lines] == [" ".join(line) for line in lines]


def test_glued_labels_come_apart() -> None:
    page = page_of([(60, "Rechnungsnummer:4711 Nr.12 Datum:03.11.2026 12:30")])
    assert page.lines[0].text == "Rechnungsnummer: 4711 Nr. 12 Datum: 03.11.2026 12:30"


def test_a_range_without_blanks_comes_apart() -> None:
    assert page_of([(60, "1/3/20-2/2/20")]).lines[0].text == "1/3/20 - 2/2/20"


def test_a_text_that_runs_into_the_next_column_leaves_that_column_s_line() -> None:
    remit = [Word("Remit", Box(0.1, 0.124, 0.2, 0.136)), Word("Inc", Box(0.31, 0.124, 0.34, 0.136))]
    column = [Word("Advertiser", Box(0.3, 0.12, 0.4, 0.132)), Word("Ann", Box(0.5, 0.12, 0.55, 0.132))]
    page = reading_of([]).pages[0].model_copy(update={"words": [*remit, *column]})
    assert "Remit Advertiser Ann" in [line.text for line in lay_out(page).lines]


@pytest.mark.parametrize(
    ("printed", "field"),
    [
        ("RECHNUNGS-NR.", "invoice_number"),
        ("Rechnungs Nr", "invoice_number"),
        ("Invoice #", "invoice_number"),
        ("Total EUR incl. VAT", "gross_total"),
        ("zzgl. 19 % MwSt.", "tax_total"),
        ("VAT Registration No.", "supplier_vat_id"),
        ("Fällig am", "due_date"),
        ("FAELLIG AM", "due_date"),
        ("Stromrechnung Nr.", "invoice_number"),
        ("Teilrechnungs-Nr.", "invoice_number"),
        ("Bitte überweisen Sie bis zum", "due_date"),
        ("Please remit until", "due_date"),
        ("Bestelldatum", OTHER),
    ],
)
def test_labels_are_known_however_they_are_printed(printed: str, field: str) -> None:
    hits = labels(page_of([(60, printed)]))
    assert field in hits[0].fields and hits[0].similarity == 1.0


def test_the_longest_label_wins() -> None:
    hits = labels(page_of([(60, "Total net amount")]))
    assert [hit.text for hit in hits] == ["Total net amount"]


def test_what_only_sounds_like_an_invoice_is_none() -> None:
    assert labels(page_of([(60, "Berechnung")])) == []


def test_misread_labels_are_known_on_scans_only() -> None:
    assert "invoice_date" in labels(page_of([(60, "Rechnunqsdatun")], confidence=0.8))[0].fields
    assert labels(page_of([(60, "Rechnunqsdatun")])) == []
