"""A supplier's table after one corrected document: its own header words, or the places of its columns."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from extraction.column_memory import learn_columns
from extraction.evidence import gather
from extraction.line_items import line_items
from extraction.page_layout import layouts
from schemas.document_type import document_types
from tests.extraction.paper import Line, reading_of

INVOICE = document_types()["invoice"]
COLUMNS = ("description", "quantity", "unit_price", "line_total")
HEADER: Line = [(60, "Opis"), (250, "Kos"), (330, "Cena"), (450, "Znesek")]


def paper(items: list[tuple[str, str, str, str]], header: Line | None = HEADER) -> list[Line]:
    """A page with a table, each item's cells at the places of the header."""
    rows: list[Line] = [[(60, text), (250, qty), (330, price), (450, total)] for text, qty, price, total in items]
    return [[(60, "INVOICE")], [], *([header] if header else []), *rows]


def as_corrected(items: list[tuple[str, str, str, str]]) -> list[dict[str, str]]:
    return [dict(zip(COLUMNS, item, strict=True)) for item in items]


def found(page: list[Line], remembered: dict[str, str]) -> list[dict[str, str]]:
    evidence = gather(layouts(reading_of(page)), INVOICE, "GB", "en")
    return [row.texts for row in line_items(evidence, None, columns=remembered)]


ONCE = [("Chair", "1", "25.00", "25.00"), ("Lamp", "1", "8.00", "8.00")]
AGAIN = [("Table", "1", "90.00", "90.00"), ("Bench", "1", "40.00", "40.00")]


def test_words_that_nobody_knows_are_known_after_one_corrected_document() -> None:
    learned = learn_columns(layouts(reading_of(paper(ONCE))), as_corrected(ONCE), INVOICE)
    assert learned == {"opis": "description", "kos": "quantity", "cena": "unit_price", "znesek": "line_total"}
    assert found(paper(AGAIN), {}) == []
    assert found(paper(AGAIN), learned) == as_corrected(AGAIN)


def test_a_table_without_header_is_remembered_by_its_places() -> None:
    learned = learn_columns(layouts(reading_of(paper(ONCE, None))), as_corrected(ONCE), INVOICE)
    assert sorted(learned.values()) == sorted(COLUMNS)
    assert all(key.startswith("@") for key in learned)
    assert found(paper(AGAIN, None), {}) == []
    assert found(paper(AGAIN, None), learned) == as_corrected(AGAIN)


def test_one_number_printed_once_teaches_neither_price_nor_total() -> None:
    page: list[Line] = [[(60, "INVOICE")], [(60, "Opis"), (330, "Cena")], [(60, "Chair"), (330, "25.00")]]
    row = {"description": "Chair", "quantity": "1", "unit_price": "25.00", "line_total": "25.00"}
    assert "cena" not in learn_columns(layouts(reading_of(page)), [row], INVOICE)


def test_a_remembered_word_wins_over_a_known_label() -> None:
    header: Line = [(60, "Item"), (250, "Amount"), (330, "Rate"), (450, "Value")]
    learned = learn_columns(layouts(reading_of(paper(ONCE, header))), as_corrected(ONCE), INVOICE)
    assert learned["amount"] == "quantity"
    assert found(paper(AGAIN, header), learned) == as_corrected(AGAIN)


def test_rows_that_are_not_on_the_page_teach_nothing() -> None:
    assert (
        learn_columns(layouts(reading_of(paper(ONCE))), [{"description": "Elsewhere", "line_total": "7.77"}], INVOICE)
        == {}
    )


WORDS = st.text("abcdefghijklmnoprstuvz", min_size=4, max_size=9)
CENTS = st.integers(101, 99_999).map(lambda cents: f"{cents / 100:.2f}")


@given(st.lists(WORDS, min_size=4, max_size=4, unique=True), st.lists(st.tuples(WORDS, CENTS), min_size=2, max_size=5))
def test_whatever_the_header_says_it_is_learned_from_the_rows_below(
    header: list[str], goods: list[tuple[str, str]]
) -> None:
    items = [(name, "1", price, price) for name, price in goods]
    words: Line = [(left, word) for (left, _), word in zip(HEADER, header, strict=True)]
    learned = learn_columns(layouts(reading_of(paper(items, words))), as_corrected(items), INVOICE)
    assert [learned.get(word) for word in header] == list(COLUMNS)
