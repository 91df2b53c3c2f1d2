"""The review queue: tasks are leased to one person, most pressing first, and every write checks the lease."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from schemas.clock import now
from schemas.errors import LeaseLostError
from schemas.ids import new_id
from schemas.lifecycle import TaskState
from schemas.values import Value
from store.events import record
from store.queue import Lease
from store.tables import Correction, Document, Note, ReviewTask

LEFT = "left"  # released without a reason: the same person gets it again


def claim_task(
    session: Session, person: str, queues: Sequence[str], *, lease: dt.timedelta, task_id: str | None = None
) -> ReviewTask | None:
    """Lease the most pressing open task of these queues (all queues where none are named), or the named one.

    A task that the person already holds comes first: a reload never loses it.
    """
    at = now()
    task = _own_task(session, person, at, task_id) or _free_task(session, person, queues, at, task_id)
    if task is None:
        return None
    if task.lease_owner != person or task.state != TaskState.LEASED:
        task.lease_epoch += 1
        record(session, task.client_id, "task.leased", task.id, document=task.document_id, person=person)
    task.state, task.lease_owner, task.lease_expires_at = TaskState.LEASED, person, at + lease
    return task


def _own_task(session: Session, person: str, at: dt.datetime, task_id: str | None) -> ReviewTask | None:
    """What the person holds already."""
    own = [
        ReviewTask.state == TaskState.LEASED,
        ReviewTask.lease_owner == person,
        ReviewTask.lease_expires_at >= at,
    ]
    if task_id is not None:
        own.append(ReviewTask.id == task_id)
    return session.scalars(select(ReviewTask).where(*own).order_by(ReviewTask.id).limit(1).with_for_update()).first()


def _free_task(
    session: Session, person: str, queues: Sequence[str], at: dt.datetime, task_id: str | None
) -> ReviewTask | None:
    """The most pressing one that nobody holds; what the person has just skipped only when there is nothing else."""
    abandoned = and_(ReviewTask.state == TaskState.LEASED, ReviewTask.lease_expires_at < at)
    free = [
        or_(ReviewTask.state == TaskState.OPEN, abandoned),
        or_(ReviewTask.not_by.is_(None), ReviewTask.not_by != person),
    ]
    if task_id is not None:
        free.append(ReviewTask.id == task_id)
    if queues:
        free.append(ReviewTask.queue.in_(queues))
    most_pressing = (
        select(ReviewTask)
        .where(*free)
        .order_by(ReviewTask.urgent.desc(), ReviewTask.due_at, ReviewTask.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    not_skipped = or_(ReviewTask.skipped_by.is_(None), ReviewTask.skipped_by != person)
    return session.scalars(most_pressing.where(not_skipped)).first() or session.scalars(most_pressing).first()


def hold_task(session: Session, lease: Lease) -> ReviewTask:
    """The leased task, locked for this transaction.

    Raises:
        LeaseLostError: it expired and another took it, or it is done.
    """
    task = session.scalars(
        select(ReviewTask)
        .where(
            ReviewTask.id == lease.id,
            ReviewTask.lease_epoch == lease.epoch,
            ReviewTask.lease_owner == lease.owner,
            ReviewTask.state == TaskState.LEASED,
        )
        .with_for_update()
    ).one_or_none()
    if task is None:
        raise LeaseLostError(f"the lease {lease.epoch} on {lease.id} is gone")
    return task


def renew_task(session: Session, lease: Lease, *, duration: dt.timedelta) -> None:
    """Heartbeat from the browser. Raises LeaseLostError."""
    hold_task(session, lease).lease_expires_at = now() + duration


def release_task(session: Session, lease: Lease, *, reason: str) -> None:
    """Give a task back, with the reason (`left`, or why it was skipped). Raises LeaseLostError."""
    task = hold_task(session, lease)
    task.state, task.lease_owner, task.lease_expires_at = TaskState.OPEN, None, None
    task.skipped_by = None if reason == LEFT else lease.owner
    record(session, task.client_id, "task.released", task.id, document=task.document_id, reason=reason)


def add_correction(
    session: Session, document: Document, old: Value | None, new: Value, *, task_id: str, by: str, reason: str | None
) -> None:
    """Keep who changed what, when and why; the trail gets ids only."""
    correction = Correction(
        id=new_id("cor"),
        client_id=document.client_id,
        document_id=document.id,
        version=document.version,
        task_id=task_id,
        table_name=new.table,
        row=new.row,
        name=new.name,
        old=old.text if old else "",
        new=new.text,
        old_state=old.state.value if old else "absent",
        new_state=new.state.value,
        reason=reason,
        by=by,
        at=now(),
    )
    session.add(correction)
    record(session, document.client_id, "value.corrected", document.id, correction=correction.id, field=new.name)


def add_note(session: Session, document: Document, text: str, *, by: str) -> None:
    """Keep a person's note; the trail gets its id only."""
    note = Note(
        id=new_id("nte"), client_id=document.client_id, document_id=document.id, text=text.strip(), by=by, at=now()
    )
    session.add(note)
    record(session, document.client_id, "document.noted", document.id, note=note.id)


def open_tasks(session: Session, document_id: str) -> Sequence[ReviewTask]:
    """What people are still asked about a document."""
    return session.scalars(
        select(ReviewTask)
        .where(ReviewTask.document_id == document_id, ReviewTask.state.in_((TaskState.OPEN, TaskState.LEASED)))
        .with_for_update()
    ).all()


def last_done(session: Session, document_id: str) -> str | None:
    """Who finished the document's last task."""
    return session.scalar(
        select(ReviewTask.done_by)
        .where(ReviewTask.document_id == document_id, ReviewTask.state == TaskState.DONE)
        .order_by(ReviewTask.done_at.desc())
        .limit(1)
    )


def done_by(session: Session, person: str, *, limit: int) -> Sequence[tuple[ReviewTask, Document]]:
    """What a person finished last, the newest first."""
    rows = session.execute(
        select(ReviewTask, Document)
        .join(Document, Document.id == ReviewTask.document_id)
        .where(ReviewTask.done_by == person, ReviewTask.state == TaskState.DONE)
        .order_by(ReviewTask.done_at.desc(), ReviewTask.id.desc())
        .limit(limit)
    )
    return [(task, document) for task, document in rows]


def queue_lengths(session: Session) -> dict[str, int]:
    """Open and leased tasks per queue."""
    rows = session.execute(
        select(ReviewTask.queue, func.count())
        .where(ReviewTask.state.in_((TaskState.OPEN, TaskState.LEASED)))
        .group_by(ReviewTask.queue)
        .order_by(ReviewTask.queue)
    ).all()
    return {row[0]: row[1] for row in rows}
