"""Scorecards of contacts: which contacts can be drawn, who takes which, and what was said of them.

`store.tables.assurance.Evaluation` holds in the database that nobody scores a contact twice by one form; so a re-score, and
every part of a calibration, is a different person's.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from schemas.clock import now
from schemas.document_type import TRANSCRIPT
from schemas.errors import FourEyesError, NotFoundError
from schemas.ids import new_id
from schemas.lifecycle import DocumentState
from schemas.scorecard import sha256_of
from schemas.values import ValueState
from store.events import record
from store.tables import Document, Evaluation, FieldValue

MOST = 500
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
OPEN, DRAFT, FINAL, DISPUTED, SUPERSEDED = "open", "draft", "final", "disputed", "superseded"
COUNTED = (FINAL, DISPUTED)  # a disputed score holds until somebody else has scored anew


@dataclass(frozen=True)
class Contact:
    """A transcript that was accepted, and what its head says."""

    document: Document
    agent: str
    team: str
    channel: str
    period: str


def months_with_contacts(session: Session, client_id: str, process: str, *, received_since: dt.datetime) -> list[str]:
    """The months (`2026-11`), none after this one, in which accepted contacts lie that were received since then."""
    month = func.substr(FieldValue.text, 1, 7)
    found = session.scalars(
        select(month)
        .join(Document, _current("contact_date"))
        .where(*_accepted(client_id, process), Document.received_at >= received_since)
        .distinct()
    )
    return sorted(each for each in found if MONTH.fullmatch(each) and each <= f"{now():%Y-%m}")


def _accepted(client_id: str, process: str) -> tuple[ColumnElement[bool], ...]:
    """The conditions: a transcript of this process that was accepted."""
    return (
        Document.client_id == client_id,
        Document.process == process,
        Document.document_type == TRANSCRIPT,
        Document.state.in_((DocumentState.READY, DocumentState.DELIVERED)),
    )


def contacts_of(session: Session, client_id: str, process: str, period: str) -> list[Contact]:
    """The accepted contacts of a month (`2026-11`) of one process that name their agent."""
    documents = session.scalars(
        select(Document)
        .join(FieldValue, _current("contact_date"))
        .where(*_accepted(client_id, process), FieldValue.text.startswith(f"{period}-"))
        .order_by(Document.id)
    ).all()
    stated = {document.id: _head(session, document) for document in documents}
    return [
        Contact(each, head["agent"], head.get("team", ""), head.get("channel", ""), period)
        for each in documents
        if (head := stated[each.id]).get("agent")
    ]


def _current(name: str) -> ColumnElement[bool]:
    """A document's header value as it is now."""
    return and_(
        FieldValue.document_id == Document.id,
        FieldValue.version == Document.version,
        FieldValue.table_name == "",
        FieldValue.name == name,
        FieldValue.state == ValueState.PRESENT.value,
    )


def _head(session: Session, document: Document) -> dict[str, str]:
    rows = session.execute(
        select(FieldValue.name, FieldValue.text).where(
            FieldValue.document_id == document.id,
            FieldValue.version == document.version,
            FieldValue.table_name == "",
            FieldValue.state == ValueState.PRESENT.value,
        )
    )
    return dict(rows.tuples().all())


def drawn_in(session: Session, client_id: str, process: str, period: str) -> Sequence[Evaluation]:
    """The contacts of a month that were drawn already, each once."""
    return session.scalars(
        select(Evaluation).where(
            Evaluation.client_id == client_id,
            Evaluation.process == process,
            Evaluation.period == period,
            Evaluation.supersedes.is_(None),
            Evaluation.calibration.is_(None),
        )
    ).all()


def add_evaluation(session: Session, contact: Contact, form: str, form_text: str) -> Evaluation:
    """A drawn contact that waits for an evaluator."""
    row = Evaluation(
        id=new_id("sco"),
        client_id=contact.document.client_id,
        process=contact.document.process,
        document_id=contact.document.id,
        period=contact.period,
        form=form,
        form_version=sha256_of(form_text),
        form_text=form_text,
        agent=contact.agent,
        team=contact.team,
        channel=contact.channel,
        state=OPEN,
        answers={},
        created_at=now(),
    )
    session.add(row)
    record(session, row.client_id, "evaluation.drawn", row.id, document=row.document_id, form_version=row.form_version)
    return row


def add_copy(session: Session, of: Evaluation, **changes: str | None) -> Evaluation:
    """Another empty scorecard of the same contact by the same form: for a calibration, or after a dispute."""
    kept = (
        "client_id",
        "process",
        "document_id",
        "period",
        "form",
        "form_version",
        "form_text",
        "agent",
        "team",
        "channel",
    )
    values = {name: getattr(of, name) for name in kept}
    row = Evaluation(id=new_id("sco"), **values, **{"state": OPEN, **changes}, answers={}, created_at=now())
    session.add(row)
    return row


def add_calibration(session: Session, of: Evaluation, people: Sequence[str]) -> str:
    """One scorecard of the same contact for each of these people. Returns the session's id.

    Raises:
        FourEyesError: one of them has scored this contact before; the database says so.
    """
    calibration = new_id("cal")
    try:
        with session.begin_nested():
            for person in people:
                add_copy(session, of, calibration=calibration, evaluator=person, state=DRAFT)
            session.flush()
    except IntegrityError as error:
        raise FourEyesError(f"somebody has scored the contact of {of.id} before") from error
    record(session, of.client_id, "evaluation.calibration", calibration, document=of.document_id, people=list(people))
    return calibration


def find_evaluation(session: Session, evaluation_id: str) -> Evaluation:
    """A scorecard of the clients in scope, locked. Raises NotFoundError."""
    row = session.scalars(select(Evaluation).where(Evaluation.id == evaluation_id).with_for_update()).one_or_none()
    if row is None:
        raise NotFoundError(evaluation_id)
    return row


def next_open(session: Session, person: str) -> Evaluation | None:
    """What a person goes on with: an own draft, else the oldest open contact that is not theirs already."""
    draft = session.scalars(
        select(Evaluation)
        .where(Evaluation.state == DRAFT, Evaluation.evaluator == person)
        .order_by(Evaluation.id)
        .limit(1)
    ).one_or_none()
    if draft is not None:
        return draft
    other = aliased(Evaluation)
    own = exists().where(
        other.document_id == Evaluation.document_id, other.form == Evaluation.form, other.evaluator == person
    )
    return session.scalars(
        select(Evaluation)
        .where(
            Evaluation.state == OPEN,
            ~own,
            or_(Evaluation.disputed_by.is_(None), Evaluation.disputed_by != person),
        )
        .order_by(Evaluation.supersedes.is_(None), Evaluation.id)  # re-scores first
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()


def take(session: Session, row: Evaluation, person: str) -> None:
    """Make an open scorecard this person's draft.

    Raises:
        FourEyesError: the person has scored this contact, or disputed its score; the database says so.
    """
    try:
        with session.begin_nested():
            row.state, row.evaluator = DRAFT, person
            session.flush()
    except IntegrityError as error:
        raise FourEyesError(f"{person} has a part in {row.id} already") from error
    record(session, row.client_id, "evaluation.taken", row.id, evaluator=person)


def work_list(session: Session) -> Sequence[tuple[Evaluation, Document]]:
    """Scorecards that are not parts of calibrations, those to do first, then the newest; at most 500."""
    rows = session.execute(
        select(Evaluation, Document)
        .join(Document, Document.id == Evaluation.document_id)
        .where(Evaluation.calibration.is_(None), Evaluation.state != SUPERSEDED)
        .order_by(Evaluation.state.not_in((OPEN, DRAFT)), Evaluation.id.desc())
        .limit(MOST)
    )
    return [(row, document) for row, document in rows]


def counted(session: Session, period: str | None = None) -> Sequence[Evaluation]:
    """The scorecards that hold: final or disputed, superseded ones and calibrations left out."""
    statement = select(Evaluation).where(Evaluation.state.in_(COUNTED), Evaluation.calibration.is_(None))
    if period:
        statement = statement.where(Evaluation.period == period)
    return session.scalars(statement.order_by(Evaluation.id)).all()


def periods(session: Session) -> Sequence[str]:
    """The months with scorecards, the newest first."""
    return session.scalars(select(Evaluation.period).distinct().order_by(Evaluation.period.desc())).all()


def session_of(session: Session, calibration: str) -> Sequence[Evaluation]:
    """All parts of a calibration. Raises NotFoundError."""
    rows = session.scalars(
        select(Evaluation).where(Evaluation.calibration == calibration).order_by(Evaluation.evaluator)
    ).all()
    if not rows:
        raise NotFoundError(calibration)
    return rows


def calibrations(session: Session) -> Sequence[Evaluation]:
    """The parts of all calibrations, the newest first; at most 500."""
    return session.scalars(
        select(Evaluation).where(Evaluation.calibration.is_not(None)).order_by(Evaluation.id.desc()).limit(MOST)
    ).all()
