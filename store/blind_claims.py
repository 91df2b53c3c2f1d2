"""Claims of blind work: the most pressing blind key or adjudication in which the person has no part yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, text
from sqlalchemy.orm import Session, aliased

from schemas.clock import now
from schemas.lifecycle import BLIND_KINDS, TaskKind, TaskState
from store.events import record
from store.looks import looked_at
from store.queue import serialise_on
from store.tables import Correction, Event, Key, ReviewTask, Sample
from store.tables.reviews import BLIND


def claim_blind(session: Session, person: str, kind: TaskKind, *, lease: dt.timedelta) -> ReviewTask | None:
    """Lease a task of this kind; the one that the person holds already comes first.

    Whoever keyed, corrected, finished or decided anything of the document is passed over: the keys' table would refuse them.
    So is whoever has seen values of it, wherever that was.
    """
    serialise_on(session, f"blind claims of {person}")
    at = now()
    own = and_(
        ReviewTask.state == TaskState.LEASED, ReviewTask.lease_owner == person, ReviewTask.lease_expires_at >= at
    )
    free = or_(
        ReviewTask.state == TaskState.OPEN,
        and_(ReviewTask.state == TaskState.LEASED, ReviewTask.lease_expires_at < at),
    )
    task = session.scalars(
        select(ReviewTask)
        .where(ReviewTask.kind == kind, ReviewTask.skill == kind.value, or_(own, and_(free, ~_has_part(person))))
        .order_by(ReviewTask.lease_owner.is_not_distinct_from(person).desc(), ReviewTask.press_at, ReviewTask.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if task is None:
        return None
    if task.lease_owner != person or task.state != TaskState.LEASED:
        task.lease_epoch += 1
        task.seconds = None
        record(session, task.client_id, "task.leased", task.id, document=task.document_id, person=person)
    task.state, task.lease_owner, task.lease_expires_at = TaskState.LEASED, person, at + lease
    return task


def _has_part(person: str) -> ColumnElement[bool]:
    key = exists().where(Sample.task_id == ReviewTask.id, Key.sample_id == Sample.id, Key.person == person)
    corrected = exists().where(Correction.document_id == ReviewTask.document_id, Correction.by == person)
    return or_(looked_at(person, ReviewTask.document_id), key, corrected, _finished(person))


def _finished(person: str) -> ColumnElement[bool]:
    other = ReviewTask.__table__.alias("finished")
    return exists().where(
        other.c.document_id == ReviewTask.document_id,
        other.c.done_by == person,
        other.c.kind.not_in([kind.value for kind in BLIND_KINDS]),
    )


def blind_waiting(session: Session, person: str, kind: TaskKind) -> int:
    """How many open tasks of this kind the person could be given."""
    waiting = select(func.count(ReviewTask.id)).where(
        ReviewTask.kind == kind, ReviewTask.skill == kind.value, ReviewTask.state == TaskState.OPEN, ~_has_part(person)
    )
    return session.scalar(waiting) or 0


def given_blind(person: str) -> Select[tuple[str]]:
    """Documents on which the person was ever given blind work that is still undone: they see no value of them anywhere.

    Giving the work back opens nothing, as the same person may be given it again.
    """
    given = exists().where(Event.kind == "task.leased", Event.subject == ReviewTask.id, Event.actor == person)
    undone = text(BLIND)  # word for word, as the index says it
    return select(ReviewTask.document_id).where(undone, given)


def given_blind_of(session: Session, person: str, document_ids: Collection[str]) -> Sequence[str]:
    """Those of the documents that are among `given_blind`."""
    return session.scalars(given_blind(person).where(ReviewTask.document_id.in_(document_ids))).all()


def works_blind_on(session: Session, person: str, document_ids: Collection[str]) -> bool:
    """Whether one of the documents is one of `given_blind`."""
    return bool(given_blind_of(session, person, document_ids))


def works_blind_for(session: Session, person: str, client_id: str) -> bool:
    """Whether one of `given_blind` is this client's."""
    return session.scalar(given_blind(person).where(ReviewTask.client_id == client_id).limit(1)) is not None


def given_blind_too(person: str) -> ColumnElement[bool]:
    """The condition: the person was given blind work on the task's own document, and it is still undone."""
    other = aliased(ReviewTask)
    given = exists().where(Event.kind == "task.leased", Event.subject == other.id, Event.actor == person)
    same = (other.client_id == ReviewTask.client_id, other.document_id == ReviewTask.document_id)
    return exists(select(other.id).where(*same, text(BLIND), given).correlate(ReviewTask))
