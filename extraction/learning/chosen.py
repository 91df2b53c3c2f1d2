"""What a model, or memory alone, says of a document: values and runners-up for the fields that it knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from extraction.learning.joint import Relations
from extraction.learning.memory import SURELY_THIS, Memory, Recall
from extraction.learning.model import Model
from extraction.learning.predict import Choice, as_candidates, as_values, choose_all, probabilities
from extraction.learning.prior import ALONE_CAP, CAP, prior_models
from extraction.learning.survey import Survey, key_of
from schemas.learning import RememberedSupplier
from schemas.reading import SecondLook
from schemas.values import Candidate, Value


@dataclass(frozen=True)
class Chosen:
    """Values and candidates of the fields in `fields`; the rest is left to the rules."""

    fields: frozenset[str]
    values: list[Value]
    candidates: list[Candidate]
    choices: dict[str, Choice]
    recalls: list[Recall]


def chosen(
    seen: Survey,
    model: Model | None,
    suppliers: Sequence[RememberedSupplier],
    by_rules: Sequence[Value],
    looks: Mapping[str, SecondLook],
) -> Chosen:
    """Decide with the model; without one, what a surely recognised supplier's memory can decide."""
    recalls = Memory(suppliers).recall(seen.head, seen.codes)
    if model is not None:
        return _by_model(seen, model, recalls, looks)
    if recalls and recalls[0].likeness >= SURELY_THIS:
        return _by_memory(seen, recalls, by_rules)
    return Chosen(frozenset(), [], [], {}, recalls)


def _by_model(seen: Survey, model: Model, recalls: Sequence[Recall], looks: Mapping[str, SecondLook]) -> Chosen:
    known = {name: each for name, each in model.fields.items() if name in seen.evidence.definition.fields}
    choices = choose_all(seen, known, model.relations, recalls, model.words)
    sure = probabilities(seen, choices, recalls, model, looks)
    return Chosen(frozenset(known), as_values(choices, sure), as_candidates(choices), choices, list(recalls))


def _by_memory(seen: Survey, recalls: Sequence[Recall], by_rules: Sequence[Value]) -> Chosen:
    """Fields of which memory knows something; how sure depends on whether the rules agree."""
    models = prior_models(seen.evidence.definition, recalls[0].supplier)
    choices = choose_all(seen, models, Relations(), recalls[:1], {})
    ruled = {value.name: value for value in by_rules if not value.table}
    sure = {}
    for name, each in choices.items():
        rule = ruled.get(name)
        spot = each.chosen.spot
        agrees = rule is not None and spot is not None and key_of(rule.text, seen.evidence.definition, name) == spot.key
        share = each.chosen.share
        sure[name] = max(min(share, CAP), rule.probability) if agrees and rule else min(share, ALONE_CAP)
    return Chosen(frozenset(choices), as_values(choices, sure), as_candidates(choices), choices, list(recalls))
