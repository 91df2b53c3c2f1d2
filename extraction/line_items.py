"""Line items: from ruled tables where those are good, otherwise from words in columns, with a header line or without.

All ways make rows; the arithmetic of the rows and the printed totals decide which way was better.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from extraction.column_memory import remembered_columns
from extraction.column_names import ColumnNames
from extraction.column_roles import grid_of, with_roles
from extraction.columns import Column
from extraction.evidence import Evidence, PageEvidence
from extraction.item_lines import read_body
from extraction.open_tables import open_tables
from extraction.page_layout import Line
from extraction.rows import LINE_ITEMS, Row
from extraction.ruled_tables import ruled_rows
from extraction.table_headers import Header, headers_of
from extraction.totals import TOLERANCE
from schemas.document_type import FieldType
from schemas.reading import Source, Table


def line_items(
    evidence: Evidence, tables: Sequence[Table] | None, *, columns: Mapping[str, str] | None = None
) -> list[Row]:
    """The line items of a document, in order, over page breaks; without subtotals and totals.

    Args:
        evidence: the document.
        tables: ruled tables that the reader found, if it was asked.
        columns: the supplier's remembered headers (`RememberedSupplier.columns`).
    """
    if LINE_ITEMS not in evidence.definition.tables:
        return []
    ways = [*_by_words(evidence, columns or {}), ruled_rows(tables or [], evidence, columns or {})]
    printed = _printed_amounts(evidence)
    rows = max(filter(None, ways), key=lambda each: _merit(each, printed), default=[])
    proven = _adds_up(rows, printed)
    for row in rows:
        row.in_sum = proven or (False if _has_totals(evidence) else None)
    return rows


def pages_in_doubt(evidence: Evidence) -> list[int]:
    """The digital pages with a table of line items, if the rows that the words give do not check out."""
    headed = [
        page.layout.number
        for page in evidence.pages
        if page.layout.source is Source.TEXT_LAYER and headers_of(page.layout, _names(page, evidence, {}))
    ]
    if not headed:
        return []
    rows = line_items(evidence, None)
    proven = bool(rows) and all(row.adds_up is not False and row.in_sum for row in rows)
    return [] if proven else headed


@dataclass(slots=True)
class _Table:
    """One table as it is read: what its header says, its columns, its rows so far, and whether totals closed it."""

    keys: tuple[str, ...]
    columns: list[Column]
    rows: list[Row] = field(default_factory=list)
    ended: bool = False


def _by_words(evidence: Evidence, remembered: Mapping[str, str]) -> Iterator[list[Row]]:
    """Ways to read the words: all tables together, each table alone, and tables without a header."""
    tables = _headed_tables(evidence, remembered)
    yield [row for table in tables for row in table.rows]
    if len(tables) > 1:
        yield from (table.rows for table in tables)
    if remembered:
        yield _unheaded([remembered_columns(page.layout, remembered, evidence) for page in evidence.pages], evidence)
    if not any(table.rows for table in tables):
        for found in open_tables(evidence):
            body = read_body(found.page, found.lines, found.columns, evidence, [])
            yield body.rows


def _headed_tables(evidence: Evidence, remembered: Mapping[str, str]) -> list[_Table]:
    """Each page's tables, one after the other; a table that runs on keeps its columns or repeats its header."""
    tables: list[_Table] = []
    for page in evidence.pages:
        headers = headers_of(page.layout, _names(page, evidence, remembered))
        starts: list[Header | None] = [None, *headers]
        for header, following in zip(starts, [*headers, None], strict=True):
            if header is not None:
                _begin(tables, header)
            first = header.last + 1 if header else 0
            end = following.first if following else len(page.layout.lines)
            if tables and not tables[-1].ended:
                _read_on(tables[-1], page, page.layout.lines[first:end], evidence)
    return tables


def _begin(tables: list[_Table], header: Header) -> None:
    """A new table, unless the header repeats that of the last one."""
    repeated = bool(tables) and tables[-1].keys == header.keys
    if repeated:
        tables[-1].columns, tables[-1].ended = list(header.columns), False
    else:
        tables.append(_Table(header.keys, list(header.columns)))


def _read_on(table: _Table, page: PageEvidence, lines: Sequence[Line], evidence: Evidence) -> None:
    table.columns = _with_roles(page, lines, table.columns, evidence)
    body = read_body(page, lines, table.columns, evidence, table.rows)
    table.rows += body.rows
    table.ended = body.ended


def _unheaded(columns: Sequence[Sequence[Column]], evidence: Evidence) -> list[Row]:
    """The rows of pages whose columns are known by their place alone."""
    rows: list[Row] = []
    for page, known in zip(evidence.pages, columns, strict=True):
        if known:
            rows += read_body(page, page.layout.lines, known, evidence, rows).rows
    return rows


def _with_roles(
    page: PageEvidence, lines: Sequence[Line], columns: Sequence[Column], evidence: Evidence
) -> list[Column]:
    grid = grid_of(lines, columns, page.layout.line_height, evidence.notation.convention)
    return with_roles(columns, grid, evidence.definition.tables[LINE_ITEMS].columns)


def _names(page: PageEvidence, evidence: Evidence, remembered: Mapping[str, str]) -> ColumnNames:
    return ColumnNames(evidence.definition.name, LINE_ITEMS, remembered, page.layout.source is Source.OCR)


def _printed_amounts(evidence: Evidence) -> list[Decimal]:
    """Every amount with cents of the document."""
    return [
        Decimal(span.text)
        for page in evidence.pages
        for spans in page.spans.values()
        for span in spans
        if span.kind is FieldType.AMOUNT and span.has_decimals
    ]


def _has_totals(evidence: Evidence) -> bool:
    """Whether a label says that there are totals which the rows could add up to."""
    roles = evidence.definition.roles
    totals = {roles.net, roles.total} - {None}
    return any(
        totals & hit.fields
        for page in evidence.pages
        for line, hits in page.hits.items()
        if line not in page.headers
        for hit in hits
    )


def _adds_up(rows: Sequence[Row], printed: Sequence[Decimal]) -> bool:
    """Whether the line totals add up to an amount that is printed beside them, as net or gross totals are."""
    totals = [row.total for row in rows if row.total is not None]
    whole = sum(totals, Decimal(0))
    beside = sum(1 for each in printed if abs(each - whole) <= TOLERANCE)
    return bool(totals) and beside > sum(1 for each in totals if abs(each - whole) <= TOLERANCE)


def _merit(rows: Sequence[Row], printed: Sequence[Decimal]) -> tuple[bool, int, int]:
    """Proven by a sum, then by products; of two proven ways the one with fewer rows has nothing beside the items."""
    right = sum(1 for row in rows if row.adds_up)
    wrong = sum(1 for row in rows if row.adds_up is False)
    proven = _adds_up(rows, printed)
    return (proven, right - wrong, -len(rows) if proven else 0)
