"""The search line: what people type becomes what is looked for, and nothing they type can break it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.clock import now
from schemas.lifecycle import DocumentState
from schemas.search_query import WITH_US, Range, SearchQuery, Term, parse_search, words_in

BERLIN = ZoneInfo("Europe/Berlin")


def test_words_phrases_and_filters_stand_side_by_side() -> None:
    query = parse_search(
        'Bürobedarf "copy paper" supplier:nordlicht number:117 client:acme state:failed,held touched:no'
    )
    assert query.terms == (Term((("burobedarf",),)), Term((("copy", "paper"),), whole=True))
    assert query.supplier == (Term((("nordlicht",),)),)
    assert (query.number, query.client, query.touched) == ("117", "acme", False)
    assert query.states == {DocumentState.FAILED, DocumentState.HELD}


def test_open_is_all_that_is_with_us() -> None:
    assert parse_search("state:open").states == WITH_US


@pytest.mark.parametrize(
    ("line", "low", "high"),
    [
        ("amount:100..200", "100", "200"),
        ("amount:..1.234,50", None, "1234.50"),
        ("amount:100..", "100", None),
        ("amount:119", "119", "119"),
    ],
)
def test_amounts_have_ends(line: str, low: str | None, high: str | None) -> None:
    assert parse_search(line).amount == Range(Decimal(low) if low else None, Decimal(high) if high else None)


def test_a_day_begins_and_ends_at_midnight_where_it_is_asked_for() -> None:
    wanted = Range(dt.datetime(2026, 11, 19, 23, tzinfo=dt.UTC), dt.datetime(2026, 11, 20, 23, tzinfo=dt.UTC))
    for line in ("received:2026-11-20", "received:20.11.2026", "received:2026-11-20..2026-11-20"):
        assert parse_search(line, BERLIN).received == wanted


def test_late_is_what_was_due_before_now() -> None:
    due = parse_search("due:late").due
    assert due is not None and due.low is None and due.high is not None
    assert dt.timedelta() <= now() - due.high < dt.timedelta(minutes=1)


def test_a_printed_amount_is_looked_for_as_printed_and_as_kept() -> None:
    (term,) = parse_search("1.234,50").terms
    assert term.spellings == (("1", "234", "50"), ("1234", "50"))


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("amount:cheap", "amount"),
        ("amount:99999999999999999999", "amount"),
        ("state:lost", "state"),
        ("due:soon", "due"),
        ("due:..", "due"),
        ("%", "words"),
    ],
)
def test_what_cannot_be_read_is_named(line: str, problem: str) -> None:
    assert parse_search(line).problems == (problem,)


def test_an_unknown_key_is_a_word() -> None:
    assert parse_search("iban:DE89").terms == (Term((("iban", "de89"),)),)


def test_ids_are_found_as_such() -> None:
    assert parse_search("doc_0197f2").ids == ("doc_0197f2",)


@given(st.text(max_size=200))
def test_any_line_is_read(line: str) -> None:
    query = parse_search(line)
    assert isinstance(query, SearchQuery)
    assert all(words for term in query.terms for words in term.spellings)


@given(st.text(max_size=200))
def test_words_are_letters_and_digits_and_stay_as_they_are(text: str) -> None:
    words = words_in(text)
    assert all(word.isalnum() and len(word) <= 64 for word in words)
    assert words_in(" ".join(words)) == words
