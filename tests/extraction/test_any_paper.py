"""Whatever the reader saw, extraction answers: no paper is an error."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from extraction.extract import classify, extract, pages_with_tables
from schemas.document_type import document_types
from schemas.reading import Box, PageReading, Reading, Source, Word

SHARES = st.floats(-0.1, 1.1, allow_nan=False)
SCRAPS = [
    *(
        "Rechnung",
        "Nr.",
        "Gesamtbetrag",
        "netto",
        "MwSt.",
        "19",
        "%",
        "19%",
        "1.234,56",
        "(5)",
        "-",
        "€",
        "EUR",
        "03.11.2026",
    ),
    *(
        "Pos",
        "Menge",
        "Preis",
        "Gesamt",
        "IBAN",
        "DE89",
        "3704 0044",
        "Invoice",
        "Total",
        "VAT",
        "GB",
        "2 x",
        "Skonto",
        "000849813504" * 3,
        ":",
    ),
]
TEXTS = st.one_of(st.sampled_from(SCRAPS), st.text(max_size=8))


@st.composite
def words(draw: st.DrawFn) -> Word:
    x, y = draw(SHARES), draw(SHARES)
    box = Box(x, y, x + draw(st.floats(0, 0.3)), y + draw(st.floats(0, 0.05)))
    return Word(draw(TEXTS), box, draw(st.floats(0, 1)), draw(st.integers(0, 9)))


PAGES = st.builds(
    PageReading,
    number=st.just(1),
    width=st.just(595.0),
    height=st.just(842.0),
    source=st.sampled_from(Source),
    words=st.lists(words(), max_size=40),
)


@settings(max_examples=150, deadline=None)
@given(PAGES, st.sampled_from([("invoice", "credit_note"), ("receipt",)]))
def test_any_page_gives_an_extraction(page: PageReading, types: tuple[str, ...]) -> None:
    reading = Reading(reader="test", pages=[page])
    extraction = extract(reading, types=types, languages=("de", "en"), country="DE", master=None)
    assert extraction.document_type in (*types, "other")
    assert all(0 < value.probability < 1 and value.text for value in extraction.values)
    assert len({value.address for value in extraction.values}) == len(extraction.values)


def test_a_reading_without_pages_is_other() -> None:
    empty = Reading(reader="test", pages=[])
    assert classify(empty, ("invoice",), ("de",)).document_type == "other"
    assert extract(empty, types=("invoice",), languages=("de",), country="DE", master=None).values == []
    assert pages_with_tables(empty, document_types()["invoice"]) == []


@settings(max_examples=60, deadline=None)
@given(PAGES)
def test_any_page_can_be_asked_for_tables(page: PageReading) -> None:
    pages_with_tables(Reading(reader="test", pages=[page]), document_types()["invoice"])
