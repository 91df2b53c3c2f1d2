"""Names beside a label: an advertiser, a buyer, a contact.

Suppliers and recipients have ways of their own (`extraction.parties`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from extraction.address_blocks import name_span
from extraction.evidence import Evidence, PageEvidence, candidate_of
from extraction.labels import LabelHit
from extraction.names import NAME_LABEL
from extraction.page_layout import Segment, joined, part_of
from extraction.wrapped import goes_on
from schemas.document_type import FieldType
from schemas.values import Candidate

PARTIES = frozenset({"supplier_name", "recipient_name"})
FAR = 14  # line heights between a label and the name right of it
LINES_BELOW = 2
MOST_WORDS = 12  # more are a sentence
_LETTERS = re.compile(r"[^\W\d_]{2}")
_NUMBER_BEHIND = re.compile(r"\s*\(?\(\d+\)?$")  # `Friends of Ann Lee (33871)`


def labelled_names(evidence: Evidence) -> Iterator[Candidate]:
    """For each field that is a name what stands behind its label, right of it or under it, on the first page."""
    fields = {name for name, each in evidence.definition.fields.items() if each.type is FieldType.NAME} - PARTIES
    for page in evidence.pages[:1]:
        for hit in (hit for hits in page.hits.values() for hit in hits if hit.fields & fields):
            place = (_right(page, hit) or _under(page, hit)) if _is_label(hit) else None
            for label in hit.labels:
                if place and label.field in fields:
                    yield from _offered(page, place, label.field, label.weight * hit.similarity, hit.text)


def _offered(page: PageEvidence, place: Segment, field: str, weight: float, label: str) -> Iterator[Candidate]:
    """The name, without and with a number behind it."""
    short = _NUMBER_BEHIND.sub("", place.text) or place.text
    for text, factor in {place.text: 0.9, short: 0.95}.items():
        yield candidate_of(page, field, name_span(place, text), factor * weight, [f"label:{label}"])


def _is_label(hit: LabelHit) -> bool:
    """It opens or ends its segment, which is no sentence."""
    tokens = hit.segment.tokens
    return (hit.start == 0 and len(tokens) <= MOST_WORDS) or hit.end == len(tokens)


def _right(page: PageEvidence, hit: LabelHit) -> Segment | None:
    """The rest of the label's segment, else the next segment unless it begins with a label; and what follows below."""
    label = hit.segment
    rest = next((index for index in range(hit.end, len(label.tokens)) if label.tokens[index].key), None)
    if rest is not None:
        return _whole(page, label, rest)
    following = list(page.layout.lines[label.line].segments[label.index + 1 : label.index + 3])
    if following and NAME_LABEL.fullmatch(following[0].text):  # `Advertiser`, then `Name:` and other parts of it
        label = following.pop(0)
    for segment in following[:1]:
        if segment.box.x0 - label.box.x1 < FAR * page.layout.line_height and _is_name(page, segment):
            return _whole(page, segment, 0)
    return None


def _whole(page: PageEvidence, segment: Segment, start: int) -> Segment:
    """A name from one of a segment's words on, over as many lines as it takes."""
    parts = [part_of(segment, start)]
    while below := goes_on(page.layout, segment.line, segment.index, start, parts[-1].line):
        parts.append(below)
    return joined(tuple(parts))


def _under(page: PageEvidence, hit: LabelHit) -> Segment | None:
    below = page.layout.lines[hit.segment.line + 1 : hit.segment.line + 1 + LINES_BELOW]
    under = (each for line in below for each in line.segments if _aligned(page, hit, each))
    return next((segment for segment in under if _is_name(page, segment)), None)


def _aligned(page: PageEvidence, hit: LabelHit, segment: Segment) -> bool:
    return abs(segment.box.x0 - hit.box.x0) < 1.5 * page.layout.line_height


def _is_name(page: PageEvidence, segment: Segment) -> bool:
    hits = page.hits.get(segment.line, [])
    opens = any(hit.segment.index == segment.index and hit.start == 0 for hit in hits)
    return not opens and not segment.text.endswith(":") and bool(_LETTERS.search(segment.text))
