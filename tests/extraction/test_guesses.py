"""Every way to read a text: what is printed is always among the guesses, and no guess shows a digit that paper does not."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

import pytest
from babel.dates import format_date
from hypothesis import assume, given
from hypothesis import strategies as st

from extraction.amount_guesses import guess_amounts
from extraction.date_guesses import guess_dates
from extraction.guesses import DIGIT_OF, Guess
from extraction.identifier_guesses import guess_identifiers
from extraction.page_layout import Segment, lay_out
from schemas.amounts import Convention, canonical_amount
from schemas.dates import DateOrder
from tests.extraction.paper import reading_of

ORDERS = st.sampled_from(DateOrder)
DATES = st.dates(min_value=dt.date(1990, 1, 1), max_value=dt.date(2049, 12, 31))
DAY_FIRST = [
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%d-%m-%Y",
    "%d. %m. %Y",
    "%d/%m/%y",
    "%d-%m-%y",
    "%d %m %Y",
    "%d%m%Y",
    "%d/%m-%Y",
    "%d,%m,%Y",
]
MONTH_FIRST = ["%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y", "%m%d%Y"]
YEAR_FIRST = ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d"]
NEIGHBOURS = ["{}", "#19- {}", "Date:{}", "{} 12:33:10PM", "({})", "DATE{}TIME", "Dt.{},", "7 {} 7"]
NAMED = ["d-MMM-yy", "d MMM y", "MMM d, y", "MMMM d y", "dMMMy", "d. MMMM y", "MMM d, yy", "MMMd/yy"]
CENTS = st.decimals(min_value=Decimal("0.00"), max_value=Decimal("9999999.99"), places=2)
LOOK_ALIKES = {"0": "Oo", "1": "Il|", "2": "Z", "5": "Ss", "6": "G", "8": "B"}
PAPER = st.text("0123456789.,:/- '#OIlSBZGxRM$€JanMai", max_size=40)


def texts(guesses: list[Guess]) -> set[str]:
    return {guess.text for guess in guesses}


def misread(text: str, data: st.DataObject, most: int) -> str:
    """The text with one or more digits as letters that look like them."""
    places = [place for place, sign in enumerate(text) if sign in LOOK_ALIKES]
    assume(places)
    for place in data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=most, unique=True)):
        text = text[:place] + data.draw(st.sampled_from(LOOK_ALIKES[text[place]])) + text[place + 1 :]
    return text


def segment_of(text: str) -> Segment:
    return next(iter(lay_out(reading_of([[(60, text)]]).pages[0]).segments()))


@given(DATES, ORDERS, st.sampled_from([*DAY_FIRST, *MONTH_FIRST, *YEAR_FIRST]), st.sampled_from(NEIGHBOURS))
def test_a_date_is_found_in_both_orders_whatever_stands_around_it(
    date: dt.date, order: DateOrder, spelling: str, around: str
) -> None:
    assert date.isoformat() in texts(guess_dates(around.format(date.strftime(spelling)), order))


@given(DATES, ORDERS, st.sampled_from(NAMED), st.sampled_from(["en", "de"]))
def test_named_months_are_found_long_and_short(date: dt.date, order: DateOrder, spelling: str, language: str) -> None:
    assert date.isoformat() in texts(guess_dates(format_date(date, spelling, locale=language), order))


@given(DATES, ORDERS)
def test_the_documents_own_order_is_the_cheaper_one(date: dt.date, order: DateOrder) -> None:
    assume(date.day <= 12 and date.day != date.month)
    text = date.strftime("%d/%m/%Y" if order is DateOrder.DAY_FIRST else "%m/%d/%Y")
    found = {guess.text: guess.cost for guess in guess_dates(text, order)}
    other = dt.date(date.year, date.day, date.month)
    assert found[date.isoformat()] == 0 < found[other.isoformat()]


@given(DATES, st.sampled_from(["%d/%m/%Y", "%d.%m.%y", "%Y-%m-%d"]), st.data())
def test_a_misread_date_is_a_guess_that_costs(date: dt.date, spelling: str, data: st.DataObject) -> None:
    text = misread(date.strftime(spelling), data, most=2)
    whole = [guess for guess in guess_dates(text, DateOrder.DAY_FIRST) if guess.end - guess.start == len(text)]
    repaired = [guess for guess in whole if guess.text == date.isoformat()]
    assert repaired and all(guess.how == "repaired" and guess.cost > 0 for guess in repaired)


@given(DATES)
def test_a_cut_year_is_completed_only_from_the_years_of_the_page(date: dt.date) -> None:
    cut = date.strftime("%d/%m/%Y")[:-1]
    assert date.isoformat() in texts(guess_dates(cut, DateOrder.DAY_FIRST, {date.year}))
    assert guess_dates(cut, DateOrder.DAY_FIRST) == []


@given(PAPER, ORDERS)
def test_a_date_never_shows_a_number_that_is_not_printed(text: str, order: DateOrder) -> None:
    for guess in guess_dates(text, order):
        shown = text[guess.start : guess.end].translate(DIGIT_OF)
        year, month, day = (int(part) for part in guess.text.split("-"))
        numbers = re.findall(r"\d+", text[guess.start : guess.end].translate(DIGIT_OF))
        assert f"{year % 100:02}" in shown
        assert str(day) in "".join(numbers)
        assert str(month) in "".join(numbers) or re.search("jan|mai", text, re.IGNORECASE)


@given(CENTS, st.sampled_from(Convention), st.sampled_from(["", "'", "group"]), st.data())
def test_an_amount_is_found_whatever_is_glued_to_it(
    value: Decimal, convention: Convention, grouping: str, data: st.DataObject
) -> None:
    group, mark = (".", ",") if convention is Convention.COMMA else (",", ".")
    whole, cents = f"{value:,.2f}".split(".")
    printed = whole.replace(",", group if grouping == "group" else grouping) + mark + cents
    around = data.draw(st.sampled_from(["{}", "RM{}TOTAL", "@{}x2", "EUR{}*", "={}SR", "Total{}", "{}%"]))
    assert canonical_amount(value) in texts(guess_amounts(around.format(printed)))


@given(st.integers(1, 99999), st.integers(0, 99), st.sampled_from([" ", ":", "-", "*", "..", ""]))
def test_a_lost_or_misread_decimal_mark_is_guessed_at_a_cost(whole: int, cents: int, mark: str) -> None:
    guesses = [each for each in guess_amounts(f"{whole}{mark}{cents:02}") if each.text == f"{whole}.{cents:02}"]
    assert guesses and all(each.cost > 0 for each in guesses)


@given(CENTS, st.data())
def test_a_misread_amount_is_a_guess_that_costs(value: Decimal, data: st.DataObject) -> None:
    text = misread(f"{value:.2f}", data, most=1)
    repaired = [guess for guess in guess_amounts(f"RM {text}") if guess.text == canonical_amount(value)]
    assert repaired and all(guess.how == "repaired" and guess.cost > 0 for guess in repaired)


@given(PAPER)
def test_an_amount_has_exactly_the_digits_on_paper(text: str) -> None:
    for guess in guess_amounts(text):
        shown = re.sub(r"\D", "", text[guess.start : guess.end].translate(DIGIT_OF))
        assert re.sub(r"\D", "", guess.text).lstrip("0") in (shown.lstrip("0"), f"{shown}00".lstrip("0"))


def test_a_number_with_four_digits_before_its_mark_is_not_torn() -> None:
    assert texts(guess_amounts("1231.00")) == {"1231.00"}


@given(
    st.from_regex(r"[A-Z]{0,3}[0-9]{3,8}", fullmatch=True),
    st.sampled_from(["{}", "Contract#:{}", "No.{}", "INV: {}", "Rechnung Nr. {} vom", "({})", "#{}"]),
    st.sampled_from(["", "-1", "-12", " (Rev 0)", "/2"]),
)
def test_an_identifier_is_found_with_and_without_its_revision(number: str, around: str, revision: str) -> None:
    assume(not (around == "({})" and "(" in revision))
    found = texts(guess_identifiers(segment_of(around.format(number + revision))))
    assert {number, number + revision} <= found


@given(st.text("ABc019/-.:#() ", min_size=1, max_size=30))
def test_an_identifier_is_a_part_of_the_text(text: str) -> None:
    assume(text.strip())
    segment = segment_of(text)
    for guess in guess_identifiers(segment):
        assert segment.text[guess.start : guess.end] == guess.text


@given(st.text(max_size=40))
def test_any_text_is_searched_without_an_error(text: str) -> None:
    for guess in (*guess_dates(text, DateOrder.DAY_FIRST, {2018}), *guess_amounts(text)):
        assert 0 <= guess.start < guess.end <= len(text) and guess.cost >= 0


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("#19- 18/01/2018", "2018-01-18"),
        ("Date:18/01/2018 12:33:10PM", "2018-01-18"),
        ("25/12/201812:30", "2018-12-25"),
        ("12-0ct-2017", "2017-10-12"),
        ("18/012018", "2018-01-18"),
        ("Feb13/20 - Feb14/20", "2020-02-14"),
        ("18.01 2018", "2018-01-18"),
    ],
)
def test_dates_that_scans_bring(text: str, date: str) -> None:
    assert date in texts(guess_dates(text, DateOrder.DAY_FIRST))


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("80 91", "80.91"),
        ("1 234.50", "1234.50"),
        ("1.231.00", "1231.00"),
        ("RM6 .00", "6.00"),
        ("1O.5O", "10.50"),
        ("2 x 12.50", "12.50"),
        ("RM 1.234", "1234.00"),
    ],
)
def test_amounts_that_scans_bring(text: str, amount: str) -> None:
    assert amount in texts(guess_amounts(text))
