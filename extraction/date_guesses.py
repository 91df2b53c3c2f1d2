"""Dates as recall needs them: overlapping, glued to other text, cut, without separators, in both orders, misread."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from extraction.guesses import (
    CUT,
    GLUED,
    LOOK_ALIKE,
    ODD_MARK,
    OTHER_ORDER,
    UNSEPARATED,
    Guess,
    cheapest,
    read_as_digits,
    with_repairs,
)
from schemas.dates import DateOrder, calendar_date, find_dates, full_year

_MARK = r"(\s?[./\-,:;'_·~*]\s?|\s|)"
_NUMERIC = re.compile(rf"(?=((?<!\d)\d{{1,2}}|(?<=\d)\d{{2}}){_MARK}(\d{{1,2}}){_MARK}(\d{{2,4}}))")
_YEAR_FIRST = re.compile(rf"(?=(?<!\d)(\d{{4}}){_MARK}(\d{{1,2}}){_MARK}(\d{{1,2}})(?!\d(?!\d:\d)))")
_DIGIT_IN_WORD = re.compile(r"(?<![\d:])[015](?=[A-Za-z]{2})|(?<=[A-Za-z])[015](?=[A-Za-z])")
_LETTER_OF = str.maketrans("015", "OlS")
_SHORT_YEAR = re.compile(r"(?<![^\W\d_])([^\W\d_]{3,10}\.? ?\d{1,2}) ?, ?(\d{2})(?!\d)")
_PLAIN_MARKS = frozenset("./-")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")


def guess_dates(text: str, order: DateOrder, years: Collection[int] = ()) -> list[Guess]:
    """Every date that the text could hold, left to right; `years` of the page complete a year that is cut off."""
    found = [Guess(each.start, each.end, each.date.isoformat()) for each in find_dates(text, order)]
    found += [*_numeric(text, order, years), *_named(text, order)]
    repaired = read_as_digits(text)
    if repaired != text:
        found += with_repairs(text, _numeric(repaired, order, years))
    return cheapest(found)


def years_in(text: str) -> set[int]:
    """The years that a text prints with four digits."""
    return {int(each) for each in _YEAR.findall(text)}


def _numeric(text: str, order: DateOrder, years: Collection[int]) -> Iterator[Guess]:
    for match in _YEAR_FIRST.finditer(text):
        cost = _marks_cost(match)
        if cost is not None:
            yield from _guess(match, int(match[1]), int(match[3]), int(match[5]), cost)
    for match in _NUMERIC.finditer(text):
        cost = _marks_cost(match)
        if cost is not None:
            yield from _both_orders(match, order, cost + _cost_in_front(match), years)


def _named(text: str, order: DateOrder) -> Iterator[Guess]:
    """Month names with a digit read for a letter (`12-0ct-2017`), and with a short year behind a comma (`Jan 12, 17`)."""
    letters = _DIGIT_IN_WORD.sub(lambda match: match[0].translate(_LETTER_OF), text)
    if letters != text:
        yield from (
            Guess(d.start, d.end, d.date.isoformat(), LOOK_ALIKE, "repaired") for d in find_dates(letters, order)
        )
    for match in _SHORT_YEAR.finditer(text):
        for each in find_dates(f"{match[1]}, {full_year(match[2])}", order):
            yield Guess(match.start(), match.end(), each.date.isoformat(), OTHER_ORDER, "guessed")


def _both_orders(match: re.Match[str], order: DateOrder, cost: float, years: Collection[int]) -> Iterator[Guess]:
    first, second = int(match[1]), int(match[3])
    dotted = match[2].strip() == "."
    other = OTHER_ORDER if order is DateOrder.MONTH_FIRST and not dotted else 0.0
    for length, year, more in _years(match, years):
        yield from _guess(match, year, second, first, cost + more + other, length)
        yield from _guess(match, year, first, second, cost + more + OTHER_ORDER - other, length)


def _years(match: re.Match[str], known: Collection[int]) -> Iterator[tuple[int, int, float]]:
    """How many digits of the third group are the year, the year, and what that reading costs."""
    digits, behind = match[5], match.string[match.end(5) :]
    if len(digits) == 4:
        yield 4, int(digits), GLUED if behind[:1].isdigit() else 0.0
        if re.match(r":\d", behind):  # `25/12/1812:30`
            yield 2, full_year(digits[:2]), GLUED
    elif len(digits) == 3:
        yield from ((3, year, CUT) for year in known if str(year).startswith(digits))
    elif not behind[:1].isdigit():
        yield 2, full_year(digits), 0.0 if match[2].strip() and match[4].strip() else UNSEPARATED


def _marks_cost(match: re.Match[str]) -> float | None:
    """What the separators cost; None where they are no date's."""
    left, right = match[2].strip(), match[4].strip()
    lengths = sorted(len(match[group]) for group in (1, 3, 5))
    whole = lengths == [2, 2, 4]  # no group can have lost a digit to its neighbour
    if left == right and left in _PLAIN_MARKS:
        return 0.0
    if not left and not right:  # `18 01 2018` and `18012018`
        return UNSEPARATED if whole and bool(match[2]) == bool(match[4]) else None
    if left not in _PLAIN_MARKS and right not in _PLAIN_MARKS:
        return ODD_MARK if whole and left == right == "," else None
    if match[2] and match[4]:
        return ODD_MARK
    return UNSEPARATED if whole else None


def _cost_in_front(match: re.Match[str]) -> float:
    return GLUED + ODD_MARK if match.string[max(match.start() - 1, 0) : match.start()].isdigit() else 0.0


def _guess(match: re.Match[str], year: int, month: int, day: int, cost: float, length: int = 4) -> Iterator[Guess]:
    date = calendar_date(year, month, day)
    if date:
        end = match.start(5) + min(length, len(match[5]))
        how = "printed" if cost < GLUED else "other_order" if cost == OTHER_ORDER else "guessed"
        yield Guess(match.start(), end, date.isoformat(), cost, how)
