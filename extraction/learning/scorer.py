"""The scorer of one field: how likely each spot is the value, as log-odds.

Gradient-boosted trees (LightGBM, Ke et al. 2017) where there is enough to learn from; a regularised logistic regression on the
same features below that, and the mean of both in between, because trees split on noise while documents are few. Both are kept as
data: LightGBM's own text, and coefficients as JSON.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import lightgbm
import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from extraction.learning.features import Matrix

TREES_FROM = 12  # documents with a right spot; below, the logistic regression alone decides
ENOUGH = 30  # documents from which nothing is believed before, and the rules' own choice is no feature any more:
CRUTCHES = ("rule_chosen",)  # on 300 receipts it cost 1.6 points of totals, on 10 it gave 8
# The rules' scores stay: without them names and addresses of known suppliers gain 3 points, and those of strangers lose 5 to 20.
ROUNDS = 90
LEAST_FREEDOM, FREEDOM_PER_DOCUMENT = 0.015, 0.0003  # inverse of the penalty on the logistic weights
PRIOR_FREEDOM = 8.0  # standard deviations of the prior's column: its weight is penalised so much less
MANY_ROWS, BEGIN_WITH = 10_000, 5  # of so many rows every fifth is fitted first
LIMIT = 8.0  # standard deviations: a feature that is far out of what training saw counts no more than this
PARAMETERS = {
    "objective": "binary",
    "learning_rate": 0.1,
    "num_leaves": 15,
    "min_data_in_leaf": 8,
    "min_sum_hessian_in_leaf": 0.5,
    "feature_fraction": 0.7,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 2.0,
    "max_bin": 63,
    "bin_construct_sample_cnt": 10_000,
    "seed": 7,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Logistic:
    """Coefficients on standardised features."""

    mean: Vector
    scale: Vector
    weights: Vector
    intercept: float

    def parts(self, matrix: Matrix) -> Vector:
        """Each feature's share of the log-odds."""
        return np.clip((matrix - self.mean) / self.scale, -LIMIT, LIMIT) * self.weights

    def scores(self, matrix: Matrix) -> Vector:
        return np.asarray(self.parts(matrix).sum(axis=1) + self.intercept, dtype=np.float64)


@dataclass(frozen=True)
class Scorer:
    """One or both models of a field, or of the rightness of values."""

    names: tuple[str, ...]
    logistic: Logistic | None
    trees: lightgbm.Booster | None

    def scores(self, matrix: Matrix) -> Vector:
        """Log-odds, one a row."""
        if not len(matrix):
            return np.zeros(0)
        parts = []
        if self.logistic:
            parts.append(self.logistic.scores(matrix))
        if self.trees:
            parts.append(np.asarray(self.trees.predict(matrix, raw_score=True, num_threads=1), dtype=np.float64))
        return np.asarray(sum(parts) / len(parts)) if parts else np.zeros(len(matrix))

    @property
    def crutches(self) -> bool:
        """Whether it learned from so few documents that it asks what the rules would choose."""
        weights = self.logistic.weights if self.logistic else np.zeros(len(self.names))
        return any(weights[self.names.index(name)] != 0.0 for name in CRUTCHES if name in self.names)

    def reasons(self, row: Matrix, most: int = 8) -> list[tuple[str, float]]:
        """What moved one row's score, the largest share first; for trees these are SHAP values (Lundberg 2018)."""
        parts: list[Vector] = []
        if self.logistic:
            parts.append(self.logistic.parts(row[None])[0])
        if self.trees:
            parts.append(np.asarray(self.trees.predict(row[None], pred_contrib=True, num_threads=1))[0, :-1])
        total = sum(parts) / max(len(parts), 1) if parts else np.zeros(len(self.names))
        order = np.argsort(-np.abs(total))[:most]
        return [(self.names[index], round(float(np.asarray(total)[index]), 3)) for index in order]

    def files(self, name: str) -> dict[str, bytes]:
        """Named data files."""
        found = {f"{name}.json": json.dumps(self._as_json()).encode()}
        if self.trees:
            found[f"{name}.trees.txt"] = self.trees.model_to_string().encode()
        return found

    @classmethod
    def load(cls, name: str, files: Mapping[str, bytes]) -> Scorer:
        data = json.loads(files[f"{name}.json"])
        parts = data["logistic"]
        logistic = None
        if parts:
            mean, scale, weights = (np.asarray(parts[key], dtype=np.float64) for key in ("mean", "scale", "weights"))
            logistic = Logistic(mean, scale, weights, float(parts["intercept"]))
        trees = files.get(f"{name}.trees.txt")
        return cls(tuple(data["names"]), logistic, lightgbm.Booster(model_str=trees.decode()) if trees else None)

    def _as_json(self) -> dict[str, object]:
        if self.logistic is None:
            return {"names": self.names, "logistic": None}
        parts = {key: getattr(self.logistic, key).round(6).tolist() for key in ("mean", "scale", "weights")}
        return {"names": self.names, "logistic": {**parts, "intercept": self.logistic.intercept}}


def train(
    matrix: Matrix,
    right: Sequence[bool] | npt.NDArray[np.bool_],
    documents: int,
    names: tuple[str, ...],
    prior: Mapping[str, float] | None = None,
) -> Scorer:
    """Fit the models that this many documents can carry. Without a right row, or without a wrong one, all rows are scored alike.

    `prior`: feature -> weight, what is believed before; while documents are few, the logistic regression stays near it.
    """
    target = np.asarray(right, dtype=bool)
    if not target.any() or target.all():
        return Scorer(names, _constant(target, len(names)), None)
    believed = np.array([(prior or {}).get(name, 0.0) for name in names])
    if documents >= ENOUGH:
        matrix = matrix.copy()
        matrix[:, [names.index(name) for name in CRUTCHES if name in names]] = 0.0
        believed[:] = 0.0
    trees = _trees(matrix, target) if documents >= TREES_FROM else None
    logistic = _logistic(matrix, target, documents, believed)
    return Scorer(names, logistic, trees)


def _constant(target: npt.NDArray[np.bool_], features: int) -> Logistic:
    """Where all rows are alike, only their number says how sure that is (Laplace's rule of succession)."""
    right, wrong = int(target.sum()) + 1, int((~target).sum()) + 1
    return Logistic(np.zeros(features), np.ones(features), np.zeros(features), math.log(right / wrong))


def _trees(matrix: Matrix, target: npt.NDArray[np.bool_]) -> lightgbm.Booster:
    data = lightgbm.Dataset(matrix, label=target.astype(np.int8), free_raw_data=True)
    return lightgbm.train(PARAMETERS, data, num_boost_round=ROUNDS)


def _fitted(matrix: Matrix, target: npt.NDArray[np.bool_], strength: float) -> LogisticRegression:
    """Many rows are begun with a part of them: from there the rest take a third of the steps."""
    model = LogisticRegression(C=strength, max_iter=30, solver="newton-cholesky", warm_start=True)
    part = slice(None, None, BEGIN_WITH)
    if len(matrix) >= MANY_ROWS and target[part].any() and not target[part].all():
        model.set_params(C=strength * BEGIN_WITH).fit(matrix[part], target[part])
    return model.set_params(C=strength).fit(matrix, target)


def _logistic(matrix: Matrix, target: npt.NDArray[np.bool_], documents: int, prior: Vector) -> Logistic:
    """Standardised features, and the prior's own score as one more whose weight is hardly held back; then folded into one."""
    mean, scale = matrix.mean(axis=0, dtype=np.float64), matrix.std(axis=0, dtype=np.float64)
    scale = np.where(scale > 1e-6, scale, 1.0)
    # single precision takes half the time, and moves no score by more than a thousandth
    scaled = np.clip((matrix - mean) / scale, -LIMIT, LIMIT).astype(np.float32)
    believed = scaled * (prior * scale)
    spread = float(believed.sum(axis=1).std()) or 1.0
    column = believed.sum(axis=1, keepdims=True) * (PRIOR_FREEDOM / spread)
    with threadpool_limits(limits=1):  # several threads on rows so few only wait for each other
        strength = LEAST_FREEDOM + documents * FREEDOM_PER_DOCUMENT
        model = _fitted(np.hstack([scaled, column], dtype=np.float32), target, strength)
    weights = np.asarray(model.coef_[0], dtype=np.float64)
    folded = weights[:-1] + weights[-1] * (PRIOR_FREEDOM / spread) * prior * scale
    return Logistic(mean, scale, folded, float(model.intercept_[0]))
