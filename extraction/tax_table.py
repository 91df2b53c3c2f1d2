"""Tax per rate: the lines of the totals that name a rate, with its net and tax amounts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from extraction.confidence import legibility
from extraction.evidence import Evidence, PageEvidence
from extraction.labels import LabelBook, column_labels, labels_in
from extraction.spans import Span
from extraction.totals import RATES, TOLERANCE
from schemas.document_type import FieldType
from schemas.reading import Source
from schemas.values import Value

TAXES = "taxes"
HEADER_REACH = 5  # lines that a table of taxes has below its header
PROVEN, STATED = 0.96, 0.85  # net x rate = tax on the page; the tax stands alone beside its rate


def tax_values(evidence: Evidence) -> list[Value]:
    """The `taxes` table: one row a rate, in the order printed."""
    if TAXES not in evidence.definition.tables:
        return []
    rows: dict[str, dict[str, Span]] = {}
    pages: dict[str, PageEvidence] = {}
    for page in evidence.pages:
        for line in page.layout.lines:
            for rate, parts in _rates_on(page, line.index, evidence):
                known = rows.get(rate)
                if known is None or len(parts) > len(known):
                    rows[rate], pages[rate] = parts, page
    return [
        value
        for number, (rate, parts) in enumerate(rows.items(), start=1)
        for value in _row_values(number, parts, pages[rate])
    ]


def _rates_on(page: PageEvidence, line: int, evidence: Evidence) -> Iterator[tuple[str, dict[str, Span]]]:
    """The rate of a line of totals, with the amounts that fit it."""
    spans = page.spans.get(line, [])
    rates = [span for span in spans if span.kind is FieldType.PERCENT and Decimal(span.text) in RATES]
    amounts = [span for span in spans if span.kind is FieldType.AMOUNT and span.has_decimals]
    if len(rates) != 1 or not amounts or len(amounts) > 4 or not _names_tax(page, line, evidence):
        return
    rate = rates[0]
    proven = _net_and_tax(Decimal(rate.text), amounts)
    if proven:
        yield rate.text, {"rate": rate, "net": proven[0], "tax": proven[1]}
    elif len(amounts) == 1 and Decimal(rate.text) > 0:
        yield rate.text, {"rate": rate, "tax": amounts[0]}


def _names_tax(page: PageEvidence, line: int, evidence: Evidence) -> bool:
    """The line, or a header right above it, speaks of tax; a priced item has a rate too, but no such label."""
    if any(evidence.definition.roles.tax in hit.fields for hit in page.hits.get(line, [])):
        return True
    book = column_labels(evidence.definition.name, TAXES)
    return any(_heads_taxes(page, above, book) for above in range(max(line - HEADER_REACH, 0), line))


def _heads_taxes(page: PageEvidence, line: int, book: LabelBook) -> bool:
    """A header such as `MwSt.-Satz  Netto  Steuer` or `MwSt %  Netto  MwSt`, which is no header of line items."""
    segments = page.layout.lines[line].segments
    named = {label.field for segment in segments for hit in labels_in(segment, book, False) for label in hit.labels}
    return line not in page.headers and (len(named) > 1 if "rate" in named else {"net", "tax"} <= named)


def _net_and_tax(rate: Decimal, amounts: Sequence[Span]) -> tuple[Span, Span] | None:
    """Two amounts of which one is the other's tax at the rate."""
    for net in amounts:
        for tax in amounts:
            if net is not tax and abs(Decimal(net.text) * rate / 100 - Decimal(tax.text)) <= TOLERANCE:
                return net, tax
    return None


def _row_values(number: int, parts: dict[str, Span], page: PageEvidence) -> list[Value]:
    sure = PROVEN if "net" in parts else STATED
    scanned = page.layout.source is Source.OCR
    return [
        Value(
            name=name,
            table=TAXES,
            row=number,
            text=span.text,
            raw=span.raw,
            page=page.layout.number,
            box=page.layout.share(span.box),
            probability=round(sure * (legibility(span.confidence) if scanned and "net" not in parts else 1.0), 3),
            evidence=["rate"] if "net" in parts else [],
        )
        for name, span in parts.items()
    ]
