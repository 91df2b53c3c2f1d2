"""Amounts as recall needs them: glued to other text, cut by blanks, with a lost or misread decimal mark, misread digits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from extraction.guesses import GLUED, ODD_MARK, UNSEPARATED, Guess, cheapest, read_as_digits, with_repairs
from schemas.amounts import MOST_DIGITS, canonical_amount

_FREE = r"(?<![\d.,/:\-])"  # nothing in front that makes the digits a part of something else
_ODD = r"[:;'’*·_~\"°\-]"
_CENTS = r"\s?(?P<cents>\d{2})"
# Each shape: the pattern, whose `whole` and `cents` make the amount, and what reading it so costs.
_SHAPES = (
    (re.compile(rf"(?<!\d)(?<!\d[.,])(?P<whole>\d{{1,3}}(?:[.,'’]\d{{3}})*|\d+)\s?[.,]{_CENTS}(?!\d)"), GLUED, "glued"),
    (re.compile(rf"(?<![\d.,])(?P<whole>\d{{1,3}}(?:\s?[.,' ]\s?\d{{3}})+)\s?[.,]{_CENTS}(?!\d)"), 2 * GLUED, "joined"),
    (re.compile(rf"{_FREE}(?P<whole>\d{{1,5}})\s(?P<cents>\d{{2}})(?![\d/:%\-]|[.,]\d)"), UNSEPARATED, "cut"),
    (re.compile(rf"{_FREE}(?P<whole>\d{{1,6}})\s?(?:{_ODD}|[.,]{{2}}){_CENTS}(?![\d/:\-])"), ODD_MARK, "odd_mark"),
    (re.compile(rf"{_FREE}(?<!\w)(?P<whole>\d{{1,5}})(?P<cents>\d{{2}})(?![\w.,/:%\-])"), UNSEPARATED + GLUED, "unmarked"),
)  # fmt: skip


def guess_amounts(text: str) -> list[Guess]:
    """Every amount with cents that the text could hold, left to right; none is negative."""
    found = list(_shaped(text))
    repaired = read_as_digits(text)
    if repaired != text:
        found += with_repairs(text, (each for each in _shaped(repaired) if each.how in ("glued", "joined")))
    return cheapest(found)


def _shaped(text: str) -> Iterator[Guess]:
    for pattern, cost, how in _SHAPES:
        for match in pattern.finditer(text):
            whole = "".join(each for each in match["whole"] if each.isdigit())
            if len(whole) <= MOST_DIGITS:
                yield Guess(
                    match.start(), match.end(), canonical_amount(Decimal(f"{whole}.{match['cents']}")), cost, how
                )
