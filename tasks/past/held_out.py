"""Held out: every past document is predicted by a model that has not seen it.

Where documents have dates, the newest third is predicted from the older two thirds, as it would have been, and only these
predictions count in the figures; the older thirds are predicted from the other two, to find wrong bookings in them. Without
dates, the documents are dealt into folds; each fold's model is also kept from a share of the suppliers, so that new ones are
measured too.
"""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from extraction.extract import extract
from extraction.learning.learn import learn
from extraction.learning.memory import merged, remember, supplier_key
from extraction.learning.model import Model
from schemas.learning import Example, RememberedSupplier
from schemas.normalisation import same_value
from schemas.values import Value
from tasks.learned import Learned
from tasks.past.setting import Setting

LEAST_TO_LEARN = 10  # documents of a type; fewer leave the cold start, with supplier memory
DATED = 0.9  # share of documents that must have a date for a split by time
THIRDS, FOLDS = 3, 4
NOTHING = Value(name="", probability=0.0)
LONG_AGO = dt.datetime.min.replace(tzinfo=dt.UTC)


class Split(StrEnum):
    """How documents were held out."""

    TIME = "time"
    SUPPLIERS = "suppliers"


@dataclass(frozen=True)
class Fold:
    """Which examples (by index) a model learns from, and which it predicts. `counted`: these predictions make the figures."""

    train: list[int]
    test: list[int]
    counted: bool = True


@dataclass(frozen=True)
class Plan:
    """How the past is split."""

    split: Split
    folds: list[Fold]


@dataclass(frozen=True)
class Prediction:
    """One booked value and what the machine found without having seen the document.

    `example` and `fold` are indices; `cold` is what was found before anything was learned; `seen` says whether the model knew
    the supplier (None: the booking names none). A value that was not found has an empty text and probability 0.
    """

    example: int
    fold: int
    counted: bool
    field: str
    booked: str
    found: Value
    right: bool
    cold: Value
    cold_right: bool
    seen: bool | None


def plan_folds(examples: Sequence[Example], setting: Setting) -> Plan:
    """Split by time where the documents have dates, else by suppliers."""
    dated = [at for at, example in enumerate(examples) if example.at is not None]
    if len(dated) >= DATED * len(examples) and len(examples) >= THIRDS:
        return Plan(Split.TIME, _by_time(examples))
    return Plan(Split.SUPPLIERS, _by_supplier(examples, setting))


def _by_time(examples: Sequence[Example]) -> list[Fold]:
    """Thirds from old to new; documents without a date are taken for old."""
    ordered = sorted(range(len(examples)), key=lambda at: examples[at].at or LONG_AGO)
    cuts = [round(part * len(ordered) / THIRDS) for part in range(THIRDS + 1)]
    thirds = [ordered[start:end] for start, end in pairwise(cuts)]
    return [
        Fold([at for other in thirds if other is not third for at in other], third, counted=third is thirds[-1])
        for third in thirds
    ]


def _by_supplier(examples: Sequence[Example], setting: Setting) -> list[Fold]:
    """Each fold tests its share of the documents, and has learned nothing from its share of the suppliers."""
    count = min(FOLDS, len(examples))
    documents = [zlib.crc32(example.key.encode()) % count for example in examples]
    suppliers = [zlib.crc32(_supplier(example, setting).encode()) % count for example in examples]
    everything = range(len(examples))
    folds = [
        Fold(
            [at for at in everything if documents[at] != fold and suppliers[at] != fold],
            [at for at in everything if documents[at] == fold],
        )
        for fold in range(count)
    ]
    return [fold for fold in folds if fold.train and fold.test]


def _supplier(example: Example, setting: Setting) -> str:
    return supplier_key(example, setting.whole(example.document_type))


def lessons_of(examples: Sequence[Example], setting: Setting) -> list[RememberedSupplier]:
    """What each document teaches about its supplier; made once, used in every fold."""
    return [remember([], each, setting.whole(each.document_type), country=setting.country) for each in examples]


def predict(
    examples: Sequence[Example],
    lessons: Sequence[RememberedSupplier],
    plan: Plan,
    setting: Setting,
    advance: Callable[[], None],
) -> list[Prediction]:
    """Predict every example by its fold's model; `advance` is called after each example and each training."""
    found: list[Prediction] = []
    for number, fold in enumerate(plan.folds):
        learned = learn_from([examples[at] for at in fold.train], [lessons[at] for at in fold.train], setting)
        advance()
        known = {supplier.key for supplier in learned.suppliers}
        for at in fold.test:
            seen = lessons[at].key in known if examples[at].supplier else None
            found += _predict_one(at, number, fold, examples[at], learned, setting, seen)
            advance()
    return found


def learn_from(examples: Sequence[Example], lessons: Sequence[RememberedSupplier], setting: Setting) -> Learned:
    """Models and memory from these examples and their lessons."""
    models = {}
    for name in setting.type_names:
        of_type = [example for example in examples if example.document_type == name]
        if len(of_type) >= LEAST_TO_LEARN:
            models[name] = learn(
                of_type,
                setting.whole(name),
                languages=setting.languages,
                country=setting.country,
                recipients=setting.recipients,
            )
    suppliers: dict[tuple[str, str], RememberedSupplier] = {}
    for lesson in (lesson for example, lesson in zip(examples, lessons, strict=True) if example.supplier):
        key = (lesson.document_type, lesson.key)
        suppliers[key] = merged([suppliers[key]], lesson) if key in suppliers else lesson
    return Learned(models, list(suppliers.values()))


def _predict_one(
    at: int, number: int, fold: Fold, example: Example, learned: Learned, setting: Setting, seen: bool | None
) -> list[Prediction]:
    definition = setting.whole(example.document_type)
    values = _values(example, setting, learned.models, learned.suppliers)
    cold = _values(example, setting, {}, [])
    found: list[Prediction] = []
    for name, booked in example.fields.items():
        kind = definition.fields[name].type
        value, before = values.get(name, NOTHING), cold.get(name, NOTHING)
        found.append(
            Prediction(
                example=at,
                fold=number,
                counted=fold.counted,
                field=name,
                booked=booked,
                found=value,
                right=value.text != "" and same_value(value.text, booked, kind),
                cold=before,
                cold_right=before.text != "" and same_value(before.text, booked, kind),
                seen=seen,
            )
        )
    return found


def _values(
    example: Example, setting: Setting, models: Mapping[str, Model], suppliers: Sequence[RememberedSupplier]
) -> dict[str, Value]:
    """The header values that the machine finds."""
    found = extract(
        example.reading,
        types=setting.type_names,
        languages=setting.languages,
        country=setting.country,
        master=setting.master,
        recipients=setting.recipients,
        models=models,
        suppliers=suppliers,
    )
    return {value.name: value for value in found.values if not value.table}
