"""The examples as they are studied: each surveyed once, with its right spots, its trace for memory, and who is like whom."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from rapidfuzz import fuzz

from extraction.learning.memory import (
    MOST_RECALLS,
    RECOGNISED,
    SAME_CODE,
    HeadBook,
    Recall,
    merged,
    supplier_key,
    trace,
)
from extraction.learning.model import word_counts
from extraction.learning.phrases import PhraseBook, counted
from extraction.learning.spots import Spot
from extraction.learning.survey import FOLDED, Survey, key_of, survey, year_word
from extraction.learning.tables import Sample
from schemas.document_type import DocumentType, FieldType
from schemas.learning import Example, RememberedSupplier
from schemas.normalisation import fold, normalise, same_value
from schemas.reading import SecondLook

EARLIEST = dt.datetime.min.replace(tzinfo=dt.UTC)
SAME_FAMILY = 85.0  # likeness of two supplier keys that are one supplier spelled twice


@dataclass
class Study:
    """One example. `right`: field -> the keys that are its value, empty where the document has none.

    `taught` is the same for training: where a text was misread everywhere, its place still teaches what such a value looks like.
    """

    key: str
    seen: Survey
    right: dict[str, frozenset[str]]
    taught: dict[str, frozenset[str]]
    canonical: dict[str, str]
    trace: RememberedSupplier
    reader: str
    at: dt.datetime | None = None
    looks: Mapping[str, SecondLook] = field(default_factory=dict)
    family: str = ""
    samples: dict[str, Sample] = field(default_factory=dict)  # field -> the spots that are trained on
    _flags: dict[str, list[bool]] = field(default_factory=dict)
    _counts: dict[str, PhraseBook] = field(default_factory=dict)

    def is_right(self, name: str, spot: Spot | None) -> bool:
        return not self.right[name] if spot is None else spot.key in self.right[name]

    def flags(self, name: str) -> list[bool]:
        """For every spot of the field's type whether it teaches what a right one looks like."""
        if name not in self._flags:
            kind = self.seen.evidence.definition.fields[name].type
            self._flags[name] = [spot.key in self.taught[name] for spot in self.seen.spots[kind]]
        return self._flags[name]

    def counts(self, name: str) -> PhraseBook:
        """What this document says about a field's key phrases."""
        if name not in self._counts:
            kind = self.seen.evidence.definition.fields[name].type
            self._counts[name] = counted(self.seen.phrases(kind), self.flags(name))
        return self._counts[name]

    def has_spot(self, name: str) -> bool:
        return any(self.flags(name))


class School:
    """All studies, and what any part of them knows of the suppliers of another."""

    def __init__(self, found: Sequence[Study], definition: DocumentType) -> None:
        self.studies = list(found)
        self.definition = definition
        self._row = {study.key: row for row, study in enumerate(self.studies)}
        self._like = _likeness(self.studies)
        self._merged: dict[tuple[str, ...], RememberedSupplier] = {}

    def recalls(self, study: Study, known: Sequence[Study]) -> list[Recall]:
        """The suppliers that memory would recall for a document if it had seen the others of `known`, and not this one."""
        like = self._like[self._row[study.key]]
        best: dict[str, float] = {}
        members: dict[str, list[Study]] = {}
        for other in known:
            if other.key != study.key:
                owner = other.trace.key
                best[owner] = max(best.get(owner, 0.0), float(like[self._row[other.key]]))
                members.setdefault(owner, []).append(other)
        likely = sorted((owner for owner in best if best[owner] >= RECOGNISED), key=lambda owner: -best[owner])
        return [Recall(self._supplier(members[owner]), best[owner]) for owner in likely[:MOST_RECALLS]]

    def newest(self, most: int) -> School:
        """The newest documents as a school of their own; of those without a time, the last."""
        if len(self.studies) <= most:
            return self
        order = sorted(range(len(self.studies)), key=lambda row: (self.studies[row].at or EARLIEST, row))
        return School([self.studies[row] for row in sorted(order[-most:])], self.definition)

    def words(self, documents: Sequence[Study]) -> Counter[str]:
        """On how many documents each word was part of a right name or address."""
        return word_counts([_words(study) for study in documents])

    def _supplier(self, members: Sequence[Study]) -> RememberedSupplier:
        key = tuple(study.key for study in members)
        if key not in self._merged:
            traces = [study.trace for study in members]
            self._merged[key] = merged(traces[:-1], traces[-1])
        return self._merged[key]


def studies(
    examples: Sequence[Example],
    definition: DocumentType,
    languages: Sequence[str],
    country: str,
    recipients: Sequence[str],
) -> list[Study]:
    """Survey every example, and find its truth among its spots."""
    found = [_study(each, definition, languages, country, recipients) for each in examples if each.reading.pages]
    families: list[str] = []
    for study in found:
        key = study.trace.key
        study.family = next((each for each in families if fuzz.ratio(key, each) >= SAME_FAMILY), key)
        if study.family == key and key not in families:
            families.append(key)
    return found


def _study(
    example: Example, definition: DocumentType, languages: Sequence[str], country: str, recipients: Sequence[str]
) -> Study:
    seen = survey(example.reading, definition, languages=languages, country=country, recipients=recipients)
    right, canonical = {}, {}
    for name, text in example.fields.items():
        if name in definition.fields:
            right[name], canonical[name] = _right_keys(seen, name, text, definition)
    taught = example.model_copy(update={"fields": canonical, "supplier": supplier_key(example, definition)})
    return Study(
        example.key,
        seen,
        right,
        {name: _taught(seen, name, keys) for name, keys in right.items()},
        canonical,
        trace(seen, taught, definition),
        example.reading.reader,
        example.at,
        example.looks,
    )


def _right_keys(seen: Survey, name: str, text: str, definition: DocumentType) -> tuple[frozenset[str], str]:
    """The keys of all spots that mean the true value, and its canonical text: that of the likeliest such spot."""
    if not text.strip():
        return frozenset(), ""
    kind = definition.fields[name].type
    printed = {spot.key: spot for spot in reversed(seen.spots[kind])}
    if kind in FOLDED:
        return frozenset({key_of(text, definition, name)}), " ".join(text.split())
    same = [spot for spot in printed.values() if same_value(spot.text, text, kind)]
    canonical = min(same, key=lambda spot: spot.cost).text if same else normalise(text, kind) or text
    return frozenset({canonical, *(spot.key for spot in same)}), canonical


def _taught(seen: Survey, name: str, right: frozenset[str]) -> frozenset[str]:
    kind = seen.evidence.definition.fields[name].type
    return seen.meant(kind, *right) if len(right) == 1 else right


def _words(study: Study) -> list[str]:
    definition = study.seen.evidence.definition
    texts = [(definition.fields[name].type, text) for name, text in study.canonical.items()]
    years = [year_word(text) for kind, text in texts if kind is FieldType.DATE]
    words = [_folded(text) for kind, text in texts if kind in FOLDED]
    pairs = [" ".join(pair) for own in words for pair in itertools.pairwise(own)]
    return [*filter(None, years), *itertools.chain.from_iterable(words), *pairs]


def _folded(text: str) -> list[str]:
    return [word for word in (fold(each) for each in text.replace(",", " ").split()) if word]


def _likeness(found: Sequence[Study]) -> np.ndarray:
    """Of every document's head and codes with every other's, 0 to 1."""
    heads = [study.seen.head for study in found]
    like = HeadBook(heads, [study.trace.key for study in found]).likeness(heads)
    owners: dict[str, list[int]] = {}
    for row, study in enumerate(found):
        for code in study.trace.codes:
            owners.setdefault(code, []).append(row)
    for rows in owners.values():
        for row in rows:
            like[row, rows] = np.maximum(like[row, rows], SAME_CODE)
    return like
