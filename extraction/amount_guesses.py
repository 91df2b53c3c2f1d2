"""Amounts as recall needs them: glued to other text, cut by blanks, with a lost or misread decimal mark, misread digits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from extraction.guesses import GLUED, ODD_MARK, UNSEPARATED, Guess, cheapest, read_as_digits, with_repairs
from schemas.amounts import MOST_DIGITS, canonical_amount

_FREE = r"(?<![\d.,/:\-])"  # nothing in front, and nothing behind, that makes the digits a part of something else
_OVER = r"(?![\d/:%\-]|[.,]\d)"
_ODD = r"[:;'’*·_~\"°\-]"
_CENTS = r"\s?(?P<cents>\d{2})"
# How it was got: what reading it so costs, and the pattern, whose `whole` and `cents` make the amount.
_SHAPES = {
    "glued": (GLUED, rf"(?<!\d)(?<!\d[.,])(?P<whole>\d{{1,3}}(?:[.,'’]\d{{3}})*|\d+)\s?[.,]{_CENTS}(?!\d)"),
    "joined": (2 * GLUED, rf"(?<![\d.,])(?P<whole>\d{{1,3}}(?:\s?[.,' ]\s?\d{{3}})+)\s?[.,]{_CENTS}(?!\d)"),
    "cut": (UNSEPARATED, rf"{_FREE}(?P<whole>\d{{1,5}})\s{_CENTS}{_OVER}"),
    "odd_mark": (ODD_MARK, rf"{_FREE}(?P<whole>\d{{1,6}})\s?(?:{_ODD}|[.,]{{2}}){_CENTS}(?![\d/:\-])"),
    "unmarked": (UNSEPARATED + GLUED, rf"{_FREE}(?<!\w)(?P<whole>\d{{1,5}})(?P<cents>\d{{2}})(?![\w.,]){_OVER}"),
    "grouped": (ODD_MARK, rf"{_FREE}(?<!\w)(?P<whole>\d{{1,3}}([.,])\d{{3}}(?:\2\d{{3}})*)(?P<cents>)(?!\w){_OVER}"),
}
_COMPILED = [(how, cost, re.compile(pattern)) for how, (cost, pattern) in _SHAPES.items()]


def guess_amounts(text: str) -> list[Guess]:
    """Every amount with cents, or in grouped thousands, that the text could hold, left to right; none is negative."""
    found = list(_shaped(text))
    repaired = read_as_digits(text)
    if repaired != text:
        found += with_repairs(text, (each for each in _shaped(repaired) if each.how in ("glued", "joined")))
    return cheapest(found)


def _shaped(text: str) -> Iterator[Guess]:
    for how, cost, pattern in _COMPILED:
        for match in pattern.finditer(text):
            whole = "".join(each for each in match["whole"] if each.isdigit())
            if len(whole) <= MOST_DIGITS:
                yield Guess(
                    match.start(),
                    match.end(),
                    canonical_amount(Decimal(f"{whole}.{match['cents'] or '00'}")),
                    cost,
                    how,
                )
