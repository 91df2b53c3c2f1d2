"""Printed amounts: from text to Decimal, in both decimal conventions.

One printed number can be read in two ways only when a single mark is followed by exactly three digits (`1.234`). Such a
number is decided by the document: every other amount on it votes, see `convention_of`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum


class Convention(StrEnum):
    """Which mark parts the decimals."""

    COMMA = "comma"  # 1.234,56
    POINT = "point"  # 1,234.56


MOST_DIGITS = 14  # before the decimal mark: longer numbers are codes, and no more fit into what keeps money
_MARKS = {Convention.COMMA: ",", Convention.POINT: "."}
_CURRENCY = (
    r"(?:[€$£¥]|\b(?:EUR|USD|GBP|CHF|JPY|SEK|NOK|DKK|PLN|CZK|MYR|CAD|AUD|EURO)\b|\b(?:RM|Fr|kr|US|SFr)\b\.?|zł|Kč)"
)
_MARKED = re.compile(rf"^{_CURRENCY}\s*|\s*{_CURRENCY}$", re.IGNORECASE)
_GLUED = re.compile(r"^(?:EUR|USD|GBP|CHF|RM)(?=[\d.,-])|(?<=\d)(?:EUR|USD|GBP|CHF)$", re.IGNORECASE)
_DASHES, _QUOTES, _BLANKS = "\u2212\u2013\u2014", "\u2019\u2018\u00b4`", "\u00a0\u202f\u2009"
_PLAIN = str.maketrans(_DASHES + _QUOTES + _BLANKS, "---" + "''''" + "   ")
_NO_CENTS = re.compile(r"[.,](?:--?|-)$")  # 12,- and 12.--
_LOOSE_MARK = re.compile(r"\s*([.,'])\s*")  # OCR: `1. 234, 56`


def parse_amount(text: str, convention: Convention | None = None) -> Decimal | None:
    """The number that is printed, with its printed decimals; None where the text is not one amount.

    Reads `1.234,56`, `1,234.56`, `1'234.50`, `1 234,56`, `(12.00)`, `12.00-`, `12.00 CR`, `EUR 5,-` and currency marks.
    `convention` decides `1.234` alone; without it the mark counts as grouping, since money rarely has three decimals.
    """
    negative, body = _sign_and_body(text)
    if not re.fullmatch(r"(?:\d[\d.,' ]*|[.,]\d+)", body):
        return None
    digits = _plain(body, convention)
    if digits is None:
        return None
    return -Decimal(digits) if negative else Decimal(digits)


def convention_of(texts: Iterable[str]) -> Convention | None:
    """The convention that most of the texts prove; None where nothing proves one, or as many prove each."""
    votes = {Convention.COMMA: 0, Convention.POINT: 0}
    for text in texts:
        proven = _proves(_sign_and_body(text)[1])
        if proven:
            votes[proven] += 1
    if votes[Convention.COMMA] == votes[Convention.POINT]:
        return None
    return max(votes, key=lambda each: votes[each])


def money(value: Decimal) -> Decimal:
    """Rounded to cents, half up."""
    return value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def canonical_amount(value: Decimal) -> str:
    """`1234.50`: at least two decimals, no grouping; more decimals stay."""
    exponent = value.as_tuple().exponent
    return f"{value if isinstance(exponent, int) and exponent < -2 else money(value):f}"


def canonical_number(value: Decimal) -> str:
    """`19`, `2.5`: no grouping, no needless zeros."""
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def _sign_and_body(text: str) -> tuple[bool, str]:
    """Whether the amount is negative, and its digits and marks alone."""
    body = text.translate(_PLAIN).strip()
    negative = False
    for _ in range(3):  # sign and currency stand in any order: `- EUR 5`, `EUR -5`, `(EUR 5)`
        body = _GLUED.sub("", _MARKED.sub("", body)).strip()
        body = _NO_CENTS.sub("", body)
        if body.startswith("(") and body.endswith(")"):
            negative, body = True, body[1:-1].strip()
        elif body[:1] == "-" or body[-1:] == "-":
            negative, body = True, body.strip("- ")
        elif re.search(r"\d\s*CR$", body, re.IGNORECASE):
            negative, body = True, body[:-2].strip()
        elif body[:1] == "+":
            body = body[1:].strip()
    return negative, _LOOSE_MARK.sub(r"\1", body)


def _plain(body: str, convention: Convention | None) -> str | None:
    """Digits with at most one point, or None where marks stand where no one prints them."""
    mark = _decimal_mark(body, convention)
    whole, _, decimals = body.rpartition(mark) if mark else (body, "", "")
    if decimals and not decimals.isdigit():
        return None
    grouping = {each for each in whole if not each.isdigit()}
    if len(grouping) > 1 or mark in grouping:
        return None
    if grouping and not re.fullmatch(r"\d{1,3}(?:\D\d{3})+", whole):
        return None
    plain = "".join(each for each in whole if each.isdigit()) or "0"
    if len(plain) > MOST_DIGITS or len(decimals) > MOST_DIGITS:
        return None
    return f"{plain}.{decimals}" if decimals else plain


def _decimal_mark(body: str, convention: Convention | None) -> str:
    """The mark that parts the decimals in this text, or "" where there are none."""
    marks: list[str] = re.findall(r"[.,]", body)
    if not marks:
        return ""
    last = marks[-1]
    if len(set(marks)) == 2:
        return last
    if len(marks) > 1:
        return ""
    before, after = re.split(r"[.,]", body)
    grouped = len(after) == 3 and re.fullmatch(r"[1-9]\d{0,2}", before)
    if not grouped:
        return last
    return last if convention and _MARKS[convention] == last else ""


def _proves(body: str) -> Convention | None:
    """The convention that this number alone proves."""
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+,\d{2}|\d+,\d{2}", body):
        return Convention.COMMA
    if re.fullmatch(r"\d{1,3}(?:[,']\d{3})+\.\d{2}|\d+\.\d{2}", body):
        return Convention.POINT
    return None
