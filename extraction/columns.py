"""The columns of a table without rules, and which words of a line stand in which of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from extraction.page_layout import Line, Segment, Token, around
from schemas.document_type import FieldType
from schemas.reading import Box

NUMERIC = frozenset({FieldType.AMOUNT, FieldType.QUANTITY, FieldType.PERCENT, FieldType.INTEGER})
UNNAMED = ""  # a column whose header we do not know: it takes its cells away from the others
_UNPLACED = 9.0  # the cost of leaving a cell out, in line heights
_NUMBER = re.compile(r"\W*[\d.,'\u2019]*\d[\d.,'\u2019]*\W*(?:EUR|GBP|USD|CHF|-)?\W*")


@dataclass(frozen=True, slots=True)
class Column:
    """A column's name (a column of the type's table), its type, its horizontal range in points, and how sure its name is."""

    name: str
    type: FieldType
    x0: float
    x1: float
    sure: float = 1.0

    @property
    def numeric(self) -> bool:
        return self.type in NUMERIC


@dataclass(frozen=True, slots=True)
class Piece:
    """Some tokens of a line that go to one column together, and what decides which: their box, digits and form."""

    tokens: tuple[Token, ...]
    box: Box
    digits: bool
    numeric: bool


Placed = dict[int, tuple[Token, ...]]  # column index -> tokens


def place(line: Line, columns: Sequence[Column], height: float) -> Placed:
    """The line's tokens by column: in order, each piece to the column it is aligned with and typed like."""
    pieces = [piece for segment in line.segments for piece in _pieces(segment, columns)]
    chosen = _cheapest(pieces, columns, height)
    cells: Placed = {}
    for piece, index in zip(pieces, chosen, strict=True):
        if index is not None:
            cells[index] = (*cells.get(index, ()), *piece.tokens)
    return cells


def shared(left: Box, right: Box) -> float:
    """How far two boxes stand above one another, in points; negative is the gap between them."""
    return min(left.x1, right.x1) - max(left.x0, right.x0)


def _pieces(segment: Segment, columns: Sequence[Column]) -> list[Piece]:
    """A segment whole; in parts where it lies under several headers."""
    box = segment.box
    under = [column for column in columns if min(box.x1, column.x1) - max(box.x0, column.x0) > 0]
    if len(under) < 2:
        return [_piece(segment.tokens)]
    groups: list[list[Token]] = []
    numeric = False
    for token in segment.tokens:
        before, numeric = numeric, bool(_NUMBER.fullmatch(token.text))
        near = bool(groups) and token.box.x0 - groups[-1][-1].box.x1 < 0.5 * token.box.height
        if near and not numeric and not before:
            groups[-1].append(token)
        else:
            groups.append([token])
    return [_piece(tuple(group)) for group in groups]


def _piece(tokens: tuple[Token, ...]) -> Piece:
    text = "".join(token.text for token in tokens).replace(" ", "")
    digits = any(each.isdigit() for each in text)
    return Piece(tokens, around(tokens), digits, digits and bool(_NUMBER.fullmatch(text)))


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
    if min(box.x1, column.x1) - max(box.x0, column.x0) > 0:
        distance *= 0.4
    if column.numeric and not piece.digits:
        return distance + 6.0
    if column.numeric and not piece.numeric:
        return distance + 1.0
    textual = not column.numeric and column.name not in ("article_number", UNNAMED)
    return distance + (1.0 if piece.numeric and textual else 0.0)
