"""Figures: how right the held-out predictions were, what could have gone through untouched, and how long the rest takes."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from pydantic import BaseModel, ConfigDict

from schemas.learning import Point
from tasks.learned import Learned
from tasks.past.held_out import Prediction
from tasks.past.setting import Setting

TARGETS = (0.005, 0.01, 0.02, 0.05)  # share of wrong values among the accepted ones that is allowed
BINS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0001)  # of the reliability curve
Z95 = 1.96


class _Plain(BaseModel):
    model_config = ConfigDict(frozen=True)


class Share(_Plain):
    """`right` of `n`, with the 95 % interval of Wilson (JASA 1927); None where n is 0."""

    n: int
    right: int
    share: float | None
    low: float | None
    high: float | None


class FieldReport(_Plain):
    """One field: accuracy before and after learning, and the latter apart for suppliers that the model knew or did not.

    `unseen_in_folds`: on suppliers kept from it in the final model's own folds, for a past whose newest documents have few
    new suppliers.
    """

    field: str
    cold: Share
    learned: Share
    seen: Share
    unseen: Share
    unseen_in_folds: float | None


class Untouched(_Plain):
    """What goes through when at most `target` of the accepted values may be wrong.

    The threshold was frozen on other documents than those it is measured on. A document is untouched when each of its
    deciding values was accepted.
    """

    target: float
    values: Share  # accepted of all
    values_wrong: Share  # wrong of the accepted; `right` counts the wrong ones
    documents: Share
    documents_wrong: Share
    doubtful_values: int
    documents_opened: int


class ReviewCost(_Plain):
    """Assumed seconds of a person's time."""

    seconds_per_document: float
    seconds_per_field: float

    def hours(self, documents: int, values: int) -> float:
        return round((documents * self.seconds_per_document + values * self.seconds_per_field) / 3600, 2)


class Figures(_Plain):
    """All that is measured on the counted documents."""

    documents: int
    documents_right: Share
    mean_cold: float | None
    mean: float | None
    mean_seen: float | None
    mean_unseen: float | None
    mean_unseen_in_folds: float | None
    fields: list[FieldReport]
    deciding: list[str]  # fields whose values decide whether a document needs a person
    untouched: list[Untouched]
    coverage: list[Point]
    reliability: list[Point]


def figures_of(predictions: Sequence[Prediction], setting: Setting, learned: Learned) -> Figures:
    """The figures of one past."""
    counted = [each for each in predictions if each.counted]
    measured = {each.field for each in counted}
    names = dict.fromkeys(name for kind in setting.types for name in kind.fields if name in measured)
    in_folds = _unseen_in_folds(learned)
    fields = [
        _field_report(name, [each for each in counted if each.field == name], in_folds.get(name)) for name in names
    ]
    deciding = deciding_fields(setting, list(names))
    documents = _by_document(counted)
    return Figures(
        documents=len(documents),
        documents_right=share_of(all(each.right for each in values) for values in documents.values()),
        mean_cold=_mean(field.cold for field in fields),
        mean=_mean(field.learned for field in fields),
        mean_seen=_mean(field.seen for field in fields),
        mean_unseen=_mean(field.unseen for field in fields),
        mean_unseen_in_folds=_mean_of(field.unseen_in_folds for field in fields),
        fields=fields,
        deciding=deciding,
        untouched=[_untouched(predictions, target, deciding) for target in TARGETS],
        coverage=_coverage(counted),
        reliability=_reliability(counted),
    )


def deciding_fields(setting: Setting, measured: Sequence[str]) -> list[str]:
    """The measured fields that are critical or required in one of the types; all measured ones where none is."""
    named = [
        name
        for name in measured
        if any((known := kind.fields.get(name)) and (known.critical or known.required) for kind in setting.types)
    ]
    return named or list(measured)


def share_of(flags: Iterable[bool]) -> Share:
    """How many of the flags are set, with the interval that so few of them allow."""
    held = list(flags)
    n, right = len(held), sum(held)
    if not n:
        return Share(n=0, right=0, share=None, low=None, high=None)
    p, z = right / n, Z95
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return Share(n=n, right=right, share=p, low=max(0.0, middle - half), high=min(1.0, middle + half))


def _unseen_in_folds(learned: Learned) -> dict[str, float]:
    cards = sorted((model.card for model in learned.models.values()), key=lambda card: card.documents)
    return {
        name: each.unseen for card in cards for name, each in card.fields.items() if each.unseen is not None
    }  # the type with most documents has the last word


def _field_report(name: str, values: Sequence[Prediction], in_folds: float | None) -> FieldReport:
    return FieldReport(
        field=name,
        cold=share_of(each.cold_right for each in values),
        learned=share_of(each.right for each in values),
        seen=share_of(each.right for each in values if each.seen is True),
        unseen=share_of(each.right for each in values if each.seen is False),
        unseen_in_folds=in_folds,
    )


def _mean(shares: Iterable[Share]) -> float | None:
    return _mean_of(each.share for each in shares)


def _mean_of(shares: Iterable[float | None]) -> float | None:
    known = [each for each in shares if each is not None]
    return sum(known) / len(known) if known else None


def _by_document(values: Iterable[Prediction]) -> Mapping[int, list[Prediction]]:
    documents: dict[int, list[Prediction]] = defaultdict(list)
    for each in values:
        documents[each.example].append(each)
    return documents


def _untouched(predictions: Sequence[Prediction], target: float, deciding: Sequence[str]) -> Untouched:
    folds = sorted({each.fold for each in predictions if each.counted})
    frozen = {fold: threshold([each for each in predictions if each.fold != fold], target) for fold in folds}
    counted = [each for each in predictions if each.counted]

    def accepted(each: Prediction) -> bool:
        return each.found.text != "" and each.found.probability >= frozen[each.fold]

    documents = [[each for each in values if each.field in deciding] for values in _by_document(counted).values()]
    through = [values for values in documents if values and all(map(accepted, values))]
    doubtful = [each for each in counted if not accepted(each)]
    return Untouched(
        target=target,
        values=share_of(map(accepted, counted)),
        values_wrong=share_of(not each.right for each in counted if accepted(each)),
        documents=share_of(bool(values) and all(map(accepted, values)) for values in documents),
        documents_wrong=share_of(any(not each.right for each in values) for values in through),
        doubtful_values=len(doubtful),
        documents_opened=len({each.example for each in doubtful}),
    )


def threshold(values: Iterable[Prediction], target: float) -> float:
    """The lowest probability from which on at most `target` of these values are wrong; above 1 where there is none."""
    ranked = sorted((each for each in values if each.found.text), key=lambda each: -each.found.probability)
    best, wrong = 1.1, 0
    for count, each in enumerate(ranked, 1):
        wrong += not each.right
        last_of_ties = count == len(ranked) or ranked[count].found.probability < each.found.probability
        if last_of_ties and wrong <= target * count:
            best = each.found.probability
    return best


def _coverage(values: Sequence[Prediction], most: int = 60) -> list[Point]:
    """x: share of wrong values among the surest; y: the share of all values that these are. At most `most` points."""
    ranked = sorted(values, key=lambda each: -each.found.probability)
    points, wrong = [], 0
    for count, each in enumerate(ranked, 1):
        wrong += not each.right
        points.append(Point(x=wrong / count, y=count / len(ranked), n=count))
    step = max(1, math.ceil(len(points) / most))
    return points[step - 1 :: step]


def _reliability(values: Sequence[Prediction]) -> list[Point]:
    """x: mean probability, y: share right, of the values in each bin."""
    points = []
    for low, high in pairwise(BINS):
        inside = [each for each in values if low <= each.found.probability < high]
        if inside:
            mean = sum(each.found.probability for each in inside) / len(inside)
            points.append(Point(x=mean, y=sum(each.right for each in inside) / len(inside), n=len(inside)))
    return points
