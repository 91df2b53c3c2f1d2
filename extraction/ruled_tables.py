"""Line items from tables that the reader found by their rules (pdfplumber)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from extraction.evidence import Evidence
from extraction.labels import Label, LabelBook, column_labels, label_key
from extraction.rows import LINE_ITEMS, Cell, Row, extend_description, typed_row
from schemas.reading import Table


def ruled_rows(tables: Sequence[Table], evidence: Evidence) -> list[Row]:
    """The priced rows under a recognised header, over all tables; a table without header goes on with the last columns."""
    definitions = evidence.definition.tables[LINE_ITEMS].columns
    book = column_labels(evidence.definition.name, LINE_ITEMS)
    rows: list[Row] = []
    columns: Mapping[int, str] = {}
    for table in tables:
        start = 0
        for index, cells in enumerate(table.rows):
            named = _header(cells, book)
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


def _header(cells: Sequence[str], book: LabelBook) -> dict[int, str]:
    """Column index -> name where a row names at least three columns; empty otherwise."""
    named: dict[int, str] = {}
    for index, text in enumerate(cells):
        labels = sorted(book.get(label_key(text)), key=_description_first)
        name = next((label.field for label in labels if label.field not in named.values()), None)
        if name:
            named[index] = name
    return named if len(named) >= 3 else {}


def _description_first(label: Label) -> float:
    return -label.weight - (0.3 if label.field == "description" else 0.0)


def _cells(table: Table, start: int, columns: Mapping[int, str]) -> Iterator[dict[str, Cell]]:
    for cells, boxes in zip(table.rows[start:], table.boxes[start:], strict=True):
        yield {
            name: Cell(" ".join(cells[index].split()), table.page, boxes[index])
            for index, name in columns.items()
            if index < len(cells) and cells[index] and cells[index].strip()
        }
