"""Lines of a table's body to rows: where an item begins, which text belongs to it, and where the items end.

A line with its own price is an item; an item may be printed on two lines. Text between two items goes to the one that it
stands nearer to; where all gaps are alike it goes on with the item above, unless the table begins with text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from extraction.columns import UNNAMED, Column, place
from extraction.evidence import Evidence, PageEvidence
from extraction.labels import OTHER
from extraction.page_layout import Line, Token, around
from extraction.rows import LINE_ITEMS, Cell, Row, extend_description, typed_row
from schemas.document_type import FieldType

LARGEST_GAP = 7.0  # line heights between two rows of one table
NEXT_LINE = 0.9  # line heights between the lines of one description
WIDER, CLEARLY_WIDER = 0.3, 1.5  # a gap that parts two rows: in line heights, and beside the other gaps between them
WORDS_OF_A_REMARK = 14  # more words in one line are a sentence, not a description
_DETAIL = re.compile(r"(?:^|:)\s*(?:-?[\d.,]+\s*(?:\W|EUR)?)?$")


@dataclass(slots=True)
class _Printed:
    """One line of the body, its cells typed, and its distance to the line above in line heights."""

    line: Line
    row: Row
    gap: float


@dataclass(frozen=True, slots=True)
class Body:
    """The rows under a header on one page; `ended` when a total closed the table."""

    rows: list[Row]
    ended: bool


def read_body(
    page: PageEvidence, lines: Sequence[Line], columns: Sequence[Column], evidence: Evidence, before: Sequence[Row]
) -> Body:
    """The rows of consecutive lines of a page; `before` are the table's rows above and on earlier pages.

    Text above the first item of a page goes on with the last row of the page before, where that item has text of its own.
    """
    printed, ended = _items_part(page, lines, columns, evidence, before)
    items = _items(printed)
    if items:
        _describe_first(printed, items[0], before)
        _describe(printed, items)
    return Body([printed[index].row for index in items], ended)


def _items(printed: Sequence[_Printed]) -> list[int]:
    """Where items begin; where most have a total, a line with other prices alone is a detail of the item above."""
    items = [index for index, each in enumerate(printed) if each.row.is_item]
    with_total = [index for index in items if printed[index].row.total is not None]
    return with_total if 2 * len(with_total) >= len(items) else items


def _items_part(
    page: PageEvidence, lines: Sequence[Line], columns: Sequence[Column], evidence: Evidence, before: Sequence[Row]
) -> tuple[list[_Printed], bool]:
    """The lines up to the totals, without subtotals and carried amounts, and whether totals closed the table."""
    definitions = evidence.definition.tables[LINE_ITEMS].columns
    printed: list[_Printed] = []
    items = list(before)
    last: Line | None = None
    remark = False
    for line in lines:
        gap = (line.top - last.bottom) / page.layout.line_height if last else 0.0
        found = len(items) > len(before)
        if gap > LARGEST_GAP:
            return printed, found
        row = typed_row(_cells(page, line, columns), definitions, evidence.notation)
        labelled = _is_total(page, line, row, evidence)
        if labelled or _repeats_sum(row, items):
            if _closes(page, line, evidence) if labelled else found:
                return printed, True
            continue  # carried from page to page, or a discount
        remark = not row.is_item and (_is_remark(line, columns) or (remark and _goes_on(line, last, gap)))
        if remark:
            row.texts.clear()
        if row.is_item and not (found and gap < NEXT_LINE and _completes(items[-1], row)):
            items.append(row)
        printed.append(_Printed(line, row, gap))
        last = line
    return printed, False


def _completes(above: Row, below: Row) -> bool:
    """Whether a second line has the numbers that the first one lacks and closes its product; it gives them up then."""
    if {"quantity", "unit_price", "line_total"} & above.texts.keys() & below.texts.keys():
        return False
    whole = Row({**below.cells, **above.cells}, {**below.texts, **above.texts})
    if not whole.adds_up:
        return False
    above.cells, above.texts = whole.cells, whole.texts
    below.texts.clear()
    return True


def _describe_first(printed: Sequence[_Printed], item: int, before: Sequence[Row]) -> None:
    """Text above the first item: its own, or the end of the last row of the page before."""
    row = printed[item].row
    leading = _near_run(printed[:item], printed[item])
    page = next(iter(row.cells.values())).page
    goes_on = before and all(cell.page != page for cell in before[-1].cells.values())
    if goes_on and "description" in row.texts:
        _below(leading, before[-1])
    else:
        _above(leading, row)


def _describe(printed: Sequence[_Printed], items: Sequence[int]) -> None:
    """Lines of text between items to the items that they describe."""
    for start, end in zip(items, [*items[1:], len(printed)], strict=True):
        between = printed[start + 1 : end]
        own, following = _parted(printed, start, end)
        _below(between[:own], printed[start].row)
        if end < len(printed):
            _above(between[following:], printed[end].row)


def _near_run(lines: Sequence[_Printed], item: _Printed) -> list[_Printed]:
    """The lines right above an item, without a wide gap between them."""
    run: list[_Printed] = []
    gap = item.gap
    for each in reversed(lines):
        if gap >= NEXT_LINE or not _is_text(each.row):
            break
        run.insert(0, each)
        gap = each.gap
    return run


def _parted(printed: Sequence[_Printed], start: int, end: int) -> tuple[int, int]:
    """How many of the lines between two items belong to the first, and from which one on they belong to the second."""
    count = end - start - 1
    gaps = [each.gap for each in printed[start + 1 : end + 1]]  # with the one above the next item
    near = next((i for i, gap in enumerate(gaps) if gap >= NEXT_LINE), count)
    if end == len(printed):
        return near, count
    widest = max(range(len(gaps)), key=lambda i: gaps[i])
    rest = [gap for i, gap in enumerate(gaps) if i != widest]
    if rest and gaps[widest] > max(WIDER, CLEARLY_WIDER * max(rest)):
        return widest, widest
    if "description" in printed[end].row.texts:
        return near, count
    return (near, near) if "description" in printed[start].row.texts else (0, 0)


def _below(lines: Sequence[_Printed], row: Row) -> None:
    for each in lines:
        if _is_text(each.row):
            extend_description(row, each.row.cells["description"])
        _add_missing(row, each.row)


def _above(lines: Sequence[_Printed], row: Row) -> None:
    for each in reversed(lines):
        if _is_text(each.row):
            extend_description(row, each.row.cells["description"], before=True)
        _add_missing(row, each.row)


def _add_missing(row: Row, further: Row) -> None:
    """An article or running number may stand on a line of its own."""
    for name in {"article_number", "position"} & further.texts.keys() - row.texts.keys():
        row.cells[name], row.texts[name] = further.cells[name], further.texts[name]


def _is_text(row: Row) -> bool:
    """A description without prices beside it: no whole sentence."""
    text = row.texts.get("description", "")
    if not text or row.texts.keys() & {"unit_price", "line_total"}:
        return False
    return len(text.split()) <= WORDS_OF_A_REMARK


def _is_remark(line: Line, columns: Sequence[Column]) -> bool:
    """Words that run on over three columns, or a detail such as `Gross price: 4.00`."""
    return bool(_DETAIL.search(line.text)) or any(
        sum(1 for column in columns if segment.box.x0 < column.x1 and column.x0 < segment.box.x1) >= 3
        for segment in line.segments
    )


def _goes_on(line: Line, above: Line | None, gap: float) -> bool:
    """Whether a line is the next one of the paragraph above."""
    indent = abs(line.segments[0].box.x0 - above.segments[0].box.x0) if above else 1.0
    return gap < NEXT_LINE and indent < 1.0 and len(line.segments) == 1


def _cells(page: PageEvidence, line: Line, columns: Sequence[Column]) -> dict[str, Cell]:
    placed = place(_without_margin(line, columns, page.layout.line_height), columns, page.layout.line_height)
    return {
        columns[i].name: _cell(page, tokens, columns[i]) for i, tokens in placed.items() if columns[i].name != UNNAMED
    }


def _without_margin(line: Line, columns: Sequence[Column], height: float) -> Line:
    """The line without what is printed sideways or stamped left of a table that begins with numbers."""
    if not columns or columns[0].name not in ("position", "article_number", "quantity"):
        return line
    inside = tuple(each for each in line.segments if each.box.x1 > columns[0].x0 - height)
    return replace(line, segments=inside)


def _cell(page: PageEvidence, tokens: tuple[Token, ...], column: Column) -> Cell:
    raw = " ".join(token.text for token in tokens)
    sure = min(token.confidence for token in tokens)
    return Cell(raw, page.layout.number, page.layout.share(around(tokens)), sure, column.sure)


def _repeats_sum(row: Row, rows: Sequence[Row]) -> bool:
    """An amount without quantity and price that is the sum of all rows above, which have them: a subtotal."""
    if row.total is None or not rows or {"quantity", "unit_price"} & row.texts.keys():
        return False
    totals = [each.total for each in rows]
    priced = all({"quantity", "unit_price"} & each.texts.keys() for each in rows)
    return priced and None not in totals and sum((each or Decimal(0) for each in totals), Decimal(0)) == row.total


def _is_total(page: PageEvidence, line: Line, row: Row, evidence: Evidence) -> bool:
    """A line with an amount that a total's label opens, and that is no priced item itself."""
    if "quantity" in row.texts and row.adds_up:
        return False
    if {"position", "quantity", "unit_price"} <= row.texts.keys():
        return False  # `7 % VAT` in its own column is no total
    return any(True for _ in _total_labels(page, line, evidence)) and any(
        span.kind is FieldType.AMOUNT and span.has_decimals for span in page.spans.get(line.index, [])
    )


def _closes(page: PageEvidence, line: Line, evidence: Evidence) -> bool:
    """A total ends the table; a carried amount does not, nor a net sum at the end of a page without the others."""
    roles = evidence.definition.roles
    fields = set(_total_labels(page, line, evidence)) - {OTHER}
    if fields != {roles.net} or page is evidence.pages[-1]:
        return bool(fields)
    below = (each for each in page.layout.lines if each.index > line.index)
    return any({roles.tax, roles.total} & set(_total_labels(page, each, evidence)) for each in below)


def _total_labels(page: PageEvidence, line: Line, evidence: Evidence) -> Iterator[str]:
    roles = evidence.definition.roles
    totals = {roles.net, roles.tax, roles.total, OTHER}
    for hit in page.hits.get(line.index, []):
        opens = hit.start == 0 or (hit.start == 1 and hit.segment.index > 0)  # `zzgl. MwSt.`
        if opens and not hit.segment.text.startswith("("):  # `(Net): 60.00` is a detail
            yield from (field for field in hit.fields if field in totals)
