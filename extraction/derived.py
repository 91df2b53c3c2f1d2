"""Amounts that are misread but follow from printed ones: net + tax, cash - change, subtotal + rounding, column sums.

A sum counts for more where several rules give it, or where a printed amount differs from it in one digit: that one was misread,
and the sum stands in its place.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from extraction.spans import Span
from schemas.document_type import FieldType

COST = 0.5  # shared among the rules that agree; halved where a print is one digit away
NEAR_LINES = 2  # cash and change, subtotal and rounding stand under each other
MOST_ROUNDING = 5  # cents
RATES = (0.03, 0.05, 0.055, 0.06, 0.07, 0.077, 0.08, 0.081, 0.10, 0.125, 0.15, 0.16, 0.19, 0.20, 0.21, 0.22, 0.23, 0.25)
MOST_AMOUNTS, MOST_DERIVED = 40, 60  # of a page
MOST_ROWS = 12


@dataclass(frozen=True, slots=True)
class _Printed:
    span: Span
    cents: int


@dataclass(frozen=True, slots=True)
class _Sum:
    """A result in cents, the first of its parents, what was reckoned, and by which rule."""

    cents: int
    first: Span
    raw: str
    rule: str

    @property
    def text(self) -> str:
        return f"{self.cents // 100}.{self.cents % 100:02}"


def derived_amounts(spans: Sequence[Span]) -> list[Span]:
    """Amounts that follow from two or more printed ones of a page and are printed nowhere on it, the cheapest first.

    Each stands at the misread print, or at its first parent; `raw` is the sum with its parents, such as `50.10 - 31.00`.
    """
    amounts = [each for each in spans if each.kind is FieldType.AMOUNT]
    known = {span.text for span in amounts if span.cost == 0}
    printed = _cheapest_of_each_place(amounts)[-MOST_AMOUNTS:]
    sums: dict[str, list[_Sum]] = defaultdict(list)
    for each in itertools.chain(_taxed(printed), _paid_and_rounded(printed), _column_sums(printed)):
        if each.text not in known:
            sums[each.text].append(each)
    misread = _by_all_digits_but_one(printed)
    found = [span for agreeing in sums.values() for span in _placed(agreeing, misread)]
    return sorted(found, key=lambda span: span.cost)[:MOST_DERIVED]


def _placed(agreeing: Sequence[_Sum], misread: dict[str, list[Span]]) -> Iterator[Span]:
    """One result at each print that may be its misreading, else at its first parent; rows alone prove nothing."""
    first = agreeing[0]
    rules = {each.rule for each in agreeing}
    cost = COST / len(rules)
    places = {place.place: place for key in _all_but_one(first.text) for place in misread.get(key, ())}
    for place in places.values():
        yield replace(place, text=first.text, raw=first.raw, cost=cost / 2, how="derived")
    if not places and rules != {"rows"}:
        yield replace(first.first, text=first.text, raw=first.raw, cost=cost, how="derived")


def _cheapest_of_each_place(spans: Sequence[Span]) -> list[_Printed]:
    """Positive amounts with cents, in reading order."""
    best: dict[tuple[int, ...], Span] = {}
    for span in spans:
        likely = span.cost < COST and span.has_decimals and not span.text.startswith("-")
        if likely and (span.place not in best or span.cost < best[span.place].cost):
            best[span.place] = span
    printed = (_Printed(span, round(float(span.text) * 100)) for span in best.values())
    return [each for each in printed if each.cents]


def _by_all_digits_but_one(printed: Sequence[_Printed]) -> dict[str, list[Span]]:
    """What is printed once, by its text with one digit left open; what stands twice was not misread."""
    times = Counter(each.cents for each in printed)
    found: dict[str, list[Span]] = defaultdict(list)
    for each in printed:
        for key in _all_but_one(each.span.text) if times[each.cents] == 1 else ():
            found[key].append(each.span)
    return found


def _all_but_one(text: str) -> list[str]:
    """The text with each of its digits in turn left open."""
    return [f"{text[:at]}?{text[at + 1 :]}" for at, sign in enumerate(text) if sign.isdigit()]


def _taxed(printed: Sequence[_Printed]) -> Iterator[_Sum]:
    """Net + tax, and total - tax, where the tax is a usual share; each amount once."""
    distinct = list({each.cents: each for each in printed}.values())
    for tax, other in itertools.permutations(distinct, 2):
        if _is_tax(tax.cents, other.cents):
            yield _pair(other, "+", tax, "tax")
        if _is_tax(tax.cents, other.cents - tax.cents):
            yield _pair(other, "-", tax, "tax")


def _is_tax(tax: int, net: int) -> bool:
    if not RATES[0] * net - 1 < tax < RATES[-1] * net + 1:
        return False
    return any(abs(net * rate - tax) < 1 for rate in RATES)


def _paid_and_rounded(printed: Sequence[_Printed]) -> Iterator[_Sum]:
    """Cash - change, and subtotal with rounding up or down: amounts on lines near each other."""
    for first, second in itertools.permutations(printed, 2):
        below = second.span.segment.line - first.span.segment.line
        if 0 <= below <= NEAR_LINES and second.cents < first.cents:
            yield _pair(first, "-", second, "change")
        if abs(below) <= NEAR_LINES and second.cents <= MOST_ROUNDING < first.cents:
            yield _pair(first, "+", second, "rounding")


def _column_sums(printed: Sequence[_Printed]) -> Iterator[_Sum]:
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
            rows = column[:count]
            raw = " + ".join(each.span.text for each in rows)
            yield _Sum(sum(each.cents for each in rows), rows[0].span, raw, "rows")


def _pair(first: _Printed, sign: str, second: _Printed, rule: str) -> _Sum:
    cents = first.cents + second.cents if sign == "+" else first.cents - second.cents
    return _Sum(cents, first.span, f"{first.span.text} {sign} {second.span.text}", rule)
