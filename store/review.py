"""A task in a person's hands: every write checks its lease; and what they leave behind: skips, corrections, notes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import Session

from schemas.clock import now
from schemas.errors import FourEyesError, IllegalTransitionError, LeaseLostError, NotFoundError
from schemas.ids import new_id
from schemas.lifecycle import BLIND_KINDS, TaskKind, TaskState
from schemas.values import Value
from store.blind_claims import given_blind_too, works_blind_on
from store.events import record
from store.pressing import handling_seconds, press_at
from store.queue import Lease
from store.tables import Correction, Document, Note, ReviewTask, Skip

TAKEN = "taken"  # released by a lead
LEFT = "left"  # released without a reason: the same person gets it again
ASKED = (
    ReviewTask.state.in_((TaskState.OPEN, TaskState.LEASED)),
    ReviewTask.kind != TaskKind.SEEDED,
)  # of people, still


def held_task(session: Session, lease: Lease, *, blind: bool = False) -> ReviewTask:
    """The leased task, to look at only. Raises as `hold_task`."""
    return _under_lease(lease, session.scalars(_leased(lease)).one_or_none(), blind)


def hold_task(session: Session, lease: Lease, *, blind: bool = False) -> ReviewTask:
    """The leased task, locked for this transaction.

    Blind work is held by its own door alone: a lease on it opens no page that shows values.

    Raises:
        LeaseLostError: it expired and another took it, or it is done.
    """
    return _under_lease(lease, session.scalars(_leased(lease).with_for_update()).one_or_none(), blind)


def _leased(lease: Lease) -> Select[tuple[ReviewTask]]:
    return select(ReviewTask).where(
        ReviewTask.id == lease.id,
        ReviewTask.lease_epoch == lease.epoch,
        ReviewTask.lease_owner == lease.owner,
        ReviewTask.state == TaskState.LEASED,
    )


def _under_lease(lease: Lease, task: ReviewTask | None, blind: bool | None) -> ReviewTask:
    if task is None or (blind is not None and blind != (task.kind in BLIND_KINDS)):
        raise LeaseLostError(f"the lease {lease.epoch} on {lease.id} is gone")
    return task


def _any_task(session: Session, lease: Lease) -> ReviewTask:
    return _under_lease(lease, session.scalars(_leased(lease).with_for_update()).one_or_none(), None)


def renew_task(session: Session, lease: Lease, *, duration: dt.timedelta, seconds: float = 0) -> None:
    """Heartbeat from the browser, with the seconds of work since the last one. Raises LeaseLostError."""
    task = _any_task(session, lease)
    task.lease_expires_at = now() + duration
    if seconds:
        task.seconds = (task.seconds or 0) + seconds


def release_task(session: Session, lease: Lease, *, reason: str) -> None:
    """Give a task back, with the reason (`left`, or why it was skipped); who leaves gives the one leased ahead back too.

    Raises:
        LeaseLostError: it expired and another took it. IllegalTransitionError: it is skipped without a reason.
    """
    if not reason.strip():
        raise IllegalTransitionError("a task is skipped with a reason")
    task = _any_task(session, lease)
    if reason == LEFT:
        release_ahead(session, lease)
    else:
        task.pinned_to = None  # else nobody would get it
        _note_skip(session, task, lease.owner, reason)
    _set_free(session, task, reason)


def release_ahead(session: Session, lease: Lease) -> None:
    """Give back what was leased ahead for the holder of this lease."""
    for ahead in session.scalars(
        select(ReviewTask)
        .where(ReviewTask.lease_owner == lease.owner, ReviewTask.reserved.is_(True), ReviewTask.id != lease.id)
        .with_for_update()
    ):
        _set_free(session, ahead, LEFT)


def _set_free(session: Session, task: ReviewTask, reason: str) -> None:
    task.state, task.lease_owner, task.lease_expires_at, task.reserved = TaskState.OPEN, None, None, False
    spent, task.seconds = round(task.seconds or 0), None  # who decides is told with their own time
    record(session, task.client_id, "task.released", task.id, document=task.document_id, reason=reason, seconds=spent)


def _note_skip(session: Session, task: ReviewTask, person: str, reason: str) -> None:
    skip = session.get(Skip, (task.id, person))
    if skip is None:
        skip = Skip(task_id=task.id, client_id=task.client_id, person=person, times=0)
        session.add(skip)
    skip.reason, skip.times, skip.at = reason, skip.times + 1, now()


def pin_task(session: Session, task_id: str, person: str | None) -> ReviewTask:
    """A lead gives a task to one person, who gets it first and alone; None: to whoever comes. Returns the task.

    Raises:
        NotFoundError: no such task waits. FourEyesError: the person was the first pair of eyes, or keys the document blind.
    """
    task = _waiting(session, task_id)
    if person is not None and task.not_by == person:
        raise FourEyesError(f"{person} has seen {task_id} already")
    if person is not None and works_blind_on(session, person, [task.document_id]):
        raise FourEyesError(f"{person} keys the document of {task_id} blind")
    task.pinned_to = person
    record(session, task.client_id, "task.pinned", task.id, document=task.document_id, person=person)
    return task


def free_task(session: Session, task_id: str) -> None:
    """A lead takes a task out of its holder's hands and pins; what was typed stays as its draft. Raises NotFoundError."""
    task = _waiting(session, task_id)
    task.pinned_to = None
    _set_free(session, task, TAKEN)


def free_pinned(session: Session, person: str) -> None:
    """Nobody waits for a person who is shut out: tasks kept for them, or held by them, go to whoever comes."""
    mine = or_(ReviewTask.pinned_to == person, ReviewTask.lease_owner == person)
    for task in session.scalars(select(ReviewTask).where(mine, *ASKED).with_for_update()):
        task.pinned_to = None
        _set_free(session, task, TAKEN)


def press_task(session: Session, task_id: str, *, urgent: bool, weight: int) -> None:
    """Make a task urgent, or not: its place in the queue follows. Raises NotFoundError."""
    task = _waiting(session, task_id)
    task.urgent = urgent
    task.press_at = press_at(task.due_at, handling_seconds(task.reasons), weight=weight, urgent=urgent)
    record(session, task.client_id, "task.pressed", task.id, document=task.document_id, urgent=urgent)


def _waiting(session: Session, task_id: str) -> ReviewTask:
    task = session.scalars(select(ReviewTask).where(ReviewTask.id == task_id, *ASKED).with_for_update()).one_or_none()
    if task is None:
        raise NotFoundError(task_id)
    return task


def add_correction(
    session: Session,
    document: Document,
    old: Value | None,
    new: Value,
    *,
    task_id: str | None,
    by: str,
    reason: str | None,
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


def is_corrected(session: Session, document_id: str) -> bool:
    """Whether a person changed, or confirmed, a value of a document."""
    return bool(session.scalar(select(exists().where(Correction.document_id == document_id))))


def add_note(session: Session, document: Document, text: str, *, by: str) -> None:
    """Keep a person's note; the trail gets its id only."""
    note = Note(
        id=new_id("nte"), client_id=document.client_id, document_id=document.id, text=text.strip(), by=by, at=now()
    )
    session.add(note)
    record(session, document.client_id, "document.noted", document.id, note=note.id)


def notes_of(session: Session, document_id: str) -> Sequence[Note]:
    """What people wrote about a document, in order."""
    return session.scalars(select(Note).where(Note.document_id == document_id).order_by(Note.id)).all()


def open_tasks(session: Session, document_id: str) -> Sequence[ReviewTask]:
    """What people are still asked about a document."""
    return session.scalars(
        select(ReviewTask).where(ReviewTask.document_id == document_id, *ASKED).with_for_update()
    ).all()


def last_done(session: Session, document_id: str) -> str | None:
    """Who finished the document's last task."""
    return session.scalar(
        select(ReviewTask.done_by)
        .where(
            ReviewTask.document_id == document_id,
            ReviewTask.state == TaskState.DONE,
            ReviewTask.kind != TaskKind.SEEDED,
        )
        .order_by(ReviewTask.done_at.desc())
        .limit(1)
    )


def done_by(session: Session, person: str, *, limit: int) -> Sequence[tuple[ReviewTask, Document]]:
    """What a person finished last, the newest first; without documents that they have blind work on."""
    rows = session.execute(
        select(ReviewTask, Document)
        .join(Document, Document.id == ReviewTask.document_id)
        .where(ReviewTask.done_by == person, ReviewTask.state == TaskState.DONE, ~given_blind_too(person))
        .order_by(ReviewTask.done_at.desc(), ReviewTask.id.desc())
        .limit(limit)
    )
    return [(task, document) for task, document in rows]
