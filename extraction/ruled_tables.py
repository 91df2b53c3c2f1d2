"""Line items from tables that the reader found by their rules (pdfplumber)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from extraction.column_names import ColumnNames, named_apart
from extraction.evidence import Evidence
from extraction.page_layout import Token
from extraction.rows import LINE_ITEMS, Cell, Row, extend_description, typed_row
from schemas.normalisation import fold
from schemas.reading import Box, Table

LEAST_COLUMNS = 3
_NOWHERE = Box(0.0, 0.0, 0.0, 0.0)


def ruled_rows(tables: Sequence[Table], evidence: Evidence, remembered: Mapping[str, str]) -> list[Row]:
    """The priced rows under a recognised header, over all tables; a table without header goes on with the last columns."""
    definitions = evidence.definition.tables[LINE_ITEMS].columns
    names = ColumnNames(evidence.definition.name, LINE_ITEMS, remembered, misread=False)
    rows: list[Row] = []
    columns: Mapping[int, str] = {}
    for table in tables:
        start = 0
        for index, cells in enumerate(table.rows):
            named = _header(cells, names)
            if named:
                columns, start = named, index + 1
                break
        for printed in _cells(table, start, columns):
            row = typed_row(printed, definitions, evidence.notation)
            if row.is_item and "description" in row.texts:
                rows.append(row)
            elif rows and row.texts.keys() == {"description"}:
                extend_description(rows[-1], row.cells["description"])
    return rows


def _header(cells: Sequence[str], names: ColumnNames) -> dict[int, str]:
    """Column index -> name where a row without numbers names at least three columns; empty otherwise."""
    if any(any(each.isdigit() for each in text) for text in cells):
        return {}
    options = named_apart([names.options(_tokens(text)) for text in cells])
    named = {index: option.name for index, option in enumerate(options) if option}
    return named if len(named) >= LEAST_COLUMNS else {}


def _tokens(text: str) -> list[Token]:
    return [Token(word, fold(word), _NOWHERE, 1.0) for word in text.split()]


def _cells(table: Table, start: int, columns: Mapping[int, str]) -> Iterator[dict[str, Cell]]:
    for cells, boxes in zip(table.rows[start:], table.boxes[start:], strict=True):
        yield {
            name: Cell(" ".join(cells[index].split()), table.page, boxes[index])
            for index, name in columns.items()
            if index < len(cells) and cells[index] and cells[index].strip()
        }
