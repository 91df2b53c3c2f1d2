"""Candidates without a label: codes that show what they are by their shape, and weak guesses for dates and totals."""

from __future__ import annotations

from collections.abc import Iterator

from extraction.evidence import Evidence, PageEvidence, candidate_of
from extraction.spans import Span
from schemas.document_type import DocumentType, FieldType
from schemas.normalisation import fold
from schemas.values import Candidate

RECEIPT = "receipt"
UPPER_PART = 0.5  # of the first page, where a document's own date stands


def unlabelled_candidates(evidence: Evidence) -> Iterator[Candidate]:
    """By shape alone."""
    for page in evidence.pages:
        for spans in page.spans.values():
            for span in spans:
                yield from _of_span(evidence.definition, page, span)
    yield from _only_date(evidence)


def _only_date(evidence: Evidence) -> Iterator[Candidate]:
    """A receipt that shows one date shows its own."""
    dates = [
        (page, span)
        for page in evidence.pages
        for spans in page.spans.values()
        for span in spans
        if span.kind is FieldType.DATE
    ]
    field = evidence.definition.roles.date
    if field and evidence.definition.name == RECEIPT and len({span.text for _, span in dates}) == 1:
        page, span = dates[0]
        yield candidate_of(page, field, span, 0.8, ["only:date"])


def _behind_number(definition: DocumentType, page: PageEvidence, span: Span) -> bool:
    """In the same segment as the number's label: `Rechnung Nr. 4711 vom 03.11.2026`."""
    return any(
        definition.roles.number in hit.fields and hit.segment.index == span.segment.index and hit.end <= span.start
        for hit in page.hits.get(span.segment.line, [])
    )


def _beside_title(definition: DocumentType, page: PageEvidence, span: Span) -> bool:
    """On the line of the document's title: `Beitragsrechnung  24. Januar 2026`."""
    first = page.layout.lines[span.segment.line].segments[0]
    titles = {fold(word) for words in definition.keywords.values() for word in words}
    return span.segment.index == 1 and len(first.tokens) == 1 and fold(first.text) in titles


def _of_span(definition: DocumentType, page: PageEvidence, span: Span) -> Iterator[Candidate]:
    roles = definition.roles
    if span.kind is FieldType.IBAN and "iban" in definition.fields:
        yield candidate_of(page, "iban", span, 0.9 if span.checked else 0.7, ["type:iban"])
    elif span.kind is FieldType.VAT_ID and "supplier_vat_id" in definition.fields:
        yield candidate_of(page, "supplier_vat_id", span, 0.6 if span.checked else 0.3, ["type:vat_id"])
    elif span.kind is FieldType.DATE and roles.date and page.layout.number == 1:
        height = page.layout.share(span.box).y0
        if _behind_number(definition, page, span):
            yield candidate_of(page, roles.date, span, 0.78, ["beside:number"])
        elif _beside_title(definition, page, span):
            yield candidate_of(page, roles.date, span, 0.7, ["beside:title"])
        if height < UPPER_PART or definition.name == RECEIPT:
            yield candidate_of(page, roles.date, span, 0.45 - 0.2 * height, ["type:date"])
    elif span.kind is FieldType.AMOUNT and span.has_decimals and float(span.text) != 0:
        for field in (roles.total, roles.net, roles.tax):
            if field:
                yield candidate_of(page, field, span, 0.15, ["type:amount"])
