"""Key phrases: which words stand beside, above or in a field's values, learned by counting documents.

A phrase's weight is the shrunk log-odds of being near a right spot rather than a wrong one; a phrase never seen weighs 0. While
training, a document's own counts are left out of its features (leave one out): otherwise a phrase seen once looks perfect.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from extraction.learning.context import SLOTS
from extraction.learning.features import Matrix

RIGHT_PRIOR, WRONG_PRIOR = 0.5, 1.5
LIMIT = 4.0  # of one phrase's weight
NAMES = (*(f"phrase_{slot}" for slot in SLOTS), "phrase_own_mean", "phrase_row_mean", "phrase_sum")

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Around:
    """The phrases around many spots, each phrase kept once.

    `words` are the phrases, written `slot:words`, `columns` their slots; row r has the phrases `which[starts[r]:starts[r + 1]]`.
    """

    words: Sequence[str]
    columns: Numbers
    which: Numbers
    starts: Numbers

    @classmethod
    def of(cls, phrases: Sequence[Sequence[str]]) -> Around:
        """From the phrases of each spot."""
        known = {word: number for number, word in enumerate(dict.fromkeys(each for own in phrases for each in own))}
        columns = [_COLUMN[word.partition(":")[0]] for word in known]
        which = [known[word] for own in phrases for word in own]
        starts = np.cumsum([0, *(len(own) for own in phrases)])
        return cls(list(known), np.array(columns, dtype=np.int64), np.array(which, dtype=np.int64), starts)

    def rows(self, taken: Sequence[int]) -> Around:
        """Some of the spots, in the order asked for."""
        at = np.asarray(taken, dtype=np.int64)
        lengths = np.diff(self.starts)[at]
        starts = np.concatenate([[0], np.cumsum(lengths)])
        inside = np.arange(starts[-1]) - np.repeat(starts[:-1], lengths)
        used, which = np.unique(self.which[np.repeat(self.starts[:-1][at], lengths) + inside], return_inverse=True)
        return Around([self.words[number] for number in used], self.columns[used], which, starts)

    @property
    def row(self) -> Numbers:
        """The spot of each entry of `which`."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))


@dataclass
class PhraseBook:
    """Slot + phrase -> on how many documents it stood near a right spot, and near a wrong one."""

    right: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)

    def features(self, around: Around, without: PhraseBook | None = None) -> Matrix:
        """One row a spot, columns as `NAMES`; `without` is what the document itself had counted."""
        count, slots = len(around.starts) - 1, len(SLOTS)
        weights = self._weights(around.words, without)[around.which]
        row, column = around.row, around.columns[around.which]
        cells = row * slots + column
        order = np.lexsort((-np.abs(weights), cells))  # the strongest of each slot first
        strongest = order[np.diff(cells[order], prepend=-1) > 0]
        found = np.zeros((count, len(NAMES)))
        found[row[strongest], column[strongest]] = weights[strongest]
        for at, slot in enumerate(_MEANS, start=slots):
            own = column == slot
            total = np.bincount(row[own], weights[own], minlength=count)
            found[:, at] = total / np.maximum(np.bincount(row[own], minlength=count), 1)
        found[:, -1] = found[:, :slots].sum(axis=1)
        return found.astype(np.float32)

    def _weights(self, words: Sequence[str], without: PhraseBook | None) -> npt.NDArray[np.float64]:
        right, wrong = _counts(self.right, words), _counts(self.wrong, words)
        if without is not None:
            right, wrong = right - _counts(without.right, words), wrong - _counts(without.wrong, words)
        odds = np.log((right + RIGHT_PRIOR) / (wrong + WRONG_PRIOR)) - math.log(RIGHT_PRIOR / WRONG_PRIOR)
        return np.clip(odds, -LIMIT, LIMIT)

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


def _counts(counter: Counter[str], words: Sequence[str]) -> Numbers:
    return np.fromiter((counter.get(word, 0) for word in words), dtype=np.int64, count=len(words))


def counted(around: Around, right: Sequence[bool]) -> PhraseBook:
    """What one document says about its phrases: each counts once."""
    good = np.asarray(right, dtype=bool)[around.row]
    near_right, near_wrong = (
        Counter(around.words[number] for number in np.unique(around.which[near])) for near in (good, ~good)
    )
    return PhraseBook(near_right, near_wrong)
