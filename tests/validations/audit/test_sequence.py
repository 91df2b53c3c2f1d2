"""Whoever looks every day is told an interval that holds at all looks together; the exact one of one look does not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import betaln

from schemas.errors import DefinitionError
from validations.audit.bounds import share
from validations.audit.sequence import anytime_share

TRUE, LOOKS, RUNS = 0.99, 300, 400


def test_it_covers_at_every_look_and_the_exact_interval_does_not() -> None:
    chance = np.random.default_rng(7)
    missed_always = missed_exact = 0
    for _ in range(RUNS):
        right = np.cumsum(chance.random(LOOKS * 10) < TRUE)
        looks = [(int(right[n - 1]), n) for n in range(10, LOOKS * 10 + 1, 50)]
        missed_always += any(not s.lower <= TRUE <= s.upper for s in (anytime_share(c, n) for c, n in looks))
        missed_exact += any(not s.lower <= TRUE <= s.upper for s in (share(c, n) for c, n in looks))
    assert missed_always <= 0.05 * RUNS < missed_exact


@pytest.mark.parametrize(("count", "total"), [(0, 7), (5, 9), (199, 200), (300, 300)])
def test_its_ends_are_where_the_martingale_reaches_the_bar(count: int, total: int) -> None:
    grid = np.linspace(1e-6, 1 - 1e-6, 200_001)
    log_martingale = (
        betaln(0.5 + count, 0.5 + total - count)
        - betaln(0.5, 0.5)
        - count * np.log(grid)
        - (total - count) * np.log1p(-grid)
    )
    inside = grid[log_martingale < math.log(20)]
    found = anytime_share(count, total)
    assert found.lower == pytest.approx(inside.min(), abs=2e-5) and found.upper == pytest.approx(inside.max(), abs=2e-5)


@given(st.integers(0, 2000), st.integers(0, 2000))
def test_it_holds_the_counted_share_and_is_wider_than_the_exact_one(right: int, wrong: int) -> None:
    always, once = anytime_share(right, right + wrong), share(right, right + wrong)
    assert always.lower <= always.value <= always.upper
    assert always.upper - always.lower >= (once.upper - once.lower) * 0.99


def test_counts_that_cannot_be_are_refused() -> None:
    with pytest.raises(DefinitionError):
        anytime_share(3, 2)
