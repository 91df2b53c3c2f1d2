"""Tables without any header that we know: aligned amounts that add up to the next one, or rows that multiply.

Only what proves itself is taken: a running column of amounts whose sum stands below it, or lines on which quantity x
price = total.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from extraction.column_roles import grid_of, is_product, with_roles
from extraction.columns import UNNAMED, Column
from extraction.evidence import Evidence, PageEvidence
from extraction.page_layout import Line
from extraction.rows import LINE_ITEMS
from extraction.spans import Span
from schemas.document_type import FieldType

ALIGNED = 0.6  # line heights between the edges of amounts of one column
FOUND_BY_SUM = 0.9


@dataclass(frozen=True, slots=True)
class OpenTable:
    """A page's consecutive lines that hold items, and their columns."""

    page: PageEvidence
    lines: Sequence[Line]
    columns: Sequence[Column]


def open_tables(evidence: Evidence) -> Iterator[OpenTable]:
    """The tables that a page's arithmetic proves, the surest first."""
    for page in evidence.pages:
        for track in _tracks(page):
            for run in (_sum_run(track), _product_run(page, track)):
                if run:
                    yield _table(page, run, evidence)


def _tracks(page: PageEvidence) -> list[list[Span]]:
    """The amounts with cents by the edges that they share, each track from top to bottom, at most one a line; longest first."""
    amounts = [
        s for line in sorted(page.spans) for s in page.spans[line] if s.kind is FieldType.AMOUNT and s.has_decimals
    ]
    tracks: list[list[Span]] = []
    for span in amounts:
        track = next((t for t in tracks if _apart(t[-1], span) < ALIGNED * page.layout.line_height), None)
        if track is None:
            tracks.append([span])
        elif track[-1].segment.line != span.segment.line:
            track.append(span)
    return sorted(tracks, key=len, reverse=True)


def _apart(above: Span, below: Span) -> float:
    """How far the nearer edges of two amounts are apart, in points."""
    return min(abs(above.box.x0 - below.box.x0), abs(above.box.x1 - below.box.x1))


def _sum_run(track: Sequence[Span]) -> list[Span]:
    """The longest run of two or more amounts whose sum is the next one below; a sum is no part of a later run."""
    best: list[Span] = []
    last_sum = -1
    for end in range(1, len(track) - 1):
        total, below = Decimal(track[end].text), Decimal(track[end + 1].text)
        for start in range(end - 1, last_sum, -1):
            total += Decimal(track[start].text)
            if total and total == below and _items(track[start : end + 1]):
                best = max(best, list(track[start : end + 1]), key=len)
                last_sum = end + 1
                break
    return best


def _items(run: Sequence[Span]) -> bool:
    """Each amount has words before it on its line."""
    return all(span.start or span.segment.index for span in run)


def _product_run(page: PageEvidence, track: Sequence[Span]) -> list[Span]:
    """The amounts that are a product of two numbers on their line, if for two of them neither number is 1."""
    factors = [_factors(page, span) for span in track]
    telling = sum(1 for each in factors if each and 1 not in each)
    return [span for span, each in zip(track, factors, strict=True) if each] if telling > 1 else []


def _factors(page: PageEvidence, span: Span) -> tuple[Decimal, Decimal] | None:
    """Two numbers left of an amount whose product it is."""
    total = Decimal(span.text)
    numbers = [
        Decimal(each.text)
        for each in page.spans.get(span.segment.line, [])
        if each.kind is FieldType.AMOUNT and each.box.x1 < span.box.x1
    ]
    return next(((a, b) for a, b in combinations(numbers, 2) if total and is_product(a, b, total)), None)


def _table(page: PageEvidence, run: Sequence[Span], evidence: Evidence) -> OpenTable:
    first, last = run[0].segment.line, run[-1].segment.line
    lines = [line for line in page.layout.lines if first <= line.index <= last]
    rows = {span.segment.line for span in run}
    items = [line for line in lines if line.index in rows]
    columns = _columns(items, run)
    grid = grid_of(items, columns, page.layout.line_height, evidence.notation.convention)
    return OpenTable(page, lines, with_roles(columns, grid, evidence.definition.tables[LINE_ITEMS].columns))


def _columns(lines: Sequence[Line], run: Sequence[Span]) -> list[Column]:
    """The ranges in which the rows' segments stand, the amounts of the run as line totals."""
    ranges: list[tuple[float, float]] = []
    for segment in (segment for line in lines for segment in line.segments):
        x0, x1 = segment.box.x0, segment.box.x1
        touching = [each for each in ranges if min(each[1], x1) > max(each[0], x0)]
        ranges = [each for each in ranges if each not in touching]
        ranges.append((min([x0, *(a for a, _ in touching)]), max([x1, *(b for _, b in touching)])))
    amounts = run[0].box
    return [
        Column("line_total", FieldType.AMOUNT, x0, x1, FOUND_BY_SUM)
        if x0 < amounts.x1 and amounts.x0 < x1
        else Column(UNNAMED, FieldType.TEXT, x0, x1)
        for x0, x1 in sorted(ranges)
    ]
