"""From outcomes to the benchmark's figures.

Shares are 0 to 1; a value that was not found counts as wrong and is never accepted.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sklearn.metrics import roc_auc_score

from benchmarks.extraction_corpus import LINE_ITEMS, Document
from benchmarks.extraction_runs import ERRORS, Measured, Outcome


def accuracy(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """`documents`, `fields`, `mean` over fields, `documents_right`; line items are one field, its values the cells."""
    values = defaultdict(list)
    for outcome in outcomes:
        for each in outcome.values:
            values[each.field].append(each)
    fields: dict[str, dict[str, Any]] = {name: _field(values[name]) for name in sorted(values)}
    cells = [right for outcome in outcomes for right in outcome.cells]
    if cells:
        fields[LINE_ITEMS] = {"accuracy": share(cells), "candidate_recall": None, "n": len(cells)}
    return {
        "documents": len(outcomes),
        "fields": fields,
        "mean": _mean(each["accuracy"] for each in fields.values()),
        "documents_right": share(all([*(v.right for v in each.values), *each.cells]) for each in outcomes),
    }


def groups(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """`accuracy` for each group that the corpus names."""
    names = sorted({each.document.truth.group for each in outcomes} - {""})
    return {name: accuracy([each for each in outcomes if each.document.truth.group == name]) for name in names}


def one_shot(outcomes: dict[int, list[Outcome]]) -> dict[str, Any]:
    """`one_shot`: corrected documents of the supplier -> mean over fields; and what the figures rest on."""
    told = {shots: each for shots, each in outcomes.items() if each}
    return {
        "one_shot": {str(shots): accuracy(each)["mean"] for shots, each in told.items()},
        "one_shot_documents": {str(shots): len(each) for shots, each in told.items()},
        "one_shot_suppliers": {
            str(shots): len({outcome.document.supplier for outcome in each}) for shots, each in told.items()
        },
    }


def coverage(outcomes: Sequence[Outcome]) -> dict[str, dict[str, float | None]]:
    """Error -> share of values accepted and error among them, at the threshold that kept this error on the training documents.

    The threshold is an observation, no bound: what is promised to a client rests on a certificate instead.
    """
    return {f"{error:g}": _accepted(outcomes, error) for error in ERRORS if any(each.thresholds for each in outcomes)}


def auroc(outcomes: Sequence[Outcome]) -> float | None:
    """How well probabilities part right from wrong values, among those that were found."""
    found = [each for each in _values(outcomes) if each.probability > 0]
    rights = [each.right for each in found]
    if all(rights) or not any(rights):
        return None
    return round(float(roc_auc_score(rights, [each.probability for each in found])), 4)


def word_recall(documents: Sequence[Document]) -> float | None:
    """The share of the transcripts' words that was read: runs of A-Z and 0-9, case folded, each counted as often as it stands."""
    there = read = 0
    for each in documents:
        if each.truth.lines:
            words = _words(each.truth.lines)
            there += words.total()
            read += (words & _words([each.reading.text] if each.reading else [])).total()
    return round(read / there, 4) if there else None


def share(flags: Iterable[bool]) -> float | None:
    """The share of true ones; None of none."""
    listed = list(flags)
    return round(sum(listed) / len(listed), 4) if listed else None


def _field(values: Sequence[Measured]) -> dict[str, float | int | None]:
    return {
        "accuracy": share(each.right for each in values),
        "candidate_recall": share(each.recalled for each in values),
        "n": len(values),
    }


def _mean(shares: Iterable[float]) -> float | None:
    listed = list(shares)
    return round(sum(listed) / len(listed), 4) if listed else None


def _values(outcomes: Iterable[Outcome]) -> list[Measured]:
    return [value for outcome in outcomes for value in outcome.values]


def _accepted(outcomes: Sequence[Outcome], error: float) -> dict[str, float | None]:
    values = [(value, outcome.thresholds[error]) for outcome in outcomes for value in outcome.values]
    accepted = [value for value, threshold in values if value.probability >= threshold]
    wrong = share(not each.right for each in accepted)
    return {"coverage": round(len(accepted) / len(values), 4) if values else None, "error": wrong}


def _words(lines: Iterable[str]) -> Counter[str]:
    return Counter(word for line in lines for word in re.findall(r"[A-Z0-9]+", line.upper()))
