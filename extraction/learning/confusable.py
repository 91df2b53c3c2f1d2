"""Letters and digits that readers take for each other, and how two texts differ by them.

Repairs are limited to these: on receipts, repairing by edit distance alone broke more values than it mended.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache

from rapidfuzz import fuzz, process
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
LEAST_PAIRS = 4  # documents on which two words must have stood side by side before one is repaired to them
MUCH_OFTENER = 20  # times
MOST_EDITS = 2
LIKE_MISREAD = 85.0  # likeness of a text with what it was misread as
MOST_MISREAD = 0.08  # share of its letters that may differ then, and two letters in any case
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


def misread(known: str, printed: Sequence[str]) -> str | None:
    """The printed text that is the known one but for a few letters; None where there is none."""
    best = process.extractOne(known, printed, scorer=fuzz.ratio, score_cutoff=LIKE_MISREAD)
    return best[0] if best and edits(best[0], known)[0] <= max(2, MOST_MISREAD * len(known)) else None


class Lexicon:
    """Words of values that were right, with on how many documents: what a misread word may have been."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self.counts = Counter(counts)
        self._by_length: dict[int, list[str]] = {}
        self._after: dict[str, list[str]] = {}
        self._before: dict[str, list[str]] = {}
        for word, count in sorted(self.counts.items(), key=lambda each: (-each[1], each[0])):
            first, _, second = word.partition(" ")
            if second:
                if count >= LEAST_PAIRS:
                    self._after.setdefault(first, []).append(second)
                    self._before.setdefault(second, []).append(first)
            elif count >= LEAST_COUNT and len(word) >= LEAST_LETTERS:
                self._by_length.setdefault(len(word), []).append(word)
        self._repairs: dict[str, str] = {}

    def repaired(self, word: str) -> str:
        """The known word that differs only by confusable letters; the word itself where there is none, or it is known."""
        if word not in self._repairs:
            self._repairs[word] = self._repair(word)
        return self._repairs[word]

    def beside(self, before: str, word: str, after: str) -> str:
        """The word of letters that is known beside one of its neighbours and differs by one letter; else the word itself.

        A known word gives way only to one that stood there much oftener than it stood anywhere: `Sin Bhd` is `Sdn Bhd`.
        """
        if (
            len(word) < LEAST_LETTERS
            or word.isdigit()
            or self.counts[f"{before} {word}"]
            or self.counts[f"{word} {after}"]
        ):
            return word
        pairs = (
            *((each, f"{before} {each}") for each in self._after.get(before, ())),
            *((each, f"{each} {after}") for each in self._before.get(after, ())),
        )
        near = (
            each
            for each, pair in pairs
            if len(each) == len(word)
            and each.isalpha()
            and _differ(word, each) == 1
            and self.counts[pair] >= MUCH_OFTENER * self.counts[word]
        )
        return next(near, word)

    def _repair(self, word: str) -> str:
        if word in self.counts or len(word) < LEAST_LETTERS or word.isdigit():
            return word
        most = 1 if len(word) < 6 else MOST_EDITS
        for known in self._by_length.get(len(word), ()):
            wrong = [(a, b) for a, b in zip(word, known, strict=True) if a != b]
            if len(wrong) <= most and all(frozenset(pair) in CONFUSABLE for pair in wrong):
                return known
        return word


def _differ(left: str, right: str) -> int:
    return sum(a != b for a, b in zip(left, right, strict=True))
