"""What one corrected document teaches about a supplier's table: its header words, or where its columns stand.

The corrected rows are found again on the page; the words above the cells of a column are its header. Where nothing is
printed above them, the column is remembered by its place: `@12.5-34.0` are its left and right edge in per cent of the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from extraction.column_names import header_key
from extraction.columns import Column, shared
from extraction.evidence import Evidence
from extraction.page_layout import Line, PageLayout, Segment, Token, around
from extraction.rows import LINE_ITEMS
from schemas.document_type import DocumentType, FieldDefinition, FieldType
from schemas.normalisation import fold, same_value
from schemas.reading import Box

LEAST_CELLS = 2  # found on one line, for it to be a row's
HEADER_REACH = 6  # lines above the first row
_FROM_RIGHT = ("line_total", "unit_price", "tax_rate", "discount_percent", "quantity")
_PLACE = re.compile(r"@(\d+\.\d)-(\d+\.\d)")


@dataclass(frozen=True, slots=True)
class _Found:
    """A corrected row found again: the page, the line, and each column's box in points."""

    page: PageLayout
    line: Line
    boxes: dict[str, Box]


def learn_columns(
    pages: Sequence[PageLayout], rows: Sequence[Mapping[str, str]], definition: DocumentType
) -> dict[str, str]:
    """Header words (folded), or places, of the columns that the corrected rows fill -> the column's name.

    Args:
        pages: the document, laid out.
        rows: its line items as people left them: column name -> canonical text.
        definition: its document type.
    """
    if LINE_ITEMS not in definition.tables:
        return {}
    columns = definition.tables[LINE_ITEMS].columns
    found = list(_rows_again(pages, rows, columns))
    if not found:
        return {}
    page = found[0].page
    ranges = _ranges([each for each in found if each.page is page])
    return _headers(page, found[0].line, ranges, definition) or _places(page, ranges)


def remembered_columns(page: PageLayout, remembered: Mapping[str, str], evidence: Evidence) -> list[Column]:
    """The columns that are remembered by their place; empty where the supplier's tables have headers."""
    definitions = evidence.definition.tables[LINE_ITEMS].columns
    places: dict[str, list[tuple[float, float]]] = {}
    for key, name in remembered.items():
        if name in definitions and (match := _PLACE.fullmatch(key)):
            places.setdefault(name, []).append((float(match[1]), float(match[2])))
    columns = [
        Column(name, definitions[name].type, median(x0s) * page.width / 100, median(x1s) * page.width / 100)
        for name, of_column in places.items()
        for x0s, x1s in [zip(*of_column, strict=True)]
    ]
    return sorted(columns, key=lambda each: each.x0)


def _rows_again(
    pages: Sequence[PageLayout], rows: Sequence[Mapping[str, str]], columns: Mapping[str, FieldDefinition]
) -> Iterator[_Found]:
    """Each row's line: the first one below the last row's on which most of its cells are printed."""
    lines = [(page, line) for page in pages for line in page.lines]
    start = 0
    for row in rows:
        found = [(i, _cells_on(line, row, columns)) for i, (_, line) in enumerate(lines[start:], start)]
        index, boxes = max(found, key=lambda each: (len(each[1]), -each[0]), default=(start, {}))
        if len(boxes) >= LEAST_CELLS:
            page, line = lines[index]
            yield _Found(page, line, boxes)
            start = index + 1


def _cells_on(line: Line, row: Mapping[str, str], columns: Mapping[str, FieldDefinition]) -> dict[str, Box]:
    """Where the row's cells are printed on a line; no word serves two cells.

    Where one number is printed twice, the total is the one on the right, the price the next, the running number the first.
    """
    boxes: dict[str, Box] = {}
    names = [name for name in (*_FROM_RIGHT, *row) if name in columns and row.get(name)]
    for name in dict.fromkeys(names):
        runs = [run for segment in line.segments for run in _runs(segment, row[name], columns[name].type)]
        free = [box for box in map(around, runs) if all(shared(box, taken) <= 0 for taken in boxes.values())]
        if free:
            boxes[name] = (max if name in _FROM_RIGHT else min)(free, key=lambda box: box.x0)
    if _alike(row) and len({"line_total", "unit_price"} & boxes.keys()) == 1:
        boxes.pop("line_total", None)  # printed once: it may be either
        boxes.pop("unit_price", None)
    return boxes


def _alike(row: Mapping[str, str]) -> bool:
    """One piece: price and total are the same number."""
    return same_value(row.get("line_total", ""), row.get("unit_price", ""), FieldType.QUANTITY)


def _runs(segment: Segment, text: str, kind: FieldType) -> Iterator[tuple[Token, ...]]:
    """The words of a segment that are the text; a description's first words are enough."""
    if kind is FieldType.TEXT and segment.tokens and len(segment.text) > 3:
        for start in range(len(segment.tokens)):
            words = segment.tokens[start:]
            if fold(text).startswith(fold(" ".join(token.text for token in words))[:40]) and words[0].key:
                yield words
                return
    length = len(text.split())
    for size in {1, 2, length}:
        for start in range(len(segment.tokens) - size + 1):
            tokens = segment.tokens[start : start + size]
            if same_value(" ".join(token.text for token in tokens), text, kind):
                yield tokens


def _ranges(found: Sequence[_Found]) -> dict[str, Box]:
    """Where each column stands: the usual edges of its cells, where at least half the rows have one."""
    boxes: dict[str, list[Box]] = {}
    for each in found:
        for name, box in each.boxes.items():
            boxes.setdefault(name, []).append(box)
    return {
        name: Box(median(b.x0 for b in of_column), 0.0, median(b.x1 for b in of_column), 0.0)
        for name, of_column in boxes.items()
        if 2 * len(of_column) >= len(found)
    }


def _headers(page: PageLayout, first_row: Line, ranges: Mapping[str, Box], definition: DocumentType) -> dict[str, str]:
    """The nearest line above the rows that stands over at least two columns without a value."""
    for index in range(first_row.index - 1, max(first_row.index - HEADER_REACH, 0) - 1, -1):
        line = page.lines[index]
        if any(each.isdigit() for each in line.text):
            continue
        named = _over(line, ranges, page.line_height, definition)
        if len(named) >= LEAST_CELLS:
            return named
    return {}


def _over(line: Line, ranges: Mapping[str, Box], height: float, definition: DocumentType) -> dict[str, str]:
    """The line's segments by the column that each stands over or is aligned with, the nearest first."""
    apart = sorted(
        (_apart(segment.box, box) / height, index, name)
        for index, segment in enumerate(line.segments)
        for name, box in ranges.items()
    )
    named: dict[int, str] = {}
    for distance, index, name in apart:
        if distance < 1.0 and index not in named and name not in named.values():
            named[index] = name
    return {key: name for i, name in named.items() if (key := header_key(line.segments[i].tokens))}


def _apart(header: Box, cells: Box) -> float:
    """How far a header is from its cells, in points: by the nearer edge, nothing like so far where it stands above them."""
    edges = min(abs(header.x0 - cells.x0), abs(header.x1 - cells.x1))
    return edges * (0.1 if shared(header, cells) > 0 else 1.0)


def _places(page: PageLayout, ranges: Mapping[str, Box]) -> dict[str, str]:
    """Each column by its edges in per cent of the page, if the rows have a price."""
    if not {"line_total", "unit_price"} & ranges.keys():
        return {}
    return {
        f"@{max(100 * box.x0 / page.width, 0):.1f}-{min(100 * box.x1 / page.width, 100):.1f}": name
        for name, box in ranges.items()
    }
