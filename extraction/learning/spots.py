"""Spots: every place on a document where a value of some type could stand, before anybody asks for which field.

Spots of one type are shared by all fields of that type. They are many (recall first) and cheap: a learned scorer chooses.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from extraction.derived import derived_amounts
from extraction.evidence import Evidence, PageEvidence
from extraction.learning.texts import Part, Run, address_runs, name_runs
from extraction.page_layout import PageLayout, Token, around
from extraction.spans import Span
from extraction.wide_spans import wide_spans
from schemas.document_type import FieldType
from schemas.normalisation import fold
from schemas.reading import Box, union

WORDED = frozenset(
    {FieldType.NAME, FieldType.TEXT, FieldType.ADDRESS}
)  # types whose values are words, not codes or numbers
TAIL_COST = 0.2
_TAIL = re.compile(r"\s*(?:-\s?\w{1,2}|\([^()]*\)?|/\w*)$")  # what may be glued to a name: a number, a party, a part
_TAIL_BEGINS = "-(/"
MOST_PAGES = 8  # the first ones and the last; a value of the whole document stands there


class Spot(NamedTuple):
    """A run of words that could be a value; its box is in shares of the page.

    `key` is what is compared (folded text, or the canonical text of a typed value); `line`, `segment`, `start` are where the run
    begins on its page, `end` is the token after its last on the segment where it ends. `how` says how it was got: printed,
    repaired, glued, derived, remembered ...; `cost` what that takes away from it.
    """

    kind: FieldType
    page: PageLayout
    tokens: tuple[Token, ...]
    box: Box
    text: str
    raw: str
    key: str
    line: int
    segment: int
    start: int
    last_line: int
    last_segment: int
    end: int
    cost: float = 0.0
    how: str = "printed"
    checked: bool | None = None
    support: int = 0  # documents on which memory saw this value
    likeness: float = 1.0  # of the printed text with a remembered one

    @property
    def place(self) -> tuple[int, int, int, int, int]:
        return self.page.number, self.line, self.segment, self.start, self.end


class Spots(dict[FieldType, list[Spot]]):
    """All spots of a document by their type, page after page; looked for when a type is first asked for."""

    def __init__(self, evidence: Evidence) -> None:
        super().__init__()
        self._evidence = evidence

    def __missing__(self, kind: FieldType) -> list[Spot]:
        found = {kind: _texts(self._evidence, kind)} if kind in WORDED else _typed(self._evidence)
        self.update(found)
        return found[kind]


def _pages(evidence: Evidence) -> Sequence[PageEvidence]:
    pages = evidence.pages
    return pages if len(pages) <= MOST_PAGES else [*pages[: MOST_PAGES - 1], pages[-1]]


def _texts(evidence: Evidence, kind: FieldType) -> list[Spot]:
    runs = address_runs if kind is FieldType.ADDRESS else name_runs
    return [spot for page in _pages(evidence) for spot in _of_runs(page.layout, kind, runs(page.layout))]


def _typed(evidence: Evidence) -> dict[FieldType, list[Spot]]:
    """The spots of all types that the document's fields have and that are not words."""
    kinds = {each.type for each in evidence.definition.fields.values()} - WORDED
    found: dict[FieldType, list[Spot]] = {kind: [] for kind in kinds}
    for page in _pages(evidence):
        spans = wide_spans(page.layout, evidence.notation, list(itertools.chain.from_iterable(page.spans.values())))
        for span in [*spans, *(derived_amounts(spans) if FieldType.AMOUNT in kinds else ())]:
            if span.kind in kinds:
                found[span.kind].append(_of_span(page.layout, span))
    return found


def _of_span(page: PageLayout, span: Span) -> Spot:
    where = span.segment
    key = fold(span.text) if span.kind is FieldType.IDENTIFIER else span.text
    place = (where.line, where.index, span.start, where.line, where.index, span.end)
    tokens = tuple(span.tokens)
    box = page.share(around(tokens))
    return Spot(span.kind, page, tokens, box, span.text, span.raw, key, *place, span.cost, span.how, span.checked)


def _of_runs(page: PageLayout, kind: FieldType, runs: Iterator[Run]) -> Iterator[Spot]:
    known: dict[Part, _Piece] = {}  # many runs share their parts
    for run in runs:
        pieces = [known.get(part) or known.setdefault(part, _piece(page, part)) for part in run]
        tokens = tuple(itertools.chain.from_iterable([piece.tokens for piece in pieces]))
        text = " ".join([piece.text for piece in pieces]).strip(" ,;:|·•-*")
        key = "".join([piece.key for piece in pieces])
        (line, segment, start, _), (last_line, last_segment, _, end) = run[0], run[-1]
        place = (line, segment, start, last_line, last_segment, end)
        if len(key) > 1:
            box = page.share(union([piece.box for piece in pieces]))
            yield Spot(kind, page, tokens, box, text, text, key, *place)
            shorter = _TAIL.sub("", text) if any(mark in text for mark in _TAIL_BEGINS) else text
            if shorter != text and len(fold(shorter)) > 1:
                yield Spot(kind, page, tokens, box, shorter, text, fold(shorter), *place, TAIL_COST, "trimmed")


class _Piece(NamedTuple):
    """A part of a run; its box is in points."""

    tokens: tuple[Token, ...]
    text: str
    key: str
    box: Box


def _piece(page: PageLayout, part: Part) -> _Piece:
    line, segment, start, end = part
    tokens = page.lines[line].segments[segment].tokens[start:end]
    text, key = " ".join([token.text for token in tokens]), "".join([token.key for token in tokens])
    return _Piece(tokens, text, key, around(tokens))
