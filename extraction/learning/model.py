"""A model: everything learned for one document type of one client's process, as data.

Its files are JSON and LightGBM's own text; nothing is pickled. `extraction` alone reads them, everybody else moves bytes.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from extraction.learning.joint import Relations
from extraction.learning.phrases import PhraseBook
from extraction.learning.scorer import Scorer, Vector
from schemas.errors import DamagedModelError
from schemas.learning import ModelCard

FORMAT = 1
LEAST_GIVEN = 1e-4  # probabilities are kept off 0 and 1 before their log-odds are taken
NEWTON_STEPS, STEADY = 20, 1e-3


@dataclass(frozen=True)
class FieldModel:
    """One field's scorer, its key phrases, and the log-odds that a document has no such value."""

    scorer: Scorer
    book: PhraseBook
    absent: float


class Judged(NamedTuple):
    """A prediction on a document that the predicting models had not seen: the probability it was given, and whether it held."""

    document: str
    field: str
    probability: float
    right: bool
    seen: bool  # its supplier was known


@dataclass(frozen=True)
class Model:
    """Field models, what holds between fields, the rightness model, and the record of how well all that did."""

    card: ModelCard
    fields: dict[str, FieldModel]
    relations: Relations
    rightness: Scorer
    words: dict[str, int]  # of right values: on how many documents
    judged: list[Judged]

    def threshold(self, error: float, *, seen: bool | None = None) -> float | None:
        """The least probability above which at most this share of values is expected to be wrong; None where there is none.

        Out-of-fold probabilities are made true (`_made_true`) and then summed up, because a count of the few wrong ones among
        the surest hangs on single wrong labels. Still an observation, not a promise: certificates come from blind audits.
        `seen`: only values of known (or unknown) suppliers.
        """
        values = sorted((j for j in self.judged if seen in (None, j.seen)), key=lambda each: -each.probability)
        if not values:
            return None
        given = np.array([each.probability for each in values])
        wrong = np.cumsum(1 - _made_true(given, np.array([each.right for each in values])))
        kept = np.flatnonzero((wrong <= error * np.arange(1, len(values) + 1)) & (np.diff(given, append=-1.0) < 0))
        return float(given[kept[-1]]) if len(kept) else None

    def files(self) -> dict[str, bytes]:
        """The model as named data files."""
        found = {"card.json": self.card.model_dump_json().encode(), "model.json": json.dumps(self._as_json()).encode()}
        for name, field in self.fields.items():
            found |= field.scorer.files(f"field.{name}")
        return found | self.rightness.files("rightness")

    @classmethod
    def load(cls, files: Mapping[str, bytes]) -> Model:
        """The model that `files` gave.

        Raises:
            DamagedModelError: another release's format.
        """
        data = json.loads(files["model.json"])
        if data["format"] != FORMAT:
            raise DamagedModelError(f"the model has format {data['format']}, this release reads {FORMAT}")
        fields = {
            name: FieldModel(Scorer.load(f"field.{name}", files), PhraseBook.load(each["phrases"]), each["absent"])
            for name, each in data["fields"].items()
        }
        return cls(
            card=ModelCard.model_validate_json(files["card.json"]),
            fields=fields,
            relations=Relations.model_validate(data["relations"]),
            rightness=Scorer.load("rightness", files),
            words=data["words"],
            judged=[Judged(*each) for each in data["judged"]],
        )

    def _as_json(self) -> dict[str, object]:
        return {
            "format": FORMAT,
            "fields": {n: {"phrases": f.book.as_json(), "absent": f.absent} for n, f in self.fields.items()},
            "relations": self.relations.model_dump(),
            "words": self.words,
            "judged": [list(each) for each in self.judged],
        }


def word_counts(values: Sequence[Sequence[str]]) -> Counter[str]:
    """On how many documents each word was part of a right value; one sequence of words a document."""
    return Counter(word for words in values for word in dict.fromkeys(words))


def _made_true(given: Vector, right: npt.NDArray[np.bool_]) -> Vector:
    """Probabilities moved to what came true: a line through their log-odds, its targets off 0 and 1 (Platt 1999).

    The fewer values there are, the less sure it is of all of them, even where none was wrong.
    """
    rights, wrongs = int(right.sum()), int((~right).sum())
    target = np.where(right, (rights + 1) / (rights + 2), 1 / (wrongs + 2))
    clipped = np.clip(given, LEAST_GIVEN, 1 - LEAST_GIVEN)
    odds = np.log(clipped / (1 - clipped))
    columns = np.stack([odds - odds.mean(), np.ones(len(odds))])
    line, true = np.zeros(2), np.full(len(odds), 0.5)
    for _ in range(NEWTON_STEPS):
        steepness = (columns * (true * (1 - true))) @ columns.T + STEADY * np.eye(2)
        line += np.linalg.solve(steepness, columns @ (target - true) - STEADY * line)
        true = 1 / (1 + np.exp(-np.clip(line @ columns, -30, 30)))
    return np.asarray(true, dtype=np.float64)
