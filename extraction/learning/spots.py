"""Spots: every place on a document where a value of some type could stand, before anybody asks for which field.

Spots of one type are shared by all fields of that type. They are many (recall first) and cheap: a learned scorer chooses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extraction.derived import derived_amounts
from extraction.evidence import Evidence
from extraction.learning.texts import address_runs, name_runs
from extraction.page_layout import PageLayout, Token, around
from extraction.spans import Span
from extraction.wide_spans import wide_spans
from schemas.document_type import FieldType
from schemas.normalisation import fold
from schemas.reading import Box

WORDED = frozenset(
    {FieldType.NAME, FieldType.TEXT, FieldType.ADDRESS}
)  # types whose values are words, not codes or numbers
TAIL_COST = 0.2
_TAIL = re.compile(r"\s*(?:-\s?\w{1,2}|\([^()]*\)?|/\w*)$")  # what may be glued to a name: a number, a party, a part
MOST_PAGES = 8  # the first ones and the last; a value of the whole document stands there


@dataclass(frozen=True, slots=True)
class Spot:
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


def spots(evidence: Evidence, kinds: frozenset[FieldType]) -> dict[FieldType, list[Spot]]:
    """All spots of the given types, page after page."""
    found: dict[FieldType, list[Spot]] = {kind: [] for kind in kinds}
    for page in _pages(evidence):
        for kind in kinds & WORDED - {FieldType.ADDRESS}:
            found[kind] += _of_runs(page, kind, name_runs(page))
        if FieldType.ADDRESS in kinds:
            found[FieldType.ADDRESS] += _of_runs(page, FieldType.ADDRESS, address_runs(page))
        if kinds - WORDED:
            _add_typed(found, page, evidence)
    return found


def _pages(evidence: Evidence) -> list[PageLayout]:
    pages = [page.layout for page in evidence.pages]
    return pages if len(pages) <= MOST_PAGES else [*pages[: MOST_PAGES - 1], pages[-1]]


def _add_typed(found: dict[FieldType, list[Spot]], page: PageLayout, evidence: Evidence) -> None:
    spans = wide_spans(page, evidence.notation)
    for span in spans:
        if span.kind in found:
            found[span.kind].append(_of_span(page, span))
    if FieldType.AMOUNT in found:
        found[FieldType.AMOUNT] += [_of_span(page, span) for span in derived_amounts(spans)]


def _of_span(page: PageLayout, span: Span) -> Spot:
    where = span.segment
    key = fold(span.text) if span.kind is FieldType.IDENTIFIER else span.text
    place = (where.line, where.index, span.start, where.line, where.index, span.end)
    tokens = tuple(span.tokens)
    box = page.share(around(tokens))
    return Spot(span.kind, page, tokens, box, span.text, span.raw, key, *place, span.cost, span.how, span.checked)


def _of_runs(page: PageLayout, kind: FieldType, runs: Iterator[Sequence[tuple[int, int, int, int]]]) -> Iterator[Spot]:
    """Runs are parts of segments: (line, segment, start, end) each."""
    for run in runs:
        parts = [(page.lines[line].segments[segment], start, end) for line, segment, start, end in run]
        tokens = tuple(token for part, start, end in parts for token in part.tokens[start:end])
        text = " ".join(token.text for token in tokens).strip(" ,;:|·•-*")
        (line, segment, start, _), (last_line, last_segment, _, end) = run[0], run[-1]
        place = (line, segment, start, last_line, last_segment, end)
        if len(fold(text)) > 1:
            box = page.share(around(tokens))
            yield Spot(kind, page, tokens, box, text, text, fold(text), *place)
            shorter = _TAIL.sub("", text)
            if shorter != text and len(fold(shorter)) > 1:
                yield Spot(kind, page, tokens, box, shorter, text, fold(shorter), *place, TAIL_COST, "trimmed")
