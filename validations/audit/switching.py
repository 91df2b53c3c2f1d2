"""The switching rules of ISO 2859-1 (9.3 and 9.4) as a state machine: what one lot's outcome means for how the next is inspected.

Normal to tightened: 2 of 5 or fewer consecutive lots not accepted. Tightened to normal: 5 consecutive lots accepted. Tightened
to stopped: 5 lots not accepted since tightening. Normal to reduced: a switching score of 30. Reduced to normal: one lot not
accepted, or more wrong items than reduced inspection allows for. Only lots at their first inspection count, never a lot that is
presented again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from schemas.errors import IllegalTransitionError
from validations.audit.iso2859 import Outcome, Severity

WINDOW = 5
REFUSED_IN_WINDOW = 2
REFUSED_UNTIL_STOP = 5
SCORE_FOR_REDUCED = 30


@dataclass(frozen=True)
class State:
    """How the next lot is inspected. `recent`: whether the last lots of this severity (at most 5) were accepted.

    `score`: the switching score, counted under normal inspection; `refused`: lots not accepted since tightening.
    """

    severity: Severity = Severity.NORMAL
    recent: tuple[bool, ...] = ()
    score: int = 0
    refused: int = 0


def switch(state: State, outcome: Outcome) -> State:
    """The state after one more lot. Raises IllegalTransitionError while inspection is stopped."""
    if state.severity is Severity.STOPPED:
        raise IllegalTransitionError("inspection is stopped: mend the cause, then resume")
    recent = (*state.recent, outcome.accepted)[-WINDOW:]
    if state.severity is Severity.NORMAL:
        return _after_normal(replace(state, recent=recent), outcome)
    if state.severity is Severity.TIGHTENED:
        return _after_tightened(replace(state, recent=recent, refused=state.refused + (not outcome.accepted)))
    steady = outcome.accepted and not outcome.between
    return replace(state, recent=recent) if steady else State()


def resume(state: State) -> State:
    """Inspection again after the cause was mended: tightened, counted anew. Only from stopped."""
    if state.severity is not Severity.STOPPED:
        raise IllegalTransitionError("inspection is not stopped")
    return State(Severity.TIGHTENED)


def back_to_normal(state: State) -> State:
    """Normal inspection by order: work became irregular, or a person wants it. Not out of tightened or stopped inspection."""
    if state.severity in (Severity.TIGHTENED, Severity.STOPPED):
        raise IllegalTransitionError("tightened inspection ends with five accepted lots")
    return State()


def _after_normal(state: State, outcome: Outcome) -> State:
    if state.recent.count(False) >= REFUSED_IN_WINDOW:
        return State(Severity.TIGHTENED)
    score = state.score + outcome.points if outcome.points else 0
    return State(Severity.REDUCED) if score >= SCORE_FOR_REDUCED else replace(state, score=score)


def _after_tightened(state: State) -> State:
    if state.refused >= REFUSED_UNTIL_STOP:
        return State(Severity.STOPPED)
    return State() if len(state.recent) == WINDOW and all(state.recent) else state
