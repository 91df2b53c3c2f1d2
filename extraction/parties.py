"""Who sends and who receives: names and addresses, from labels, address blocks, known names and the look of the page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import dropwhile

from rapidfuzz import fuzz

from extraction.address_blocks import (
    COMPANY_CODE,
    CONTACT,
    POSTCODE,
    SEPARATOR,
    address_blocks,
    can_be_name,
    name_span,
    sender_line,
)
from extraction.evidence import Evidence, PageEvidence, candidate_of
from extraction.labels import LabelHit
from extraction.names import NAME_LABEL, cleaned, find_name, has_legal_form, likeness
from extraction.page_layout import Line, Segment, joined, part_of
from extraction.spans import Span
from schemas.document_type import FieldType
from schemas.normalisation import fold
from schemas.values import Candidate

SAME_NAME = 85.0  # likeness from which two printed names are one company
_DOMAIN = re.compile(r"(?:@|www\.)([a-z0-9\-]{3,})\.(?:[a-z]{2,3}\.)?[a-z]{2,4}\b", re.IGNORECASE)
_ADDRESS_END = re.compile(
    r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d:\d\d|\d[.,]\d{2}\b|\b(?:gst|vat|ust|uid|reg|roc|co)\b|invoice|receipt|rechnung|bon\b",
    re.IGNORECASE,
)


def party_candidates(evidence: Evidence) -> Iterator[Candidate]:
    """Supplier, recipient and (for receipts) the supplier's address."""
    fields = evidence.definition.fields
    known = list(_known(evidence, "supplier_name", evidence.supplier.name, "master") if evidence.supplier else ())
    senders = [*known, *_labelled(evidence, "supplier_name")]
    sender_names = [each.text for each in senders] + _window_senders(evidence.pages[0])
    recipients = list(_recipients(evidence, sender_names)) if "recipient_name" in fields else []
    yield from recipients
    best = max(recipients, key=lambda each: each.score, default=None)
    senders += _guessed_suppliers(evidence, best.text if best else "")
    yield from senders
    if senders and "supplier_address" in fields:
        yield from _addresses(evidence, max(senders, key=lambda each: each.score))


def _known(evidence: Evidence, field: str, name: str, source: str) -> Iterator[Candidate]:
    """Where a name that we know is printed: the likest first, then the highest on the page."""
    first = evidence.pages[0].layout.number
    places = find_name([page.layout for page in evidence.pages], name)
    for layout, span, like in sorted(places, key=lambda each: (-round(each[2] / 4), each[0].number, each[1].box.y0))[
        :3
    ]:
        how = evidence.supplier.how if evidence.supplier and source == "master" else "client"
        score = (0.95 if how == "name" else 0.98) * like / 100
        yield candidate_of(evidence.pages[layout.number - first], field, span, score, [f"{source}:{how}"])


def _labelled(evidence: Evidence, field: str) -> Iterator[Candidate]:
    """The first name beside or under each label of the field, on the first page."""
    for page in evidence.pages[:1]:
        for hit in (hit for hits in page.hits.values() for hit in hits if field in hit.fields):
            weight = max(label.weight for label in hit.labels if label.field == field) * hit.similarity
            name = next((each for each in _beside_or_under(page, hit) if can_be_name(each)), None)
            if name and _is_label(hit):
                yield candidate_of(page, field, name_span(name), weight, [f"label:{hit.text}"])


def _recipients(evidence: Evidence, senders: Sequence[str]) -> Iterator[Candidate]:
    """The client's own name, a labelled name, or the name of an address block; never the sender's."""
    found = [each for name in evidence.recipients for each in _known(evidence, "recipient_name", name, "known")]
    found += _labelled(evidence, "recipient_name")
    for block in address_blocks(evidence.pages[0]):
        share = block.page.layout.share(block.box)
        if block.name and 0.08 < share.y0 < 0.42:
            score = (0.75 if share.y0 > 0.12 else 0.55) - 0.2 * _repeated(evidence, block.name)
            found.append(candidate_of(block.page, "recipient_name", name_span(block.name), score, ["address_block"]))
    yield from (each for each in found if not any(likeness(each.text, sender) >= SAME_NAME for sender in senders))


def _window_senders(page: PageEvidence) -> list[str]:
    """The names on small sender's lines above address windows."""
    return [name for segment in page.layout.segments() if (name := sender_line(segment))]


def _repeated(evidence: Evidence, name: Segment) -> bool:
    """The name stands at a second place: senders repeat theirs in head, window line and foot."""
    key = cleaned(name.text)
    texts = [cleaned(segment.text) for page in evidence.pages for segment in page.layout.segments()]
    return sum(key in text for text in texts) > 1


def _beside_or_under(page: PageEvidence, hit: LabelHit) -> Iterator[Segment]:
    """The rest of the label's segment; else the next segment, then those under the label."""
    label, height = hit.segment, page.layout.line_height
    rest = next((i for i in range(hit.end, len(label.tokens)) if label.tokens[i].key), None)
    if rest is not None:
        yield part_of(label, rest)
        return
    labelled = {other.segment.index for other in page.hits.get(label.line, []) if other.start == 0}
    for segment in page.layout.lines[label.line].segments[label.index + 1 : label.index + 2]:
        near = segment.box.x0 - label.box.x1 < 12 * height
        if near and segment.index not in labelled and label.text.endswith(":"):
            yield segment
    for line in page.layout.lines[label.line + 1 : label.line + 5]:
        labelled = {other.segment.index for other in page.hits.get(line.index, []) if _is_label(other)}
        for segment in line.segments:
            if abs(segment.box.x0 - label.box.x0) < 1.5 * height and segment.index not in labelled:
                named = NAME_LABEL.fullmatch(segment.text.strip())
                yield from line.segments[segment.index + 1 : segment.index + 2] if named else (segment,)


def _is_label(hit: LabelHit) -> bool:
    """Not the beginning of a name, as of `Lieferant GmbH`."""
    return hit.alone or hit.segment.tokens[hit.end - 1].text.endswith(":")


def _guessed_suppliers(evidence: Evidence, recipient: str) -> Iterator[Candidate]:
    """Segments that look like a letter head's or footer's company name."""
    texts = " ".join(segment.text for page in evidence.pages for segment in page.layout.segments())
    domains = {fold(match[1]) for match in _DOMAIN.finditer(texts)}
    edges = evidence.pages[:1] if len(evidence.pages) == 1 else (evidence.pages[0], evidence.pages[-1])
    for page in edges:
        for segment in page.layout.segments():
            name = sender_line(segment) or SEPARATOR.split(segment.text)[0]
            score = _look(page, segment, name, domains)
            if score > 0.25 and likeness(name, recipient) < SAME_NAME:
                whole = _with_next_line(page, segment) if name == segment.text else None
                span = name_span(whole) if whole else name_span(segment, name)
                yield candidate_of(page, "supplier_name", span, min(score + (0.1 if whole else 0), 0.85), ["look"])


def _with_next_line(page: PageEvidence, segment: Segment) -> Segment | None:
    """A name that its line cuts off: at an `&`, or before a line that is hardly more than the legal form."""
    below = page.layout.lines[segment.line + 1 : segment.line + 2]
    lower = below[0].segments[0] if below and len(below[0].segments) == 1 else None
    if lower is None or has_legal_form(segment.text) or any(each.isdigit() for each in lower.text):
        return None
    cut = segment.text.rstrip().endswith(("&", " and", " und"))
    return joined((segment, lower)) if cut or (has_legal_form(lower.text) and len(lower.tokens) <= 3) else None


def _look(page: PageEvidence, segment: Segment, name: str, domains: set[str]) -> float:
    """How much a segment looks like the sender's name, 0 to 1."""
    key, share = cleaned(name), page.layout.share(segment.box)
    if not can_be_name(segment) and not sender_line(segment):
        return 0.0
    if len(key) < 3 or len(name.split()) > 8 or name.endswith(":") or not re.search(r"[^\W\d]{2}", name):
        return 0.0
    if any(hit.segment.index == segment.index and hit.start == 0 for hit in page.hits.get(segment.line, [])):
        return 0.0
    score = 0.25 if _heads_address(page, segment) else 0.0
    short = len(page.layout.lines) < 45 and page.layout.width < 0.75 * page.layout.height
    score += 0.3 if has_legal_form(name) else 0.0
    score += 0.3 if any(_is_domain(key, domain) for domain in domains) else 0.0
    score += 0.25 if sender_line(segment) else 0.0
    score += 0.15 if share.y0 < 0.2 else 0.05 if share.y0 > 0.85 else -0.15
    score += 0.12 * min(max(segment.box.height / page.layout.line_height - 1.15, 0), 1.5)
    score += 0.2 * (1 - min(segment.line, 4) / 4) if short or segment.line < 2 else 0.0
    return score - (0.25 if any(each.isdigit() for each in name) else 0.0)


def _heads_address(page: PageEvidence, segment: Segment) -> bool:
    """One of the first lines of the page, with a postcode in its column within three lines."""
    below = page.layout.lines[segment.line + 1 : segment.line + 4]
    return segment.line < 2 and any(
        POSTCODE.search(each.text) and min(each.box.x1, segment.box.x1) > max(each.box.x0, segment.box.x0)
        for line in below
        for each in line.segments
    )


def _is_domain(key: str, domain: str) -> bool:
    return min(len(domain), len(key)) > 3 and fuzz.partial_ratio(domain, key) > 90


def _addresses(evidence: Evidence, supplier: Candidate) -> Iterator[Candidate]:
    """The address behind the supplier's name on its line, and the lines below the name."""
    page = next(page for page in evidence.pages if page.layout.number == supplier.page)
    for segment in page.layout.segments():
        name, *rest = SEPARATOR.split(segment.text)
        if rest and POSTCODE.search(segment.text) and likeness(name, supplier.text) >= SAME_NAME:
            tail = part_of(segment, segment.tokens_between(0, len(name))[1])
            yield _address(page, tail, 0.8, "beside:supplier_name")
    below = [line for line in page.layout.lines if line.top / page.layout.height > supplier.box.y1 - 0.004]
    lines = list(_address_lines(page, list(dropwhile(_is_company_code, below))))
    if any(each.isdigit() for line in lines for each in line.text):
        whole = joined(tuple(segment for line in lines for segment in line.segments))
        yield _address(page, whole, 0.75 if POSTCODE.search(whole.text) else 0.5, "under:supplier_name")


def _is_company_code(line: Line) -> bool:
    """A line with the company's number, which many papers print between name and street."""
    return bool(COMPANY_CODE.match(line.text)) and not POSTCODE.search(line.text)


def _address_lines(page: PageEvidence, below: Sequence[Line]) -> Iterator[Line]:
    """Lines up to the first that is no address, or to the one with the postcode."""
    for count, line in enumerate(below[:6]):
        labelled = any(hit.start == 0 for hit in page.hits.get(line.index, []))
        if CONTACT.search(line.text) or labelled or _ADDRESS_END.search(line.text):
            return
        yield line
        if count and POSTCODE.search(line.text) and not line.text.rstrip().endswith(","):
            return


def _address(page: PageEvidence, segment: Segment, score: float, reason: str) -> Candidate:
    tokens = tuple(token for token in segment.tokens if token.key)
    text = " ".join(token.text for token in tokens).strip(" ,;|·•-")
    span = Span(FieldType.ADDRESS, segment, 0, len(segment.tokens), text, segment.text)
    return candidate_of(page, "supplier_address", span, score, [reason])
