"""Printed dates: every spelling, glued and cut neighbours, and the order that the document decides."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from schemas.dates import DateOrder, date_order, find_dates, parse_date

ORDERS = st.sampled_from(DateOrder)
DATES = st.dates(min_value=dt.date(1990, 1, 1), max_value=dt.date(2049, 12, 31))
NUMERIC = ["%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y", "%d. %m. %Y", "%Y-%m-%d", "%d.%m.%y", "%d/%m/%y"]
NAMED = [
    ("d. MMMM y", "de"),
    ("d MMMM y", "en"),
    ("MMMM d, y", "en"),
    ("d MMM y", "en"),
    ("d-MMM-y", "en"),
    ("d MMMM y", "fr"),
]


@given(DATES, st.sampled_from(NUMERIC))
def test_numeric_dates_are_read_back(date: dt.date, spelling: str) -> None:
    if "%y" in spelling and not 1990 <= date.year <= 2049:
        return
    assert parse_date(date.strftime(spelling)) == date


@given(DATES)
def test_the_american_order_is_read_back(date: dt.date) -> None:
    assert parse_date(date.strftime("%m/%d/%Y"), DateOrder.MONTH_FIRST) == date


@given(DATES, st.sampled_from(NAMED))
def test_named_months_are_read_back_in_any_order(date: dt.date, spelling: tuple[str, str]) -> None:
    text = format_date(date, spelling[0], locale=spelling[1])
    assert parse_date(text, DateOrder.DAY_FIRST) == parse_date(text, DateOrder.MONTH_FIRST) == date


@given(DATES, st.sampled_from(["MMMd/yy", "MMM d ''yy", "MMMd/y", "d-MMM-yy"]))
def test_short_years_behind_a_named_month_are_read_back(date: dt.date, spelling: str) -> None:
    text = format_date(date, spelling, locale="en")
    assert parse_date(text, DateOrder.DAY_FIRST) == parse_date(text, DateOrder.MONTH_FIRST) == date


@given(DATES, ORDERS)
def test_eight_digits_are_read_back(date: dt.date, order: DateOrder) -> None:
    last = date.strftime("%d%m%Y" if order is DateOrder.DAY_FIRST else "%m%d%Y")
    first = date.strftime("%Y%m%d")
    assert parse_date(first, order) == date
    assert parse_date(last, order) in (date, parse_date(f"{last[:4]}-{last[4:6]}-{last[6:]}"))


@given(st.text("0123456789./- ,JanFebMai", max_size=24), ORDERS)
def test_only_printed_numbers_make_a_date(text: str, order: DateOrder) -> None:
    for found in find_dates(text, order):
        numbers = {int(each) for each in re.findall(r"\d+", text[found.start : found.end])}
        assert found.date.day in numbers
        assert found.date.year % 100 in {number % 100 for number in numbers}


@given(DATES, st.sampled_from(NUMERIC), st.sampled_from(["#19- {}", "Datum:{}", "{} 12:30", "am {}, ", "({})"]))
def test_neighbours_do_not_disturb(date: dt.date, spelling: str, around: str) -> None:
    assert date in [found.date for found in find_dates(around.format(date.strftime(spelling)))]


@given(DATES)
def test_a_time_may_be_glued_on(date: dt.date) -> None:
    assert find_dates(date.strftime("%d/%m/%Y") + "12:30")[0].date == date


@given(st.lists(DATES, min_size=1, max_size=8), st.sampled_from(DateOrder))
def test_the_document_decides_the_order(dates: list[dt.date], order: DateOrder) -> None:
    spelling = "%d/%m/%Y" if order is DateOrder.DAY_FIRST else "%m/%d/%Y"
    proven = any(date.day > 12 for date in dates)
    assert date_order((date.strftime(spelling) for date in dates), default=order) is order
    if proven:
        other = next(each for each in DateOrder if each is not order)
        assert date_order((date.strftime(spelling) for date in dates), default=other) is order


@given(st.text(max_size=30))
def test_any_text_is_searched_without_an_error(text: str) -> None:
    for found in find_dates(text):
        assert 0 <= found.start < found.end <= len(text)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("#19- 18/01/2018", "2018-01-18"),
        ("3rd of November 2026", "2026-11-03"),
        ("03Nov2026", "2026-11-03"),
        ("15.Feb.2021", "2021-02-15"),
        ("Nov 3rd, 2026", "2026-11-03"),
        ("20261103", "2026-11-03"),
        ("03112026", "2026-11-03"),
        ("$20 Nov3/26", "2026-11-03"),
        ("13/25/2026", None),
        ("31.02.2026", None),
        ("4.5.6.7", None),
        ("12/2026", None),
    ],
)
def test_hard_spellings(text: str, date: str | None) -> None:
    assert parse_date(text) == (dt.date.fromisoformat(date) if date else None)


def test_an_impossible_month_turns_the_order_round() -> None:
    assert parse_date("01/31/2026", DateOrder.DAY_FIRST) == dt.date(2026, 1, 31)


def test_two_dates_are_not_one() -> None:
    assert parse_date("01.02.2026 bis 03.02.2026") is None
