"""The columns of a table without rules: named by its header line, filled by position and type."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from extraction.labels import LabelBook, LabelHit, labels_in
from extraction.page_layout import Line, PageLayout, Segment, Token, around
from schemas.document_type import FieldDefinition, FieldType
from schemas.reading import Box, Source

NUMERIC = frozenset({FieldType.AMOUNT, FieldType.QUANTITY, FieldType.PERCENT, FieldType.INTEGER})
UNNAMED = ""  # a column whose header we do not know: it takes its cells away from the others
_UNPLACED = 9.0  # the cost of leaving a cell out, in line heights
_NUMBER = re.compile(r"\W*[\d.,'\u2019]*\d[\d.,'\u2019]*\W*(?:EUR|GBP|USD|CHF|-)?\W*")


@dataclass(frozen=True, slots=True)
class Column:
    """A column's name (a column of the type's table), its type, and its header's horizontal range in points."""

    name: str
    type: FieldType
    x0: float
    x1: float

    @property
    def numeric(self) -> bool:
        return self.type in NUMERIC


@dataclass(frozen=True, slots=True)
class Piece:
    """Some tokens of a line that go to one column together."""

    tokens: tuple[Token, ...]

    @property
    def text(self) -> str:
        return " ".join(token.text for token in self.tokens)

    @property
    def box(self) -> Box:
        return around(self.tokens)

    @property
    def numeric(self) -> bool:
        return bool(_NUMBER.fullmatch(self.text.replace(" ", "")))


def columns_of(
    page: PageLayout, header: Line, book: LabelBook, definitions: dict[str, FieldDefinition]
) -> list[Column]:
    """The columns that a header line names, from left to right; a second header line close by adds its own names."""
    misread = page.source is Source.OCR
    hits = [
        hit for line in _header_lines(page, header) for seg in line.segments for hit in labels_in(seg, book, misread)
    ]
    names = _named_apart(hits)
    columns = [
        Column(name, definitions[name].type, hit.box.x0, hit.box.x1)
        for hit, name in zip(hits, names, strict=True)
        if name
    ]
    columns += [
        Column(UNNAMED, FieldType.TEXT, segment.box.x0, segment.box.x1)
        for segment in header.segments
        if not any(_shared(segment.box, hit.box) > 0 for hit in hits)
    ]
    return sorted(columns, key=lambda column: column.x0)


def place(line: Line, columns: Sequence[Column], height: float) -> dict[str, tuple[Token, ...]]:
    """The line's tokens by column name: in order, each piece to the column it is aligned with and typed like."""
    pieces = [piece for segment in line.segments for piece in _pieces(segment, columns)]
    chosen = _cheapest(pieces, columns, height)
    cells: dict[str, tuple[Token, ...]] = {}
    for piece, index in zip(pieces, chosen, strict=True):
        if index is not None:
            name = columns[index].name
            cells[name] = (*cells.get(name, ()), *piece.tokens)
    return cells


def header_bottom(page: PageLayout, header: Line) -> int:
    """The index of the last line of a header that may have two lines."""
    return max(line.index for line in _header_lines(page, header))


def _header_lines(page: PageLayout, header: Line) -> list[Line]:
    """The header and the line right above or below it, if that has no digits and no more words than the header."""
    near = [
        line
        for line in page.lines[max(header.index - 1, 0) : header.index + 2]
        if line is header
        or (
            min(abs(line.top - header.bottom), abs(header.top - line.bottom)) < 0.6 * page.line_height
            and not any(each.isdigit() for each in line.text)
            and all(len(segment.tokens) <= 2 for segment in line.segments)
        )
    ]
    return sorted(near, key=lambda line: line is not header)


def _named_apart(hits: Sequence[LabelHit]) -> list[str | None]:
    """One name a hit, no name twice, the surest first; a description is never left out for an article number."""
    options = sorted(
        ((label.weight * hit.similarity + (0.3 if label.field == "description" else 0), i, label.field)
         for i, hit in enumerate(hits) for label in hit.labels),
        key=lambda each: (-each[0], each[1]),
    )  # fmt: skip
    named: dict[int, str] = {}
    for _, index, name in options:
        if index not in named and name not in named.values():
            named[index] = name
    return [named.get(index) for index in range(len(hits))]


def _pieces(segment: Segment, columns: Sequence[Column]) -> list[Piece]:
    """A segment whole; in parts where it lies under several headers."""
    box = segment.box
    under = [column for column in columns if min(box.x1, column.x1) - max(box.x0, column.x0) > 0]
    if len(under) < 2:
        return [Piece(segment.tokens)]
    groups: list[list[Token]] = []
    for token in segment.tokens:
        piece = Piece((token,))
        if (
            groups
            and not piece.numeric
            and not Piece(tuple(groups[-1])).numeric
            and token.box.x0 - groups[-1][-1].box.x1 < 0.5 * token.box.height
        ):
            groups[-1].append(token)
        else:
            groups.append([token])
    return [Piece(tuple(group)) for group in groups]


def _cheapest(pieces: Sequence[Piece], columns: Sequence[Column], height: float) -> list[int | None]:
    """Pieces to columns in order, at the least sum of costs (dynamic programming); None leaves a piece out."""
    best: dict[int, tuple[float, list[int | None]]] = {-1: (0.0, [])}
    for piece in pieces:
        costs = [_misfit(piece, column, height) for column in columns]
        step: dict[int, tuple[float, list[int | None]]] = {}
        for last, (cost, path) in best.items():
            _keep(step, last, cost + _UNPLACED, [*path, None])
            for index in range(max(last, 0), len(columns)):
                if index == last and columns[index].numeric:
                    continue
                _keep(step, index, cost + costs[index], [*path, index])
        best = step
    return min(best.values(), key=lambda each: each[0])[1] if best else []


def _keep(step: dict[int, tuple[float, list[int | None]]], index: int, cost: float, path: list[int | None]) -> None:
    if index not in step or cost < step[index][0]:
        step[index] = (cost, path)


def _misfit(piece: Piece, column: Column, height: float) -> float:
    """How badly a piece fits a column, in line heights: distance of the nearest edges or middles, and the wrong type."""
    box = piece.box
    middle = abs((box.x0 + box.x1) - (column.x0 + column.x1)) / 2
    distance = min(abs(box.x0 - column.x0), abs(box.x1 - column.x1), middle) / height
    shared = min(box.x1, column.x1) - max(box.x0, column.x0)
    if shared > 0:
        distance *= 0.4
    if column.numeric and not any(each.isdigit() for each in piece.text):
        return distance + 6.0
    if column.numeric and not piece.numeric:
        return distance + 1.0
    return distance + (1.0 if piece.numeric and not column.numeric and column.name != "article_number" else 0.0)


def _shared(left: Box, right: Box) -> float:
    return min(left.x1, right.x1) - max(left.x0, right.x0)
