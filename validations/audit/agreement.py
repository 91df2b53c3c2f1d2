"""How far two people agree on the same items: raw, Cohen's kappa, Gwet's AC1.

Kappa (Cohen, *A coefficient of agreement for nominal scales*, Educ. Psychol. Meas. 20, 1960) falls towards zero where nearly
everything is the same, however rarely the two differ; AC1 (Gwet, *Computing inter-rater reliability and its variance in the
presence of high agreement*, Br. J. Math. Stat. Psychol. 61, 2008) does not. All three are shown together. For free values
compare verdicts (right or wrong), not texts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Agreement:
    """`items` judged by both; `raw` 0 to 1; `kappa` and `ac1` -1 to 1, None where chance alone explains everything or nothing."""

    items: int
    raw: float
    kappa: float | None
    ac1: float | None


def agreement(pairs: Sequence[tuple[Hashable, Hashable]], categories: int | None = None) -> Agreement:
    """Agreement of two raters over the same items; each pair holds what the first and the second said.

    `categories`: how many verdicts there are to choose from, where more than were used.
    """
    total = len(pairs)
    if not total:
        return Agreement(0, 0.0, None, None)
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    used = first.keys() | second.keys()
    raw = sum(a == b for a, b in pairs) / total
    by_chance = sum(first[c] * second[c] for c in used) / total**2
    means = [(first[c] + second[c]) / (2 * total) for c in used]
    spread = max(categories or 0, len(used)) - 1
    ac1 = _beyond(raw, sum(m * (1 - m) for m in means) / spread) if spread else None
    return Agreement(total, raw, _beyond(raw, by_chance), ac1)


def _beyond(raw: float, by_chance: float) -> float | None:
    """The share of the agreement that chance leaves open; None where it leaves nothing open."""
    return (raw - by_chance) / (1 - by_chance) if by_chance < 1 else None
