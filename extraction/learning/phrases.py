"""Key phrases: which words stand beside, above or in a field's values, learned by counting documents.

A phrase's weight is the shrunk log-odds of being near a right spot rather than a wrong one; a phrase never seen weighs 0. While
training, a document's own counts are left out of its features (leave one out): otherwise a phrase seen once looks perfect.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from extraction.learning.context import SLOTS
from extraction.learning.features import Matrix

RIGHT_PRIOR, WRONG_PRIOR = 0.5, 1.5
LIMIT = 4.0  # of one phrase's weight
NAMES = (*(f"phrase_{slot}" for slot in SLOTS), "phrase_own_mean", "phrase_row_mean", "phrase_sum")

Phrases = Sequence[str]  # of one spot, each written `slot:words`


@dataclass
class PhraseBook:
    """Slot + phrase -> on how many documents it stood near a right spot, and near a wrong one."""

    right: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)

    def features(self, around: Sequence[Phrases], without: PhraseBook | None = None) -> Matrix:
        """One row a spot, columns as `NAMES`; `without` is what the document itself had counted."""
        known: dict[str, tuple[int, float]] = {}
        rows = np.zeros((len(around), len(NAMES)), np.float32)
        for row, phrases in zip(rows, around, strict=True):
            best = [0.0] * len(SLOTS)
            sums = {slot: [0.0, 0] for slot in _MEANS}
            for phrase in phrases:
                if phrase not in known:
                    known[phrase] = _COLUMN[phrase.partition(":")[0]], self._weight(phrase, without)
                column, weight = known[phrase]
                if abs(weight) > abs(best[column]):
                    best[column] = weight
                if column in sums:
                    sums[column][0] += weight
                    sums[column][1] += 1
            row[: len(best)] = best
            row[len(best) : -1] = [total / max(count, 1) for total, count in sums.values()]
            row[-1] = sum(best)
        return rows

    def _weight(self, key: str, without: PhraseBook | None) -> float:
        right, wrong = self.right.get(key, 0), self.wrong.get(key, 0)
        if without is not None:
            right, wrong = right - without.right.get(key, 0), wrong - without.wrong.get(key, 0)
        odds = math.log((right + RIGHT_PRIOR) / (wrong + WRONG_PRIOR)) - math.log(RIGHT_PRIOR / WRONG_PRIOR)
        return max(-LIMIT, min(LIMIT, odds))

    def as_json(self) -> dict[str, tuple[int, int]]:
        """Phrase -> (right, wrong); phrases that stood on one document only near wrong spots say next to nothing."""
        keys = [*self.right, *(key for key, count in self.wrong.items() if count > 1 and key not in self.right)]
        return {key: (self.right.get(key, 0), self.wrong.get(key, 0)) for key in keys}

    @classmethod
    def load(cls, data: Mapping[str, Sequence[int]]) -> PhraseBook:
        right = Counter({key: counts[0] for key, counts in data.items() if counts[0]})
        return cls(right, Counter({key: counts[1] for key, counts in data.items() if counts[1]}))

    def add(self, other: PhraseBook) -> None:
        """Count another document in."""
        self.right.update(other.right)
        self.wrong.update(other.wrong)


_COLUMN = {slot: index for index, slot in enumerate(SLOTS)}
_MEANS = (_COLUMN["own"], _COLUMN["row"])  # slots with many words: their mean counts too


def counted(around: Sequence[Phrases], right: Iterable[bool]) -> PhraseBook:
    """What one document says about its phrases: each counts once."""
    near_right: set[str] = set()
    near_wrong: set[str] = set()
    for phrases, good in zip(around, right, strict=True):
        near = near_right if good else near_wrong
        near.update(phrases)
    return PhraseBook(Counter(near_right), Counter(near_wrong))
