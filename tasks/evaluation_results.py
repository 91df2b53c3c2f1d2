"""What scorecards say together: by agent, team, form and item with exact intervals; and how far evaluators agree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from schemas.scorecard import Answer, Form
from store.database import Scope
from store.evaluations import FINAL, calibrations, counted, session_of
from store.tables import Evaluation
from tasks.desk import Desk
from tasks.evaluate import answers_of, form_of
from validations.audit.agreement import Agreement, agreement
from validations.audit.bounds import Share, share
from validations.scorecards import points_of


@dataclass(frozen=True)
class Result:
    """Scorecards of one agent, team or form. `passed`: the share at or above the pass mark, with its interval.

    `mean`: of the scores, 0 to 1, None where no item applied in any; `auto_failed`: with a critical error.
    """

    name: str
    passed: Share
    mean: float | None
    auto_failed: int


@dataclass(frozen=True)
class ItemResult:
    """One item of one form: the share of scorecards with full points, of those in which it applied."""

    form: str
    item: str
    title: dict[str, str]
    full: Share


@dataclass(frozen=True)
class Results:
    """A period's results; empty `period`: all."""

    agents: Sequence[Result]
    teams: Sequence[Result]
    forms: Sequence[Result]
    items: Sequence[ItemResult]


@dataclass(frozen=True)
class Calibration:
    """One session: its parts, whether all are final, and only then how pairs of evaluators agree item by item."""

    id: str
    parts: Sequence[Evaluation]
    form: Form
    pairs: Sequence[tuple[str, str, Agreement]]

    @property
    def is_final(self) -> bool:
        return _all_final(self.parts)


def results_of(desk: Desk, scope: Scope, period: str | None = None) -> Results:
    """Results of the clients in scope over the scorecards that hold."""
    with desk.store.read(scope) as session:
        rows = counted(session, period)
    return Results(
        _grouped(rows, lambda row: row.agent),
        _grouped([row for row in rows if row.team], lambda row: row.team),
        _grouped(rows, lambda row: row.form),
        _items(rows),
    )


def load_calibration(desk: Desk, scope: Scope, calibration_id: str) -> Calibration:
    """One session. Raises NotFoundError."""
    with desk.store.read(scope) as session:
        return _calibration(session_of(session, calibration_id))


def list_calibrations(desk: Desk, scope: Scope) -> list[Calibration]:
    """The sessions of the clients in scope, the newest first."""
    sessions: dict[str, list[Evaluation]] = defaultdict(list)
    with desk.store.read(scope) as session:
        for row in calibrations(session):
            sessions[row.calibration or ""].append(row)
    return [_calibration(parts) for parts in sessions.values()]


def _calibration(parts: Sequence[Evaluation]) -> Calibration:
    form = form_of(parts[0])
    pairs = [_pair(form, one, other) for one, other in combinations(parts, 2)] if _all_final(parts) else []
    return Calibration(parts[0].calibration or "", parts, form, pairs)


def _all_final(parts: Iterable[Evaluation]) -> bool:
    return all(part.state == FINAL for part in parts)


def _pair(form: Form, one: Evaluation, other: Evaluation) -> tuple[str, str, Agreement]:
    """Answers are compared by what they earn, so that items of different kinds can be counted together."""
    first, second = answers_of(one), answers_of(other)
    said = [
        tuple(points_of(item, given.get(item.id, Answer()).answer) for given in (first, second)) for item in form.items
    ]
    return one.evaluator or "", other.evaluator or "", agreement([(a, b) for a, b in said])


def _grouped(rows: Sequence[Evaluation], key: Callable[[Evaluation], str]) -> list[Result]:
    groups: dict[str, list[Evaluation]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return [_result(name, groups[name]) for name in sorted(groups)]


def _result(name: str, rows: Sequence[Evaluation]) -> Result:
    scores = [row.score for row in rows if row.score is not None]
    return Result(
        name,
        share(sum(row.passed is True for row in rows), len(scores)),
        sum(scores) / len(scores) if scores else None,
        sum(row.auto_failed for row in rows),
    )


def _items(rows: Sequence[Evaluation]) -> list[ItemResult]:
    """Full points and applied counts by form and item; a form's newest version gives the title."""
    full: dict[tuple[str, str], list[bool]] = defaultdict(list)
    titles: dict[tuple[str, str], dict[str, str]] = {}
    for row in rows:
        answers = answers_of(row)
        for item in form_of(row).items:
            points = points_of(item, answers.get(item.id, Answer()).answer)
            if points is not None:
                full[row.form, item.id].append(points == 1)
            titles[row.form, item.id] = item.title
    return [ItemResult(*key, title, share(sum(full[key]), len(full[key]))) for key, title in titles.items()]
