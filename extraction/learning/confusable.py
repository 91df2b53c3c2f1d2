"""Letters and digits that readers take for each other, and how two texts differ by them.

Repairs are limited to these: on receipts, repairing by edit distance alone broke more values than it mended.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

_GROUPS = (
    *(
        "0odqc",
        "1iljt7f",
        "5s",
        "8b3",
        "2z",
        "6gb",
        "nmhr",
        "uv",
        "vyw",
        "ec",
        "rfp",
        "a4",
        "9gq",
        "hb",
        "nu",
        "ud",
        "kx",
    ),
)
CONFUSABLE = frozenset(frozenset((a, b)) for group in _GROUPS for a in group for b in group if a != b)
LEAST_COUNT = 3  # documents on which a word must have been right before others are repaired to it
MOST_EDITS = 2
LEAST_LETTERS = 3


@lru_cache(maxsize=50_000)
def edits(printed: str, known: str) -> tuple[int, int]:
    """How many letters differ, and how many of the differences are no confusion of the eye."""
    total = other = 0
    for step in Levenshtein.opcodes(printed, known):
        if step.tag == "equal":
            continue
        left, right = printed[step.src_start : step.src_end], known[step.dest_start : step.dest_end]
        total += max(len(left), len(right))
        if step.tag == "replace" and len(left) == len(right):
            other += sum(frozenset(pair) not in CONFUSABLE for pair in zip(left, right, strict=True))
        else:
            other += max(len(left), len(right))
    return total, other


class Lexicon:
    """Words of values that were right, with on how many documents: what a misread word may have been."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self.counts = Counter(counts)
        self._by_length: dict[int, list[str]] = {}
        for word, count in sorted(self.counts.items(), key=lambda each: (-each[1], each[0])):
            if count >= LEAST_COUNT and len(word) >= LEAST_LETTERS:
                self._by_length.setdefault(len(word), []).append(word)
        self._repairs: dict[str, str] = {}

    def repaired(self, word: str) -> str:
        """The known word that differs only by confusable letters; the word itself where there is none, or it is known."""
        if word not in self._repairs:
            self._repairs[word] = self._repair(word)
        return self._repairs[word]

    def _repair(self, word: str) -> str:
        if word in self.counts or len(word) < LEAST_LETTERS or word.isdigit():
            return word
        most = 1 if len(word) < 6 else MOST_EDITS
        for known in self._by_length.get(len(word), ()):
            wrong = [(a, b) for a, b in zip(word, known, strict=True) if a != b]
            if len(wrong) <= most and all(frozenset(pair) in CONFUSABLE for pair in wrong):
                return known
        return word
