"""Choosing with a model: every field's spots scored, one combination decided, each value with its probability of being right."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from extraction.learning import rightness
from extraction.learning.confusable import Lexicon
from extraction.learning.joint import Option, Relations, agreement, decide, options
from extraction.learning.memory import Recall
from extraction.learning.model import FieldModel, Model
from extraction.learning.scorer import Scorer, Vector
from extraction.learning.survey import Survey
from extraction.learning.tables import Table, field_table
from schemas.reading import SecondLook
from schemas.values import Candidate, Value

RUNNERS_UP = 5
LEAST, MOST = 0.01, 0.999
LEAST_SHARE = 0.002  # of a field's probability for a runner-up that a person is shown


@dataclass(frozen=True)
class Choice:
    """What was decided for one field, beside what, and the table it was decided from."""

    chosen: Option
    ranked: list[Option]
    table: Table
    relations: float


def choose_all(
    seen: Survey,
    fields: Mapping[str, FieldModel],
    relations: Relations,
    recalls: Sequence[Recall],
    words: Mapping[str, int],
) -> dict[str, Choice]:
    """Decide every field that a model knows; `words` are those of right values so far."""
    lexicon = Lexicon(words)
    tables = {
        name: field_table(seen, name, recalls, each.book, crutches=each.scorer.crutches)
        for name, each in fields.items()
    }
    ranked = {
        name: options(name, table.spots, fields[name].scorer.scores(table.matrix), fields[name].absent, lexicon)
        for name, table in tables.items()
    }
    chosen = decide(ranked, relations)
    return {
        name: Choice(chosen[name], ranked[name], tables[name], agreement(chosen, relations, name)) for name in fields
    }


def probabilities(
    seen: Survey,
    choices: Mapping[str, Choice],
    recalls: Sequence[Recall],
    model: Model,
    looks: Mapping[str, SecondLook],
) -> dict[str, float]:
    """How surely each choice is exactly right."""
    rows = right_rows(seen, choices, recalls, model.words, sorted(model.fields), looks)
    return dict(zip(rows, probability(model.rightness, list(rows.values())).tolist(), strict=True))


def right_rows(
    seen: Survey,
    choices: Mapping[str, Choice],
    recalls: Sequence[Recall],
    words: Mapping[str, int],
    fields: Sequence[str],
    looks: Mapping[str, SecondLook],
) -> dict[str, np.ndarray]:
    """The rightness model's row for each choice."""
    return {
        name: rightness.row(
            seen,
            each.ranked,
            each.chosen,
            recalls=recalls,
            relations=each.relations,
            words=words,
            fields=fields,
            look=looks.get(name),
        )
        for name, each in choices.items()
    }


def probability(scorer: Scorer, rows: Sequence[np.ndarray]) -> Vector:
    """From rows to probabilities."""
    if not rows:
        return np.zeros(0)
    return np.asarray([1 / (1 + math.exp(-max(-30.0, min(30.0, odds)))) for odds in scorer.scores(np.vstack(rows))])


def shown(sure: float) -> float:
    """A probability as it is kept: never 0 or 1."""
    return round(min(max(sure, LEAST), MOST), 4)


def as_values(choices: Mapping[str, Choice], sure: Mapping[str, float]) -> list[Value]:
    """The decided values; a field that has none is left out."""
    found = []
    for name, each in choices.items():
        spot = each.chosen.spot
        if spot is not None:
            found.append(
                Value(
                    name=name,
                    text=spot.text,
                    raw=spot.raw,
                    page=spot.page.number,
                    box=spot.box,
                    source="derived" if spot.how == "derived" else "machine",
                    probability=shown(sure[name]),
                    evidence=evidence_of(each.chosen),
                )
            )
    return found


def as_candidates(choices: Mapping[str, Choice]) -> list[Candidate]:
    """Every field's best few options for the reviewer."""
    found = []
    for name, each in choices.items():
        for option in [each.chosen, *(other for other in each.ranked if other is not each.chosen)][:RUNNERS_UP]:
            if option.spot is not None and (option is each.chosen or option.share >= LEAST_SHARE):
                found.append(as_candidate(name, option))
    return found


def as_candidate(name: str, option: Option) -> Candidate:
    """An option that is a value, as people are shown it."""
    spot = option.spot
    assert spot is not None
    return Candidate(
        field=name,
        text=spot.text,
        raw=spot.raw,
        page=spot.page.number,
        box=spot.box,
        score=round(option.share, 4),
        confidence=round(min(token.confidence for token in spot.tokens), 4),
        evidence=evidence_of(option),
    )


def evidence_of(option: Option) -> list[str]:
    """Short reasons: how the text was got, what memory knows, check digits."""
    spot = option.spot
    if spot is None:
        return []
    found = ["learned"]
    if spot.how != "printed":
        found.append(f"how:{spot.how}")
    if spot.support:
        found.append(f"memory:{spot.support}")
    if spot.checked is not None:
        found.append(f"check:{'right' if spot.checked else 'wrong'}")
    return found
