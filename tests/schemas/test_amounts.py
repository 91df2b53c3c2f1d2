"""Printed amounts, both ways of writing them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.amounts import Convention, canonical_amount, convention_of, money, parse_amount

CENTS = st.decimals(min_value=Decimal("-9999999.99"), max_value=Decimal("9999999.99"), places=2)
CONVENTIONS = st.sampled_from(Convention)
PRICES = st.decimals(min_value=0, max_value=9999, places=4)


def printed(value: Decimal, convention: Convention, grouping: str, sign: str = "before") -> str:
    """A number as people print it."""
    whole, _, decimals = f"{abs(value):,f}".partition(".")
    body = whole.replace(",", grouping) + ("," if convention is Convention.COMMA else ".") + decimals
    if value >= 0:
        return body
    return {"before": f"-{body}", "behind": f"{body}-", "brackets": f"({body})", "credit": f"{body} CR"}[sign]


def groupings(convention: Convention) -> list[str]:
    return ["", " ", "'", "\u2019", "\u202f", "." if convention is Convention.COMMA else ","]


@given(CENTS, CONVENTIONS, st.data())
def test_what_is_printed_is_read_back(value: Decimal, convention: Convention, data: st.DataObject) -> None:
    grouping = data.draw(st.sampled_from(groupings(convention)))
    sign = data.draw(st.sampled_from(["before", "behind", "brackets", "credit"]))
    assert parse_amount(printed(value, convention, grouping, sign), convention) == value


@given(CENTS, CONVENTIONS, st.sampled_from(["EUR {}", "{} EUR", "€{}", "{}€", "£{}", "{} CHF", "RM{}", "USD {}"]))
def test_currency_marks_are_no_part_of_the_number(value: Decimal, convention: Convention, mark: str) -> None:
    assert parse_amount(mark.format(printed(abs(value), convention, ""))) == abs(value)


@given(CENTS, CONVENTIONS)
def test_cents_need_no_convention(value: Decimal, convention: Convention) -> None:
    grouping = "." if convention is Convention.COMMA else ","
    assert parse_amount(printed(value, convention, grouping)) == value


@given(PRICES, CONVENTIONS)
def test_unit_prices_keep_their_decimals(value: Decimal, convention: Convention) -> None:
    assert parse_amount(printed(value, convention, ""), convention) == value


@given(st.lists(CENTS, min_size=1, max_size=20), CONVENTIONS)
def test_a_document_proves_its_own_convention(values: list[Decimal], convention: Convention) -> None:
    grouping = "." if convention is Convention.COMMA else ","
    assert convention_of(printed(value, convention, grouping) for value in values) is convention


@given(CENTS)
def test_the_canonical_form_is_stable(value: Decimal) -> None:
    assert canonical_amount(Decimal(canonical_amount(value))) == canonical_amount(value)
    assert money(value) == value


@given(st.one_of(st.text(max_size=12), st.text("0123456789., ", max_size=60)))
def test_any_text_is_an_amount_or_none(text: str) -> None:
    value = parse_amount(text)
    assert value is None or parse_amount(canonical_amount(value), Convention.POINT) == Decimal(canonical_amount(value))


def test_a_long_code_is_no_amount() -> None:
    assert parse_amount("000849813504" * 3) is None


@pytest.mark.parametrize(
    ("text", "convention", "value"),
    [
        ("1.234", Convention.COMMA, "1234"),
        ("1.234", Convention.POINT, "1.234"),
        ("1,234", Convention.POINT, "1234"),
        ("1,234", Convention.COMMA, "1.234"),
        ("1.234", None, "1234"),
        ("0,125", None, "0.125"),
        ("1234.567", None, "1234.567"),
        ("1.234.567", None, "1234567"),
        ("12,-", None, "12"),
        ("EUR 5.--", None, "5"),
        ("1. 234, 56", None, "1234.56"),
        ("- EUR 5,00", None, "-5.00"),
    ],
)
def test_hard_spellings(text: str, convention: Convention | None, value: str) -> None:
    assert parse_amount(text, convention) == Decimal(value)


@pytest.mark.parametrize(
    "text", ["", "EUR", "12 34", "12.345.67", "1.2.3", "12,34,56", "03.11.2026", "abc", "1,2345,678"]
)
def test_what_is_no_amount(text: str) -> None:
    assert parse_amount(text) is None


def test_as_many_proofs_of_each_prove_nothing() -> None:
    assert convention_of(["1,50", "1.50"]) is None
    assert convention_of(["1.234", "42"]) is None
