"""Learning from corrected documents: field models, what holds between fields, and how sure a choice is.

All figures come from documents that the judging models had not seen: folds of documents as they come, and folds of whole
suppliers for the stratum `supplier never seen`. The final models learn from all documents.
"""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from extraction.learning.card import model_card
from extraction.learning.joint import learn_relations
from extraction.learning.memory import Recall
from extraction.learning.model import FieldModel, Judged, Model
from extraction.learning.phrases import PhraseBook
from extraction.learning.predict import Choice, choose_all, probability, right_rows, shown
from extraction.learning.prior import prior_weights
from extraction.learning.rightness import NAMES as RIGHT_NAMES
from extraction.learning.rightness import is_seen
from extraction.learning.school import School, Study, studies
from extraction.learning.scorer import ENOUGH, Scorer, train
from extraction.learning.spots import Spot
from extraction.learning.tables import NAMES, Sample, field_table
from schemas.document_type import DocumentType
from schemas.learning import Example, Point

FOLDS = {"plain": 4, "supplier": 3}
LEAST_DOCUMENTS = 2  # with a field's value, before the field is learned
MOST_JUDGED = 240  # the newest documents, on which the figures rest; more would only take longer
LEAST_EMPTY = 8  # documents that say something of a field, even if none of them has it
# Wrong spots that a document contributes to a field's training, half of them near the right one. With 32 receipts lost a point,
# and with 80 half a point; training takes longer.
WRONG_ROWS = 160
CURVE = (5, 10, 25, 50, 100, 200, 400)  # documents
MOST_DRAWN = 60  # documents of a fold that a point of a learning curve rests on, the newest
NEAR = 3  # lines
NEVER_ABSENT, SELDOM_ABSENT = -15.0, -2.5  # log-odds of `no such value` before it is tuned on the folds


@dataclass(frozen=True)
class Outcome:
    """One field of one document that was held out: what was chosen, is it right, and the rightness model's row."""

    study: Study
    field: str
    choice: Choice
    right: bool
    seen: bool
    row: np.ndarray
    group: str  # "plain" or "supplier": how the folds were made


@contextmanager
def _without_collector() -> Iterator[None]:
    """Surveys are millions of objects without circles, all kept: looking for garbage among them takes a tenth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@_without_collector()
def learn(
    examples: Sequence[Example],
    definition: DocumentType,
    *,
    languages: Sequence[str],
    country: str,
    recipients: Sequence[str] = (),
    curve: bool = False,
) -> Model:
    """Train on corrected documents of one type.

    Args:
        examples: documents with their truth; a field that is not named is unknown there.
        definition: the document type as the process uses it.
        languages, country, recipients: as for `extract`.
        curve: also draw learning curves, which trains on growing parts again.

    Returns:
        A model whose card holds out-of-fold figures.
    """
    started = time.process_time()
    school = School(studies(examples, definition, languages, country, recipients), definition)
    fields = _learnable(school)
    outcomes = held_out(school.newest(MOST_JUDGED), fields)
    trained = train_fields(school, school.studies, fields)
    tuned = {name: FieldModel(m.scorer, m.book, _absent(outcomes, name, m.absent)) for name, m in trained.items()}
    rightness, judged = _learn_rightness(outcomes, fields)
    seconds = time.process_time() - started
    return Model(
        card=model_card(school, outcomes, judged, seconds, _curves(school, fields) if curve else ([], [])),
        fields=tuned,
        relations=learn_relations([each.canonical for each in school.studies], definition),
        rightness=rightness,
        words=dict(school.words(school.studies)),
        judged=judged,
    )


def train_fields(school: School, documents: Sequence[Study], fields: Sequence[str]) -> dict[str, FieldModel]:
    """A model for each field, from some of the school's documents."""
    recalls = {study.key: school.recalls(study, documents) for study in documents}
    return {name: _train_field(school, documents, recalls, name) for name in fields}


def held_out(school: School, fields: Sequence[str], ways: Sequence[str] = ("plain", "supplier")) -> list[Outcome]:
    """Choices on held-out documents, by folds of documents and by folds of suppliers."""
    outcomes = []
    for way in ways:
        for held in _folds(school.studies, way):
            keys = {study.key for study in held}
            outcomes += judge(school, [s for s in school.studies if s.key not in keys], held, fields, way)
    return outcomes


def judge(
    school: School, documents: Sequence[Study], held: Sequence[Study], fields: Sequence[str], group: str
) -> list[Outcome]:
    """Train on some documents and choose on others."""
    models = train_fields(school, documents, fields)
    relations = learn_relations([each.canonical for each in documents], school.definition)
    words = school.words(documents)
    found = []
    for study in held:
        recalls = school.recalls(study, documents)
        choices = choose_all(study.seen, models, relations, recalls, words)
        rows = right_rows(study.seen, choices, recalls, words, sorted(fields), study.looks)
        for name, choice in choices.items():
            if name in study.right:
                right = study.is_right(name, choice.chosen.spot)
                found.append(Outcome(study, name, choice, right, is_seen(recalls), rows[name], group))
    return found


def _curves(school: School, fields: Sequence[str]) -> tuple[list[Point], list[Point]]:
    """Mean accuracy on held-out documents after growing numbers of documents: as they come, and of suppliers never seen."""
    curves = []
    for way in ("plain", "supplier"):
        points = []
        for size in (size for size in CURVE if size < len(school.studies)):
            right = [
                each.right
                for held in _folds(school.studies, way)[:2]
                for each in judge(school, _part(school, held, size), held[-MOST_DRAWN:], fields, way)
            ]
            points.append(Point(x=size, y=round(sum(right) / max(len(right), 1), 4), n=len(right)))
        curves.append(points)
    return curves[0], curves[1]


def _part(school: School, held: Sequence[Study], size: int) -> list[Study]:
    keys = {study.key for study in held}
    rest = [study for study in school.studies if study.key not in keys]
    return random.Random(size).sample(rest, min(size, len(rest)))  # noqa: S311


def _learnable(school: School) -> list[str]:
    return [
        name
        for name in school.definition.fields
        if sum(bool(study.right.get(name)) for study in school.studies) >= LEAST_DOCUMENTS
        or sum(name in study.right for study in school.studies) >= LEAST_EMPTY
    ]


def _train_field(school: School, documents: Sequence[Study], recalls: dict[str, list[Recall]], name: str) -> FieldModel:
    """Right spots against a sample of wrong ones. A document whose value no spot has is left out: that is the reader's loss."""
    able = [study for study in documents if name in study.right and (not study.right[name] or study.has_spot(name))]
    book = PhraseBook()
    for study in able:
        book.add(study.counts(name))
    matrices, targets = [], []
    absent = sum(not study.right[name] for study in able)
    few = len(able) - absent < ENOUGH
    for study in able:
        sample = _sample(study, name)
        table = field_table(study.seen, name, recalls[study.key], book, study.counts(name), sample, few)
        matrices.append(table.matrix)
        targets += [spot.key in study.taught[name] for spot in table.spots]
    kind = school.definition.fields[name].type
    scorer = (
        train(np.vstack(matrices), targets, len(able) - absent, NAMES, prior_weights(kind))
        if able
        else Scorer(NAMES, None, None)
    )
    return FieldModel(scorer, book, SELDOM_ABSENT if absent else NEVER_ABSENT)


def _sample(study: Study, name: str) -> Sample:
    """The spots of a field that are trained on, the same in every fold."""
    if name not in study.samples:
        kind = study.seen.evidence.definition.fields[name].type
        rows = _sampled(study, name, study.seen.spots[kind])
        study.samples[name] = Sample(rows, study.seen.phrases(kind).rows(rows))
    return study.samples[name]


def _sampled(study: Study, name: str, spots: Sequence[Spot]) -> list[int]:
    """All right rows, and some wrong ones, half of them from near a right one."""
    flags = study.flags(name)
    right = [row for row, flag in enumerate(flags) if flag]
    lines = {(spots[row].page.number, spots[row].line) for row in right}
    wrong = [row for row, flag in enumerate(flags) if not flag]
    near = [
        row
        for row in wrong
        if any(spots[row].page.number == page and abs(spots[row].line - line) <= NEAR for page, line in lines)
    ]
    chance = random.Random(f"{study.key}:{name}")  # noqa: S311 - a sample, not a secret
    taken = set(chance.sample(near, min(len(near), WRONG_ROWS // 2)))
    rest = [row for row in wrong if row not in taken]
    taken |= set(chance.sample(rest, min(len(rest), WRONG_ROWS - len(taken))))
    return [*right, *sorted(taken)]


def _folds(documents: Sequence[Study], way: str) -> list[list[Study]]:
    """Documents dealt out at random but reproducibly; whole suppliers together where asked."""
    count = min(FOLDS[way], len(documents) // 2)
    if count < 2:
        return []
    units = sorted({study.key if way == "plain" else study.family for study in documents})
    random.Random(7).shuffle(units)  # noqa: S311
    fold_of = {unit: index % count for index, unit in enumerate(units)}
    folds = [[s for s in documents if fold_of[s.key if way == "plain" else s.family] == n] for n in range(count)]
    return [fold for fold in folds if 0 < len(fold) < len(documents)]


def _absent(outcomes: Sequence[Outcome], name: str, default: float) -> float:
    """The log-odds of `no such value` that gets most held-out documents right."""
    own = [each for each in outcomes if each.field == name]
    if not any(not each.study.right[name] for each in own):
        return default
    best = [max((o for o in each.choice.ranked if o.spot), key=lambda o: o.score, default=None) for each in own]
    levels = sorted({default, *(round(each.score, 2) for each in best if each)})

    def right(level: float) -> int:
        return sum(
            not each.study.right[name] if top is None or top.score < level else each.study.is_right(name, top.spot)
            for each, top in zip(own, best, strict=True)
        )

    return max(levels, key=lambda level: (right(level), -abs(level - default)))


def _learn_rightness(outcomes: Sequence[Outcome], fields: Sequence[str]) -> tuple[Scorer, list[Judged]]:
    """The rightness model from all held-out choices, and what it says of each when trained without the document."""
    names = (*RIGHT_NAMES, *sorted(fields))
    if not outcomes:
        return Scorer(names, None, None), []
    documents = sorted({each.study.key for each in outcomes})
    fold_of = {key: index % 5 for index, key in enumerate(documents)}
    judged = []
    for fold in range(5):
        rest = [each for each in outcomes if fold_of[each.study.key] != fold]
        held = [each for each in outcomes if fold_of[each.study.key] == fold and each.group == "plain"]
        if rest and held:
            sure = probability(_fit(rest, names), [each.row for each in held])
            judged += [
                Judged(each.study.key, each.field, shown(float(p)), each.right, each.seen)
                for each, p in zip(held, sure, strict=True)
            ]
    return _fit(outcomes, names), judged


def _fit(outcomes: Sequence[Outcome], names: tuple[str, ...]) -> Scorer:
    documents = len({each.study.key for each in outcomes})
    return train(np.vstack([each.row for each in outcomes]), [each.right for each in outcomes], documents, names)
