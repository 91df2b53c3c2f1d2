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
    """Looks up neighbours on one page; columns are compared in points."""

    def __init__(self, page: PageLayout) -> None:
        self.page = page
        self._labels: dict[tuple[float, ...], tuple[str, str]] = {}
        self._keys = [[[plain(t.key) for t in s.tokens if t.key] for s in line.segments] for line in page.lines]

    def phrases(self, spot: Spot) -> tuple[str, ...]:
        """All phrases around a spot, each written `slot:words`."""
        found = {
            **self._beside(spot),
            **self._over_and_under(spot),
        }
        if spot.kind in WORDED:
            own = [plain(token.key) for token in spot.tokens if token.key]
            found |= {"first": own[:1], "last": own[-1:], "own": own}
        if spot.kind is FieldType.ADDRESS:
            found |= _inside(spot)
        return tuple(sys.intern(f"{slot}:{phrase}") for slot, phrases in found.items() for phrase in phrases)

    def labels(self, spot: Spot) -> tuple[str, str]:
        """Left: all words before the spot in its segment, or the segment before it. Above: the segment over it in its column.

        Many spots share a place, and phrases and memory both ask, so answers are kept.
        """
        place = (spot.line, spot.segment, spot.start, spot.tokens[0].box.x0, spot.tokens[-1].box.x1)
        if place not in self._labels:
            self._labels[place] = self._left_label(spot), self._above_label(spot)
        return self._labels[place]

    def _left_label(self, spot: Spot) -> str:
        segments = self.page.lines[spot.line].segments
        inside = [plain(t.key) for t in segments[spot.segment].tokens[: spot.start] if t.key]
        if inside:
            return "".join(inside)[-LONGEST:]
        return "".join(self._keys[spot.line][spot.segment - 1])[-LONGEST:] if spot.segment else ""

    def _above_label(self, spot: Spot) -> str:
        above = self._neighbour(spot, range(spot.line - 1, max(-1, spot.line - 1 - NEAR_LINES), -1))
        return "".join(plain(t.key) for t in above.tokens)[:LONGEST] if above else ""

    def _beside(self, spot: Spot) -> dict[str, list[str]]:
        segments = self.page.lines[spot.line].segments
        before = [plain(t.key) for t in segments[spot.segment].tokens[: spot.start] if t.key]
        row = [word for words in self._keys[spot.line][: spot.segment] for word in words]
        left = [*row, *before]
        after = [plain(t.key) for t in self.page.lines[spot.last_line].segments[spot.last_segment].tokens[spot.end :]]
        if not after and spot.last_segment + 1 < len(self.page.lines[spot.last_line].segments):
            after = self._keys[spot.last_line][spot.last_segment + 1]
        label, _ = self.labels(spot)
        return {
            "left": left[-1:],
            "left2": ["".join(left[-2:])[-LONGEST:]] if len(left) > 1 else [],
            "label": [label] if label else [],
            "row": left[-6:],
            "right": [word for word in after[:1] if word],
        }

    def _over_and_under(self, spot: Spot) -> dict[str, list[str]]:
        _, above = self.labels(spot)
        previous = self._keys[spot.line - 1] if spot.line else []
        heading = "".join(word for words in previous for word in words)[:LONGEST]
        count = len(self.page.lines)
        below = self._neighbour(spot, range(spot.last_line + 1, min(count, spot.last_line + 1 + NEAR_LINES)))
        words = [plain(t.key) for t in below.tokens if t.key] if below else []
        return {
            "above": [above] if above else [],
            "heading": [heading] if heading else ["^"],
            "below": [*words[:1], "".join(words)[:LONGEST]] if words else ["$"],
        }

    def _neighbour(self, spot: Spot, lines: Iterable[int]) -> Segment | None:
        left, right = spot.tokens[0].box.x0, spot.tokens[-1].box.x1
        return next(_in_column((self.page.lines[i] for i in lines), left, right), None)


def _inside(spot: Spot) -> dict[str, list[str]]:
    """The words with which a text's later lines begin and its earlier ones end: where it might have been cut."""
    breaks = [
        (before.key, after.key)
        for before, after in itertools.pairwise(spot.tokens)
        if after.box.x0 < before.box.x0 and before.key and after.key
    ]
    return {"begins": [plain(after) for _, after in breaks], "ends": [plain(before) for before, _ in breaks]}


def _in_column(lines: Iterable[Line], left: float, right: float) -> Iterator[Segment]:
    for line in lines:
        for segment in line.segments:
            if segment.box.x0 < right and segment.box.x1 > left:
                yield segment
