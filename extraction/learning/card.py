"""The model card: what a model was made from, and its figures on documents that it had not seen (Mitchell et al. 2019)."""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from sklearn.metrics import roc_auc_score

from extraction.learning.model import Judged
from extraction.learning.school import School
from schemas.clock import now
from schemas.learning import FieldFigures, ModelCard, Point

if TYPE_CHECKING:
    from extraction.learning.learn import Outcome

BINS = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0)
ERRORS = (0.0025, 0.005, 0.01, 0.02, 0.05, 0.1)


def model_card(
    school: School,
    outcomes: Sequence[Outcome],
    judged: Sequence[Judged],
    seconds: float,
    learning: tuple[list[Point], list[Point]],
) -> ModelCard:
    """All figures are shares, 0 to 1; `plain` folds give the figures of documents as they come, `supplier` folds of strangers."""
    plain = [each for each in outcomes if each.group == "plain"]
    strange = [each for each in outcomes if each.group == "supplier"]
    content = hashlib.sha256("|".join(sorted(study.key for study in school.studies)).encode()).hexdigest()[:8]
    made = now()
    return ModelCard(
        name=f"{school.definition.name}-{made:%Y%m%d%H%M%S}-{content}",
        document_type=school.definition.name,
        made_at=made,
        documents=len(school.studies),
        suppliers=len({study.family for study in school.studies}),
        corrected_fields=sum(len(study.right) for study in school.studies),
        seconds=round(seconds, 2),
        readers=dict(Counter(study.reader for study in school.studies)),
        versions={name: importlib.metadata.version(name) for name in ("lightgbm", "scikit-learn", "numpy")},
        fields={name: _figures(name, plain, strange) for name in dict.fromkeys(each.field for each in outcomes)},
        mean=_share([each.right for each in plain]),
        mean_unseen=_share([each.right for each in strange]) if strange else None,
        documents_right=_share(list(_by_document(plain).values())),
        auroc=_auroc(judged),
        reliability=reliability(judged),
        coverage=coverage(judged),
        learning=learning[0],
        learning_unseen=learning[1],
    )


def _figures(name: str, plain: Sequence[Outcome], strange: Sequence[Outcome]) -> FieldFigures:
    own = [each for each in plain if each.field == name]
    known = [each.right for each in own if each.seen]
    unknown = [each.right for each in strange if each.field == name]
    return FieldFigures(
        n=len(own),
        accuracy=_share([each.right for each in own]),
        candidate_recall=_share([_offered(each) for each in own if each.study.right[name]]),
        seen=_share(known) if known else None,
        unseen=_share(unknown) if unknown else None,
    )


def _offered(outcome: Outcome) -> bool:
    return any(outcome.study.is_right(outcome.field, spot) for spot in outcome.choice.table.spots)


def _by_document(outcomes: Sequence[Outcome]) -> dict[str, bool]:
    found: dict[str, bool] = {}
    for each in outcomes:
        found[each.study.key] = found.get(each.study.key, True) and each.right
    return found


def reliability(judged: Sequence[Judged]) -> list[Point]:
    """Predicted probability against the share that was right, in bins that are finer where it matters."""
    found = []
    for low, high in pairwise(BINS):
        own = [j for j in judged if low <= j.probability < high or (high == 1.0 and j.probability == 1.0)]
        if own:
            x = float(np.mean([j.probability for j in own]))
            found.append(Point(x=round(x, 4), y=_share([j.right for j in own]), n=len(own)))
    return found


def coverage(judged: Sequence[Judged]) -> list[Point]:
    """The share of values that may go untouched at each share of errors among them, on the held-out documents themselves."""
    values = sorted(judged, key=lambda each: -each.probability)
    wrong = np.cumsum([not each.right for each in values])
    counts = np.arange(1, len(values) + 1)
    found = []
    for error in ERRORS:
        held = np.flatnonzero(wrong <= error * counts)
        best = int(counts[held[-1]]) if len(held) else 0
        found.append(Point(x=error, y=round(best / max(len(values), 1), 4), n=best))
    return found


def _auroc(judged: Sequence[Judged]) -> float | None:
    right = [each.right for each in judged]
    if len(set(right)) < 2:
        return None
    return round(float(roc_auc_score(right, [each.probability for each in judged])), 4)


def _share(flags: Sequence[bool]) -> float:
    return round(sum(flags) / len(flags), 4) if flags else 0.0
