"""Who sends and who receives: names and addresses, from labels, address blocks, master data and the look of the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rapidfuzz import fuzz

from extraction.evidence import Evidence, PageEvidence, candidate_of
from extraction.names import cleaned, find_name, has_legal_form
from extraction.page_layout import Segment, around
from extraction.spans import Span
from schemas.document_type import FieldType
from schemas.normalisation import fold
from schemas.reading import Box
from schemas.values import Candidate

POSTCODE = re.compile(r"(?<![\w.,])(?:[A-Z]{1,2}-)?\d{4,5}\s+[^\W\d]{3,}|(?<!\w)[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}(?!\w)")
_SEPARATOR = re.compile(r"\s*[·•|∙*–—]\s*|\s+-\s+|,\s+|\s\.\s")
_SALUTATION = re.compile(r"^(?:herrn?|frau|firma|fa\.|an|mr\.?|mrs\.?|ms\.?|z\.\s?hd\.?.*|attn\.?:?.*)$", re.IGNORECASE)
_CONTACT = re.compile(r"@|www\.|https?:|\btel\b|\bfax\b|telefon|phone|iban|\bbic\b|\bblz\b", re.IGNORECASE)
_DOMAIN = re.compile(r"(?:@|www\.)([a-z0-9\-]{3,})\.(?:[a-z]{2,3}\.)?[a-z]{2,4}\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class AddressBlock:
    """Left-aligned segments, one under the other, that hold a postcode and a town."""

    page: PageEvidence
    segments: tuple[Segment, ...]

    @property
    def box(self) -> Box:
        return around([token for segment in self.segments for token in segment.tokens])


def party_candidates(evidence: Evidence) -> Iterator[Candidate]:
    """Supplier, recipient and (for receipts) the supplier's address."""
    blocks = [block for page in evidence.pages[:1] for block in address_blocks(page)]
    recipient = next(iter(sorted(_recipients(evidence, blocks), key=lambda each: -each.score)), None)
    suppliers = [*_known_supplier(evidence), *_guessed_suppliers(evidence, recipient)]
    yield from suppliers
    if recipient and "recipient_name" in evidence.definition.fields:
        yield recipient
    if suppliers and "supplier_address" in evidence.definition.fields:
        yield from _address_under(evidence, max(suppliers, key=lambda each: each.score))


def address_blocks(page: PageEvidence) -> list[AddressBlock]:
    """Every block of a page whose last lines hold a postcode; the name is its first line."""
    segments = list(page.layout.segments())
    found = []
    for segment in segments:
        if POSTCODE.search(segment.text) and len(segment.tokens) <= 5:
            above = _stack_above(segment, segments, page.layout.line_height)
            if 2 <= len(above) + 1 <= 7:
                found.append(AddressBlock(page, (*above, segment)))
    return found


def _stack_above(last: Segment, segments: list[Segment], height: float) -> list[Segment]:
    """The segments right above, left-aligned, line by line without a gap; at most five."""
    stack: list[Segment] = []
    current = last
    while len(stack) < 5:
        above = [
            each
            for each in segments
            if abs(each.box.x0 - current.box.x0) < 0.8 * height
            and 0 < current.box.y0 - each.box.y0 < 2.1 * max(height, current.box.height)
        ]
        if not above:
            break
        current = max(above, key=lambda each: each.box.y0)
        if _CONTACT.search(current.text) or POSTCODE.search(current.text):
            break
        stack.insert(0, current)
    return stack


def _recipients(evidence: Evidence, blocks: list[AddressBlock]) -> Iterator[Candidate]:
    """What stands beside or under a recipient's label; else the first line of the address window."""
    for page in evidence.pages[:1]:
        for hit in (hit for hits in page.hits.values() for hit in hits if "recipient_name" in hit.fields):
            weight = max(label.weight for label in hit.labels if label.field == "recipient_name")
            for segment in _beside_or_under(page, hit.segment, hit.end):
                yield candidate_of(page, "recipient_name", _name_span(segment), weight, [f"label:{hit.text}"])
                break
    for block in blocks:
        share = block.page.layout.share(block.box)
        first = next((each for each in block.segments if not _skipped_in_block(each)), None)
        if first and 0.08 < share.y0 < 0.4 and share.x0 < 0.5:
            score = 0.75 if share.y0 > 0.12 else 0.5
            yield candidate_of(block.page, "recipient_name", _name_span(first), score, ["address_window"])


def _skipped_in_block(segment: Segment) -> bool:
    """A salutation, a label or the sender's small line above the address."""
    return bool(_SALUTATION.match(segment.text)) or segment.text.endswith(":") or bool(_sender_line(segment))


def _sender_line(segment: Segment) -> str | None:
    """The name in `Muster GmbH · Hauptstr. 1 · 12345 Ort`, the small line above an address window."""
    parts = _SEPARATOR.split(segment.text)
    return parts[0] if len(parts) >= 3 and POSTCODE.search(segment.text) and len(parts[0]) > 2 else None


def _beside_or_under(page: PageEvidence, label: Segment, end: int) -> Iterator[Segment]:
    """The rest of the label's segment, the next segment, then those under it."""
    rest = [token for token in label.tokens[end:] if token.key]
    if rest:
        start = next(i for i in range(end, len(label.tokens)) if label.tokens[i].key)
        yield Segment(label.page, label.line, label.index, label.tokens[start:], label.text[label.starts[start] :], ())
        return
    under = [
        segment
        for line in page.layout.lines[label.line + 1 : label.line + 4]
        for segment in line.segments
        if abs(segment.box.x0 - label.box.x0) < 1.5 * page.layout.line_height and not _skipped_in_block(segment)
    ]
    beside = page.layout.lines[label.line].segments[label.index + 1 : label.index + 2]
    labelled = {hit.segment.index for hit in page.hits.get(label.line, []) if hit.start == 0}
    near = [each for each in beside if each.index not in labelled and not any(c.isdigit() for c in each.text)]
    colon = label.tokens[end - 1].text.endswith(":") or not under
    yield from (
        [*near, *under] if colon and near and near[0].box.x0 - label.box.x1 < 12 * page.layout.line_height else under
    )


def _known_supplier(evidence: Evidence) -> Iterator[Candidate]:
    """The master data's supplier where the document prints its name."""
    match = evidence.supplier
    if match is None:
        return
    layouts = [page.layout for page in evidence.pages]
    places = sorted(
        find_name(layouts, match.name), key=lambda each: (-round(each[2] / 4), each[0].number, each[1].box.y0)
    )
    for layout, span, likeness in places[:3]:
        page = evidence.pages[layout.number - evidence.pages[0].layout.number]
        score = (0.98 if match.how != "name" else 0.95) * likeness / 100
        yield candidate_of(page, "supplier_name", span, score, [f"master:{match.how}"])


def _guessed_suppliers(evidence: Evidence, recipient: Candidate | None) -> Iterator[Candidate]:
    """Segments that look like a letter head's or footer's company name."""
    texts = " ".join(segment.text for page in evidence.pages for segment in page.layout.segments())
    domains = {fold(match[1]) for match in _DOMAIN.finditer(texts)}
    edges = evidence.pages[:1] if len(evidence.pages) == 1 else (evidence.pages[0], evidence.pages[-1])
    folded_recipient = cleaned(recipient.text) if recipient else ""
    for page in edges:
        for segment in page.layout.segments():
            name = _sender_line(segment) or _SEPARATOR.split(segment.text)[0]
            score = _look(page, segment, name, domains)
            if score > 0.25 and cleaned(name) != folded_recipient:
                span = _name_span(segment, name)
                yield candidate_of(page, "supplier_name", span, min(score, 0.85), ["look"])


def _look(page: PageEvidence, segment: Segment, name: str, domains: set[str]) -> float:
    """How much a segment looks like the sender's name, 0 to 1."""
    key, share = cleaned(name), page.layout.share(segment.box)
    if (
        len(key) < 3
        or len(name.split()) > 8
        or _CONTACT.search(name)
        or name.endswith(":")
        or not re.search(r"[^\W\d]{2}", name)
    ):
        return 0.0
    if any(hit.segment.index == segment.index and hit.start == 0 for hit in page.hits.get(segment.line, [])):
        return 0.0
    receipt = page.layout.width < 0.62 * page.layout.height or len(page.layout.lines) < 45
    score = 0.3 if has_legal_form(name) else 0.0
    score += (
        0.3 if any(fuzz.partial_ratio(domain, key) > 90 and min(len(domain), len(key)) > 3 for domain in domains) else 0
    )
    score += 0.25 if _sender_line(segment) else 0.0
    score += 0.15 if share.y0 < 0.2 else 0.05 if share.y0 > 0.85 else -0.15
    score += 0.12 * min(max(segment.box.height / page.layout.line_height - 1.15, 0), 1.5)
    score += 0.2 * (1 - min(segment.line, 4) / 4) if receipt or segment.line < 2 else 0.0
    score -= 0.25 if any(each.isdigit() for each in name) else 0.0
    return score


def _address_under(evidence: Evidence, supplier: Candidate) -> Iterator[Candidate]:
    """The lines below the supplier's name up to the first that is no address."""
    page = evidence.pages[0]
    if supplier.page != page.layout.number:
        return
    below = [line for line in page.layout.lines if line.top / page.layout.height > supplier.box.y1 - 0.004]
    lines = []
    for line in below[:6]:
        if (
            _CONTACT.search(line.text)
            or any(hit.start == 0 for hit in page.hits.get(line.index, []))
            or _ends_address(line.text)
        ):
            break
        lines.append(line)
        if POSTCODE.search(line.text) and len(lines) >= 2 and not line.text.rstrip().endswith(","):
            break
    tokens = tuple(token for line in lines for segment in line.segments for token in segment.tokens)
    if not any(each.isdigit() for line in lines for each in line.text):
        return
    text = " ".join(line.text.strip() for line in lines)
    whole = Segment(page.layout.number, lines[0].index, 0, tokens, text, ())
    span = Span(FieldType.ADDRESS, whole, 0, len(tokens), text, text)
    yield candidate_of(page, "supplier_address", span, 0.75 if POSTCODE.search(text) else 0.5, ["under:supplier_name"])


def _ends_address(text: str) -> bool:
    """A date, a time, a price or a company number: the address is over."""
    return bool(
        re.search(
            r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d:\d\d|\d[.,]\d{2}\b|\bgst\b|\bvat\b|\bust\b|\buid\b|\breg\b|invoice|receipt|rechnung",
            text,
            re.IGNORECASE,
        )
    )


def _name_span(segment: Segment, name: str | None = None) -> Span:
    """A segment, or its first words, as a name."""
    if name and name != segment.text and segment.starts:
        at = max(segment.text.find(name), 0)
        start, end = segment.tokens_between(at, at + len(name))
        return Span(FieldType.NAME, segment, start, end, name.strip(" ,;:"), name)
    text = segment.text.strip(" ,;:")
    return Span(FieldType.NAME, segment, 0, len(segment.tokens), text, segment.text)
