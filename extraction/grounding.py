"""Grounding: where on a page a quoted value stands. What stands nowhere was not read but made up.

A quote is found where a run of words has the same letters and digits, along a line or down a column; the value is found
where those words, or some of them, mean it. Box and printed text are always the page's own, never the quote's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extraction.page_layout import Line, PageLayout, Segment, Token, around
from schemas.document_type import FieldType
from schemas.normalisation import fold, same_value
from schemas.reading import Box

MOST_LINES = 8  # of a value that goes on below, such as an address
NEXT_LINES = 3  # how far below the next of its lines may be

Tokens = tuple[Token, ...]


@dataclass(frozen=True)
class Place:
    """Where a value stands: page from 1, box in shares of it, the words as read, the least of their confidences."""

    page: int
    box: Box
    raw: str
    confidence: float


class Printed:
    """The words of a document's pages, to look quotes up in."""

    def __init__(self, pages: Sequence[PageLayout]) -> None:
        self._pages = {page.number: (page, [*_orders(page)]) for page in pages}

    def places(self, quote: str, value: str, page: int, kind: FieldType) -> list[Place]:
        """Every place on that page where the quote stands and means the (canonical) value; none: it is not grounded."""
        if page not in self._pages:
            return []
        layout, orders = self._pages[page]
        found: dict[Box, Tokens] = {}
        for tokens in orders:
            for run in _runs(tokens, fold(quote)):
                part = _part_that_means(run, value, kind)
                if part:
                    found.setdefault(layout.share(around(part)), part)
        return [_place(page, box, part) for box, part in found.items()]


def _place(page: int, box: Box, tokens: Tokens) -> Place:
    return Place(page, box, _text(tokens), min(token.confidence for token in tokens))


def _orders(page: PageLayout) -> Iterator[Tokens]:
    """The ways in which words follow each other: along each line, and from each segment on to what stands under it."""
    for number, line in enumerate(page.lines):
        yield tuple(token for segment in line.segments for token in segment.tokens)
        for segment in line.segments:
            column = [*_downwards(segment, page.lines[number + 1 :])]
            if column:
                yield tuple(token for each in (segment, *column) for token in each.tokens)


def _downwards(segment: Segment, below: Sequence[Line]) -> Iterator[Segment]:
    skipped, taken = 0, 0
    for line in below:
        under = next((s for s in line.segments if s.box.x0 < segment.box.x1 and s.box.x1 > segment.box.x0), None)
        skipped = 0 if under else skipped + 1
        if skipped >= NEXT_LINES or taken == MOST_LINES:
            return
        if under:
            taken += 1
            yield under


def _runs(tokens: Tokens, key: str) -> Iterator[Tokens]:
    """Every run of words that together are folded to `key`."""
    for start, first in enumerate(tokens):
        if not first.key or not key.startswith(first.key):
            continue
        joined = ""
        for end, token in enumerate(tokens[start:], start=start + 1):
            joined += token.key
            if joined == key:
                yield tokens[start:end]
            if len(joined) >= len(key) or not key.startswith(joined):
                break


def _part_that_means(run: Tokens, value: str, kind: FieldType) -> Tokens | None:
    """The fewest words of a run that mean the value: a quote may hold a label or a currency beside it."""
    for length in range(1, len(run) + 1):
        for start in range(len(run) - length + 1):
            part = run[start : start + length]
            if same_value(_text(part).strip(" .,:;|*#"), value, kind):
                return part
    return None


def _text(tokens: Tokens) -> str:
    return " ".join(token.text for token in tokens)
