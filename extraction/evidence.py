"""All that is known of a document before any field is decided: its pages, notation, typed spans and labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from extraction.labels import LabelBook, LabelHit, column_labels, field_labels, find_labels, labels_in
from extraction.master_data import SupplierMatch
from extraction.page_layout import Line, PageLayout
from extraction.spans import Notation, Span, find_spans, notation_of
from schemas.document_type import DocumentType
from schemas.reading import Source
from schemas.values import Candidate

LEAST_COLUMNS = 3  # labelled columns that make a line the header of a table


@dataclass(frozen=True)
class PageEvidence:
    """One page: its spans and label hits, by line; `headers` are the lines that head a table of line items."""

    layout: PageLayout
    spans: dict[int, list[Span]]
    hits: dict[int, list[LabelHit]]
    headers: frozenset[int]


@dataclass(frozen=True)
class Evidence:
    """A document, ready to be searched for the values of its type.

    `supplier` is the master data's, `recipients` are the names under which the client is written to.
    """

    definition: DocumentType
    country: str
    language: str
    notation: Notation
    pages: Sequence[PageEvidence]
    supplier: SupplierMatch | None = None
    recipients: tuple[str, ...] = ()

    @property
    def scanned(self) -> bool:
        return any(page.layout.source is Source.OCR for page in self.pages)


def gather(pages: Sequence[PageLayout], definition: DocumentType, country: str, language: str) -> Evidence:
    """Find notation, spans and labels of a document of a known type."""
    notation = notation_of(pages, country, language)
    return Evidence(definition, country, language, notation, [_page(page, definition, notation) for page in pages])


def candidate_of(
    page: PageEvidence, field: str, span: Span, score: float, reasons: list[str], *, text: str | None = None
) -> Candidate:
    """A span as a candidate, its box in shares of the page; `text` where the value is not the span's own."""
    if span.checked is not None:
        reasons = [*reasons, f"check:{'right' if span.checked else 'wrong'}"]
    return Candidate(
        field=field,
        text=text or span.text,
        raw=span.raw,
        page=page.layout.number,
        box=page.layout.share(span.box),
        score=round(min(score, 1.0), 4),
        confidence=round(span.confidence, 4),
        evidence=reasons,
    )


def is_table_header(line: Line, book: LabelBook, misread: bool) -> bool:
    """Whether a line names at least three columns, one with prices and one with what was sold."""
    columns = {label.field for seg in line.segments for hit in labels_in(seg, book, misread) for label in hit.labels}
    return (
        len(columns) >= LEAST_COLUMNS
        and bool(columns & {"line_total", "unit_price"})
        and bool(columns & {"description", "quantity", "article_number"})
        and not any(each.isdigit() for each in line.text)
    )


def _page(page: PageLayout, definition: DocumentType, notation: Notation) -> PageEvidence:
    spans: dict[int, list[Span]] = {}
    for span in find_spans(page, notation):
        spans.setdefault(span.segment.line, []).append(span)
    hits: dict[int, list[LabelHit]] = {}
    for hit in find_labels(page, field_labels(definition.name)):
        hits.setdefault(hit.segment.line, []).append(hit)
    return PageEvidence(page, spans, hits, _headers(page, definition))


def _headers(page: PageLayout, definition: DocumentType) -> frozenset[int]:
    if "line_items" not in definition.tables:
        return frozenset()
    book = column_labels(definition.name, "line_items")
    misread = page.source is Source.OCR
    return frozenset(line.index for line in page.lines if is_table_header(line, book, misread))
