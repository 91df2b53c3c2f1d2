"""Header lines of tables without rules: one to a few lines whose words, stacked by column, name the columns below."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extraction.column_names import WHOLE, ColumnNames, Option, header_key, is_qualified, named_apart
from extraction.columns import UNNAMED, Column, shared
from extraction.page_layout import Line, PageLayout, Segment, Token, around
from schemas.document_type import FieldType
from schemas.reading import Box

LEAST_COLUMNS = 3  # named columns that make a header
NEAR = 0.6  # line heights between the lines of one header
SURELY_NAMED = 0.6 * WHOLE  # the weight of a name that is not doubted
STACKED = 0.3  # the share of its width that a word has in common with the one above it
REACH = 3  # further lines of a header above and below its best line
_VALUE = re.compile(r"\d[.,]\d|\d{3}")  # what a header never has: an amount, a date, a long number


@dataclass(frozen=True, slots=True)
class Header:
    """The columns that lines `first` to `last` of a page name; `keys` are their folded words, to tell a repeated header."""

    first: int
    last: int
    columns: tuple[Column, ...]
    keys: tuple[str, ...]


@dataclass(slots=True)
class _Cell:
    """The words of one column's header, from top to bottom."""

    tokens: list[Token]

    @property
    def box(self) -> Box:
        return around(self.tokens)


def headers_of(page: PageLayout, names: ColumnNames) -> list[Header]:
    """The table headers of a page, from top to bottom."""
    found: list[Header] = []
    for line in page.lines:
        if (found and line.index <= found[-1].last) or not _may_head(line) or _named_on(line, names) < 2:
            continue
        header = _header(page, line, names)
        if header:
            found.append(header)
    return found


def _header(page: PageLayout, line: Line, names: ColumnNames) -> Header | None:
    """The header around a line, if its columns are those of a table of items."""
    for lines in (_grown(page, line, names), [line]):
        cells = _stacked([_pieces_of(each, names) for each in lines])
        options = named_apart([names.options(cell.tokens) for cell in cells])
        if _heads_items(options, names):
            columns = [_column(cell, option, names) for cell, option in zip(cells, options, strict=True)]
            indexes = [each.index for each in lines]
            keys = tuple(header_key(cell.tokens) for cell in cells)
            return Header(min(indexes), max(indexes), tuple(sorted(columns, key=lambda each: each.x0)), keys)
    return None


def _column(cell: _Cell, option: Option | None, names: ColumnNames) -> Column:
    box = cell.box
    if option is None:
        return Column(UNNAMED, FieldType.TEXT, box.x0, box.x1)
    sure = 1.0 if option.weight >= SURELY_NAMED else 0.95
    return Column(option.name, names.columns[option.name].type, box.x0, box.x1, sure)


def _heads_items(options: Sequence[Option | None], names: ColumnNames) -> bool:
    """Whether the columns say what was sold and at what price; two columns do where nothing else is printed."""
    named = {option.name for option in options if option}
    prices, goods = named & {"line_total", "unit_price"}, named & {"description", "quantity"}
    if not prices or not goods:
        return False
    bare = len(options) == 2 and "description" in named
    return len(named) >= LEAST_COLUMNS or bare or _all_remembered(named, names)


def _all_remembered(named: set[str], names: ColumnNames) -> bool:
    return bool(names.remembered) and named >= set(names.remembered.values())


def _may_head(line: Line) -> bool:
    """No values, and nothing as long as a sentence."""
    with_values = sum(1 for segment in line.segments if _VALUE.search(segment.text))
    return with_values == 0 or (
        with_values == 1 and len(line.segments) > LEAST_COLUMNS and not re.search(r"\d[.,]\d", line.text)
    )


def _named_on(line: Line, names: ColumnNames) -> int:
    return sum(1 for cell in _pieces_of(line, names) if names.options(cell.tokens))


def _grown(page: PageLayout, line: Line, names: ColumnNames) -> list[Line]:
    """The line and what is stacked right above and below it."""
    lines = [line]
    for step in (-1, 1):
        last = line
        for index in range(line.index + step, line.index + step * (REACH + 1), step):
            if not 0 <= index < len(page.lines):
                break
            each = page.lines[index]
            gap = max(each.top - last.bottom, last.top - each.bottom)
            if gap > NEAR * page.line_height or not _continues(each, names):
                break
            lines.append(each)
            last = each
    return sorted(lines, key=lambda each: each.index)


def _continues(line: Line, names: ColumnNames) -> bool:
    """Short words without digits that stand over several columns, or one that is known or in brackets."""
    if any(each.isdigit() for each in line.text) or any(len(segment.tokens) > 3 for segment in line.segments):
        return False
    bracketed = all(segment.text.startswith("(") and segment.text.endswith(")") for segment in line.segments)
    return len(line.segments) > 1 or bracketed or _named_on(line, names) > 0


def _pieces_of(line: Line, names: ColumnNames) -> list[_Cell]:
    return [piece for segment in line.segments for piece in _split(segment, names)]


def _split(segment: Segment, names: ColumnNames) -> Iterator[_Cell]:
    """A segment whole, or parted before each known header where it glues several; other words go with the one before."""
    runs: list[_Cell] = []
    known = 0
    position = 0
    while position < len(segment.tokens):
        length = names.run(segment.tokens[position:])
        tokens = list(segment.tokens[position : position + max(length, 1)])
        opens = length > 0 and not (runs and is_qualified(runs[-1].tokens))
        if opens and (known or not runs):
            runs.append(_Cell(tokens))
        elif runs:
            runs[-1].tokens += tokens
        else:
            runs.append(_Cell(tokens))
        known += opens
        position += max(length, 1)
    if known < 2:
        yield _Cell(list(segment.tokens))
    else:
        yield from runs


def _stacked(lines: Sequence[Sequence[_Cell]]) -> list[_Cell]:
    """Cells of several lines joined where they stand above one another; those of one line never are."""
    stacks: list[_Cell] = []
    for cells in lines:
        above = list(stacks)
        for cell in cells:
            over = max(above, key=lambda each: shared(each.box, cell.box), default=None)
            if over and shared(over.box, cell.box) > STACKED * min(_width(over), _width(cell)):
                over.tokens += cell.tokens
            else:
                stacks.append(_Cell(list(cell.tokens)))
    return stacks


def _width(cell: _Cell) -> float:
    return cell.box.x1 - cell.box.x0
