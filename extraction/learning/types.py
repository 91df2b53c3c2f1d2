"""What kind of document is it, learned from documents that people finished: words of the first pages beside the rules' scores.

A regularised multinomial logistic regression on hashed words (Weinberger et al., Feature Hashing, 2009). It speaks only of types
that it has seen often enough, and only where it was better than the rules on documents that it had not seen.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from extraction.classify import OTHER, classify_pages, kind_scores
from extraction.page_layout import PageLayout, lay_out
from schemas.learning import Example

FILE = "types.json"
LEAST_EXAMPLES = 10  # of a type; with fewer the rules know more
BUCKETS = 2**12
PAGES = 2
FOLDS = 5
PENALTY = 0.3  # of large weights
SCORE_SCALE = 3.0  # the rules' scores in the size of the words' weights
DIGITS = 4

Vector = npt.NDArray[Any]


@dataclass(frozen=True)
class TypeModel:
    """`weights[c]` are those of class c: hashed words, then the rules' score of each class, then the constant.

    `rules_right` and `model_right` are shares of the examples, each predicted by a model that did not know its supplier.
    """

    classes: tuple[str, ...] = ()
    weights: tuple[tuple[float, ...], ...] = ()
    examples: Mapping[str, int] | None = None
    rules_right: float = 0.0
    model_right: float = 0.0

    @property
    def speaks(self) -> bool:
        """Whether it knows two classes or more, and knows them better than the rules."""
        return len(self.classes) > 1 and self.model_right > self.rules_right

    def probabilities(self, pages: Sequence[PageLayout]) -> dict[str, float]:
        """Of each class that it has learned; for the first pages of a document."""
        odds = np.array(self.weights) @ np.append(_features(pages, self.classes), 1.0)
        share = np.exp(odds - odds.max())
        return dict(zip(self.classes, (share / share.sum()).tolist(), strict=True))

    def files(self) -> dict[str, bytes]:
        """The model as data; only weights that are not 0 are written."""
        sparse = [{str(i): weight for i, weight in enumerate(row) if weight} for row in self.weights]
        content = {
            "classes": self.classes,
            "examples": self.examples,
            "rules_right": self.rules_right,
            "model_right": self.model_right,
            "weights": sparse,
        }
        return {FILE: json.dumps(content, sort_keys=True, separators=(",", ":")).encode()}

    @classmethod
    def load(cls, files: Mapping[str, bytes]) -> TypeModel:
        """The model from its files."""
        content = json.loads(files[FILE])
        classes = tuple(content["classes"])
        size = BUCKETS + len(classes) + 1
        rows = tuple(tuple(float(row.get(str(i), 0.0)) for i in range(size)) for row in content["weights"])
        return cls(classes, rows, content["examples"], content["rules_right"], content["model_right"])


def learn_types(examples: Sequence[Example]) -> TypeModel:
    """Learn from finished documents; types with fewer than `LEAST_EXAMPLES` are left to the rules. Deterministic."""
    counts = Counter(example.document_type for example in examples)
    classes = tuple(sorted(name for name, count in counts.items() if count >= LEAST_EXAMPLES))
    known = [example for example in examples if example.document_type in classes]
    if len(classes) < 2:
        return TypeModel(examples=dict(sorted(counts.items())))
    pages = [[lay_out(page) for page in example.reading.pages[:PAGES]] for example in known]
    rows = np.array([_features(each, classes) for each in pages])
    truth = np.array([classes.index(example.document_type) for example in known])
    ruled = [classify_pages(each, _named(classes), ("en",)).document_type for each in pages]
    learned = _predicted_unseen(rows, truth, [_fold(example) for example in known])
    return TypeModel(
        classes=classes,
        weights=_weights(rows, truth, len(classes)),
        examples=dict(sorted(counts.items())),
        rules_right=round(
            float(np.mean([classes[right] == said for right, said in zip(truth, ruled, strict=True)])), 4
        ),
        model_right=round(float((learned == truth).mean()), 4),
    )


def _named(classes: Sequence[str]) -> list[str]:
    return [name for name in classes if name != OTHER]


def _features(pages: Sequence[PageLayout], classes: Sequence[str]) -> Vector:
    """The words that are there, whatever their number, at unit length; then how strongly the rules see each class."""
    words = np.zeros(BUCKETS)
    for key in {token.key for page in pages for segment in page.segments() for token in segment.tokens}:
        if len(key) > 1 and not any(letter.isdigit() for letter in key):
            words[zlib.crc32(key.encode()) % BUCKETS] = 1.0
    seen = kind_scores(pages, _named(classes))
    strangers = max(score for name, score in seen.items() if name not in classes)
    ruled = [seen.get(name, strangers) / SCORE_SCALE for name in classes]
    return np.concatenate([words / max(float(np.linalg.norm(words)), 1.0), ruled])


def _weights(rows: Vector, truth: Vector, classes: int) -> tuple[tuple[float, ...], ...]:
    """Fitted weights, one row a class, the constant last. Two classes are one against the other in scikit-learn."""
    fitted = LogisticRegression(C=1.0 / PENALTY, max_iter=500).fit(rows, truth)
    weights = np.column_stack([fitted.coef_, fitted.intercept_])
    if classes == 2:
        weights = np.vstack([-weights / 2, weights / 2])
    return tuple(tuple(round(float(weight), DIGITS) for weight in row) for row in weights.tolist())


def _predicted_unseen(rows: Vector, truth: Vector, folds: Sequence[int]) -> Vector:
    """The class of each row, as a model says that did not learn from the row's fold; the commonest where it cannot."""
    predicted, fold_of = np.zeros(len(rows), dtype=np.int64), np.array(folds)
    for fold in sorted(set(folds)):
        kept, asked = fold_of != fold, fold_of == fold
        if len(set(truth[kept].tolist())) > 1:
            predicted[asked] = (
                LogisticRegression(C=1.0 / PENALTY, max_iter=500).fit(rows[kept], truth[kept]).predict(rows[asked])
            )
        else:
            predicted[asked] = np.bincount(truth[kept]).argmax() if kept.any() else 0
    return predicted


def _fold(example: Example) -> int:
    """Documents of one supplier are kept together, so that its letterhead cannot give the answer away."""
    return zlib.crc32((example.supplier or example.key).encode()) % FOLDS
