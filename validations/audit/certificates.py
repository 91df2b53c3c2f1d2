"""Certificates: from which probability on values may go out by themselves, proven by blind audits.

A threshold is certified when the share of wrong values among those at or above it is at most `target` with confidence
1 - `delta`. Learn then test (Angelopoulos, Bates, Candès, Jordan and Lei 2021, arXiv 2110.01052; selection with guaranteed risk
goes back to Geifman and El-Yaniv, NIPS 2017, arXiv 1705.08500): every threshold is a hypothesis "worse than the target" with
an exact binomial p-value, and the family is tested so that the chance of certifying any wrong one stays under `delta`.

The order of testing is a fixed sequence from strict to loose with several starts. `delta` is split among the starts, and what
a rejected hypothesis had passes on to the next one (the fallback procedure: Wiens, Pharmaceutical Statistics 2, 2003; Wiens
and Dmitrienko, J. Biopharm. Stat. 15, 2005), so that a walk which reaches the next start goes on with both shares.

What makes it hold: the audits are a random sample of the traffic, one value per document, keyed blind; thresholds and starts
come from traffic that carries no audit result. A certificate speaks of the model, reader and definition it was made with and
ends with them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr

from schemas.errors import DefinitionError
from schemas.quality import CertificateState
from validations.audit.bounds import upper_bound

LEVELS = 96
STARTS = 2  # more starts leave each too little: with 1,000 audits at 1 %, 0.68 instead of 0.60 goes out by itself
SLACK = 1.1  # the first start expects this many times the values that a flawless sample would need


@dataclass(frozen=True)
class Audit:
    """One blind audit: the machine's probability of being right, and whether it was. One per document."""

    probability: float
    right: bool


@dataclass(frozen=True)
class Certificate:
    """What the audits prove. Without proof it is provisional, `threshold` is None, and nothing goes out on its strength.

    `accepted` of `audits` audited values are at or above the threshold, `wrong` of them wrong; `bound`: the proven share of
    wrong values, at most `target`; `coverage`: the share of recent traffic at or above the threshold.
    """

    state: CertificateState
    target: float
    delta: float
    audits: int
    threshold: float | None = None
    accepted: int = 0
    wrong: int = 0
    bound: float = 1.0
    coverage: float = 0.0


@dataclass(frozen=True)
class Levels:
    """Thresholds from strict to loose, and the share of traffic at or above each."""

    thresholds: NDArray[np.float64]
    coverage: NDArray[np.float64]


def certify(
    audits: Sequence[Audit],
    traffic: Sequence[float] | NDArray[np.float64],
    target: float,
    delta: float,
    *,
    starts: int = STARTS,
) -> Certificate:
    """The loosest threshold that the audits prove; per field, per pooled group of fields, or per document.

    audits: blind, random, one per document. traffic: probabilities of recent values, with or without audits, whose results
    were not looked at. target: the promised share of wrong values; delta: the risk that the promise does not hold (see
    `joint_delta` and `delta_of_look`). Raises DefinitionError for a target or delta outside 0 to 1, or without traffic.
    """
    if not (0 < target < 1 and 0 < delta < 1) or starts < 1:
        raise DefinitionError("a certificate needs a target and a delta between 0 and 1, and one start or more")
    levels = levels_of(traffic)
    accepted, wrong = counts(audits, levels)
    p_values = np.where(accepted > 0, bdtr(wrong, np.maximum(accepted, 1), target), 1.0)
    budget = _budget(levels.coverage * len(audits), target, delta, starts)
    found = _loosest(p_values, budget)
    if found is None:
        return Certificate(CertificateState.PROVISIONAL, target, delta, len(audits))
    at, level = found
    return Certificate(
        CertificateState.CERTIFIED,
        target,
        delta,
        len(audits),
        threshold=float(levels.thresholds[at]),
        accepted=int(accepted[at]),
        wrong=int(wrong[at]),
        bound=upper_bound(int(wrong[at]), int(accepted[at]), 1 - level),
        coverage=float(levels.coverage[at]),
    )


def levels_of(traffic: Sequence[float] | NDArray[np.float64], count: int = LEVELS) -> Levels:
    """Thresholds at evenly spaced shares of the traffic; equal ones count once. Raises DefinitionError without traffic."""
    values = np.sort(np.asarray(traffic, dtype=float))
    if not len(values):
        raise DefinitionError("thresholds come from recent traffic: there is none")
    wanted = np.arange(1, count + 1) / count
    at = np.clip(len(values) - np.ceil(wanted * len(values)).astype(int), 0, len(values) - 1)
    thresholds = np.unique(values[at])[::-1]
    return Levels(thresholds, (len(values) - np.searchsorted(values, thresholds)) / len(values))


def counts(audits: Sequence[Audit], levels: Levels) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How many audited values are at or above each level, and how many of them are wrong."""
    probabilities = np.array([audit.probability for audit in audits], dtype=float)
    order = np.argsort(-probabilities, kind="stable")
    mistakes = np.array([not audit.right for audit in audits], dtype=np.int64)
    wrong_so_far = np.concatenate([[0], np.cumsum(mistakes[order])])
    accepted = np.searchsorted(-probabilities[order], -levels.thresholds, side="right")
    return accepted.astype(np.int64), wrong_so_far[accepted].astype(np.int64)


def joint_delta(delta: float, fields: int) -> float:
    """The risk of each of several certificates that shall hold all together (Bonferroni)."""
    return delta / fields


def delta_of_look(delta: float, look: int) -> float:
    """The risk to spend on the `look`-th certificate (from 1) made from a growing set of audits; all looks sum up to `delta`.

    Trying again with the same audits and a few more is not free: the first look spends half, the second a sixth, and so on.
    Fresh audits after a new model start again at look 1.
    """
    return delta / (look * (look + 1))


def fewest_accepted(target: float, delta: float) -> float:
    """How many accepted values prove the target when none is wrong: ln(delta) / ln(1 - target)."""
    return math.log(delta) / math.log1p(-target)


def _budget(expected: NDArray[np.float64], target: float, delta: float, starts: int) -> NDArray[np.float64]:
    """The share of delta that each level brings along; `expected`: accepted audits that it expects, strict to loose.

    The first start is the strictest level that can be expected to prove something, the others are spread over the looser
    ones. Where none can with a share of delta, the loosest one has all of it.
    """
    budget = np.zeros(len(expected))
    able = np.flatnonzero(expected >= SLACK * fewest_accepted(target, delta / starts))
    if not len(able):
        budget[-1] = delta
        return budget
    first, last = int(able[0]), len(expected) - 1
    for start in range(starts):
        budget[first + (last - first) * start // starts] += delta / starts
    return budget


def _loosest(p_values: NDArray[np.float64], budget: NDArray[np.float64]) -> tuple[int, float] | None:
    """The last rejected hypothesis and the level it was tested at; None where none is rejected."""
    found, passed_on = None, 0.0
    for at, (p_value, own) in enumerate(zip(p_values.tolist(), budget.tolist(), strict=True)):
        level = own + passed_on
        rejected = p_value <= level and level > 0
        if rejected:
            found = (at, level)
        passed_on = level if rejected else 0.0
    return found
