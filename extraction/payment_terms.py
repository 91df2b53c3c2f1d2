"""Cash discount terms: `2 % Skonto innerhalb von 10 Tagen`, `14 Tage 3%`, `2% discount if paid within 10 days`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extraction.evidence import Evidence, candidate_of
from extraction.page_layout import Segment
from extraction.spans import Span
from schemas.amounts import Convention
from schemas.document_type import FieldType
from schemas.normalisation import normalise
from schemas.values import Candidate

_NAMED = re.compile(r"skonto|discount|deduct|abzug", re.IGNORECASE)
_PERCENT = re.compile(r"(?<![\d.,])(\d{1,2}(?:[.,]\d{1,2})?)\s?(?:%|percent|Prozent)", re.IGNORECASE)
_DAYS = re.compile(r"(?<!\d)(\d{1,3})\s*(?:Kalender|Werk)?-?(?:Tagen?|days?)\b", re.IGNORECASE)
_FARTHEST = 70  # characters between the rate and its days


def discount_candidates(evidence: Evidence) -> Iterator[Candidate]:
    """Rate and days of the cash discount, where rate and days stand together."""
    if "discount_percent" not in evidence.definition.fields:
        return
    for page in evidence.pages:
        for segment in page.layout.segments():
            for rate, days, score in _terms(segment):
                percent = normalise(rate[1], FieldType.PERCENT, convention=_convention(rate[1]))
                if percent and 0 < float(percent) <= 10:
                    yield candidate_of(
                        page, "discount_percent", _span(segment, rate, FieldType.PERCENT, percent), score, ["terms"]
                    )
                    yield candidate_of(
                        page, "discount_days", _span(segment, days, FieldType.INTEGER, days[1]), score, ["terms"]
                    )


def _terms(segment: Segment) -> Iterator[tuple[re.Match[str], re.Match[str], float]]:
    """Each rate with the nearest number of days; surer where the segment names the discount."""
    days = list(_DAYS.finditer(segment.text))
    named = bool(_NAMED.search(segment.text))
    for rate in _PERCENT.finditer(segment.text):
        near = min(days, key=lambda each: _distance(rate, each), default=None)
        if near and _distance(rate, near) <= _FARTHEST:
            yield rate, near, 0.95 if named else 0.6


def _distance(left: re.Match[str], right: re.Match[str]) -> int:
    return max(left.start() - right.end(), right.start() - left.end())


def _convention(rate: str) -> Convention:
    return Convention.COMMA if "," in rate else Convention.POINT


def _span(segment: Segment, match: re.Match[str], kind: FieldType, text: str) -> Span:
    first, last = segment.tokens_between(match.start(), match.end())
    return Span(kind, segment, first, last, text, match[0])
