"""Candidates: for every field the spans that could be its value, scored by the label that reaches them.

A label reaches what stands right of it up to the next label, and what stands below it in its column. The score is
label weight x relation x how the label is printed; at most 1.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from decimal import Decimal

from extraction.evidence import Evidence, PageEvidence, candidate_of
from extraction.labelled_names import labelled_names
from extraction.labels import LabelHit
from extraction.page_layout import Line, Segment
from extraction.parties import party_candidates
from extraction.payment_terms import discount_candidates
from extraction.ranges import part_of_range
from extraction.spans import Span, currency_of
from extraction.unlabelled import unlabelled_candidates
from schemas.document_type import FieldType
from schemas.identifiers import parse_currency
from schemas.reading import Box
from schemas.values import Candidate

SPAN_TYPES = frozenset(
    {FieldType.AMOUNT, FieldType.DATE, FieldType.IDENTIFIER, FieldType.IBAN, FieldType.VAT_ID, FieldType.BIC}
)
VAGUE = 0.8  # a label's weight below which it says little by itself: `No.`, `Date`
MOST_LINES_BELOW = 6
OTHER_END, ONE_DATE = 0.5, 0.9  # a date at a range's other end; a date without a range where the label stands for one
BELOW_LIMIT = 3.4  # line heights between a label and a value under it


def candidates(evidence: Evidence) -> list[Candidate]:
    """Every candidate of every header field, the best of each field first; label-less fallbacks score under 0.5."""
    found = [
        *_labelled(evidence),
        *unlabelled_candidates(evidence),
        *_currencies(evidence),
        *discount_candidates(evidence),
        *party_candidates(evidence),
        *labelled_names(evidence),
    ]
    return sorted(found, key=lambda each: (each.field, -each.score))


def _labelled(evidence: Evidence) -> Iterator[Candidate]:
    for page in evidence.pages:
        for line, hits in page.hits.items():
            if line in page.headers:
                continue
            for hit in hits:
                yield from _of_hit(evidence, page, hit)


def _of_hit(evidence: Evidence, page: PageEvidence, hit: LabelHit) -> Iterator[Candidate]:
    reached = list(_reach(page, hit))
    weights: dict[str, float] = {}
    for label in hit.labels:
        weights[label.field] = max(weights.get(label.field, 0.0), label.weight)
    printed = hit.similarity * (1.0 - 0.02 * min(page.layout.number - 1, 5))
    for field, weight in weights.items():
        definition = evidence.definition.fields.get(field)
        kinds = SPAN_TYPES if definition is None else {definition.type} & SPAN_TYPES
        for kind in kinds:
            of_kind = [
                (span, relation, factor * _in_range(span, field, weights, evidence))
                for span, relation, factor in reached
                if span.kind is kind
            ]
            for span, relation, factor in _ranked(of_kind, kind):
                score = weight * printed * _standing(hit, weight) * factor * _shape(span, weight)
                if score > 0:
                    yield candidate_of(page, field, span, score, [f"label:{hit.text}", f"relation:{relation}"])


def _in_range(span: Span, field: str, labelled: Iterable[str], evidence: Evidence) -> float:
    """A label of two dates stands for a range: the first of its fields begins it, the last one ends it."""
    fields = evidence.definition.fields
    dates = [each for each in fields if each in labelled and fields[each].type is FieldType.DATE]
    if span.kind is not FieldType.DATE or len(dates) < 2 or field not in (dates[0], dates[-1]):
        return 1.0
    begins, ends = part_of_range(span.segment, span.start, span.end, span.raw)
    wrong, right = (ends, begins) if field == dates[0] else (begins, ends)
    return 1.0 if right else OTHER_END if wrong else ONE_DATE


def _standing(hit: LabelHit, weight: float) -> float:
    """A label that opens its segment is a label; a vague one behind another word is part of a label we do not know."""
    if hit.start == 0:
        return 1.0
    if weight < VAGUE and hit.segment.tokens[hit.start - 1].key.isalpha():
        return 0.6
    return 0.93 if len(hit.segment.tokens) <= 8 else 0.85


def _shape(span: Span, weight: float) -> float:
    """How well a span is printed like a value of its kind; 0 forbids it."""
    if span.kind is FieldType.AMOUNT:
        return 1.0 if span.has_decimals else 0.6 * weight
    if span.kind is FieldType.IDENTIFIER:
        digits = sum(each.isdigit() for each in span.text)
        return 0.0 if weight < 0.8 and (digits < 2 or len(span.text) < 3) else 1.0
    return 0.6 if span.checked is False else 1.0


def _ranked(reached: list[tuple[Span, str, float]], kind: FieldType) -> Iterator[tuple[Span, str, float]]:
    """The nearest first, but of several amounts on one line the rightmost that is printed as money, where totals stand; each
    later one counts less."""
    right = [each for each in reached if each[1] != "below"]
    below = [each for each in reached if each[1] == "below"]
    if kind is FieldType.AMOUNT:
        right = sorted(right, key=lambda each: _is_money(each[0]))[::-1]
        below = _sum_first(below)
    for group in (right, below):
        for rank, (span, relation, factor) in enumerate(group):
            yield span, relation, factor * 0.88**rank


def _is_money(span: Span) -> bool:
    """It has cents, or a currency stands beside it."""
    return span.has_decimals or any(unicodedata.category(each) == "Sc" or each.isalpha() for each in span.raw)


def _sum_first(below: list[tuple[Span, str, float]]) -> list[tuple[Span, str, float]]:
    """A column's amounts; the first that is the sum of all above it stands for them."""
    whole = Decimal(0)
    for index, (span, relation, _) in enumerate(below):
        if index > 1 and Decimal(span.text) == whole:
            return [(span, relation, below[0][2]), *below[:index], *below[index + 1 :]]
        whole += Decimal(span.text)
    return below


def _reach(page: PageEvidence, hit: LabelHit) -> Iterator[tuple[Span, str, float]]:
    """The spans that a label reaches, how, and how surely."""
    yield from _to_the_right(page, hit)
    if _labels_only(page, hit.segment):
        yield from _below(page, hit)


def _labels_only(page: PageEvidence, segment: Segment) -> bool:
    """Nothing but labels stands in the segment: their values are below."""
    labelled = {i for hit in page.hits[segment.line] if hit.segment is segment for i in range(hit.start, hit.end)}
    return all(i in labelled or not token.key for i, token in enumerate(segment.tokens))


def _to_the_right(page: PageEvidence, hit: LabelHit) -> Iterator[tuple[Span, str, float]]:
    here = (hit.segment.index, hit.end)
    limit = _next_label(page, hit)
    for span in sorted(page.spans.get(hit.segment.line, []), key=lambda each: (each.segment.index, each.start)):
        at = (span.segment.index, span.start)
        if here <= at < limit:
            same = span.segment.index == hit.segment.index
            passed = span.start - hit.end if same else span.start
            yield span, "right", (1.0 if same else 0.98) * 0.985 ** min(passed, 8) * 0.97 ** max(at[0] - here[0] - 1, 0)


def _next_label(page: PageEvidence, hit: LabelHit) -> tuple[int, int]:
    """Where the next label of another field stands on the line: what lies beyond belongs to that."""
    for other in page.hits[hit.segment.line]:
        at = (other.segment.index, other.start)
        if at >= (hit.segment.index, hit.end) and not other.fields & hit.fields:
            return at
    return (10_000, 0)


def _below(page: PageEvidence, hit: LabelHit) -> Iterator[tuple[Span, str, float]]:
    """The first thing in the label's column; where that is an amount, the amounts under it too, as a sum may be."""
    box, height = hit.box, max(hit.box.height, page.layout.line_height)
    for line in _following_lines(page, hit, height):
        found = _spans_in_column(page.spans.get(line.index, []), box, height)
        for span in found:
            yield span, "below", 0.92 * 0.95 ** (line.index - hit.segment.line - 1)
        amounts = any(span.kind is FieldType.AMOUNT and span.has_decimals for span in found)
        if not amounts and any(_in_column(box, segment.box, height) for segment in line.segments):
            return


def _spans_in_column(spans: Iterable[Span], box: Box, height: float) -> list[Span]:
    """Those under a label; the end of a range of dates wherever it begins."""
    found: list[Span] = []
    for span in spans:
        begun = found and found[-1].kind is FieldType.DATE and found[-1].segment is span.segment
        if _in_column(box, span.box, height) or (begun and _ends_range(span)):
            found.append(span)
    return found


def _ends_range(span: Span) -> bool:
    return span.kind is FieldType.DATE and part_of_range(span.segment, span.start, span.end, span.raw)[1]


def _following_lines(page: PageEvidence, hit: LabelHit, height: float) -> Iterator[Line]:
    bottom, limit = hit.box.y1, BELOW_LIMIT * height
    for line in page.layout.lines[hit.segment.line + 1 : hit.segment.line + 1 + MOST_LINES_BELOW]:
        if line.top - bottom > limit:
            return
        if line.bottom > hit.box.y1 + 0.3 * height:
            yield line
            bottom, limit = line.bottom, 2.6 * height  # a column's next rows stand closer


def _in_column(label: Box, value: Box, height: float) -> bool:
    """Whether two boxes share a column: they overlap, and not by chance at a far end."""
    shared = min(label.x1, value.x1) - max(label.x0, value.x0)
    if shared <= 0:
        return False
    aligned = abs(label.x0 - value.x0) < 1.2 * height or abs(label.x1 - value.x1) < 1.2 * height
    return aligned or shared > 0.5 * min(label.width, value.width)


def _currencies(evidence: Evidence) -> Iterator[Candidate]:
    """The currency that is printed most often; its first print is the place."""
    counts = currency_of([page.layout for page in evidence.pages])
    total = sum(counts.values())
    for code, count in counts.most_common(3):
        for page in evidence.pages:
            span = _first_print(page, code)
            if span:
                yield candidate_of(page, "currency", span, 0.5 + 0.5 * count / total, [f"printed:{count} of {total}"])
                break


def _first_print(page: PageEvidence, code: str) -> Span | None:
    for segment in page.layout.segments():
        for index, token in enumerate(segment.tokens):
            if parse_currency(token.text.strip("().,:;[]")) == code:
                return Span(FieldType.CURRENCY, segment, index, index + 1, code, token.text)
    for segment in page.layout.segments():
        for index, token in enumerate(segment.tokens):
            marks = [mark for mark in ("€", "$", "£", "EUR", "USD", "GBP", "CHF", "RM") if mark in token.text]
            if marks and parse_currency(marks[0]) == code:
                return Span(FieldType.CURRENCY, segment, index, index + 1, code, token.text)
    return None
