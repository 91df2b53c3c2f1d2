"""A field's table: its spots, those that memory adds, and one row of features for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from extraction.learning import features, memory, phrases
from extraction.learning.features import Matrix, base_features
from extraction.learning.memory import Recall, memory_features, remembered_spots
from extraction.learning.phrases import Around, PhraseBook
from extraction.learning.spots import Spot
from extraction.learning.survey import Survey

NOTHING = ("", 0.0)  # text and probability of what the rules choose where they choose nothing
RULES = ("rule_score", "rule_best", "rule_lead", "rule_chosen")
NAMES = (*features.NAMES, *RULES, *memory.NAMES, *phrases.NAMES)


@dataclass(frozen=True)
class Sample:
    """Some rows of a survey's spots of one type, with the phrases around them."""

    rows: list[int]
    around: Around


@dataclass(frozen=True)
class Table:
    """Spots and their features, row by row; columns as `NAMES`."""

    spots: list[Spot]
    matrix: Matrix


def field_table(
    seen: Survey,
    name: str,
    recalls: Sequence[Recall],
    book: PhraseBook,
    without: PhraseBook | None = None,
    only: Sample | None = None,
    crutches: bool = True,
) -> Table:
    """All that a scorer is shown of one field of one document.

    `without`: see `PhraseBook.features`. `only`: these spots of the survey (a sample to train on); what memory adds is
    always there. `crutches`: also what the rules choose, which takes time and is asked for by few-document scorers only.
    """
    kind = seen.evidence.definition.fields[name].type
    added = remembered_spots(seen, recalls, name)
    rows = only.rows if only else range(len(seen.spots[kind]))
    spots = [*(seen.spots[kind][row] for row in rows), *added]
    around = only.around if only else seen.phrases(kind)
    matrix = np.hstack(
        [
            np.vstack([seen.base(kind, rows), base_features(added, seen.pages)]),
            _rules(seen, name, spots, crutches),
            memory_features(seen, spots, recalls, name),
            np.vstack([book.features(each, without) for each in (around, seen.phrases_of(added))]),
        ]
    )
    return Table(spots, matrix)


def _rules(seen: Survey, name: str, spots: Sequence[Spot], crutches: bool) -> Matrix:
    """What the document type's own labels say of each spot: the only knowledge of a cold start."""
    scores = seen.rule_scores.get(name, {})
    ordered = sorted(scores.values(), reverse=True)
    rows = np.zeros((len(spots), len(RULES)), np.float32)
    if not ordered:
        return rows
    chosen, sure = seen.ruled.get(name, NOTHING) if crutches else NOTHING
    for row, spot in zip(rows, spots, strict=True):
        own = scores.get(spot.key, 0.0)
        rival = ordered[0] if own < ordered[0] else ordered[1] if len(ordered) > 1 else 0.0
        row[:] = own, float(own > 0 and own >= ordered[0]), own - rival, sure if spot.key == chosen else 0.0
    return rows
