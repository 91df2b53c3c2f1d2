"""What a learned scorer is offered: all that is printed, every likely other reading, and what follows by arithmetic."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from extraction.derived import derived_amounts
from extraction.page_layout import PageLayout, lay_out
from extraction.spans import Notation, Span, find_spans
from extraction.wide_spans import MOST_OF_A_KIND, wide_spans
from schemas.amounts import Convention
from schemas.dates import DateOrder
from schemas.document_type import FieldType
from schemas.identifiers import CURRENCY_CODES, find_currencies
from tests.extraction.paper import Line, german_invoice, reading_of

POINT = Notation(Convention.POINT, DateOrder.DAY_FIRST)
COMMA = Notation(Convention.COMMA, DateOrder.DAY_FIRST)
LINES = st.lists(st.text("0123456789.,:/-# RMABOS€%", max_size=30), max_size=6)
CENTS = st.integers(1, 999_999)


def page_of(lines: list[Line]) -> PageLayout:
    return lay_out(reading_of(lines, confidence=0.9).pages[0])


def receipt(total: str, *, date: str = "13/01/2018", cash: str = "50.10", change: str = "31.00") -> list[Line]:
    """A till receipt; the total is what the reader made of it."""
    return [
        [(60, "KEDAI PAPAN YEW CHUAN")],
        [(60, f"Date:{date} 12:33:10PM")],
        [(60, "Total"), (200, f"RM{total}")],
        [(60, "Cash"), (200, cash)],
        [(60, "Change"), (200, change)],
    ]


def texts(spans: list[Span], kind: FieldType) -> set[str]:
    return {span.text for span in spans if span.kind is kind}


@given(LINES)
def test_all_that_is_printed_stays(lines: list[str]) -> None:
    page = page_of([[(60, line)] for line in lines])
    wide = {(span.kind, span.place, span.text) for span in wide_spans(page, POINT) if span.cost == 0}
    assert {(span.kind, span.place, span.text) for span in find_spans(page, POINT)} <= wide


@given(LINES)
def test_each_reading_of_a_place_comes_once(lines: list[str]) -> None:
    spans = wide_spans(page_of([[(60, line)] for line in lines]), POINT)
    keys = [(span.kind, span.segment.line, span.segment.index, span.start, span.end, span.text) for span in spans]
    assert len(keys) == len(set(keys))
    assert all(span.start < span.end <= len(span.segment.tokens) for span in spans)


def test_a_page_full_of_numbers_is_bounded() -> None:
    page = page_of([[(60, " ".join(f"{row}{column}.50" for column in range(40)))] for row in range(60)])
    spans = wide_spans(page, POINT)
    assert sum(span.kind is FieldType.AMOUNT for span in spans) == MOST_OF_A_KIND
    assert len(derived_amounts(spans)) <= MOST_OF_A_KIND


def test_what_shows_its_type_is_offered_on_a_letter() -> None:
    spans = wide_spans(page_of(german_invoice()), COMMA)
    assert {"1250.00", "237.50", "1487.50"} <= texts(spans, FieldType.AMOUNT)
    assert texts(spans, FieldType.CURRENCY) == {"EUR"}
    assert {"19", "2"} <= texts(spans, FieldType.PERCENT)
    assert {"10", "4"} <= texts(spans, FieldType.INTEGER) & texts(spans, FieldType.QUANTITY)
    assert "RE-2026-0815" in texts(spans, FieldType.IDENTIFIER)
    assert texts(spans, FieldType.IBAN) == {"DE89370400440532013000"}
    assert texts(spans, FieldType.VAT_ID) == {"DE136695976"}


def test_a_glued_date_and_a_cut_one_are_offered() -> None:
    whole = wide_spans(page_of(receipt("19.10")), POINT)
    assert texts(whole, FieldType.DATE) == {"2018-01-13"}
    cut = wide_spans(page_of([*receipt("19.10", date="13/01/201"), [(60, "(C) 2018")]]), POINT)
    assert "2018-01-13" in texts(cut, FieldType.DATE)


def test_a_misread_total_follows_from_cash_and_change() -> None:
    spans = wide_spans(page_of(receipt("18.10")), POINT)
    assert "19.10" not in texts(spans, FieldType.AMOUNT)
    derived = next(span for span in derived_amounts(spans) if span.text == "19.10")
    assert derived.raw == "50.10 - 31.00"
    assert derived.segment.line == 2  # where the misread total stands
    assert derived.how == "derived" and derived.cost > 0


def test_a_sum_on_which_rules_agree_costs_less() -> None:
    agreed = wide_spans(
        page_of([*receipt("77.77"), [(60, "Net"), (200, "18.02")], [(60, "GST"), (200, "1.08")]]), POINT
    )
    alone = wide_spans(page_of(receipt("77.77")), POINT)
    cost = [next(each.cost for each in derived_amounts(spans) if each.text == "19.10") for spans in (agreed, alone)]
    assert cost[0] < cost[1]


def test_what_is_printed_is_not_derived_once_more() -> None:
    assert "19.10" not in {span.text for span in derived_amounts(wide_spans(page_of(receipt("19.10")), POINT))}


def test_net_and_tax_give_a_misread_gross_and_back() -> None:
    gross = wide_spans(page_of(german_invoice(gross="1.437,50")), COMMA)
    assert "1487.50" in {span.text for span in derived_amounts(gross)}
    net = wide_spans(page_of(german_invoice(net="1.260,00")), COMMA)
    assert "1250.00" in {span.text for span in derived_amounts(net)}


def test_a_subtotal_is_rounded() -> None:
    lines: list[Line] = [[(60, "Subtotal"), (200, "60.31")], [(60, "Rounding"), (200, "0.01")]]
    derived = {span.text for span in derived_amounts(wide_spans(page_of(lines), POINT))}
    assert {"60.30", "60.32"} <= derived


@given(st.lists(CENTS, min_size=2, max_size=6), st.integers(1, 9), st.data())
def test_the_rows_of_a_column_mend_a_total_that_is_one_digit_off(
    cents: list[int], by: int, data: st.DataObject
) -> None:
    total = f"{sum(cents) // 100}.{sum(cents) % 100:02}"
    at = data.draw(st.sampled_from([place for place, sign in enumerate(total) if sign != "."]))
    misread = f"{total[:at]}{(int(total[at]) + by) % 10}{total[at + 1 :]}"
    amounts = [f"{each // 100}.{each % 100:02}" for each in cents]
    assume(not misread.startswith("0") and total not in amounts and misread not in amounts)
    lines: list[Line] = [[(60, "Article"), (300 - 5 * len(amount), amount)] for amount in (*amounts, misread)]
    derived = [span for span in derived_amounts(wide_spans(page_of(lines), POINT)) if span.text == total]
    assert misread in [span.tokens[0].text for span in derived]


@pytest.mark.parametrize(
    ("line", "kind", "code"),
    [
        ("IBANDE89370400440532013000", FieldType.IBAN, "DE89370400440532013000"),
        ("IBAN:DE89 37O4 OO44 0532 0130 00", FieldType.IBAN, "DE89370400440532013000"),
        ("USt-IdNrDE136695976", FieldType.VAT_ID, "DE136695976"),
        ("VAT DE l36 695 976", FieldType.VAT_ID, "DE136695976"),
    ],
)
def test_codes_glued_to_their_label_or_misread_are_offered_where_their_check_holds(
    line: str, kind: FieldType, code: str
) -> None:
    assert code in texts(wide_spans(page_of([[(60, line)]]), POINT), kind)
    wrong = line.replace("9", "3", 1)
    assert texts(wide_spans(page_of([[(60, wrong)]]), POINT), kind) <= texts(
        find_spans(page_of([[(60, wrong)]]), POINT), kind
    )


@given(st.sampled_from(sorted(CURRENCY_CODES)), st.sampled_from(["{} 12.50", "12,50 {}", "{}12.50", "12.50{}", "({})"]))
def test_a_currency_is_found_alone_and_glued(code: str, around: str) -> None:
    assert [found for _, _, found in find_currencies(around.format(code))] == [code]


def test_words_are_no_currencies() -> None:
    assert find_currencies("FARM TRYOUT EUROPA CADDY") == []
