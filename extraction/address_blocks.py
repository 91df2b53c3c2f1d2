"""Address blocks: left-aligned lines, one under the other, that end in a postcode and a town."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from extraction.evidence import PageEvidence
from extraction.page_layout import Segment, around
from extraction.spans import Span
from schemas.document_type import FieldType
from schemas.reading import Box

POSTCODE = re.compile(
    r"(?<![\w.,])(?:[A-Z]{1,2}[- ])?\d{4,5}\s+[^\W\d]{3,}"  # 12345 Ort, D-12345 Ort, 1010 Wien
    r"|\b[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}\b"  # BS1 4RP
    r"|(?<!\d)\d{4}\s[A-Z]{2}\s+[^\W\d]{3,}"  # 1012 AB Amsterdam
)
CONTACT = re.compile(r"@|www\.|https?:|\btel\b|\bfax\b|telefon|phone|\biban\b|\bbic\b|\bblz\b|\bgln\b", re.IGNORECASE)
COMPANY_CODE = re.compile(  # at a line's beginning: a registration or tax number, with or without its label
    r"\W*(?:(?:co|br|company|business|reg\w*|roc|gst|vat|ust|tax|hrb|no|nr|id)\b\W*)*[A-Z]{0,3}\d{5,}[-/\w]*",
    re.IGNORECASE,
)
SEPARATOR = re.compile(r"\s*[·•●|∙*\u2013\u2014]\s*|\s+-\s+|,\s+|\s\.\s")
_SALUTATION = re.compile(
    r"^(?:herrn?|frau|firma|fa\.|an|mr\.?|mrs\.?|ms\.?|z\.\s?hd\.?.*|attn\.?:?.*|c/o.*)$", re.IGNORECASE
)
_MOST_LINES = 6


@dataclass(frozen=True, slots=True)
class AddressBlock:
    """The lines of one address on a page, top to bottom."""

    page: PageEvidence
    segments: tuple[Segment, ...]

    @property
    def box(self) -> Box:
        return around([token for segment in self.segments for token in segment.tokens])

    @property
    def name(self) -> Segment | None:
        """The first line that can be a name."""
        return next((each for each in self.segments if can_be_name(each)), None)


def address_blocks(page: PageEvidence) -> list[AddressBlock]:
    """Every address block of a page, in reading order."""
    segments = list(page.layout.segments())
    found = []
    for segment in segments:
        if POSTCODE.search(segment.text) and len(segment.tokens) <= 5:
            above = _stack_above(segment, segments, page)
            if above:
                found.append(AddressBlock(page, (*above, segment)))
    return found


def can_be_name(segment: Segment) -> bool:
    """Neither a salutation, a label, a contact line, a number nor the sender's small line above an address."""
    text = segment.text
    if _SALUTATION.match(text) or text.endswith(":") or CONTACT.search(text) or sender_line(segment):
        return False
    return bool(re.search(r"[^\W\d]{2}", text)) and not re.search(r":\s*\S*\d|\d{4,}", text)


def sender_line(segment: Segment) -> str | None:
    """The name in `Muster GmbH · Hauptstr. 1 · 12345 Ort`, the small line above an address window."""
    parts = SEPARATOR.split(segment.text)
    return parts[0] if len(parts) >= 3 and POSTCODE.search(segment.text) and len(parts[0]) > 2 else None


def name_span(segment: Segment, name: str | None = None) -> Span:
    """A segment, or a part of it, as a name."""
    if name and name != segment.text:
        at = max(segment.text.find(name), 0)
        start, end = segment.tokens_between(at, at + len(name))
        return Span(FieldType.NAME, segment, start, end, name.strip(" ,;:"), name)
    return Span(FieldType.NAME, segment, 0, len(segment.tokens), segment.text.strip(" ,;:"), segment.text)


def _stack_above(last: Segment, segments: list[Segment], page: PageEvidence) -> list[Segment]:
    """The segments right above, left-aligned, line by line without a gap, up to a label or a contact line."""
    stack: list[Segment] = []
    current = last
    while len(stack) < _MOST_LINES:
        above = list(_right_above(current, segments, page.layout.line_height))
        if not above:
            break
        current = max(above, key=lambda each: each.box.y0)
        if CONTACT.search(current.text) or POSTCODE.search(current.text) or _is_labelled(current, page):
            break
        stack.insert(0, current)
    return stack


def _right_above(segment: Segment, segments: list[Segment], height: float) -> Iterator[Segment]:
    for each in segments:
        aligned = abs(each.box.x0 - segment.box.x0) < 0.8 * height
        if aligned and 0 < segment.box.y0 - each.box.y0 < 2.1 * max(height, segment.box.height):
            yield each


def _is_labelled(segment: Segment, page: PageEvidence) -> bool:
    return any(
        hit.segment.index == segment.index and hit.start == 0 and hit.similarity == 1.0
        for hit in page.hits.get(segment.line, [])
    )
