"""Printed dates: from text to `date`, with the order of day and month decided by the document.

Numeric dates need two equal separators, and matches may overlap: `#19- 18/01/2018` holds 18 January and nothing else.
Month names come from CLDR (babel) in the languages that our documents use.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from babel.dates import get_month_names

LANGUAGES = ("en", "de", "fr", "es", "it", "nl")
FIRST_YEAR, LAST_YEAR = 1990, 2049  # what a business document can be dated


class DateOrder(StrEnum):
    """What stands first in `03/11/2026`."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


class PrintedDate(NamedTuple):
    """A date found in a text, from character `start` up to `end`."""

    start: int
    end: int
    date: dt.date


_NUMERIC = re.compile(r"(?=(?<!\d)(\d{1,2})\s?([./-])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?!\d(?!\d:\d)))")
_ISO = re.compile(r"(?=(?<!\d)(\d{4})\s?([./-])\s?(\d{1,2})\s?\2\s?(\d{1,2})(?!\d(?!\d:\d)))")
_NAMED_DAY_FIRST = re.compile(
    r"(?<![\d/$€£])(\d{1,2})(?:st|nd|rd|th)?\s?[.\-/ ]?\s?(?:of )?([a-z]{3,10})\.?\s?[,.\-/ ]?\s?'?(\d{4}|\d{2})(?!\d)"
)
_NAMED_MONTH_FIRST = re.compile(
    r"(?<![a-z])([a-z]{3,10})\.?\s?[\-/ ]?\s?(\d{1,2})(?:st|nd|rd|th)?(?:\s?[,.\-/ ]\s?(?=\d{4})|/|\s?')(\d{4}|\d{2})(?!\d)"
)


def find_dates(text: str, order: DateOrder = DateOrder.DAY_FIRST) -> list[PrintedDate]:
    """Every date in a text, left to right. A numeric date that is impossible in `order` is read the other way round."""
    found = [*_iso_dates(text), *_numeric_dates(text, order), *_named_dates(text)]
    return sorted(found)


def parse_date(text: str, order: DateOrder = DateOrder.DAY_FIRST) -> dt.date | None:
    """The date of a text that is one date, perhaps with a weekday or a time around it; also `20261103` and `03112026`."""
    if re.fullmatch(r"\s*\d{8}\s*", text):
        return _compact_date(text.strip(), order)
    found = find_dates(text, order)
    return found[0].date if len({each.date for each in found}) == 1 else None


def date_order(texts: Iterable[str], default: DateOrder = DateOrder.DAY_FIRST) -> DateOrder:
    """The order that most of the unambiguous numeric dates prove; dots are day first wherever they are used."""
    votes = {DateOrder.DAY_FIRST: 0, DateOrder.MONTH_FIRST: 0}
    for text in texts:
        for match in _NUMERIC.finditer(text):
            first, second = int(match[1]), int(match[3])
            if match[2] == "." or (12 < first <= 31 and second <= 12):
                votes[DateOrder.DAY_FIRST] += 1
            elif 12 < second <= 31 and first <= 12:
                votes[DateOrder.MONTH_FIRST] += 1
    if votes[DateOrder.DAY_FIRST] == votes[DateOrder.MONTH_FIRST]:
        return default
    return max(votes, key=lambda each: votes[each])


def _numeric_dates(text: str, order: DateOrder) -> Iterator[PrintedDate]:
    for match in _NUMERIC.finditer(text):
        first, second, year = int(match[1]), int(match[3]), full_year(match[4])
        day_first = order is DateOrder.DAY_FIRST or match[2] == "."
        day, month = (first, second) if day_first else (second, first)
        date = calendar_date(year, month, day) or calendar_date(year, day, month)
        if date:
            yield PrintedDate(match.start(1), match.end(4), date)


def _iso_dates(text: str) -> Iterator[PrintedDate]:
    for match in _ISO.finditer(text):
        date = calendar_date(int(match[1]), int(match[3]), int(match[4]))
        if date:
            yield PrintedDate(match.start(1), match.end(4), date)


def _named_dates(text: str) -> Iterator[PrintedDate]:
    folded = _fold(text)
    for pattern, day, month in ((_NAMED_DAY_FIRST, 1, 2), (_NAMED_MONTH_FIRST, 2, 1)):
        for match in pattern.finditer(folded):
            number = _months().get(match[month])
            date = calendar_date(full_year(match[3]), number, int(match[day])) if number else None
            if date:
                yield PrintedDate(match.start(), match.end(), date)


def _compact_date(digits: str, order: DateOrder) -> dt.date | None:
    """Eight digits: the year first or last."""
    first, second, year = int(digits[:2]), int(digits[2:4]), int(digits[4:])
    day, month = (first, second) if order is DateOrder.DAY_FIRST else (second, first)
    return (
        calendar_date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        or calendar_date(year, month, day)
        or calendar_date(year, day, month)
    )


def full_year(digits: str) -> int:
    """The year of two or four printed digits; `80` to `99` are of the last century."""
    if len(digits) == 4:
        return int(digits)
    return int(digits) + (2000 if int(digits) < 80 else 1900)


def calendar_date(year: int, month: int, day: int) -> dt.date | None:
    """The date, or None where the calendar has none or no business document is of that year."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _fold(text: str) -> str:
    """Lower case without accents, as long as the text itself, so that positions stay."""
    if text.isascii():
        return text.lower()
    return "".join(unicodedata.normalize("NFD", each)[0].lower()[:1] or " " for each in text)


@cache
def _months() -> dict[str, int]:
    """Folded month names and their printed abbreviations -> 1 to 12."""
    names = {"sept": 9, "mrz": 3, "maerz": 3}
    for language in LANGUAGES:
        for width in ("wide", "abbreviated"):
            for number, name in get_month_names(width, locale=language).items():
                names.setdefault(_fold(str(name)).rstrip("."), number)
    return {name: number for name, number in names.items() if len(name) >= 3}
