"""Identifiers as recall needs them: parts of a word, runs of words, with and without a revision behind them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from extraction.guesses import GLUED, Guess, cheapest
from extraction.page_layout import Segment

MOST_WORDS = 5
MOST_LETTERS = 32
FEWEST_DIGITS = 2
_EDGES = " .,:;#*|[]{}<>=\"'!?"
_BEGINS = re.compile(r"[A-Z]{1,5}-?")  # before a number, a word of its own: `RE 2026`
_JOINS = re.compile(r"[/\-–]|\([A-Za-z]{1,8}\.?")  # `4711 / 12`, `4711 (Rev 0)`
_PREFIX = re.compile(r"[^\d:#=]*(?:[:#=.]|No\.?|Nr\.?)+(?=.*\d)", re.IGNORECASE)  # `Contract#`, `No.`, `INV:`
_LETTERS_BEFORE = re.compile(r"[A-Za-z]{2,}-?(?=\d{3}[\d\-/]*$)")
_OTHER_KIND = re.compile(
    r"\W?\d[\d.,]*[.,]\d{2}\W?|[$€£]\d[\d,.]*|\d{1,2}:\d{2}\S*|\d+(?:[.,]\d+)?%"
)  # amount, time, percentage
_REVISION = re.compile(r"\s?[-/]\s?\w{1,3}$|\s?\(.*$|(?<=\d)[A-Za-z]$")


def guess_identifiers(segment: Segment, dates: Collection[tuple[int, int]] = ()) -> list[Guess]:
    """Every run that could be an identifier, none with a word that is all date; places are characters of the segment's text."""
    runs = _runs(segment, dates)
    return cheapest(guess for start, end, words in runs for guess in _of_run(segment.text, start, end, words))


def _runs(segment: Segment, dates: Collection[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    """Words that could be one identifier: the first characters' place, the end, and how many words."""
    texts = [token.text for token in segment.tokens]
    numbered = [
        any(each.isdigit() for each in text)
        and not _OTHER_KIND.fullmatch(text)
        and not any(start <= at and at + len(text.rstrip(_EDGES)) <= end for start, end in dates)
        for at, text in zip(segment.starts, texts, strict=True)
    ]
    for first, text in enumerate(texts):
        if not numbered[first] and not _BEGINS.fullmatch(text):
            continue
        start = segment.starts[first]
        for last in range(first, min(first + MOST_WORDS, len(texts))):
            end = segment.starts[last] + len(texts[last])
            if (
                last > first and not numbered[last] and not _JOINS.fullmatch(texts[last])
            ) or end - start > MOST_LETTERS:
                break
            if numbered[last]:
                yield start, end, last - first + 1


def _of_run(text: str, start: int, end: int, words: int) -> Iterator[Guess]:
    cost = GLUED * (words - 1)
    start, end = _trimmed(text, start, end)
    yield from _guess(text, start, end, cost)
    prefix = _PREFIX.match(text, start, end)
    if prefix:
        start = prefix.end()
        yield from _guess(text, start, end, cost)
    letters = _LETTERS_BEFORE.match(text, start, end)
    if letters:
        yield from _guess(text, letters.end(), end, cost + GLUED)
    revision = _REVISION.search(text, start, end)
    if revision and revision.start() - start > FEWEST_DIGITS:
        yield from _guess(text, start, revision.start(), cost + GLUED)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Without the marks at the edges; brackets stay where they open inside."""
    edges = _EDGES if "(" in text[start + 1 : end] else _EDGES + "()"
    bare = text[start:end].strip(edges)
    at = text.index(bare, start)
    return at, at + len(bare)


def _guess(text: str, start: int, end: int, cost: float) -> Iterator[Guess]:
    """The trimmed run, where enough of it is digits."""
    start, end = _trimmed(text, start, end)
    digits = sum(each.isdigit() for each in text[start:end])
    if digits >= FEWEST_DIGITS and digits * 3 >= end - start - text[start:end].count(" "):
        yield Guess(start, end, text[start:end], cost, "printed" if cost == 0 else "guessed")
