"""People: how often somebody is right, how much of their work is checked, whether they look before they confirm.

Counts come from blind keys and from seeded items whose truth is known. Intervals are exact (`bounds`); their lower end, not the
counted share, decides: five of five right is not yet skill.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.errors import DefinitionError
from validations.audit.bounds import Share, lower_bound, share


@dataclass(frozen=True)
class Step:
    """From this lower bound of accuracy on, this share of a person's work is checked; both 0 to 1."""

    lower_bound: float
    checked: float


STEPS = (Step(0.0, 1.0), Step(0.95, 0.5), Step(0.98, 0.2), Step(0.99, 0.1), Step(0.995, 0.05))
"""New people are checked at 100 %; nobody is ever checked at 0 %."""


def skill(right: int, checked: int, confidence: float = 0.95) -> Share:
    """How often a person is right with one type of field, with its interval; 0 to 1 while nothing was checked."""
    return share(right, checked, confidence)


def step_down(right: int, checked: int, steps: Sequence[Step] = STEPS, confidence: float = 0.95) -> float:
    """The share of a person's next work that is checked, from the one-sided lower bound of what was checked so far.

    It falls as the bound rises and rises again when it falls: give recent work only. Raises DefinitionError for steps that
    do not begin at 0 or are not in order.
    """
    bounds = [step.lower_bound for step in steps]
    if not bounds or bounds[0] != 0 or bounds != sorted(bounds):
        raise DefinitionError("steps of checking begin at a lower bound of 0 and rise")
    reached = lower_bound(right, checked, confidence) if checked else 0.0
    return [step.checked for step in steps if step.lower_bound <= reached][-1]


def checks_until(lower: float, confidence: float = 0.95) -> int:
    """How many checked values, all right, bring the lower bound of a person's accuracy to `lower` (above 0, below 1)."""
    count = 1
    while lower_bound(count, count, confidence) < lower:
        count *= 2
    low = count // 2
    while low + 1 < count:
        middle = (low + count) // 2
        low, count = (low, middle) if lower_bound(middle, middle, confidence) >= lower else (middle, count)
    return count


def rubber_stamping(confirmed: int, seeded: int, confidence: float = 0.95) -> Share:
    """The share of known wrong machine values that a person confirmed, with its interval; the lower, the better."""
    return share(confirmed, seeded, confidence)
