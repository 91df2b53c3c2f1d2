"""The standard's tables cell by cell, and the switching rules as the standard tells them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import DefinitionError, IllegalTransitionError
from validations.audit.iso2859 import Outcome, Severity, code_letter, judge, single_plan
from validations.audit.iso2859_tables import AQLS
from validations.audit.plans import acceptance
from validations.audit.switching import State, back_to_normal, resume, switch

NORMAL, TIGHTENED, REDUCED, STOPPED = Severity.NORMAL, Severity.TIGHTENED, Severity.REDUCED, Severity.STOPPED
LETTERS = "ABCDEFGHJKLMNPQR"
GOOD, BAD = Outcome(True, points=3), Outcome(False)


@pytest.mark.parametrize(
    ("lot", "level", "letter"),
    [
        (1, "II", "A"), (8, "III", "B"), (15, "II", "B"), (50, "S-2", "B"), (90, "II", "E"), (150, "S-3", "C"),
        (280, "S-4", "E"), (500, "I", "F"), (1200, "II", "J"), (1201, "II", "K"), (3200, "S-4", "G"), (10_000, "I", "J"),
        (10_000, "II", "L"), (35_000, "III", "N"), (150_000, "S-1", "D"), (500_000, "II", "P"), (500_001, "III", "R"),
    ],
)  # fmt: skip
def test_code_letters(lot: int, level: str, letter: str) -> None:
    assert code_letter(lot, level) == letter


@pytest.mark.parametrize(
    ("letter", "aql", "severity", "cell"),
    [
        # MIL-STD-105E, table II-A
        ("K", 1.0, NORMAL, (125, 3, 4)), ("L", 0.65, NORMAL, (200, 3, 4)), ("J", 1.0, NORMAL, (80, 2, 3)),
        ("H", 1.0, NORMAL, (50, 1, 2)), ("A", 6.5, NORMAL, (2, 0, 1)), ("F", 0.65, NORMAL, (20, 0, 1)),
        ("K", 10, NORMAL, (125, 21, 22)), ("R", 0.65, NORMAL, (2000, 21, 22)), ("N", 0.10, NORMAL, (500, 1, 2)),
        ("M", 1.5, NORMAL, (315, 10, 11)), ("P", 0.25, NORMAL, (800, 5, 6)), ("G", 6.5, NORMAL, (32, 5, 6)),
        # arrows: up to the plan above, down to the plan below, sample and all
        ("G", 0.65, NORMAL, (20, 0, 1)), ("H", 0.65, NORMAL, (80, 1, 2)), ("A", 0.010, NORMAL, (1250, 0, 1)),
        ("R", 0.015, NORMAL, (800, 0, 1)), ("R", 10, NORMAL, (125, 21, 22)), ("A", 10, NORMAL, (5, 1, 2)),
        # table II-B
        ("K", 1.0, TIGHTENED, (125, 2, 3)), ("K", 0.15, TIGHTENED, (125, 0, 1)), ("L", 2.5, TIGHTENED, (200, 8, 9)),
        ("G", 0.65, TIGHTENED, (32, 0, 1)), ("H", 0.65, TIGHTENED, (125, 1, 2)), ("J", 10, TIGHTENED, (80, 12, 13)),
        ("R", 0.010, TIGHTENED, (2000, 0, 1)), ("Q", 0.025, TIGHTENED, (3150, 1, 2)), ("E", 10, TIGHTENED, (13, 2, 3)),
        # table II-C
        ("J", 1.5, REDUCED, (32, 1, 4)), ("L", 1.0, REDUCED, (80, 2, 5)), ("F", 2.5, REDUCED, (8, 0, 2)),
        ("Q", 0.010, REDUCED, (500, 0, 1)), ("P", 1.0, REDUCED, (315, 7, 10)), ("R", 0.65, REDUCED, (800, 10, 13)),
        ("G", 0.65, REDUCED, (8, 0, 1)), ("H", 0.65, REDUCED, (32, 0, 2)), ("C", 10, REDUCED, (2, 0, 2)),
    ],
)  # fmt: skip
def test_table_cells(letter: str, aql: float, severity: Severity, cell: tuple[int, int, int]) -> None:
    plan = single_plan(letter, aql, severity)
    assert (plan.sample_size, plan.accept, plan.reject) == cell


@given(letter=st.sampled_from(LETTERS), aql=st.sampled_from(AQLS))
def test_every_cell_leads_to_a_plan_and_severities_keep_their_order(letter: str, aql: float) -> None:
    normal, tightened, reduced = (single_plan(letter, aql, s) for s in (NORMAL, TIGHTENED, REDUCED))
    assert acceptance(tightened, aql / 100) <= acceptance(normal, aql / 100) + 1e-12
    assert reduced.sample_size <= normal.sample_size
    assert normal.reject == normal.accept + 1
    assert acceptance(normal, aql / 100) > 0.8, "a lot at the acceptable level mostly passes"


def test_a_sample_is_never_larger_than_its_lot() -> None:
    assert single_plan(code_letter(20), 0.10, NORMAL, lot_size=20).sample_size == 20


def test_what_is_not_in_the_tables_is_refused() -> None:
    for wrong in (lambda: single_plan("I", 1.0, NORMAL), lambda: single_plan("K", 0.9, NORMAL)):
        with pytest.raises(DefinitionError):
            wrong()
    with pytest.raises(DefinitionError):
        single_plan("K", 1.0, STOPPED)
    with pytest.raises(DefinitionError):
        code_letter(100, "IV")


def test_points_of_the_switching_score() -> None:
    assert judge("H", 1.0, NORMAL, wrong=1) == Outcome(True, points=2)  # 50 items, up to 1 wrong
    assert judge("K", 1.0, NORMAL, wrong=2) == Outcome(True, points=3)  # 0.65 would allow 2
    assert judge("K", 1.0, NORMAL, wrong=3) == Outcome(True, points=0)
    assert judge("K", 1.0, NORMAL, wrong=4) == Outcome(False)
    assert judge("J", 1.5, REDUCED, wrong=2) == Outcome(True, between=True)
    assert judge("J", 1.5, REDUCED, wrong=4) == Outcome(False)


def after(state: State, *outcomes: Outcome) -> State:
    for outcome in outcomes:
        state = switch(state, outcome)
    return state


def test_two_of_five_refused_lots_tighten() -> None:
    assert after(State(), BAD, GOOD, GOOD, GOOD, BAD).severity is TIGHTENED
    assert after(State(), BAD, GOOD, GOOD, GOOD, GOOD, BAD).severity is NORMAL


def test_five_accepted_lots_lead_back_and_five_refused_stop() -> None:
    tightened = State(TIGHTENED)
    assert after(tightened, *[GOOD] * 4).severity is TIGHTENED
    assert after(tightened, BAD, *[GOOD] * 5) == State()
    stopped = after(tightened, BAD, GOOD, BAD, GOOD, BAD, BAD, GOOD, BAD)
    assert stopped.severity is STOPPED
    with pytest.raises(IllegalTransitionError):
        switch(stopped, GOOD)
    assert resume(stopped) == tightened
    with pytest.raises(IllegalTransitionError):
        resume(tightened)


def test_a_score_of_thirty_reduces_and_one_bad_lot_brings_normal_back() -> None:
    assert after(State(), *[GOOD] * 9).severity is NORMAL
    reduced = after(State(), *[GOOD] * 10)
    assert reduced == State(REDUCED)
    assert after(State(), *[GOOD] * 9, Outcome(True, points=0), GOOD).score == 3
    assert after(reduced, BAD) == after(reduced, Outcome(True, between=True)) == back_to_normal(reduced) == State()
    with pytest.raises(IllegalTransitionError):
        back_to_normal(State(TIGHTENED))


OUTCOMES = st.lists(
    st.sampled_from([GOOD, BAD, Outcome(True, points=2), Outcome(True), Outcome(True, between=True)]), max_size=60
)
ALLOWED = {
    (NORMAL, TIGHTENED), (NORMAL, REDUCED), (TIGHTENED, NORMAL), (TIGHTENED, STOPPED), (REDUCED, NORMAL),
}  # fmt: skip


@given(OUTCOMES)
def test_whatever_comes_the_machine_keeps_the_rules(outcomes: list[Outcome]) -> None:
    state, history = State(), []
    for outcome in outcomes:
        if state.severity is STOPPED:
            break
        new = switch(state, outcome)
        history.append(outcome.accepted)
        if new.severity is not state.severity:
            assert (state.severity, new.severity) in ALLOWED
            assert new == State(new.severity), "counting begins anew"
            harsher = (state.severity, new.severity) in {(NORMAL, TIGHTENED), (TIGHTENED, STOPPED), (REDUCED, NORMAL)}
            assert harsher is (not outcome.accepted or (state.severity is REDUCED and outcome.between))
        assert 0 <= new.score < 30
        assert len(new.recent) <= 5
        assert new.refused < 5
        if new.severity is TIGHTENED and state.severity is NORMAL:
            assert history[-5:].count(False) >= 2
        state = new


@given(st.lists(st.just(GOOD), min_size=10, max_size=40))
def test_good_work_is_rewarded_and_never_punished(outcomes: list[Outcome]) -> None:
    assert after(State(), *outcomes).severity is REDUCED
