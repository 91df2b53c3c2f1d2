"""How sure a counted share is: exact binomial intervals, and the shares of fields and of documents that are right.

Clopper and Pearson, *The use of confidence or fiducial limits illustrated in the case of the binomial*, Biometrika 26 (1934):
the interval that never covers less often than it says. Fields of one document are often wrong together; their interval is
therefore made with the effective number of fields (Korn and Graubard, *Confidence intervals for proportions with small
expected number of positive counts estimated from survey data*, Survey Methodology 24, 1998).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv

from schemas.errors import DefinitionError


@dataclass(frozen=True)
class Share:
    """A share with its two-sided interval; `count` of `total` counted, `lower` <= `value` <= `upper`, all 0 to 1.

    Nothing counted says nothing: value 0, interval 0 to 1.
    """

    count: int
    total: int
    lower: float
    upper: float

    @property
    def value(self) -> float:
        """The counted share; 0.0 where nothing was counted."""
        return self.count / self.total if self.total else 0.0


@dataclass(frozen=True)
class Accuracy:
    """The share of fields and of documents that are right; the two are always shown together."""

    fields: Share
    documents: Share


def upper_bound(count: float, total: float, confidence: float) -> float:
    """The largest share that is compatible with `count` of `total`, one-sided."""
    if count >= total:
        return 1.0
    return float(betaincinv(count + 1, total - count, confidence))


def lower_bound(count: float, total: float, confidence: float) -> float:
    """The smallest share that is compatible with `count` of `total`, one-sided."""
    if count <= 0:
        return 0.0
    return float(betaincinv(count, total - count + 1, 1 - confidence))


def share(count: int, total: int, confidence: float = 0.95) -> Share:
    """A counted share with its exact two-sided interval (half of the risk on each side)."""
    if not 0 <= count <= total or not 0 < confidence < 1:
        raise DefinitionError("a share needs 0 <= count <= total and a confidence between 0 and 1")
    side = (1 + confidence) / 2
    return Share(count, total, lower_bound(count, total, side), upper_bound(count, total, side))


def accuracy(documents: Sequence[Sequence[bool]], confidence: float = 0.95) -> Accuracy:
    """Both shares of audited documents: for each, whether its audited fields are right (documents without fields do not count).

    A document is right when all its fields are: give the critical fields only, where only those decide.
    """
    audited = [fields for fields in documents if fields]
    right = sum(sum(fields) for fields in audited)
    total = sum(len(fields) for fields in audited)
    side = (1 + confidence) / 2
    effective = total / design_effect(audited)
    counted = right / total * effective if total else 0.0
    return Accuracy(
        fields=Share(right, total, lower_bound(counted, effective, side), upper_bound(counted, effective, side)),
        documents=share(sum(all(fields) for fields in audited), len(audited), confidence),
    )


def design_effect(documents: Sequence[Sequence[bool]]) -> float:
    """By what factor errors that come together widen the interval of the share of fields; never under 1.

    Variance of the ratio estimator over documents as clusters / variance if fields were independent (Kish, *Survey
    Sampling*, 1965). 1.0 where it cannot be estimated: fewer than two documents, or nothing (or all) wrong.
    """
    sizes = np.array([len(fields) for fields in documents], dtype=float)
    right = np.array([sum(fields) for fields in documents], dtype=float)
    total = sizes.sum()
    if len(sizes) < 2 or right.sum() in (0, total):
        return 1.0
    mean = right.sum() / total
    residuals = right - mean * sizes
    clustered = len(sizes) / (len(sizes) - 1) * float(residuals @ residuals) / total**2
    return max(1.0, float(clustered / (mean * (1 - mean) / total)))
