"""Spans: runs of words that are printed like a date, an amount, an IBAN ... and the notation that the document uses."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extraction.page_layout import PageLayout, Segment, Token, around
from schemas.amounts import Convention, convention_of
from schemas.dates import DateOrder, date_order, find_dates
from schemas.document_type import FieldType
from schemas.identifiers import find_ibans, find_vat_ids, iban_length, parse_currency
from schemas.normalisation import normalise
from schemas.reading import Box, Source

POINT_COUNTRIES = frozenset(
    ["GB", "IE", "US", "CA", "AU", "NZ", "MY", "SG", "HK", "IN", "CN", "JP", "MX", "ZA", "MT", "CH", "LI"]
)
MONTH_FIRST_COUNTRIES = frozenset({"US"})
_CURRENCY = r"(?:€|\$|£|US\$|EUR|USD|GBP|CHF|RM|MYR|DEM)"
_AMOUNT = re.compile(
    rf"(?<![\w.,/:'\-])(?P<left>\(?[-+\u2212\u2013]?\s?{_CURRENCY}?\s?[-+\u2212\u2013]?\s?)"
    rf"(?P<number>\d{{1,3}}(?:[.,'\u2019 ]\s?\d{{3}})+(?:[.,]\s?\d{{1,4}})?|\d+(?:\s?[.,]\s?\d{{1,4}})?)"
    rf"(?P<right>(?:[.,](?:--?|\u2013))?(?:\s?{_CURRENCY}(?!\w))?(?:\s?-(?![\w])|\s?CR(?!\w)|\))?)(?![\w/:%]|\s?%|[.,'-]\d|-\w)"
)
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
_NUMBERED = re.compile(r"(?=\S*\d)[A-Za-z0-9][A-Za-z0-9/._\-+]*")
_GROUP = re.compile(r"\d+")
_PERCENT = re.compile(r"(?<![\w.,])(\d{1,3}(?:[.,]\d{1,3})?)\s?%")


@dataclass(frozen=True, slots=True)
class Notation:
    """How this document writes numbers and dates."""

    convention: Convention
    order: DateOrder


@dataclass(frozen=True, slots=True)
class Span:
    """Tokens `start` up to `end` of a segment, typed; `text` is canonical. `checked`: its check digits hold (or not).

    `cost` is 0 for what is printed as it is; repairs and guesses cost. `how` names the way it was got.
    """

    kind: FieldType
    segment: Segment
    start: int
    end: int
    text: str
    raw: str
    checked: bool | None = None
    cost: float = 0.0
    how: str = "printed"

    @property
    def tokens(self) -> Sequence[Token]:
        return self.segment.tokens[self.start : self.end]

    @property
    def box(self) -> Box:
        return around(list(self.tokens))

    @property
    def confidence(self) -> float:
        """The least word confidence: one misread digit makes the value wrong."""
        return min(token.confidence for token in self.tokens)

    @property
    def place(self) -> tuple[int, int, int, int]:
        """Where it stands; two spans at one place cannot be values of two fields."""
        return self.segment.page, self.segment.line, self.segment.index, self.end

    @property
    def has_decimals(self) -> bool:
        return bool(re.search(r"[.,]\s?(?:\d{2}|--?)\D*$", self.raw))


def notation_of(pages: Sequence[PageLayout], country: str, language: str) -> Notation:
    """Decide by the document's own unambiguous numbers and dates; by country and language where there are none."""
    segments = [segment.text for page in pages for segment in page.segments()]
    numbers = [match["number"] for text in segments for match in _AMOUNT.finditer(text)]
    points = language == "en" or (country in POINT_COUNTRIES and language != "de")
    convention = convention_of(numbers) or (Convention.POINT if points else Convention.COMMA)
    default = DateOrder.MONTH_FIRST if country in MONTH_FIRST_COUNTRIES or _dollars(segments) else DateOrder.DAY_FIRST
    return Notation(convention, date_order(segments, default))


def find_spans(page: PageLayout, notation: Notation) -> list[Span]:
    """Every typed span of a page, in reading order; spans of different kinds may overlap."""
    found = []
    for segment in page.segments():
        spans = list(_of_segment(segment, notation, page.source is Source.OCR))
        found += [*spans, *bics_in(segment), *identifiers_in(segment, spans)]
    return found


def amounts_in(segment: Segment, notation: Notation) -> Iterator[Span]:
    """Amounts and other plain numbers of a segment. Blanks group digits only where they are narrow."""
    for match in _AMOUNT.finditer(segment.text):
        start, end = match.span("number")
        pieces = match["number"].split(" ")
        if len(pieces) > 1 and not _grouped_by_blanks(segment, start, end, pieces):
            start = end - len(pieces[-1])
            raw = segment.text[start : match.end()]
        else:
            raw = match[0]
        text = normalise(raw.strip(), FieldType.AMOUNT, convention=notation.convention)
        if text is not None:
            yield _span(FieldType.AMOUNT, segment, start, end, text, raw.strip())


def currency_of(pages: Sequence[PageLayout]) -> Counter[str]:
    """How often each currency is printed, as code or mark, alone or glued to an amount."""
    found: Counter[str] = Counter()
    for page in pages:
        for segment in page.segments():
            for token in segment.tokens:
                code = parse_currency(token.text.strip("().,:;[]")) or _glued_currency(token.text)
                if code:
                    found[code] += 1
    return found


def _of_segment(segment: Segment, notation: Notation, repair: bool) -> Iterator[Span]:
    text = segment.text
    if not any(each.isdigit() for each in text):
        return
    for date in find_dates(text, notation.order):
        yield _span(FieldType.DATE, segment, date.start, date.end, date.date.isoformat(), text[date.start : date.end])
    for kind, found in ((FieldType.IBAN, find_ibans(text, repair=repair)), (FieldType.VAT_ID, find_vat_ids(text))):
        for each in found:
            yield _span(kind, segment, each.start, each.end, each.text, text[each.start : each.end], each.valid)
    for match in _PERCENT.finditer(text):
        percent = normalise(match[1], FieldType.PERCENT, convention=notation.convention)
        if percent is not None:
            yield _span(FieldType.PERCENT, segment, match.start(), match.end(), percent, match[0])
    yield from amounts_in(segment, notation)


def bics_in(segment: Segment) -> Iterator[Span]:
    """Words of a BIC's shape whose country has IBANs; only a label beside one makes it a BIC."""
    for index, token in enumerate(segment.tokens):
        code = token.text.strip(".,:;()|")
        branch = segment.tokens[index + 1].text.strip(".,:;()|") if index + 1 < len(segment.tokens) else ""
        if len(code) == 8 and re.fullmatch(r"X{3}|\d{3}", branch) and iban_length(code[4:6]):
            yield Span(FieldType.BIC, segment, index, index + 2, code + branch, f"{code} {branch}")
        elif _BIC.fullmatch(code) and iban_length(code[4:6]):
            yield Span(FieldType.BIC, segment, index, index + 1, code, code)


def identifiers_in(segment: Segment, taken: Sequence[Span]) -> Iterator[Span]:
    """Runs that could be a number with letters: at least one digit, no date, amount with cents or percentage.

    A short prefix in capitals and digit groups that stand close belong to it: `RE 2026 / 0815`.
    """
    barred = {i for span in taken if _bars_identifier(span) for i in range(span.start, span.end)}
    position = 0
    while position < len(segment.tokens):
        end = _identifier_end(segment, position, barred)
        if end is None:
            position += 1
            continue
        raw = " ".join(token.text for token in segment.tokens[position:end]).strip(" .,:;()#*|")
        text = re.sub(r"\s*([/\-])\s*", r"\1", raw)
        yield Span(FieldType.IDENTIFIER, segment, position, end, text, raw)
        position = end


def _bars_identifier(span: Span) -> bool:
    if span.kind is FieldType.DATE or span.kind is FieldType.PERCENT:
        return True
    return span.kind is FieldType.AMOUNT and bool(re.search(r"\d[.,]\d{2}\D*$", span.raw))


def _identifier_end(segment: Segment, start: int, barred: set[int]) -> int | None:
    """Where the identifier that starts at a token ends; None where none starts."""
    tokens = segment.tokens
    end = start
    if re.fullmatch(r"[A-Z]{1,4}-?", tokens[start].text):
        end += 1  # a prefix needs a number right behind it
    if end >= len(tokens) or end in barred or not _NUMBERED.fullmatch(tokens[end].text.strip(".,:;()#*|")):
        return None
    end += 1
    while end < len(tokens) and end not in barred and _close(tokens[end - 1], tokens[end]):
        if tokens[end].text in "/-" and end + 1 < len(tokens) and _GROUP.fullmatch(tokens[end + 1].text):
            end += 2
        elif _GROUP.fullmatch(tokens[end].text) and _GROUP.fullmatch(tokens[end - 1].text):
            end += 1
        else:
            break
    return end


def _close(left: Token, right: Token) -> bool:
    return right.box.x0 - left.box.x1 < 0.5 * max(left.box.height, right.box.height)


def _span(
    kind: FieldType, segment: Segment, start: int, end: int, text: str, raw: str, checked: bool | None = None
) -> Span:
    first, last = segment.tokens_between(start, end)
    return Span(kind, segment, first, last, text, raw, checked)


def _grouped_by_blanks(segment: Segment, start: int, end: int, pieces: list[str]) -> bool:
    """`1 234,56` is one number when its blanks are narrow and no other mark groups its digits."""
    if any(mark in piece for piece in pieces[:-1] for mark in ".,'") and all(len(piece) > 1 for piece in pieces):
        return pieces[0][-1] in ".,"  # cut by the reader: `1. 234,56`
    first, last = segment.tokens_between(start, end)
    tokens = segment.tokens[first:last]
    gaps = [right.box.x0 - left.box.x1 for left, right in itertools.pairwise(tokens)]
    return bool(re.search(r"[.,]\d{2}$", pieces[-1])) and all(gap < 0.4 * tokens[0].box.height for gap in gaps)


def _dollars(segments: list[str]) -> bool:
    return any("$" in text and "A$" not in text for text in segments) and not any(
        "€" in t or "£" in t for t in segments
    )


def _glued_currency(text: str) -> str | None:
    glued = re.match(r"^\W?(US\$|€|\$|£|EUR|USD|GBP|CHF|RM)(?=[\d.,-])", text) or re.search(
        r"(?<=[\d,.-])(€|EUR|£|\$|CHF)$", text
    )
    return parse_currency(glued[1]) if glued else None
