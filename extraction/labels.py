"""Labels: the words printed beside a value, found on a page in spite of case, hyphens, OCR errors and inserted rates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from extraction.page_layout import PageLayout, Segment, Token, around
from schemas.document_type import DocumentType, FieldDefinition, document_types
from schemas.identifiers import CURRENCY_CODES
from schemas.normalisation import fold
from schemas.reading import Box, Source

OTHER = ""  # the field of a label that belongs to no field: it shields the value beside it
LEAST_SIMILARITY = 0.84  # of a misread label: one letter in seven
LONGEST = 6  # words in a label
_SILENT = frozenset({"eur", "usd", "gbp", "chf", "in"})  # `Total EUR incl. VAT`
_COMPOUND = re.compile(
    r"(?!be|ver|an|zur)[a-z]{3,}?(rechnung(?:s?(?:no|nr|nummer|datum|vom))?)"
)  # `Stromrechnung` is a `Rechnung`


@dataclass(frozen=True, slots=True)
class Label:
    """A known label's field and weight: 1 for the most specific of a field, down to 0.7 for the vaguest."""

    field: str
    weight: float


@dataclass(frozen=True, slots=True)
class LabelHit:
    """Tokens `start` up to `end` of a segment read as a label; `similarity` 1 where it is printed as known."""

    labels: tuple[Label, ...]
    segment: Segment
    start: int
    end: int
    similarity: float

    @property
    def box(self) -> Box:
        return around(list(self.segment.tokens[self.start : self.end]))

    @property
    def fields(self) -> frozenset[str]:
        return frozenset(label.field for label in self.labels)

    @property
    def alone(self) -> bool:
        """Nothing else stands in the segment."""
        return not any(t.key for t in (*self.segment.tokens[: self.start], *self.segment.tokens[self.end :]))

    @property
    def text(self) -> str:
        return " ".join(token.text for token in self.segment.tokens[self.start : self.end])


class LabelBook:
    """The labels of some fields, folded, for quick look-up."""

    def __init__(self, fields: Mapping[str, FieldDefinition], others: Mapping[str, Sequence[str]]) -> None:
        entries: dict[str, list[Label]] = {}
        for name, definition in fields.items():
            for labels in definition.labels.values():
                for rank, text in enumerate(labels):
                    entries.setdefault(label_key(text), []).append(Label(name, 1.0 - 0.3 * rank / max(len(labels), 10)))
        for text in (each for labels in others.values() for each in labels):
            entries.setdefault(label_key(text), [Label(OTHER, 0.9)])
        self._entries = {key: tuple(labels) for key, labels in entries.items() if key}
        self._long_keys = [key for key in self._entries if len(key) >= 5]
        self.closest = lru_cache(maxsize=20_000)(self._closest)

    def get(self, key: str) -> tuple[Label, ...]:
        """The fields of a folded label."""
        return self._entries.get(key, ())

    def _closest(self, key: str) -> tuple[tuple[Label, ...], float]:
        """The labels most like a misread one, and how like; empty where none is near."""
        found = process.extractOne(
            key, self._long_keys, scorer=Levenshtein.normalized_similarity, score_cutoff=LEAST_SIMILARITY
        )
        return (self._entries[found[0]], float(found[1])) if found else ((), 0.0)


@cache
def field_labels(document_type: str) -> LabelBook:
    """The labels of a document type's header fields."""
    definition = document_types()[document_type]
    return LabelBook(definition.fields, definition.other_labels)


@cache
def column_labels(document_type: str, table: str) -> LabelBook:
    """The column headers of one of a document type's tables."""
    definition: DocumentType = document_types()[document_type]
    return LabelBook(definition.tables[table].columns, {})


@lru_cache(maxsize=50_000)
def label_key(text: str) -> str:
    """Folded text; the number sign reads as `no`."""
    return fold(text.replace("#", "no").replace("№", "no"))


def find_labels(page: PageLayout, book: LabelBook) -> list[LabelHit]:
    """Every label on a page, in reading order, the longest at each place; misread ones only where the page was OCRed."""
    return [hit for segment in page.segments() for hit in labels_in(segment, book, page.source is Source.OCR)]


def labels_in(segment: Segment, book: LabelBook, misread: bool) -> Iterator[LabelHit]:
    """The labels of one segment, from left to right, without overlap."""
    keys = [_key(token, following) for token, following in _with_following(segment.tokens)]
    position = 0
    while position < len(keys):
        hit = (
            _longest_at(segment, keys, position, book)
            or (misread and _misread_at(segment, keys, position, book))
            or None
        )
        if hit:
            yield hit
        position = hit.end if hit else position + 1


def _longest_at(segment: Segment, keys: list[str], start: int, book: LabelBook) -> LabelHit | None:
    """The longest known label from a word on; else that of what a compound word is a kind of."""
    compound = _COMPOUND.fullmatch(keys[start])
    for first in (keys[start], compound[1] if compound else ""):
        for end in range(min(start + LONGEST, len(keys)), start, -1) if first else ():
            labels = book.get("".join((first, *keys[start + 1 : end]))) if keys[end - 1] else ()
            if labels:
                return LabelHit(labels, segment, start, end, 1.0)
    return None


def _misread_at(segment: Segment, keys: list[str], start: int, book: LabelBook) -> LabelHit | None:
    if not keys[start]:
        return None
    for end in range(min(start + 3, len(keys)), start, -1):
        key = "".join(keys[start:end])
        if keys[end - 1] and 5 <= len(key) <= 28 and sum(each.isdigit() for each in key) <= 1:
            labels, similarity = book.closest(key)
            if labels:
                return LabelHit(labels, segment, start, end, similarity)
    return None


def _with_following(tokens: Sequence[Token]) -> Iterator[tuple[Token, str]]:
    following = [token.text for token in tokens[1:]] + [""]
    yield from zip(tokens, following, strict=True)


def _key(token: Token, following: str) -> str:
    """A token's part of a label: rates and currencies between its words are silent."""
    if token.key in _SILENT or token.key.upper() in CURRENCY_CODES:
        return ""
    if re.fullmatch(r"\(?@?\d{1,2}(?:[.,]\d{1,2})?%\)?:?", token.text):
        return ""
    if following.startswith("%") and re.fullmatch(r"\(?\d{1,2}(?:[.,]\d{1,2})?", token.text):
        return ""
    return label_key(token.text)
