"""Proof: what the held-out documents say of the rules and of what was learned, in the words by which a desk promotes a model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from schemas.learning import Example
from schemas.values import Value
from tasks.backtest import Score, verdict
from tasks.learned import Learned
from tasks.past.held_out import Prediction


def proven(learned: Learned, predictions: Sequence[Prediction], examples: Sequence[Example]) -> Learned:
    """The models with their backtest on the counted documents, rules against model, each document read by a model without it."""
    documents: dict[str, dict[int, list[Prediction]]] = defaultdict(lambda: defaultdict(list))
    for each in predictions:
        if each.counted:
            documents[examples[each.example].document_type][each.example].append(each)
    models = {}
    for name, model in learned.models.items():
        scores = [_scores(values) for values in documents[name].values()]
        known = sum(example.document_type == name for example in examples) - len(scores)
        card = model.card.model_copy(update={"backtest": verdict(scores, "", known)}) if scores else model.card
        models[name] = replace(model, card=card)
    return Learned(models, learned.suppliers)


def _scores(values: Sequence[Prediction]) -> tuple[Score, Score]:
    """One document read by the rules and by what was learned."""
    return (
        _score([(each.cold, each.cold_right) for each in values]),
        _score([(each.found, each.right) for each in values]),
    )


def _score(values: Sequence[tuple[Value, bool]]) -> Score:
    errors = [(value.probability - right) ** 2 for value, right in values if value.text]
    return Score(sum(right for _, right in values) / len(values), errors)
