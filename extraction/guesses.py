"""Guesses: every way to read a part of a text as a value. Recall comes first; what is unlikely has a cost.

The costs order guesses by how much they change of what is printed; a learned scorer weighs them against everything else.
Letters are only ever read as the digits they look like, and a guess never holds a digit that nothing on paper shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

GLUED = 0.1  # printed, but other letters or digits touch it
OTHER_ORDER = 0.3  # day and month, against the document's own notation
ODD_MARK = 0.4  # separators that differ, or that nobody prints there
UNSEPARATED = 0.5  # separators or a decimal mark are missing
CUT = 0.6  # a part is lost and completed from elsewhere on the page
LOOK_ALIKE = 0.3  # for each letter that is read as a digit
MOST_LOOK_ALIKES = 3

DIGIT_OF = str.maketrans("OoQDIl|!iSsBZzGg", "0000111115582266")
_RUN = re.compile(r"[\dOoQDIl|!iSsBZzGg][\dOoQDIl|!iSsBZzGg.,:/\- ]*")


class Guess(NamedTuple):
    """What the characters `start` up to `end` could mean: canonical text, what it costs, and how it was got."""

    start: int
    end: int
    text: str
    cost: float = 0.0
    how: str = "printed"


@lru_cache(maxsize=64)  # dates and amounts ask for the same text
def read_as_digits(text: str) -> str:
    """The text, as long as before, with look-alike letters as digits wherever at least as many real digits stand around them."""
    return _RUN.sub(_repaired, text)


def with_repairs(text: str, guesses: Iterable[Guess]) -> Iterator[Guess]:
    """Guesses from the repaired text as guesses for the text itself: each repaired letter costs, too many are dropped."""
    for guess in guesses:
        changed = sum(each.isalpha() or each in "|!" for each in text[guess.start : guess.end])
        if 0 < changed <= MOST_LOOK_ALIKES:
            yield guess._replace(cost=guess.cost + LOOK_ALIKE * changed, how="repaired")


def cheapest(guesses: Iterable[Guess]) -> list[Guess]:
    """One guess for each place and meaning, in reading order."""
    best: dict[tuple[int, int, str], Guess] = {}
    for guess in guesses:
        key = guess.start, guess.end, guess.text
        if key not in best or guess.cost < best[key].cost:
            best[key] = guess
    return sorted(best.values())


def _repaired(run: re.Match[str]) -> str:
    digits = sum(each.isdigit() for each in run[0])
    letters = sum(each.isalpha() or each in "|!" for each in run[0])
    return run[0].translate(DIGIT_OF) if letters and digits >= letters else run[0]
