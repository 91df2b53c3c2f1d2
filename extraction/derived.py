"""Amounts that are not printed, or misprinted, but follow from printed ones: net + tax, cash - change, subtotal + rounding."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from extraction.spans import Span
from schemas.amounts import canonical_amount
from schemas.document_type import FieldType

COST = 0.5
NEAR_LINES = 3  # cash and change, subtotal and rounding stand under each other
MOST_ROUNDING, CENT = Decimal("0.05"), Decimal("0.01")
RATES = tuple(
    Decimal(each) / 100 for each in ("3", "5", "6", "7", "7.7", "8", "8.1", "10", "15", "19", "20", "21", "25")
)
MOST_AMOUNTS = 40
FEWEST_ROWS, MOST_ROWS = 2, 12


def derived_amounts(spans: Sequence[Span]) -> list[Span]:
    """Amounts that follow from two or more printed ones of a page and are printed nowhere on it.

    Each stands where its first parent stands; `raw` is the sum, such as `50.10 - 31.00`.
    """
    printed = [each for each in spans if each.kind is FieldType.AMOUNT and each.cost < COST and each.has_decimals]
    printed = _last_of_each_place(printed)[-MOST_AMOUNTS:]
    known = {span.text for span in spans if span.kind is FieldType.AMOUNT and span.cost == 0}
    found: dict[str, Span] = {}
    for span in itertools.chain(_pairs(printed), _column_sums(printed)):
        if span.text not in known:
            found.setdefault(span.text, span)
    return list(found.values())


def _last_of_each_place(spans: Sequence[Span]) -> list[Span]:
    """The cheapest positive amount of each place."""
    best: dict[tuple[int, ...], Span] = {}
    for span in spans:
        if Decimal(span.text) > 0 and (span.place not in best or span.cost < best[span.place].cost):
            best[span.place] = span
    return list(best.values())


def _pairs(printed: Sequence[Span]) -> Iterator[Span]:
    for first, second in itertools.permutations(printed, 2):
        large, small = Decimal(first.text), Decimal(second.text)
        if small >= large:
            continue
        below = second.segment.line - first.segment.line
        if 0 <= below <= NEAR_LINES or _is_tax(small, large, inclusive=True):
            yield _derived(first, "-", second, large - small)
        if (small <= MOST_ROUNDING and abs(below) <= NEAR_LINES) or _is_tax(small, large, inclusive=False):
            yield _derived(first, "+", second, large + small)


def _is_tax(small: Decimal, large: Decimal, *, inclusive: bool) -> bool:
    """Whether the small amount is a usual tax on, or in, the large one."""
    taxes = (large * rate / (1 + rate) if inclusive else large * rate for rate in RATES)
    return any(abs(tax - small) < CENT for tax in taxes)


def _column_sums(printed: Sequence[Span]) -> Iterator[Span]:
    """Running sums of amounts that end at one right edge, row by row."""
    columns: list[list[Span]] = []
    for span in printed:
        edge = span.box.x1
        column = next((each for each in columns if abs(each[-1].box.x1 - edge) < span.box.height), None)
        if column is None:
            columns.append([span])
        else:
            column.append(span)
    for column in columns:
        total = Decimal(column[0].text)
        for count, span in enumerate(column[1:MOST_ROWS], start=2):
            total += Decimal(span.text)
            if count >= FEWEST_ROWS:
                raw = " + ".join(each.text for each in column[:count])
                yield replace(span, text=canonical_amount(total), raw=raw, cost=COST, how="derived")


def _derived(first: Span, sign: str, second: Span, value: Decimal) -> Span:
    raw = f"{first.text} {sign} {second.text}"
    return replace(first, text=canonical_amount(value), raw=raw, cost=COST, how="derived")
