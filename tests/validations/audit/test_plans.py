"""Plans against published ones, brute force and exact fractions; rolling lots; what a sample decides."""

from __future__ import annotations

import datetime as dt
import math
import time
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom

from schemas.errors import DefinitionError
from validations.audit.lots import Closed, Decision, RollingRule, closes, decide
from validations.audit.plans import Plan, acceptance, keying_hours, oc_curve, plan_two_point, quality_accepted


@pytest.mark.parametrize(
    ("prq", "alpha", "crq", "beta", "sample", "accept"),
    [
        (0.01, 0.05, 0.05, 0.10, 132, 3),  # manual of the R package AccSamplingDesign
        (0.01, 0.02, 0.05, 0.15, 144, 4),  # the same
        (0.05, 0.05, 0.15, 0.075, 80, 7),  # Kiermeier, Journal of Statistical Software 26 (2008)
        (0.0, 0.05, 0.01, 0.05, 299, 0),  # ln 0.05 / ln 0.99: the sample of zero-acceptance plans
    ],
)
def test_published_plans(prq: float, alpha: float, crq: float, beta: float, sample: int, accept: int) -> None:
    assert plan_two_point(prq, alpha, crq, beta) == Plan(sample, accept, accept + 1)


def test_risks_of_a_published_plan() -> None:
    plan = plan_two_point(0.01, 0.05, 0.05, 0.10)
    assert 1 - acceptance(plan, 0.01) == pytest.approx(0.04425251, abs=1e-8)
    assert acceptance(plan, 0.05) == pytest.approx(0.0992283, abs=1e-7)
    assert acceptance(plan, 0.03) == pytest.approx(0.4384354, abs=1e-7)


@pytest.mark.parametrize(("lot", "crq", "sample"), [(1000, 0.01, 205), (1000, 0.02, 108), (200, 0.05, 41)])
def test_zero_acceptance_for_finite_lots(lot: int, crq: float, sample: int) -> None:
    assert plan_two_point(0.0, 0.05, crq, 0.10, lot) == Plan(sample, 0, 1, lot)


def exactly(accept: int, sample: int, wrong: int, lot: int) -> Fraction:
    """The probability of at most so many wrong items, counted."""
    ways = sum(math.comb(wrong, x) * math.comb(lot - wrong, sample - x) for x in range(min(accept, sample) + 1))
    return Fraction(ways, math.comb(lot, sample))


@settings(max_examples=60, deadline=None)
@given(lot=st.integers(2, 60), worst=st.integers(1, 60), best=st.integers(0, 59))
def test_the_plan_of_a_small_lot_is_the_smallest_of_all(lot: int, worst: int, best: int) -> None:
    if not best < worst < lot:
        return
    plan = plan_two_point(best / lot, 0.05, worst / lot, 0.10, lot)

    def keeps(sample: int, accept: int) -> bool:
        return exactly(accept, sample, best, lot) >= Fraction(95, 100) and exactly(
            accept, sample, worst, lot
        ) <= Fraction(1, 10)

    assert keeps(plan.sample_size, plan.accept)
    assert not any(keeps(n, c) for n in range(1, plan.sample_size) for c in range(n + 1))


@settings(max_examples=100, deadline=None)
@given(data=st.data(), lot=st.integers(1, 5000))
def test_acceptance_is_that_of_an_independent_library(data: st.DataObject, lot: int) -> None:
    sample, wrong = data.draw(st.integers(1, lot)), data.draw(st.integers(0, lot))
    accept = data.draw(st.integers(0, 20))
    plan = Plan(sample, accept, accept + 1, lot)
    assert acceptance(plan, wrong / lot) == pytest.approx(hypergeom.cdf(accept, lot, wrong, sample), abs=1e-8)


def test_a_lot_of_a_million_is_planned_in_no_time() -> None:
    started = time.perf_counter()
    plan = plan_two_point(0.0025, 0.05, 0.01, 0.10, 1_000_000)
    assert time.perf_counter() - started < 1
    assert plan.sample_size <= plan_two_point(0.0025, 0.05, 0.01, 0.10).sample_size


def test_the_operating_characteristic_falls_from_one() -> None:
    plan = plan_two_point(0.005, 0.05, 0.02, 0.10)
    curve = oc_curve(plan)
    assert curve[0].accepted == 1.0
    assert curve[-1].accepted == pytest.approx(0.005)
    assert [p.accepted for p in curve] == sorted((p.accepted for p in curve), reverse=True)
    assert len(oc_curve(plan_two_point(0.0, 0.05, 0.02, 0.10, 500), points=7)) == 7


def test_what_an_acceptable_quality_level_really_promises() -> None:
    assert quality_accepted(Plan(125, 3, 4), 0.10) == pytest.approx(0.053, abs=0.0005)
    assert quality_accepted(Plan(1, 1, 2), 0.10) == 1.0


def test_hours_of_keying() -> None:
    assert keying_hours(Plan(132, 3, 4), seconds_per_item=9, lots=20) == pytest.approx(6.6)


@pytest.mark.parametrize(
    ("prq", "alpha", "crq", "beta", "lot"),
    [(0.02, 0.05, 0.01, 0.1, None), (0.01, 0.6, 0.02, 0.5, None), (0.01, 0.05, 0.02, 0.1, 0), (0.01, 0, 0.02, 0.1, 9)],
)
def test_contradictions_are_refused(prq: float, alpha: float, crq: float, beta: float, lot: int | None) -> None:
    with pytest.raises(DefinitionError):
        plan_two_point(prq, alpha, crq, beta, lot)


def test_a_rolling_lot_closes_by_size_or_time() -> None:
    rule, noon = RollingRule(size=200, time=dt.timedelta(hours=1)), dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
    assert closes(rule, 199, noon, noon + dt.timedelta(minutes=59)) is None
    assert closes(rule, 200, noon, noon) is Closed.SIZE
    assert closes(rule, 1, noon, noon + dt.timedelta(hours=1)) is Closed.TIME
    assert closes(rule, 0, noon, noon + dt.timedelta(days=9)) is None
    with pytest.raises(DefinitionError):
        RollingRule(size=0, time=dt.timedelta(hours=1))


def test_a_lot_is_refused_as_soon_as_it_can_no_longer_pass() -> None:
    plan = Plan(132, 3, 4)
    assert decide(plan, checked=60, wrong=3) is Decision.OPEN
    assert decide(plan, checked=61, wrong=4) is Decision.REFUSED
    assert decide(plan, checked=132, wrong=3) is Decision.ACCEPTED
