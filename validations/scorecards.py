"""What a filled-in scorecard comes to, in exact fractions.

An item's points times its weight, over the weights of the items that apply, is its section's score; the sections' scores are
weighted in the same way. What does not apply counts nowhere: neither for nor against. A critical error makes the score 0,
and is reported by whom it harms (customer, business, compliance), as the COPC standard for contact centres keeps them apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from schemas.scorecard import NOT_APPLICABLE, YES, Answer, CriticalClass, Form, Item, Section


@dataclass(frozen=True)
class Score:
    """`total` and each section's share, 0 to 1, None where nothing applied; `failed`: critical errors by item."""

    total: Fraction | None
    sections: Mapping[str, Fraction | None]
    failed: Mapping[str, CriticalClass]

    @property
    def auto_failed(self) -> bool:
        return bool(self.failed)


def points_of(item: Item, answer: str) -> Fraction | None:
    """The share of an item's weight that an answer earns; None where it does not apply or is not answered."""
    if answer not in item.answers or answer == NOT_APPLICABLE:
        return None
    if item.kind == "scale":
        return Fraction(int(answer) - 1, item.steps - 1)
    if item.kind == "choice":
        return Fraction(str(item.options[answer].points))
    return Fraction(answer == YES)


def score(form: Form, answers: Mapping[str, Answer]) -> Score:
    """What the answers so far come to."""
    sections = {section.id: _section_score(section, answers) for section in form.sections}
    failed = {
        item.id: item.critical for item in form.items if item.critical is not None and _points(item, answers) == 0
    }
    total = _weighted([(section.weight, sections[section.id]) for section in form.sections])
    return Score(Fraction(0) if failed else total, sections, failed)


def missing(form: Form, answers: Mapping[str, Answer]) -> list[str]:
    """Ids of the items that keep a scorecard from being final: without an answer, or without the place that shows the fault."""
    return [item.id for item in form.items if not _is_complete(item, answers.get(item.id, Answer()))]


def _is_complete(item: Item, given: Answer) -> bool:
    if given.answer not in item.answers:
        return False
    return given.place is not None or not item.evidence or points_of(item, given.answer) != 0


def _section_score(section: Section, answers: Mapping[str, Answer]) -> Fraction | None:
    return _weighted([(item.weight, _points(item, answers)) for item in section.items])


def _points(item: Item, answers: Mapping[str, Answer]) -> Fraction | None:
    return points_of(item, answers.get(item.id, Answer()).answer)


def _weighted(parts: list[tuple[int, Fraction | None]]) -> Fraction | None:
    """The weighted mean of what applies."""
    counted = [(weight, share) for weight, share in parts if share is not None]
    whole = sum(weight for weight, _ in counted)
    return sum((weight * share for weight, share in counted), Fraction(0)) / whole if whole else None
