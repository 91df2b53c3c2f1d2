"""Identifiers as recall needs them: parts of a word, runs of words, with and without a revision behind them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extraction.guesses import GLUED, Guess, cheapest
from extraction.page_layout import Segment

MOST_WORDS = 4
MOST_LETTERS = 32
_EDGES = " .,:;()#*|[]{}<>=\"'!?"
_PREFIX = re.compile(r"^[^\d:#=]*?(?:[:#=]|(?<=[A-Za-z])\.)+")  # `Contract#`, `No.`
_REVISION = re.compile(r"(?<=\w)\s?[-/]\s?\w{1,3}$|\s?\(.*\)?$|(?<=\d)[A-Za-z]$")
_LETTERS_AND_DIGITS = re.compile(r"^([A-Za-z]{2,})-?(\d{3,}[\d\-/]*)$")


def guess_identifiers(segment: Segment) -> list[Guess]:
    """Every run that could be an identifier; start and end are characters of the segment's text."""
    found: list[Guess] = []
    count = len(segment.tokens)
    for first in range(count):
        for last in range(first + 1, min(first + MOST_WORDS, count) + 1):
            start, end = segment.starts[first], segment.starts[last - 1] + len(segment.tokens[last - 1].text)
            if any(each.isdigit() for each in segment.text[start:end]) and end - start <= MOST_LETTERS:
                found += _of_run(segment.text, start, end, last - first)
    return cheapest(found)


def _of_run(text: str, start: int, end: int, words: int) -> Iterator[Guess]:
    run = text[start:end]
    cost = 0.0 if words == 1 else 2 * GLUED * (words - 1)
    yield from _guess(text, start, end, cost)
    if words > 1 and not run[-1:].isdigit() and "(" not in run:
        return
    prefix = _PREFIX.match(run)
    if prefix and prefix.end() < len(run):
        start += prefix.end()
        yield from _guess(text, start, end, cost)
    parts = _LETTERS_AND_DIGITS.match(text[start:end])
    if parts:
        yield from _guess(text, start + parts.start(2), end, cost + GLUED)
    revision = _REVISION.search(text[start:end])
    if revision and revision.start() > 2:
        yield from _guess(text, start, start + revision.start(), cost + GLUED)


def _guess(text: str, start: int, end: int, cost: float) -> Iterator[Guess]:
    """The run without the marks at its edges, where it still has digits enough."""
    run = text[start:end]
    bare = run.strip(_EDGES)
    if bare.count("(") > bare.count(")"):
        bare += ")"
    digits = sum(each.isdigit() for each in bare)
    if digits >= 2 and digits * 3 >= len(bare) - bare.count(" "):
        at = start + run.find(bare.rstrip(")"))
        yield Guess(at, min(at + len(bare), end), bare, cost, "printed" if cost == 0 else "guessed")
