"""Words to lines and segments: the order in which a person reads a page.

A line is what stands at one height across the whole page; a segment is a run of words on it without a gap that a column
could have made. Positions are in points (1/72 inch), so that heights and widths compare.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from schemas.normalisation import fold
from schemas.reading import Box, PageReading, Reading, Source, Word, union

COLUMN_GAP = 0.95  # in line heights: wider than a blank, narrower than what parts two columns
BLANK = 1.7  # in letter widths, the widest gap that may be one blank
_GLUED_LABEL = re.compile(r"^(\W?[^\W\d][^\d:]*:)(\S+)$|^([^\W\d]{2,}[^\W\d.\-/]*\.)(\d\S*)$")

_DAY = r"\d{1,2}[./]\d{1,2}[./]\d{2,4}"
_GLUED_RANGE = re.compile(rf"^(\W?{_DAY})([-\u2013])({_DAY}\W?)$")


@dataclass(frozen=True, slots=True)
class Token:
    """A word, or a part of one where a label and its value are glued; `key` is its folded text."""

    text: str
    key: str
    box: Box  # in points
    confidence: float


@dataclass(frozen=True, slots=True)
class Segment:
    """Tokens that belong together; `starts[i]` is where token i begins in `text`. `index` counts from the left."""

    page: int
    line: int
    index: int
    tokens: tuple[Token, ...]
    text: str
    starts: tuple[int, ...]
    box: Box  # in points

    def tokens_between(self, start: int, end: int) -> tuple[int, int]:
        """First token and the one after the last that the characters `start` up to `end` touch."""
        touched = [
            i
            for i, (at, token) in enumerate(zip(self.starts, self.tokens, strict=True))
            if at < end and at + len(token.text) > start
        ]
        return (touched[0], touched[-1] + 1) if touched else (0, 0)


@dataclass(frozen=True, slots=True)
class Line:
    """Segments at one height, from left to right."""

    page: int
    index: int
    segments: tuple[Segment, ...]
    top: float
    bottom: float

    @property
    def text(self) -> str:
        return " ".join(segment.text for segment in self.segments)


@dataclass(frozen=True, slots=True)
class PageLayout:
    """A page as lines, top to bottom; `line_height` is the usual word height in points."""

    number: int
    width: float
    height: float
    source: Source
    line_height: float
    lines: tuple[Line, ...]

    def segments(self) -> Iterator[Segment]:
        for line in self.lines:
            yield from line.segments

    def share(self, box: Box) -> Box:
        """A box in points as shares of the page."""
        return Box(box.x0 / self.width, box.y0 / self.height, box.x1 / self.width, box.y1 / self.height)


def layouts(reading: Reading) -> list[PageLayout]:
    """Every page of a reading, laid out."""
    return [lay_out(page) for page in reading.pages]


def lay_out(page: PageReading) -> PageLayout:
    """Group the words of one page."""
    pieces = _pieces(page)
    tokens = [token for piece in pieces for token in piece]
    height = max(median([token.box.height for token in tokens]), 1.0) if tokens else 10.0
    rows = sorted(_rows(pieces), key=lambda row: median([token.box.middle[1] for token in row]))
    gap = _least_gap(tokens)
    lines = tuple(_line(page.number, index, row, height, gap) for index, row in enumerate(rows))
    return PageLayout(page.number, page.width, page.height, page.source, height, lines)


def around(tokens: tuple[Token, ...] | list[Token]) -> Box:
    """The box around tokens, in points."""
    return union([token.box for token in tokens])


def part_of(segment: Segment, start: int) -> Segment:
    """A segment from one of its tokens on."""
    at = segment.starts[start]
    starts = tuple(each - at for each in segment.starts[start:])
    tokens = segment.tokens[start:]
    return Segment(segment.page, segment.line, segment.index, tokens, segment.text[at:], starts, around(tokens))


def joined(segments: tuple[Segment, ...]) -> Segment:
    """Segments of one or more lines read as one."""
    first = segments[0]
    return _segment(first.page, first.line, first.index, [token for segment in segments for token in segment.tokens])


def _tokens(word: Word, page: PageReading) -> list[Token]:
    """The word in points; `Datum:03.11.2026`, `Nr.4711` and `1/3/20-2/2/20` come apart."""
    box = Box(word.box.x0 * page.width, word.box.y0 * page.height, word.box.x1 * page.width, word.box.y1 * page.height)
    glued = _GLUED_LABEL.match(word.text) or _GLUED_RANGE.match(word.text)
    parts = [part for part in glued.groups() if part] if glued else [word.text]
    tokens, at = [], box.x0
    for part in parts:
        end = at + box.width * len(part) / len(word.text)
        tokens.append(Token(part, fold(part), box._replace(x0=at, x1=end), word.confidence))
        at = end
    return tokens


def _pieces(page: PageReading) -> list[list[Token]]:
    """The tokens that surely stand on one line: those that a reader of pictures saw as one; of a text layer, each word."""
    words = [word for word in page.words if word.text.strip()]
    if page.source is not Source.OCR or len({word.line for word in words}) < 2:
        return [[token] for word in words for token in _tokens(word, page)]
    pieces: dict[int, list[Token]] = {}
    for word in words:
        pieces.setdefault(word.line, []).extend(_tokens(word, page))
    return [sorted(piece, key=lambda each: each.box.x0) for piece in pieces.values()]


def _rows(pieces: list[list[Token]]) -> list[list[Token]]:
    """Chain pieces of lines to their right-hand neighbours: this follows the slope of a photographed page."""
    rows: list[list[Token]] = []
    for piece in sorted(pieces, key=lambda each: each[0].box.x0):
        token = piece[0]
        best, best_overlap = None, 0.45
        for row in rows:
            last = row[-1].box
            shared = min(last.y1, token.box.y1) - max(last.y0, token.box.y0)
            if shared <= 0:
                continue
            smaller = min(last.height, token.box.height) or 1.0
            if (
                shared / smaller > best_overlap
                and token.box.x0 > last.x0
                and not _printed_over(last, token.box)
                and max(last.height, token.box.height) < 3 * smaller
            ):
                best, best_overlap = row, shared / smaller
        if best is None:
            rows.append(list(piece))
        else:
            best += piece
    return rows


def _printed_over(left: Box, right: Box) -> bool:
    """Two words at one place: a column's text runs into the next column."""
    return left.x1 - right.x0 > 0.5 * min(left.width, right.width)


def _least_gap(tokens: list[Token]) -> float:
    """In points: no narrower gap parts columns. Type-written text has blanks as wide as its letters."""
    widths = [token.box.width / len(token.text) for token in tokens if len(token.text) > 2]
    return BLANK * median(widths) if widths else 0.0


def _line(page: int, index: int, row: list[Token], height: float, least_gap: float) -> Line:
    groups: list[list[Token]] = []
    for token in row:
        gap = max(COLUMN_GAP * min(max(token.box.height, 0.6 * height), 1.6 * height), least_gap)
        if groups and token.box.x0 - groups[-1][-1].box.x1 <= gap:
            groups[-1].append(token)
        else:
            groups.append([token])
    segments = tuple(_segment(page, index, number, group) for number, group in enumerate(groups))
    return Line(page, index, segments, min(t.box.y0 for t in row), max(t.box.y1 for t in row))


def _segment(page: int, line: int, index: int, tokens: list[Token]) -> Segment:
    starts, position = [], 0
    for token in tokens:
        starts.append(position)
        position += len(token.text) + 1
    text = " ".join(token.text for token in tokens)
    return Segment(page, line, index, tuple(tokens), text, tuple(starts), around(tokens))
