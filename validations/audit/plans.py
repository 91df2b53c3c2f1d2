"""Acceptance plans: how many items of a lot are keyed again, and how many wrong ones it may hold.

A two-point plan is the smallest sample that keeps both promises: a lot of the producer's quality (`prq`, a share of wrong
items) is refused with probability `alpha` at most, a lot of the consumer's quality (`crq`) is accepted with probability `beta`
at most. Numbers of wrong items in a sample are binomial for a stream of work and hypergeometric for a finite lot. The search
is that of Guenther, *Use of the binomial, hypergeometric and Poisson tables to obtain sampling plans*, Journal of Quality
Technology 1 (1969): acceptance numbers upwards, the smallest sample for each, the first that keeps both promises.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from scipy.special import bdtr, bdtri, gammaln

from schemas.errors import DefinitionError

_ROUNDING = 1e-9  # 0.07 * 100 is a little more than 7, and a risk of exactly 0.1 a little more than 0.1


@dataclass(frozen=True)
class Plan:
    """Check `sample_size` items; accept up to `accept` wrong ones, do not accept from `reject` on.

    Between the two (only reduced inspection has a gap) the lot is accepted and normal inspection comes back.
    `lot_size` None: a stream of work, or a lot that is large against the sample.
    """

    sample_size: int
    accept: int
    reject: int
    lot_size: int | None = None

    def accepts(self, wrong: int) -> bool:
        """Whether a sample with so many wrong items lets the lot pass."""
        return wrong < self.reject


@dataclass(frozen=True)
class CurvePoint:
    """One point of an operating characteristic: lots with this share of wrong items pass with this probability."""

    share_wrong: float
    accepted: float


def plan_two_point(prq: float, alpha: float, crq: float, beta: float, lot_size: int | None = None) -> Plan:
    """The smallest plan that keeps both promises; for a finite lot in the worst case all of it is checked.

    `prq`, `crq`: shares of wrong items, 0 <= prq < crq < 1; `alpha`, `beta`: the producer's and the consumer's risk, 0 to 1.
    Raises DefinitionError where they contradict each other.
    """
    if not 0 <= prq < crq < 1:
        raise DefinitionError("a plan needs 0 <= prq < crq < 1", mend="the agreed quality below the one to be refused")
    if not (0 < alpha < 1 and 0 < beta < 1 and beta < 1 - alpha):
        raise DefinitionError(
            "a plan needs risks between 0 and 1, alpha + beta < 1", mend="alpha 0.05 and beta 0.10, say"
        )
    if lot_size is not None and lot_size < 1:
        raise DefinitionError("a lot holds at least one item")
    size = 1
    for accept in itertools.count():
        size = _smallest_sample(max(size, accept), accept, crq, beta, lot_size)
        plan = Plan(size, accept, accept + 1, lot_size)
        if acceptance(plan, prq) >= 1 - alpha - _ROUNDING:
            return plan
    raise AssertionError("unreachable: a large enough sample tells the two qualities apart")


def acceptance(plan: Plan, share_wrong: float) -> float:
    """The probability that a lot with this share of wrong items passes.

    A finite lot holds whole items: its number of wrong ones is rounded down.
    """
    if plan.lot_size is None:
        return float(bdtr(plan.reject - 1, plan.sample_size, share_wrong))
    return _finite(
        plan.reject - 1, plan.sample_size, math.floor(plan.lot_size * share_wrong + _ROUNDING), plan.lot_size
    )


def oc_curve(plan: Plan, points: int = 61, up_to: float | None = None) -> list[CurvePoint]:
    """The operating characteristic from no wrong item to `up_to` (by default where fewer than 1 lot in 200 passes)."""
    end = up_to if up_to is not None else quality_accepted(plan, 0.005)
    return [CurvePoint(share, acceptance(plan, share)) for share in (end * i / (points - 1) for i in range(points))]


def quality_accepted(plan: Plan, probability: float) -> float:
    """The share of wrong items with which a lot still passes with this probability, by the binomial distribution.

    With 0.10 this is what a plan really promises to the consumer.
    """
    if plan.sample_size < plan.reject:
        return 1.0
    return float(bdtri(plan.reject - 1, plan.sample_size, probability))


def keying_hours(plan: Plan, seconds_per_item: float, lots: float = 1) -> float:
    """Hours of blind keying that a plan costs over so many lots."""
    return plan.sample_size * seconds_per_item * lots / 3600


def _smallest_sample(start: int, accept: int, crq: float, beta: float, lot_size: int | None) -> int:
    """The smallest sample from `start` on that passes the consumer's quality with `beta` at most: gallop, then bisect."""

    def safe(size: int) -> bool:
        if lot_size is None:
            return bool(bdtr(accept, size, crq) <= beta + _ROUNDING)
        return _finite(accept, size, math.ceil(lot_size * crq - _ROUNDING), lot_size) <= beta + _ROUNDING

    end, step = start, 1
    while not safe(end) and (lot_size is None or end < lot_size):
        start, end, step = end + 1, end + step, step * 2
        end = end if lot_size is None else min(end, lot_size)
    while start < end:
        middle = (start + end) // 2
        start, end = (start, middle) if safe(middle) else (middle + 1, end)
    return end


def _finite(accept: int, size: int, wrong: int, lot: int) -> float:
    """The probability of at most `accept` wrong items in a sample from a lot with `wrong` ones (hypergeometric)."""
    least, most = max(0, size - (lot - wrong)), min(accept, size, wrong)
    if accept >= min(size, wrong):
        return 1.0
    if most < least:
        return 0.0
    found = np.arange(least, most + 1)
    logs = _log_choose(wrong, found) + _log_choose(lot - wrong, size - found) - _log_choose(lot, np.array(size))
    return min(1.0, float(np.exp(logs).sum()))


def _log_choose(total: int, chosen: np.ndarray) -> np.ndarray:
    result: np.ndarray = gammaln(total + 1) - gammaln(chosen + 1) - gammaln(total - chosen + 1)
    return result
