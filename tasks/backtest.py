"""Backtest: champion and challenger read the newest documents again, as the desk would have, and the better one is to stay."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from extraction.extract import extract
from extraction.learning.memory import remember
from extraction.learning.model import Model
from schemas.document_type import DocumentType
from schemas.learning import Backtest, Example, RememberedSupplier
from schemas.normalisation import same_value
from schemas.values import Extraction, ValueState
from store.definitions import Definition
from tasks.judge import master_data

RESAMPLES = 1000
TAIL = 0.05  # of the bootstrap on either side
WORSE_BY = 0.02  # a challenger whose lower end is under this is not promoted, however good its mean
BRIER_NOISE = 0.005
SEED = 20


@dataclass(frozen=True)
class Score:
    """One document read by one model: the share of its fields that are right, and the squared error of each probability."""

    right: float
    errors: list[float]


def backtest(
    champion: Model | None,
    challenger: Model,
    older: Sequence[Example],
    newest: Sequence[Example],
    kind: DocumentType,
    definition: Definition,
) -> Backtest:
    """Let both read the newest documents in their order; supplier memory grows after each, as it does on the desk.

    Args:
        champion: the model in use; None stands for the rules alone.
        challenger: a model that has learned from `older` and has not seen `newest`.

    Returns:
        The figures with a paired bootstrap over documents (Efron 1979), and whether the challenger is better: at least as
        accurate on the mean, not worse by more than `WORSE_BY` at the lower end, and as well calibrated.
    """
    memory = _Memory(kind, definition)
    for example in older:
        memory.add(example)
    scores: list[tuple[Score, Score]] = []
    for example in newest:
        pair = [_score(_read(model, example, definition, memory), example, kind) for model in (champion, challenger)]
        scores.append((pair[0], pair[1]))
        memory.add(example)
    return verdict(scores, champion.card.name if champion else "", len(older))


class _Memory:
    """Supplier memory as it would have stood at each document."""

    def __init__(self, kind: DocumentType, definition: Definition) -> None:
        self.kind, self.country = kind, definition.client.country
        self.known: dict[str, RememberedSupplier] = {}

    def add(self, example: Example) -> None:
        learned = remember(list(self.known.values()), example, self.kind, country=self.country)
        self.known[learned.key] = learned


def _read(model: Model | None, example: Example, definition: Definition, memory: _Memory) -> Extraction:
    process = definition.process
    return extract(
        example.reading,
        types=process.document_types,
        languages=process.languages,
        country=definition.client.country,
        master=master_data(definition),
        tables=example.reading.tables,
        recipients=(definition.client.name,),
        models={example.document_type: model} if model else {},
        suppliers=list(memory.known.values()),
        looks=example.looks,
    )


def _score(extraction: Extraction, example: Example, kind: DocumentType) -> Score:
    rights, errors = [], []
    for name, truth in example.fields.items():
        value = extraction.get(name)
        found = value.text if value is not None and value.state is ValueState.PRESENT else ""
        right = same_value(found, truth, kind.fields[name].type) if found and truth else found == truth
        rights.append(right)
        if value is not None and found:
            errors.append((value.probability - right) ** 2)
    return Score(_mean(rights), errors)


def verdict(scores: Sequence[tuple[Score, Score]], champion: str, trained_on: int) -> Backtest:
    """The figures of documents that both have read (champion first), and whether the challenger is better: see `backtest`."""
    differences = [challenger.right - before.right for before, challenger in scores]
    low, high = _bootstrap(differences)
    accuracies = [_mean([pair[side].right for pair in scores]) for side in (0, 1)]
    briers = [_mean([error for pair in scores for error in pair[side].errors]) for side in (0, 1)]
    return Backtest(
        documents=len(scores),
        trained_on=trained_on,
        champion=champion,
        champion_accuracy=round(accuracies[0], 4),
        challenger_accuracy=round(accuracies[1], 4),
        low=round(low, 4),
        high=round(high, 4),
        champion_brier=round(briers[0], 4),
        challenger_brier=round(briers[1], 4),
        better=accuracies[1] >= accuracies[0] and low >= -WORSE_BY and briers[1] <= briers[0] + BRIER_NOISE,
    )


def _bootstrap(differences: Sequence[float]) -> tuple[float, float]:
    """The interval of the mean difference over resampled documents."""
    chance = random.Random(SEED)  # noqa: S311 - a sample, not a secret
    means = sorted(_mean(chance.choices(differences, k=len(differences))) for _ in range(RESAMPLES))
    return means[int(TAIL * RESAMPLES)], means[int((1 - TAIL) * RESAMPLES) - 1]


def _mean(numbers: Sequence[float]) -> float:
    return sum(numbers) / len(numbers) if numbers else 0.0
