"""How many more blind audits a certificate needs, and when they are there at today's pace: a forecast, never a proof."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincc

from validations.audit.certificates import STARTS, Audit, counts, levels_of

PRIOR_AUDITS = 50  # what the machine's own probabilities weigh against audits
FAR = 1_000_000


@dataclass(frozen=True)
class Forecast:
    """`more`: audits until a certificate is as likely as not, None where the error is too close to the target at every threshold.

    `at_least`: audits still needed if not one more value were wrong.
    """

    more: int | None
    at_least: int


def audits_needed(
    audits: Sequence[Audit],
    traffic: Sequence[float] | NDArray[np.float64],
    target: float,
    delta: float,
    *,
    starts: int = STARTS,
) -> Forecast:
    """How many more audits the first certificate of a field, a group or of documents is expected to take.

    For each threshold: the share of wrong values is estimated from the audits so far and, weakly, from the machine's own
    probabilities; audits arrive with the traffic's mixture; the bar is the exact bound at one start's share of delta.
    Arguments as in `certificates.certify`.
    """
    levels = levels_of(traffic)
    accepted, wrong = counts(audits, levels)
    values = np.sort(np.asarray(traffic, dtype=float))[::-1]
    above = np.round(levels.coverage * len(values)).astype(int)
    doubted = np.cumsum(1 - values)[above - 1] / above
    error = (wrong + PRIOR_AUDITS * doubted) / (accepted + PRIOR_AUDITS)
    bar = delta / starts
    more = _until(bar, target, accepted, wrong, error, levels.coverage)
    flawless = _until(bar, target, accepted, wrong, np.zeros(len(error)), levels.coverage)
    return Forecast(None if more >= FAR else more, min(flawless, more))


def ready_on(forecast: Forecast, audits_per_day: float, today: dt.date) -> dt.date | None:
    """The day on which the certificate is expected at today's pace; None where it is not to be expected."""
    if forecast.more is None or audits_per_day <= 0:
        return None
    return today + dt.timedelta(days=math.ceil(forecast.more / audits_per_day))


def _until(
    bar: float,
    target: float,
    accepted: NDArray[np.int64],
    wrong: NDArray[np.int64],
    error: NDArray[np.float64],
    coverage: NDArray[np.float64],
) -> int:
    """The fewest further audits with which some threshold's expected p-value reaches the bar; FAR where none does."""

    def reached(more: int) -> bool:
        total = accepted + more * coverage
        mistakes = np.minimum(wrong + more * coverage * error, total - 1e-9)
        return bool(np.any((total > 0) & (betaincc(mistakes + 1, np.maximum(total - mistakes, 1e-9), target) <= bar)))

    low, high = 0, 1
    while not reached(high) and high < FAR:
        low, high = high, high * 2
    if high >= FAR:
        return FAR
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) else (middle + 1, high)
    return low
