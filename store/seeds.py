"""Seeds: documents whose truth is known, put before a reviewer once more with one value as it should not be.

A seed is a task and a row of its own. Its document is only looked at: no version, no state, no correction comes of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from schemas.clock import now
from schemas.lifecycle import SEEDED_QUEUE, DocumentState, TaskKind, TaskState
from schemas.quality import SampleState, Stream
from store.blind_claims import given_blind
from store.events import record
from store.looks import note_looks
from store.tables import Correction, Document, ExtractionRun, Key, Note, Question, ReviewTask, Sample, Seed, Shipment
from store.transitions import open_task

OF_VALUES = (Stream.LOT, Stream.CERTIFICATE, Stream.DOCUMENT, Stream.DOUBLE_KEY, Stream.PERSON)
NEWEST = 100  # known values among which chance chooses
FINISHED = (DocumentState.READY, DocumentState.DELIVERED)


def known_values(session: Session, like: Document, person: str) -> Sequence[Sample]:
    """Decided header values of finished documents like this one (process, type), in which the person has had no part at all."""
    return session.scalars(
        select(Sample)
        .join(Document, Document.id == Sample.document_id)
        .where(
            Sample.client_id == like.client_id,
            Sample.process == like.process,
            Sample.document_type == (like.document_type or ""),
            Sample.document_id != like.id,
            Sample.stream.in_(OF_VALUES),
            Sample.state == SampleState.DECIDED,
            Sample.table_name == "",
            Sample.truth_state == "present",
            Document.state.in_(FINISHED),
            Document.id.not_in(given_blind(person)),
            ~exists().where(Correction.document_id == Document.id, Correction.by == person),
            ~exists().where(ReviewTask.document_id == Document.id, ReviewTask.done_by == person),
            ~exists().where(ReviewTask.document_id == Document.id, ReviewTask.pinned_to == person),
            ~exists().where(Key.sample_id == Sample.id, Key.person == person),
            ~exists().where(Note.document_id == Document.id),  # what others wrote on it would give it away
            ~exists().where(Question.document_id == Document.id),
        )
        .order_by(Sample.decided_at.desc())
        .limit(NEWEST)
    ).all()


def machine_version(session: Session, document_id: str) -> int | None:
    """The first version of a document that a machine made; None where people alone keyed it."""
    return session.scalar(
        select(func.min(ExtractionRun.version)).where(
            ExtractionRun.document_id == document_id, ExtractionRun.extractor != "person"
        )
    )


def waits_for_seed(session: Session, person: str) -> bool:
    """Whether a seeded task is before this person already."""
    open_states = (TaskState.OPEN, TaskState.LEASED)
    waiting = select(ReviewTask.id).where(
        ReviewTask.pinned_to == person, ReviewTask.kind == TaskKind.SEEDED, ReviewTask.state.in_(open_states)
    )
    return session.scalar(waiting.limit(1)) is not None


def latest_seed(session: Session, document_id: str, person: str) -> tuple[ReviewTask, Seed] | None:
    """The last task by which the person was, or is, tried with this document."""
    found = session.execute(_seeds_of(person).where(Seed.document_id == document_id).limit(1)).one_or_none()
    return (found[0], found[1]) if found else None


def open_seeds(session: Session, person: str) -> list[tuple[ReviewTask, Seed]]:
    """What the person is tried with now."""
    waits = ReviewTask.state.in_((TaskState.OPEN, TaskState.LEASED))
    return [(task, seed) for task, seed in session.execute(_seeds_of(person).where(Seed.at.is_(None), waits))]


def _seeds_of(person: str) -> Select[tuple[ReviewTask, Seed]]:
    mine = (Seed.person == person, ReviewTask.id == Seed.task_id)
    return select(ReviewTask, Seed).where(*mine).order_by(Seed.task_id.desc())


def next_sending(session: Session, client_id: str, process: str, after: dt.datetime) -> dt.datetime | None:
    """When the process next delivered anything."""
    sent = select(func.min(Shipment.sent_at)).where(
        Shipment.client_id == client_id, Shipment.process == process, Shipment.sent_at > after
    )
    return session.scalar(sent)


def add_seed(
    session: Session,
    sample: Sample,
    version: int,
    planted: str,
    *,
    person: str,
    like: ReviewTask,
    reasons: list[str],
    lease: dt.timedelta,
) -> Seed:
    """A task like another one, leased ahead for the person, and what is planted in it."""
    document = session.get_one(Document, sample.document_id)
    task = open_task(session, document, TaskKind.SEEDED, SEEDED_QUEUE, due_at=like.due_at, reasons=reasons)
    task.press_at, task.urgent, task.skill = like.press_at, like.urgent, ""
    task.pinned_to = task.lease_owner = person
    task.state, task.lease_epoch, task.reserved = TaskState.LEASED, 1, True
    task.lease_expires_at = now() + lease
    session.flush()
    record(session, task.client_id, "task.leased", task.id, document=document.id, person=person)
    seed = Seed(
        task_id=task.id,
        client_id=task.client_id,
        document_id=document.id,
        version=version,
        name=sample.name,
        planted=planted,
        truth=sample.truth or "",
        wrong=planted != sample.truth,
        person=person,
    )
    session.add(seed)
    note_looks(session, person, [document.id])
    return seed
