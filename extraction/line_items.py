"""Line items: from ruled tables where those are good, otherwise from words in columns under a header line.

Both ways make rows; the arithmetic of the rows decides which way was better.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from extraction.columns import Column, columns_of, header_bottom, place
from extraction.evidence import Evidence, PageEvidence
from extraction.labels import OTHER, LabelBook, column_labels
from extraction.page_layout import Line, Token, around
from extraction.rows import LINE_ITEMS, Cell, Row, extend_description, typed_row
from extraction.ruled_tables import ruled_rows
from schemas.document_type import FieldDefinition, FieldType
from schemas.reading import Source, Table

LARGEST_GAP = 7.0  # line heights between two rows of one table
NEXT_LINE = 0.9  # line heights between the lines of one description


def line_items(evidence: Evidence, tables: Sequence[Table] | None) -> list[Row]:
    """The line items of a document, in order, over page breaks; without subtotals and totals."""
    if LINE_ITEMS not in evidence.definition.tables:
        return []
    by_words = word_rows(evidence)
    by_rules = ruled_rows(tables, evidence) if tables else []
    return max((by_words, by_rules), key=lambda rows: _merit(rows, evidence))


def pages_in_doubt(evidence: Evidence) -> list[int]:
    """The digital pages with a table of line items, if the rows that the words give do not check out."""
    headed = [page.layout.number for page in evidence.pages if page.headers and page.layout.source is Source.TEXT_LAYER]
    if not headed:
        return []
    rows = word_rows(evidence)
    proven = bool(rows) and all(row.adds_up is not False for row in rows) and sums_to_printed(rows, evidence)
    return [] if proven else headed


def word_rows(evidence: Evidence) -> list[Row]:
    """Rows from words alone: each page's tables, one after the other; a table that runs on keeps its columns."""
    rows: list[Row] = []
    columns: list[Column] = []
    book = column_labels(evidence.definition.name, LINE_ITEMS)
    for page in evidence.pages:
        rows_here, columns = _page_rows(page, evidence, book, columns)
        rows += rows_here
    return rows


def sums_to_printed(rows: Sequence[Row], evidence: Evidence) -> bool:
    """Whether the line totals add up to an amount that is printed on its own, as net or gross totals are."""
    total = sum((Decimal(row.texts["line_total"]) for row in rows if "line_total" in row.texts), Decimal(0))
    return any(
        span.kind is FieldType.AMOUNT and span.has_decimals and abs(Decimal(span.text) - total) <= Decimal("0.02")
        for page in evidence.pages
        for spans in page.spans.values()
        for span in spans
    )


def _merit(rows: Sequence[Row], evidence: Evidence) -> tuple[bool, int, int]:
    right = sum(1 for row in rows if row.adds_up)
    wrong = sum(1 for row in rows if row.adds_up is False)
    return (bool(rows) and sums_to_printed(rows, evidence), right - wrong, -len(rows))


def _page_rows(
    page: PageEvidence, evidence: Evidence, book: LabelBook, running: list[Column]
) -> tuple[list[Row], list[Column]]:
    """The rows of one page, and the columns if the table is still open at its end."""
    rows: list[Row] = []
    columns = running
    start = 0
    definitions = evidence.definition.tables[LINE_ITEMS].columns
    for header in [*sorted(page.headers), None]:
        end = header if header is not None else len(page.layout.lines)
        if columns:
            body = page.layout.lines[start:end]
            found, ended = _body_rows(page, body, columns, definitions, evidence)
            rows += found
            columns = [] if ended else columns
        if header is not None:
            line = page.layout.lines[header]
            columns = columns_of(page.layout, line, book, definitions)
            start = header_bottom(page.layout, line) + 1
    return rows, columns


def _body_rows(
    page: PageEvidence,
    body: Sequence[Line],
    columns: list[Column],
    definitions: dict[str, FieldDefinition],
    evidence: Evidence,
) -> tuple[list[Row], bool]:
    """Rows of consecutive lines under a header, and whether totals closed the table."""
    rows: list[Row] = []
    pending: list[Cell] = []  # description lines that stand above their row's numbers
    last: Line | None = None
    height = page.layout.line_height
    for line in body:
        gap = (line.top - last.bottom) / height if last else 0.0
        if gap > LARGEST_GAP:
            return rows, bool(rows)
        row = typed_row(_cells(page, line, columns), definitions, evidence.notation)
        if _is_total(page, line, row, evidence):
            closes = _closes(page, line, evidence)
            if rows or closes:
                return rows, closes
            continue  # brought forward from the page before
        _take(row, rows, pending, near=last is not None and gap < NEXT_LINE)
        last = line
    return rows, False


def _take(row: Row, rows: list[Row], pending: list[Cell], *, near: bool) -> None:
    """An item begins a row; text alone goes on with the row above, or waits for its numbers."""
    if row.is_item:
        if "description" not in row.texts:
            for cell in pending:
                extend_description(row, cell)
        pending.clear()
        rows.append(row)
    elif "description" in row.texts and rows and near and not _leaves_table(row):
        extend_description(rows[-1], row.cells["description"])
    elif "description" in row.texts and (near or not rows):
        pending.append(row.cells["description"])


def _leaves_table(row: Row) -> bool:
    """A full sentence is a remark, not a description."""
    return len(row.cells["description"].raw.split()) > 14


def _cells(page: PageEvidence, line: Line, columns: list[Column]) -> dict[str, Cell]:
    placed = place(line, columns, page.layout.line_height)
    return {name: _cell(page, tokens) for name, tokens in placed.items() if name}


def _cell(page: PageEvidence, tokens: tuple[Token, ...]) -> Cell:
    raw = " ".join(token.text for token in tokens)
    return Cell(raw, page.layout.number, page.layout.share(around(tokens)), min(token.confidence for token in tokens))


def _is_total(page: PageEvidence, line: Line, row: Row, evidence: Evidence) -> bool:
    """A line that a total's label opens, and that is no priced item itself."""
    if "quantity" in row.texts and row.adds_up:
        return False
    return any(True for _ in _total_labels(page, line, evidence)) and any(
        span.kind is FieldType.AMOUNT and span.has_decimals for span in page.spans.get(line.index, [])
    )


def _closes(page: PageEvidence, line: Line, evidence: Evidence) -> bool:
    """A carried-forward line ends the page's part of a table; a real total ends the table."""
    return any(field != OTHER for field in _total_labels(page, line, evidence))


def _total_labels(page: PageEvidence, line: Line, evidence: Evidence) -> Iterator[str]:
    roles = evidence.definition.roles
    totals = {roles.net, roles.tax, roles.total, OTHER}
    for hit in page.hits.get(line.index, []):
        if hit.start == 0 or hit.segment.index > 0:
            yield from (field for field in hit.fields if field in totals)
