"""Shares with intervals, agreement, skill and checking, control charts: against published examples and libraries."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.metrics import cohen_kappa_score

from schemas.errors import DefinitionError
from validations.audit.agreement import agreement
from validations.audit.bounds import accuracy, design_effect, share, upper_bound
from validations.audit.control_chart import p_chart
from validations.audit.skill import Step, checks_until, rubber_stamping, skill, step_down


@given(st.data(), st.integers(1, 2000), st.sampled_from([0.8, 0.95, 0.99]))
def test_intervals_are_those_of_an_independent_library(data: st.DataObject, total: int, confidence: float) -> None:
    count = data.draw(st.integers(0, total))
    ours, theirs = share(count, total, confidence), binomtest(count, total).proportion_ci(confidence, "exact")
    assert (ours.lower, ours.upper) == pytest.approx((theirs.low, theirs.high), abs=1e-9)
    assert ours.lower <= ours.value <= ours.upper


def test_nothing_counted_says_nothing() -> None:
    nothing = share(0, 0)
    assert (nothing.value, nothing.lower, nothing.upper) == (0.0, 0.0, 1.0)
    assert upper_bound(0, 299, 0.95) < 0.01 < upper_bound(0, 298, 0.95)
    with pytest.raises(DefinitionError):
        share(3, 2)


def test_fields_and_documents_are_counted_apart() -> None:
    documents = [[True] * 10] * 95 + [[True] * 9 + [False]] * 5
    both = accuracy(documents)
    assert both.fields.value == pytest.approx(0.995)
    assert both.documents.value == pytest.approx(0.95)
    assert accuracy([[], []]).fields.total == 0


def test_errors_that_come_together_widen_the_interval() -> None:
    apart = [[True] * 9 + [False]] * 20 + [[True] * 10] * 180
    together = [[False] * 10] * 2 + [[True] * 10] * 198
    assert accuracy(apart).fields.value == accuracy(together).fields.value
    assert design_effect(apart) == 1.0
    assert design_effect(together) == pytest.approx(10, rel=0.02), "a document says no more than one field"
    assert accuracy(together).fields.lower < accuracy(apart).fields.lower


def table(both_yes: int, first: int, second: int, both_no: int) -> list[tuple[str, str]]:
    pairs = {("yes", "yes"): both_yes, ("yes", "no"): first, ("no", "yes"): second, ("no", "no"): both_no}
    return [pair for pair, count in pairs.items() for _ in range(count)]


def test_kappa_falls_where_nearly_all_is_the_same_and_ac1_does_not() -> None:
    found = agreement(table(118, 5, 2, 0))  # Gwet, 2002: two raters, 125 subjects
    assert found.raw == pytest.approx(0.944)
    assert found.kappa == pytest.approx(-0.0234, abs=5e-5)
    assert found.ac1 == pytest.approx(0.9408, abs=5e-5)


def test_textbook_kappas() -> None:
    assert agreement(table(20, 5, 10, 15)).kappa == pytest.approx(0.40)
    assert agreement(table(45, 15, 25, 15)).kappa == pytest.approx(0.1304, abs=5e-5)
    assert agreement(table(25, 35, 5, 35)).kappa == pytest.approx(0.2593, abs=5e-5)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=2, max_size=60))
def test_kappa_is_that_of_an_independent_library(pairs: list[tuple[str, str]]) -> None:
    ours = agreement(pairs).kappa
    if ours is not None:
        assert ours == pytest.approx(cohen_kappa_score([a for a, _ in pairs], [b for _, b in pairs]))


def test_agreement_where_there_is_nothing_to_tell_apart() -> None:
    same = agreement([("yes", "yes")] * 9)
    assert (same.raw, same.kappa, same.ac1) == (1.0, None, None)
    assert agreement([("yes", "yes")] * 9, categories=2).ac1 == 1.0
    assert agreement([]).items == 0


def test_new_people_are_checked_whole_and_stepped_down_as_they_prove_themselves() -> None:
    assert step_down(0, 0) == 1.0
    assert step_down(5, 5) == 1.0, "five of five is not yet skill"
    assert step_down(59, 59) == 0.5
    assert step_down(598, 598) == 0.05
    assert step_down(95, 100) == 1.0
    assert (checks_until(0.95), checks_until(0.99), checks_until(0.995)) == (59, 299, 598)
    with pytest.raises(DefinitionError):
        step_down(5, 5, steps=[Step(0.9, 0.5)])


@given(st.integers(0, 400), st.integers(0, 400))
def test_one_more_right_value_never_brings_more_checking(right: int, wrong: int) -> None:
    assert step_down(right + 1, right + wrong + 1) <= step_down(right, right + wrong)
    assert step_down(right, right + wrong + 1) >= step_down(right, right + wrong) or right + wrong == 0


def test_skill_covers_the_truth_as_often_as_it_says() -> None:
    chance, covered = random.Random(2), 0
    for _ in range(400):
        found = skill(sum(chance.random() < 0.97 for _ in range(150)), 150)
        covered += found.lower <= 0.97 <= found.upper
    assert covered / 400 >= 0.94


def test_confirming_known_wrong_values_is_measured() -> None:
    found = rubber_stamping(confirmed=6, seeded=20)
    assert found.value == 0.3
    assert (found.lower, found.upper) == pytest.approx((0.1189, 0.5428), abs=5e-5)


JUICE = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6]


def test_the_control_chart_of_the_textbook() -> None:
    chart = p_chart([(wrong, 50) for wrong in JUICE])  # Montgomery, chapter 7: cans of orange juice
    assert chart.centre == pytest.approx(0.2313, abs=5e-5)
    assert (chart.points[0].lower, chart.points[0].upper) == pytest.approx((0.0524, 0.4102), abs=2e-4)
    assert [number for number, point in enumerate(chart.points, start=1) if point.outside] == [15, 23]


def test_a_chart_with_a_known_centre_and_unequal_samples() -> None:
    chart = p_chart([(1, 400), (0, 0), (9, 100)], centre=0.01)
    assert [point.outside for point in chart.points] == [False, True]
    assert p_chart([]).points == ()
