"""The words around a spot, folded, by where they stand: what a label would be, without knowing any label."""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache

from extraction.learning.spots import WORDED, Spot
from extraction.page_layout import Line, PageLayout, Segment
from schemas.document_type import FieldType

SLOTS = (
    "left",
    "left2",
    "label",
    "row",
    "above",
    "heading",
    "below",
    "right",
    "first",
    "last",
    "own",
    "begins",
    "ends",
)
LONGEST = 28  # letters of a phrase
NEAR_LINES = 4  # above and below a spot

_DIGITS = re.compile(r"\d+")


@lru_cache(maxsize=100_000)
def plain(key: str) -> str:
    """A folded word with every run of digits as one 0; phrases are shortened."""
    return _DIGITS.sub("0", key)[:LONGEST]


class Surroundings:
    """Looks up neighbours on one page; columns are compared in points. Many spots share a place, so answers are kept."""

    def __init__(self, page: PageLayout) -> None:
        self.page = page
        self._plain = [[[plain(token.key) for token in each.tokens] for each in line.segments] for line in page.lines]
        self._keys = [[[word for word in words if word] for words in line] for line in self._plain]
        self._headings = ["".join(word for words in line for word in words)[:LONGEST] for line in self._keys]
        self._labels: dict[tuple[float, ...], tuple[str, str]] = {}
        self._before: dict[tuple[int, ...], list[str]] = {}
        self._behind: dict[tuple[int, ...], list[str]] = {}
        self._below: dict[tuple[float, ...], list[str]] = {}

    def phrases(self, spot: Spot) -> list[str]:
        """All phrases around a spot, each written `slot:words`."""
        label, above = self.labels(spot)
        return [
            *self._phrases_before(spot.line, spot.segment, spot.start),
            *(_written("label", [label]) if label else ()),
            *self._phrases_behind(spot.last_line, spot.last_segment, spot.end),
            *(_written("above", [above]) if above else ()),
            *self._phrases_below(spot.last_line, spot.tokens[0].box.x0, spot.tokens[-1].box.x1),
            *(_own(spot) if spot.kind in WORDED else ()),
            *(_inside(spot) if spot.kind is FieldType.ADDRESS else ()),
        ]

    def labels(self, spot: Spot) -> tuple[str, str]:
        """Left: all words before the spot in its segment, or the segment before it. Above: the segment over it in its column."""
        place = (spot.line, spot.segment, spot.start, spot.tokens[0].box.x0, spot.tokens[-1].box.x1)
        if place not in self._labels:
            self._labels[place] = self._left_label(*place[:3]), self._above_label(spot)
        return self._labels[place]

    def _left_label(self, line: int, segment: int, start: int) -> str:
        inside = self._inside_before(line, segment, start)
        if inside:
            return "".join(inside)[-LONGEST:]
        return "".join(self._keys[line][segment - 1])[-LONGEST:] if segment else ""

    def _above_label(self, spot: Spot) -> str:
        lines = range(spot.line - 1, max(-1, spot.line - 1 - NEAR_LINES), -1)
        above = self._neighbour(lines, spot.tokens[0].box.x0, spot.tokens[-1].box.x1)
        return "".join(self._keys[above.line][above.index])[:LONGEST] if above else ""

    def _inside_before(self, line: int, segment: int, start: int) -> list[str]:
        """The words before a place in its segment."""
        return [word for word in self._plain[line][segment][:start] if word]

    def _phrases_before(self, line: int, segment: int, start: int) -> list[str]:
        place = (line, segment, start)
        if place not in self._before:
            row = [word for words in self._keys[line][:segment] for word in words]
            left = [*row, *self._inside_before(*place)]
            pair = ["".join(left[-2:])[-LONGEST:]] if len(left) > 1 else []
            heading = self._headings[line - 1] if line else ""
            self._before[place] = [
                *_written("left", left[-1:]),
                *_written("left2", pair),
                *_written("row", left[-6:]),
                *_written("heading", [heading or "^"]),
            ]
        return self._before[place]

    def _phrases_behind(self, line: int, segment: int, end: int) -> list[str]:
        place = (line, segment, end)
        if place not in self._behind:
            after = self._plain[line][segment][end:]
            if not after and segment + 1 < len(self._keys[line]):
                after = self._keys[line][segment + 1]
            self._behind[place] = _written("right", [word for word in after[:1] if word])
        return self._behind[place]

    def _phrases_below(self, line: int, left: float, right: float) -> list[str]:
        place = (line, left, right)
        if place not in self._below:
            lines = range(line + 1, min(len(self.page.lines), line + 1 + NEAR_LINES))
            below = self._neighbour(lines, left, right)
            words = self._keys[below.line][below.index] if below else []
            self._below[place] = _written("below", [*words[:1], "".join(words)[:LONGEST]] if words else ["$"])
        return self._below[place]

    def _neighbour(self, lines: Iterable[int], left: float, right: float) -> Segment | None:
        return next(_in_column((self.page.lines[i] for i in lines), left, right), None)


def _written(slot: str, phrases: Iterable[str]) -> list[str]:
    return [sys.intern(f"{slot}:{phrase}") for phrase in phrases]


@lru_cache(maxsize=100_000)
def _word(slot: str, key: str) -> str:
    return sys.intern(f"{slot}:{plain(key)}")


def _own(spot: Spot) -> list[str]:
    """The text's own words, and which is the first and the last."""
    keys = [token.key for token in spot.tokens if token.key]
    ends = [_word("first", keys[0]), _word("last", keys[-1])] if keys else []
    return [*ends, *(_word("own", key) for key in keys)]


def _inside(spot: Spot) -> list[str]:
    """The words with which a text's later lines begin and its earlier ones end: where it might have been cut."""
    breaks = [
        (before.key, after.key)
        for before, after in itertools.pairwise(spot.tokens)
        if after.box.x0 < before.box.x0 and before.key and after.key
    ]
    return [*(_word("begins", after) for _, after in breaks), *(_word("ends", before) for before, _ in breaks)]


def _in_column(lines: Iterable[Line], left: float, right: float) -> Iterator[Segment]:
    for line in lines:
        for segment in line.segments:
            if segment.box.x0 < right and segment.box.x1 > left:
                yield segment
