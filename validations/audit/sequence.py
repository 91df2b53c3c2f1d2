"""An interval that may be looked at every day: a confidence sequence for a share.

An exact interval covers the truth with its confidence at one look that was fixed beforehand. Whoever looks every day, and may act
on the worst day, needs an interval that covers at all looks together. The mixture martingale of Robbins (*Statistical methods
related to the law of the iterated logarithm*, Annals of Mathematical Statistics 41, 1970; Howard, Ramdas, McAuliffe and Sekhon,
Annals of Statistics 49, 2021): against each share p stands the likelihood of the counts under a Beta mixture over the likelihood
under p; by Ville's inequality it reaches 1 / alpha with probability alpha at most, whenever one looks, if p is the truth.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from scipy.optimize import brentq
from scipy.special import betaln

from schemas.errors import DefinitionError
from validations.audit.bounds import Share

PRIOR = 0.5  # of the Beta mixture, on both sides (Jeffreys): narrow where nearly all is right
EDGE = 1e-12


def anytime_share(count: float, total: float, confidence: float = 0.95) -> Share:
    """A counted share whose interval holds at every look at the growing counts; wider than the exact one of one look.

    Counts may be effective ones, of values that are wrong together. Raises DefinitionError for counts that cannot be.
    """
    if not 0 <= count <= total or not 0 < confidence < 1:
        raise DefinitionError("a share needs 0 <= count <= total and a confidence between 0 and 1")
    whole = Share(round(count), round(total), 0.0, 1.0)
    if not total:
        return whole
    excess, best = _excess(count, total, math.log(1 / (1 - confidence))), count / total
    lower = 0.0 if count == 0 else _root(excess, EDGE, best)
    upper = 1.0 if count == total else _root(excess, best, 1 - EDGE)
    return Share(whole.count, whole.total, lower, upper)


def _excess(count: float, total: float, bar: float) -> Callable[[float], float]:
    """By how much the logarithm of the martingale against p is over the bar; convex in p, lowest at the counted share."""
    mixture = float(betaln(PRIOR + count, PRIOR + total - count) - betaln(PRIOR, PRIOR))

    def excess(p: float) -> float:
        inside = min(max(p, EDGE), 1 - EDGE)
        return mixture - count * math.log(inside) - (total - count) * math.log1p(-inside) - bar

    return excess


def _root(excess: Callable[[float], float], low: float, high: float) -> float:
    """Where the bar is crossed; the edge itself where it is not."""
    if (excess(low) > 0) == (excess(high) > 0):
        return low if low <= EDGE else high
    return float(brentq(excess, low, high, xtol=1e-9))
