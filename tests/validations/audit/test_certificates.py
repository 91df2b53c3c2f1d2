"""From blind audits to a proven threshold, how many more are needed, and the alarm when the proof no longer holds."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import random
import statistics

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.contract import draw, setting
from schemas.errors import DefinitionError
from schemas.quality import CertificateState
from validations.audit.certificates import Audit, certify, delta_of_look, fewest_accepted, joint_delta, levels_of
from validations.audit.forecast import audits_needed, ready_on
from validations.audit.monitoring import BAR, ECusum

EVEN = [i / 1000 for i in range(1000)]


def audits(*groups: tuple[float, int, int]) -> list[Audit]:
    """Groups of (probability, right, wrong)."""
    return [Audit(p, ok) for p, right, wrong in groups for ok in [True] * right + [False] * wrong]


def test_without_audits_nothing_is_certified() -> None:
    certificate = certify([], EVEN, target=0.01, delta=0.10)
    assert certificate.state is CertificateState.PROVISIONAL
    assert certificate.threshold is None


def test_flawless_values_are_certified_when_there_are_just_enough() -> None:
    assert fewest_accepted(0.01, 0.05) == pytest.approx(298.07, abs=0.01)
    for count, state in ((299, CertificateState.CERTIFIED), (298, CertificateState.PROVISIONAL)):
        assert certify(audits((0.99, count, 0)), [0.99], 0.01, 0.05).state is state


@pytest.mark.parametrize(("accepted", "wrong"), [(299, 0), (473, 1), (628, 2), (773, 3), (913, 4), (1049, 5)])
def test_published_sample_sizes_for_one_percent(accepted: int, wrong: int) -> None:
    enough = certify(audits((0.99, accepted - wrong, wrong)), [0.99], 0.01, 0.05)
    assert enough.state is CertificateState.CERTIFIED
    assert enough.bound <= 0.01
    assert certify(audits((0.99, accepted - 1 - wrong, wrong)), [0.99], 0.01, 0.05).threshold is None


def test_the_threshold_stands_where_the_errors_begin() -> None:
    certificate = certify(audits((0.95, 900, 0), (0.60, 150, 50)), [0.95] * 90 + [0.60] * 20, 0.01, 0.10)
    assert (certificate.threshold, certificate.accepted, certificate.wrong) == (0.95, 900, 0)
    assert certificate.coverage == pytest.approx(90 / 110)
    assert certificate.bound < 0.01


def test_levels_cover_even_shares_of_the_traffic_and_equal_probabilities_count_once() -> None:
    levels = levels_of(EVEN, count=4)
    assert levels.thresholds.tolist() == [0.75, 0.5, 0.25, 0.0]
    assert levels.coverage.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert levels_of([0.9] * 50).coverage.tolist() == [1.0]


def test_joint_certificates_and_repeated_looks_share_the_risk() -> None:
    assert joint_delta(0.10, 8) == pytest.approx(0.0125)
    assert sum(delta_of_look(0.10, look) for look in range(1, 10_000)) == pytest.approx(0.10, abs=1e-4)
    sample = audits((0.99, 350, 0))
    assert certify(sample, [0.99], 0.01, 0.05).threshold is not None
    assert certify(sample, [0.99], 0.01, joint_delta(0.05, 8)).threshold is None


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=300), st.sampled_from([0.01, 0.05, 0.2]))
def test_a_certificate_never_claims_more_than_its_bound(pairs: list[tuple[float, bool]], target: float) -> None:
    sample = [Audit(p, ok) for p, ok in pairs]
    certificate = certify(sample, EVEN, target, 0.10)
    if certificate.threshold is not None:
        above = [audit for audit in sample if audit.probability >= certificate.threshold]
        assert (len(above), sum(not a.right for a in above)) == (certificate.accepted, certificate.wrong)
        assert certificate.bound <= target + 1e-9
        worse = [Audit(a.probability, False) for a in sample]
        assert certify(worse, EVEN, target, 0.10).threshold is None


def test_the_promise_holds_in_simulated_streams() -> None:
    result = setting(target=0.02, audits=1_000, runs=60, seed=3)
    assert result.broken_promises <= 0.10
    assert result.automation >= 0.80


@pytest.mark.parametrize("starts", [1, 2, 4])
def test_where_every_threshold_is_just_too_bad_hardly_any_is_certified(starts: int) -> None:
    chance, certified = random.Random(starts), 0
    for _ in range(300):
        sample = [Audit(chance.random(), chance.random() >= 0.02) for _ in range(800)]
        certified += certify(sample, EVEN, 0.02, 0.10, starts=starts).threshold is not None
    assert certified / 300 <= 0.10 + 2 * (0.1 * 0.9 / 300) ** 0.5


def test_wrong_arguments_are_refused() -> None:
    for target, delta, traffic in ((0.0, 0.1, EVEN), (0.01, 1.0, EVEN), (0.01, 0.1, [])):
        with pytest.raises(DefinitionError):
            certify([], traffic, target, delta)


def test_the_forecast_counts_down_to_the_certificate() -> None:
    flawless = [0.999] * 100
    assert audits_needed([], flawless, 0.01, 0.10, starts=1).at_least == 230  # ln 0.1 / ln 0.99 = 229.1
    nearly = audits_needed(audits((0.999, 300, 0)), flawless, 0.01, 0.10)
    assert (nearly.more, nearly.at_least) == (0, 0)
    halfway = audits_needed(audits((0.999, 150, 0)), flawless, 0.01, 0.10)
    assert halfway.more is not None
    assert 149 <= halfway.at_least <= halfway.more < 250
    assert ready_on(halfway, 50, dt.date(2026, 3, 2)) == dt.date(2026, 3, 2 + -(-halfway.more // 50))


def test_no_day_is_named_where_the_error_is_too_high_everywhere() -> None:
    hopeless = audits_needed(audits((0.9, 800, 60)), [0.9] * 100, 0.01, 0.10)
    assert hopeless.more is None
    assert ready_on(hopeless, 50, dt.date(2026, 3, 2)) is None


def test_the_forecast_comes_near_what_happens() -> None:
    generator = np.random.default_rng(4)
    traffic = 1 / (1 + np.exp(-draw(generator, 5_000)[0]))
    scores, right = draw(generator, 4_000)
    stream = [Audit(p, bool(ok)) for p, ok in zip(1 / (1 + np.exp(-scores)), right, strict=True)]
    forecast = audits_needed(stream[:200], traffic, 0.02, 0.10).more
    happened = next(n for n in range(200, 4_000, 10) if certify(stream[:n], traffic, 0.02, 0.10).threshold is not None)
    assert forecast is not None
    assert (200 + forecast) / 3 < happened < (200 + forecast) * 3


def watch(promise: float, share_wrong: float, most: int, seed: int) -> ECusum:
    """Audits with this share of wrong values until the alarm."""
    chance, state = random.Random(seed), ECusum.start(promise)
    while not state.alarm and state.audits < most:
        state = state.update(chance.random() < share_wrong)
    return state


def test_three_times_the_promised_error_is_found_soon() -> None:
    assert statistics.median(watch(0.01, 0.03, 9_000, seed).audits for seed in range(60)) <= 500
    assert statistics.median(watch(0.02, 0.06, 9_000, seed).audits for seed in range(60)) <= 300


def test_quiet_work_is_left_alone() -> None:
    assert sum(watch(0.01, 0.006, 20_000, seed).alarm for seed in range(10)) <= 1


def test_the_state_is_plain_data_and_knows_when_drift_began() -> None:
    state = ECusum.start(0.01)
    for _ in range(500):
        state = state.update(wrong=False)
    for number in range(200):
        kept = json.loads(json.dumps(dataclasses.asdict(state)))
        state = ECusum(**kept).update(wrong=number % 10 == 0)
        if state.alarm:
            break
    assert state.alarm
    assert state.level >= BAR
    assert state.good_until == 500


def test_a_promise_of_nothing_cannot_be_watched() -> None:
    with pytest.raises(DefinitionError):
        ECusum.start(0.0)
