"""Amounts that are misread but follow from printed ones: net + tax, cash - change, subtotal + rounding, column sums."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from extraction.spans import Span
from schemas.document_type import FieldType

COST = 0.5
NEAR_LINES = 3  # cash and change, subtotal and rounding stand under each other
MOST_ROUNDING = 5  # cents
RATES = (0.03, 0.05, 0.055, 0.06, 0.07, 0.077, 0.08, 0.081, 0.10, 0.125, 0.15, 0.16, 0.19, 0.20, 0.21, 0.22, 0.23, 0.25)
MOST_AMOUNTS, MOST_DERIVED = 40, 120  # of a page
MOST_ROWS = 12


@dataclass(frozen=True, slots=True)
class _Printed:
    span: Span
    cents: int


def derived_amounts(spans: Sequence[Span]) -> list[Span]:
    """Amounts that follow from two or more printed ones of a page and are printed nowhere on it; the likeliest rules first.

    Each stands where its first parent stands; `raw` is the sum with its parents, such as `50.10 - 31.00`.
    """
    amounts = [each for each in spans if each.kind is FieldType.AMOUNT]
    known = {span.text for span in amounts if span.cost == 0}
    printed = _cheapest_of_each_place(amounts)[-MOST_AMOUNTS:]
    found: dict[str, Span] = {}
    for span in itertools.chain(_taxed(printed), _paid_and_rounded(printed), _column_sums(printed)):
        if span.text not in known:
            found.setdefault(span.text, span)
    return list(found.values())[:MOST_DERIVED]


def _cheapest_of_each_place(spans: Sequence[Span]) -> list[_Printed]:
    """Positive amounts with cents, in reading order."""
    best: dict[tuple[int, ...], Span] = {}
    for span in spans:
        likely = span.cost < COST and span.has_decimals and not span.text.startswith("-")
        if likely and (span.place not in best or span.cost < best[span.place].cost):
            best[span.place] = span
    printed = (_Printed(span, round(float(span.text) * 100)) for span in best.values())
    return [each for each in printed if each.cents]


def _taxed(printed: Sequence[_Printed]) -> Iterator[Span]:
    """Net + tax, and total - tax, where the tax is a usual share; each amount once."""
    distinct = list({each.cents: each for each in printed}.values())
    for tax, other in itertools.permutations(distinct, 2):
        if _is_tax(tax.cents, other.cents):
            yield _derived(other, "+", tax)
        if _is_tax(tax.cents, other.cents - tax.cents):
            yield _derived(other, "-", tax)


def _is_tax(tax: int, net: int) -> bool:
    if not RATES[0] * net - 1 < tax < RATES[-1] * net + 1:
        return False
    return any(abs(net * rate - tax) < 1 for rate in RATES)


def _paid_and_rounded(printed: Sequence[_Printed]) -> Iterator[Span]:
    """Cash - change, and subtotal with rounding up or down: amounts on lines near each other."""
    for first, second in itertools.permutations(printed, 2):
        below = second.span.segment.line - first.span.segment.line
        if 0 <= below <= NEAR_LINES and second.cents < first.cents:
            yield _derived(first, "-", second)
        if abs(below) <= NEAR_LINES and second.cents <= MOST_ROUNDING < first.cents:
            yield _derived(first, "+", second)


def _column_sums(printed: Sequence[_Printed]) -> Iterator[Span]:
    """Running sums of the amounts that end at one right edge, row by row."""
    columns: list[list[_Printed]] = []
    for each in printed:
        box = each.span.box
        column = next((known for known in columns if abs(known[-1].span.box.x1 - box.x1) < box.height), None)
        if column is None:
            columns.append([each])
        else:
            column.append(each)
    for column in columns:
        for count in range(2, min(len(column), MOST_ROWS) + 1):
            raw = " + ".join(each.span.text for each in column[:count])
            yield _amount(column[0].span, sum(each.cents for each in column[:count]), raw)


def _derived(first: _Printed, sign: str, second: _Printed) -> Span:
    cents = first.cents + second.cents if sign == "+" else first.cents - second.cents
    return _amount(first.span, cents, f"{first.span.text} {sign} {second.span.text}")


def _amount(place: Span, cents: int, raw: str) -> Span:
    return replace(place, text=f"{cents // 100}.{cents % 100:02}", raw=raw, cost=COST, how="derived")
