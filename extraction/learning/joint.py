"""The joint decision: one value a field, chosen together, so that the whole document makes sense.

Every field brings its best few values and `absent`, each with a probability. What holds between fields was learned from the
examples: amounts that add up, dates that follow each other. A beam search finds the likeliest combination.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from pydantic import BaseModel

from extraction.learning.confusable import Lexicon
from extraction.learning.mending import mend
from extraction.learning.scorer import Vector
from extraction.learning.spots import Spot
from schemas.document_type import DocumentType, FieldType

TOP, BEAM = 6, 48
MOST_SPOTS = 40  # of a field that are looked at, the best first
HELD, BROKEN = 1.6, -2.2  # log-probability that a relation adds when it holds, and when it does not
SHARED = -4.0  # two fields at one place
SURE_SHARE, LEAST_EXAMPLES = 0.92, 6
FREE = frozenset(
    {FieldType.NAME, FieldType.ADDRESS, FieldType.TEXT, FieldType.CURRENCY, FieldType.PERCENT, FieldType.INTEGER}
)


class Relations(BaseModel):
    """What held between fields in the examples: `sums` are (part, part, whole), `orders` are (earlier, later)."""

    sums: list[tuple[str, str, str]] = []
    orders: list[tuple[str, str]] = []


@dataclass(frozen=True, slots=True)
class Option:
    """A value that a field may have, or none (`spot` None); `score` in log-odds, `share` of the field's probability."""

    field: str
    spot: Spot | None
    row: int
    score: float
    share: float


def options(name: str, spots: Sequence[Spot], scores: Vector, absent: float, lexicon: Lexicon) -> list[Option]:
    """The field's best values, one a text, and `absent` with its own log-odds; the likeliest first.

    Texts are mended first: a misprint of a remembered value counts for that value, a misread word for the word it must be.
    """
    mended = mend([(spots[row], int(row)) for row in np.argsort(-scores, kind="stable")[:MOST_SPOTS]], lexicon)
    best: dict[str, tuple[Spot, int, float]] = {}
    for spot, row in mended:
        if spot.key not in best:
            best[spot.key] = (spot, row, float(scores[row]))
        elif spot.how == "remembered" and best[spot.key][0].how != "remembered":
            best[spot.key] = (spot, row, best[spot.key][2])  # the same value, and memory knows it
    odds = [absent, *(score for _, _, score in best.values())]
    total = sum(math.exp(min(each, 30.0)) for each in odds)
    found = [
        Option(name, spot, row, score, math.exp(min(score, 30.0)) / total)
        for spot, row, score in list(best.values())[:TOP]
    ]
    found.append(Option(name, None, -1, absent, math.exp(absent) / total))
    return sorted(found, key=lambda each: -each.share)


def decide(choices: Mapping[str, Sequence[Option]], relations: Relations) -> dict[str, Option]:
    """The likeliest combination: surest fields first, the best partial combinations kept."""
    beam: list[tuple[float, dict[str, Option]]] = [(0.0, {})]
    for name in sorted(choices, key=lambda each: -choices[each][0].share):
        wider = [
            (score + math.log(max(each.share, 1e-9)) + _fits(taken, each, relations), {**taken, name: each})
            for score, taken in beam
            for each in choices[name]
        ]
        beam = sorted(wider, key=lambda each: -each[0])[:BEAM]
    return beam[0][1]


def _fits(taken: Mapping[str, Option], new: Option, relations: Relations) -> float:
    if new.spot is None:
        return 0.0
    total = sum(SHARED for other in taken.values() if other.spot and _same_place(other.spot, new.spot))
    chosen = {**{name: each.spot for name, each in taken.items()}, new.field: new.spot}
    return total + sum(HELD if held else BROKEN for held in _held(chosen, relations, new.field))


def _held(chosen: Mapping[str, Spot | None], relations: Relations, touched: str = "") -> list[bool]:
    """For every relation that all its fields have a value for (and that touches a field): whether it holds."""
    found = []
    for a, b, whole in relations.sums:
        parts = (chosen.get(a), chosen.get(b), chosen.get(whole))
        if touched in ("", a, b, whole) and parts[0] and parts[1] and parts[2]:
            found.append(_sum_holds(parts[0].text, parts[1].text, parts[2].text))
    for earlier, later in relations.orders:
        if touched in ("", earlier, later):
            first, second = chosen.get(earlier), chosen.get(later)
            if first and second:
                found.append(first.text <= second.text)
    return found


def agreement(chosen: Mapping[str, Option], relations: Relations, name: str) -> float:
    """1 if all relations of a field hold, -1 if one does not, 0 if there is none to ask."""
    held = _held({field: each.spot for field, each in chosen.items()}, relations, name)
    return 0.0 if not held else 1.0 if all(held) else -1.0


def _same_place(left: Spot, right: Spot) -> bool:
    if {left.kind, right.kind} & FREE or left.how == "derived" or right.how == "derived":
        return False
    same_segment = (left.page.number, left.line, left.segment) == (right.page.number, right.line, right.segment)
    return same_segment and left.start < right.end and right.start < left.end


def learn_relations(truths: Sequence[Mapping[str, str]], definition: DocumentType) -> Relations:
    """Relations that hold in nearly all examples that have their fields; texts are canonical."""
    amounts = [name for name, each in definition.fields.items() if each.type is FieldType.AMOUNT]
    dates = [name for name, each in definition.fields.items() if each.type is FieldType.DATE]
    sums = [
        (a, b, whole)
        for whole in amounts
        for a, b in itertools.combinations([name for name in amounts if name != whole], 2)
        if _nearly_always([_sum_holds(t[a], t[b], t[whole]) for t in truths if t.get(a) and t.get(b) and t.get(whole)])
    ]
    orders = [
        (earlier, later)
        for earlier, later in itertools.permutations(dates, 2)
        if _nearly_always([t[earlier] <= t[later] for t in truths if t.get(earlier) and t.get(later)])
        and any(t[earlier] < t[later] for t in truths if t.get(earlier) and t.get(later))
    ]
    return Relations(sums=sums, orders=orders)


def _nearly_always(held: Sequence[bool]) -> bool:
    return len(held) >= LEAST_EXAMPLES and sum(held) >= SURE_SHARE * len(held)


def _sum_holds(a: str, b: str, whole: str) -> bool:
    return abs(Decimal(a) + Decimal(b) - Decimal(whole)) <= Decimal("0.02")
