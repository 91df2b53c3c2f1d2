"""A survey: all that is known of one document before anything is chosen. Made once, used for every field and every fold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from extraction.candidates import candidates
from extraction.choose import choose
from extraction.classify import language_of
from extraction.evidence import Evidence, gather
from extraction.learning.confusable import misread
from extraction.learning.context import Surroundings
from extraction.learning.features import BaseFeatures, Matrix
from extraction.learning.phrases import Around
from extraction.learning.spots import WORDED, Spot, Spots
from extraction.master_data import MasterData
from extraction.page_layout import PageLayout, layouts
from extraction.supplier import match_supplier
from schemas.document_type import DocumentType, FieldType
from schemas.normalisation import fold
from schemas.reading import Reading
from schemas.values import Candidate, Value

HEAD_LINES = 9
CODE_DIGITS = 7  # an identifier in the head with so many digits can name a supplier


@dataclass
class Survey:
    """One document's evidence, spots by type with their features and phrases, the rule-based candidates, head and codes."""

    evidence: Evidence
    rules: list[Candidate]
    pages: list[PageLayout]
    _base: dict[FieldType, BaseFeatures] = field(default_factory=dict)
    _phrases: dict[FieldType, Around] = field(default_factory=dict)

    @cached_property
    def spots(self) -> Spots:
        """By type; looked for only when a model or a memory asks."""
        return Spots(self.evidence)

    def base(self, kind: FieldType, rows: Sequence[int]) -> Matrix:
        """Features of some of the spots of a type."""
        if kind not in self._base:
            self._base[kind] = BaseFeatures(self.spots[kind], self.pages)
        return self._base[kind].rows(rows)

    def meant(self, kind: FieldType, key: str) -> frozenset[str]:
        """The keys that mean a true text: its own, and where no spot has that, the one that it was misread as."""
        keys = [spot.key for spot in self.spots[kind]]
        wrong = None if kind not in WORDED or key in keys else misread(key, keys)
        return frozenset({key} if wrong is None else {key, wrong})

    def phrases(self, kind: FieldType) -> Around:
        if kind not in self._phrases:
            self._phrases[kind] = self.phrases_of(self.spots[kind])
        return self._phrases[kind]

    def phrases_of(self, spots: Sequence[Spot]) -> Around:
        return Around.of([self.surroundings[spot.page.number].phrases(spot) for spot in spots])

    @cached_property
    def surroundings(self) -> dict[int, Surroundings]:
        return {page.number: Surroundings(page) for page in self.pages}

    @cached_property
    def head(self) -> list[str]:
        """The folded top lines of the first page."""
        return head_of(self.pages)

    @cached_property
    def codes(self) -> list[str]:
        return codes_of(self.pages)

    @cached_property
    def rule_scores(self) -> dict[str, dict[str, float]]:
        """Field -> compared key -> the best score that the labels of the document type gave it."""
        found: dict[str, dict[str, float]] = {}
        for each in self.rules:
            scores = found.setdefault(each.field, {})
            key = key_of(each.text, self.evidence.definition, each.field)
            scores[key] = max(scores.get(key, 0.0), each.score)
        return found

    @cached_property
    def by_rules(self) -> list[Value]:
        """What the rules alone would choose."""
        return choose(self.rules, self.evidence)

    @cached_property
    def ruled(self) -> dict[str, tuple[str, float]]:
        """Field -> compared key and probability of the value that the rules would choose."""
        definition = self.evidence.definition
        return {each.name: (key_of(each.text, definition, each.name), each.probability) for each in self.by_rules}


def survey(
    reading: Reading,
    definition: DocumentType,
    *,
    languages: Sequence[str],
    country: str,
    master: MasterData | None = None,
    recipients: Sequence[str] = (),
) -> Survey:
    """Look at a document of a known type."""
    pages = layouts(reading)
    return survey_of(pages, definition, language_of(pages[:2], languages), country, master, recipients)


def survey_of(
    pages: list[PageLayout],
    definition: DocumentType,
    language: str,
    country: str,
    master: MasterData | None,
    recipients: Sequence[str],
) -> Survey:
    """The same for pages that are laid out already and whose language is known."""
    evidence = replace(gather(pages, definition, country, language), recipients=tuple(recipients))
    evidence = match_supplier(evidence, master)
    return Survey(evidence, candidates(evidence), pages)


def key_of(text: str, definition: DocumentType, field: str) -> str:
    """What is compared of a value's text: canonical for typed values, folded for the others."""
    kind = definition.fields[field].type if field in definition.fields else FieldType.TEXT
    return fold(text) if kind in FOLDED else text


def year_word(day: str, earlier: int = 0) -> str:
    """A date's year, or one so much earlier, as it is counted among the words of right values: as no printed word is written.
    Empty where a person wrote what is no date."""
    year = day.partition("-")[0]
    return f"{int(year) - earlier}-" if year.isdecimal() else ""


FOLDED = WORDED | {FieldType.IDENTIFIER}


def head_of(pages: Sequence[PageLayout]) -> list[str]:
    lines = [fold(line.text) for line in pages[0].lines[: HEAD_LINES + 3]] if pages else []
    return [line for line in lines if len(line) > 2][:HEAD_LINES]


def codes_of(pages: Sequence[PageLayout]) -> list[str]:
    """Tax, registration and telephone numbers near the head: words with many digits, no dates."""
    if not pages:
        return []
    found = []
    for line in pages[0].lines[: 2 * HEAD_LINES]:
        for segment in line.segments:
            for token in segment.tokens:
                digits = sum(each.isdigit() for each in token.key)
                if digits >= CODE_DIGITS and not any(mark in token.text for mark in "/:"):
                    found.append(token.key)
    return list(dict.fromkeys(found))
