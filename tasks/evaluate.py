"""Contacts are judged: drawn for each agent and month, scored by a form, disputed by the agent's team, scored anew by others.

Until a scorecard is final its answers are its evaluator's alone; in a calibration they stay so until all are final.
"""

from __future__ import annotations

import calendar
import datetime as dt
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from random import SystemRandom
from zoneinfo import ZoneInfo

from schemas.clock import now
from schemas.document_type import TRANSCRIPT
from schemas.errors import FourEyesError, IllegalTransitionError, NotFoundError
from schemas.reading import Reading
from schemas.scorecard import Answer, Form, form_text, parse_form
from store.database import Scope, Session, system
from store.definitions import Definition, current_definitions, load_definition
from store.evaluations import (
    COUNTED,
    DISPUTED,
    DRAFT,
    FINAL,
    OPEN,
    SUPERSEDED,
    Contact,
    add_calibration,
    add_copy,
    add_evaluation,
    contacts_of,
    drawn_in,
    find_evaluation,
    months_with_contacts,
    next_open,
    session_of,
    take,
)
from store.events import record
from store.tables import Document, Evaluation
from tasks.desk import Desk
from tasks.read import known_reading
from validations.scorecards import Score, missing, score

ACTOR = system("flow:audit")
CHANCE = SystemRandom()
DEFAULT = "default"
LATELY = dt.timedelta(days=62)


@dataclass(frozen=True)
class EvaluationView:
    """A scorecard beside its transcript. `lines`: number and words; `own`: the visitor may still fill it in."""

    evaluation: Evaluation
    document: Document
    form: Form
    lines: Sequence[tuple[int, str]]
    answers: Mapping[str, Answer]
    score: Score
    missing: Sequence[str]
    own: bool


def draw_contacts(desk: Desk) -> int:
    """Draw what is due of this month, and of earlier months whose contacts came lately. Returns how many were drawn.

    Over the running month the sample grows with its days, so that late contacts have their chance too.
    """
    drawn = 0
    with desk.store.session(ACTOR) as session:
        for definition in current_definitions(session):
            process = definition.process
            if TRANSCRIPT in process.document_types and process.contacts.forms:
                today = now().astimezone(ZoneInfo(definition.client.time_zone)).date()
                months = months_with_contacts(session, process.client, process.process, received_since=now() - LATELY)
                drawn += sum(_draw_month(session, definition, _day_of(month, today)) for month in months)
    return drawn


def _day_of(month: str, today: dt.date) -> dt.date:
    """How far a month (`2026-11`) has come: today in the running one, its last day in an earlier one."""
    year, number = map(int, month.split("-"))
    return min(today, dt.date(year, number, calendar.monthrange(year, number)[1]))


def _draw_month(session: Session, definition: Definition, day: dt.date) -> int:
    """Draw for each agent what the month of `day` wants up to that day."""
    process, period = definition.process, f"{day:%Y-%m}"
    quota = math.ceil(process.contacts.per_agent * day.day / calendar.monthrange(day.year, day.month)[1])
    done = drawn_in(session, process.client, process.process, period)
    known = {each.document_id for each in done}
    by_agent: dict[str, list[Contact]] = defaultdict(list)
    for contact in contacts_of(session, process.client, process.process, period):
        if contact.document.id not in known and _form_name(definition, contact):
            by_agent[contact.agent].append(contact)
    chosen = []
    for agent, contacts in by_agent.items():
        wanted = quota - sum(each.agent == agent for each in done)
        chosen += CHANCE.sample(contacts, max(0, min(wanted, len(contacts))))
    for contact in chosen:
        name = _form_name(definition, contact)
        add_evaluation(session, contact, name, form_text(name, definition.forms))
    return len(chosen)


def _form_name(definition: Definition, contact: Contact) -> str:
    forms = definition.process.contacts.forms
    return forms.get(contact.channel.lower(), forms.get(DEFAULT, ""))


def take_next(desk: Desk, scope: Scope) -> str | None:
    """The scorecard that this person goes on with or takes; None where there is nothing to do for them."""
    with desk.store.session(scope) as session:
        row = next_open(session, scope.actor)
        if row is not None and row.state == OPEN:
            take(session, row, scope.actor)
        return row.id if row else None


def load_evaluation(desk: Desk, scope: Scope, evaluation_id: str) -> EvaluationView:
    """A scorecard beside its transcript.

    Raises:
        NotFoundError: no such scorecard in scope, or one that is not for this person's eyes yet.
    """
    with desk.store.read(scope) as session:
        row = find_evaluation(session, evaluation_id)
        own = row.evaluator == scope.actor
        if not own and not _is_public(session, row):
            raise NotFoundError(evaluation_id)
        document = session.get_one(Document, row.document_id)
        definition = load_definition(session, document.definition_id)
    form, answers = form_of(row), answers_of(row)
    lines = transcript_lines(known_reading(desk, document, definition))
    return EvaluationView(
        row,
        document,
        form,
        lines,
        answers,
        score(form, answers),
        missing(form, answers),
        own and row.state == DRAFT,
    )


def _is_public(session: Session, row: Evaluation) -> bool:
    """Whether others than its evaluator may see a scorecard: when it is final, and so is all of its calibration."""
    if row.calibration is None:
        return row.state in (*COUNTED, SUPERSEDED)
    return all(each.state == FINAL for each in session_of(session, row.calibration))


def form_of(row: Evaluation) -> Form:
    """The form as it was when the contact was drawn."""
    return parse_form(row.form_text, file=f"{row.form} {row.form_version[:12]}")


def answers_of(row: Evaluation) -> dict[str, Answer]:
    """What the evaluator said, by item."""
    return {name: Answer.model_validate(each) for name, each in row.answers.items()}


def transcript_lines(reading: Reading | None) -> list[tuple[int, str]]:
    """The lines of a transcript after its title: number and words."""
    words = [word for page in reading.pages for word in page.words if word.line] if reading else []
    return [(line, " ".join(word.text for word in each)) for line, each in groupby(words, key=lambda word: word.line)]


def keep_answers(
    desk: Desk, scope: Scope, evaluation_id: str, answers: Mapping[str, Answer], *, final: bool
) -> list[str]:
    """Keep a draft, or make it final when nothing is missing. Returns the items that still keep it from being final.

    Raises:
        NotFoundError: no such scorecard of this person. IllegalTransitionError: it is final already.
    """
    with desk.store.session(scope) as session:
        row = find_evaluation(session, evaluation_id)
        if row.evaluator != scope.actor:
            raise NotFoundError(evaluation_id)
        if row.state != DRAFT:
            raise IllegalTransitionError(f"{evaluation_id} is {row.state}")
        form = form_of(row)
        known = {item.id: answers.get(item.id, Answer()) for item in form.items}
        row.answers = {name: answer.model_dump() for name, answer in known.items()}
        left = missing(form, known)
        if final and not left:
            _finish(session, row, form, known)
        return left


def _finish(session: Session, row: Evaluation, form: Form, answers: Mapping[str, Answer]) -> None:
    found = score(form, answers)
    row.state, row.final_at, row.auto_failed = FINAL, now(), found.auto_failed
    row.score = float(found.total) if found.total is not None else None
    row.passed = row.score >= form.pass_mark if row.score is not None else None
    if row.supersedes:
        find_evaluation(session, row.supersedes).state = SUPERSEDED
    record(
        session,
        row.client_id,
        "evaluation.final",
        row.id,
        score=row.score,
        passed=row.passed,
        supersedes=row.supersedes,
    )


def hand_back(desk: Desk, scope: Scope, evaluation_id: str) -> None:
    """Give a draft back to all; its answers are lost. Parts of calibrations stay. Raises as `keep_answers`."""
    with desk.store.session(scope) as session:
        row = find_evaluation(session, evaluation_id)
        if row.evaluator != scope.actor:
            raise NotFoundError(evaluation_id)
        if row.state != DRAFT or row.calibration is not None:
            raise IllegalTransitionError(f"{evaluation_id} cannot be handed back")
        row.state, row.evaluator, row.answers = OPEN, None, {}
        record(session, row.client_id, "evaluation.handed_back", row.id)


def dispute(desk: Desk, scope: Scope, evaluation_id: str, why: str) -> str:
    """Say that a score is wrong: somebody else scores the contact anew, without seeing this one. Returns the new one's id.

    Raises:
        NotFoundError: no such scorecard in scope. FourEyesError: it is this person's own.
        IllegalTransitionError: it is not final, is a re-score, or a part of a calibration.
    """
    with desk.store.session(scope) as session:
        row = find_evaluation(session, evaluation_id)
        if row.state != FINAL or row.supersedes or row.calibration:
            raise IllegalTransitionError(f"{evaluation_id} cannot be disputed")
        if row.evaluator == scope.actor:
            raise FourEyesError(f"{scope.actor} scored {evaluation_id}")
        row.state, row.dispute, row.disputed_by = DISPUTED, why.strip()[:2000], scope.actor
        again = add_copy(session, row, supersedes=row.id, disputed_by=scope.actor)
        record(session, row.client_id, "evaluation.disputed", row.id, again=again.id)
        return again.id


def start_calibration(desk: Desk, scope: Scope, evaluation_id: str, evaluators: Sequence[str]) -> str:
    """Let several people score the same contact, none seeing the others' before all are final. Returns the session's id.

    Raises:
        NotFoundError: no such scorecard in scope. IllegalTransitionError: fewer than two people.
        FourEyesError: one of them has scored this contact before.
    """
    people = sorted({name.strip() for name in evaluators if name.strip()})
    if len(people) < 2:
        raise IllegalTransitionError("a calibration needs two people or more")
    with desk.store.session(scope) as session:
        return add_calibration(session, find_evaluation(session, evaluation_id), people)
