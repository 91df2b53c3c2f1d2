"""What is known of how right people are: their parts in decided values, and their answers to seeds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from schemas.lifecycle import TaskState
from schemas.quality import KeyPart, SampleState
from store.seeds import OF_VALUES
from store.tables import Document, Key, ReviewTask, Sample, Seed

Process = tuple[str, str]
"""Client and process."""


def decided_parts(
    session: Session, since: dt.datetime, *, person: str | None = None, process: Process | None = None
) -> Sequence[tuple[Key, Sample]]:
    """Blind keys, and the parts of who worked on values that a person touched, of decided values; in their order.

    An adjudication is left out: it is the truth that the others are measured by.
    """
    query = (
        select(Key, Sample)
        .join(Sample, Sample.id == Key.sample_id)
        .where(
            Key.at >= since,
            Sample.state == SampleState.DECIDED,
            Sample.stream.in_(OF_VALUES),
            (Key.part == KeyPart.BLIND) | ((Key.part == KeyPart.WORKED) & Sample.untouched.is_(False)),
        )
    )
    if person is not None:
        query = query.where(Key.person == person)
    if process is not None:
        query = query.where(Sample.client_id == process[0], Sample.process == process[1])
    return [(key, sample) for key, sample in session.execute(query.order_by(Key.at, Key.sample_id))]


def answered_seeds(
    session: Session, since: dt.datetime, *, person: str | None = None, process: Process | None = None
) -> Sequence[tuple[Seed, Document]]:
    """Seeds that somebody answered, with the documents that they are copies of; in their order."""
    query = (
        select(Seed, Document)
        .join(Document, Document.id == Seed.document_id)
        .where(Seed.at >= since, Seed.caught.is_not(None))
    )
    if person is not None:
        query = query.where(Seed.person == person)
    if process is not None:
        query = query.where(Document.client_id == process[0], Document.process == process[1])
    return [(seed, document) for seed, document in session.execute(query.order_by(Seed.at, Seed.task_id))]


def seconds_of_tasks(session: Session, since: dt.datetime, person: str) -> Sequence[float]:
    """The seconds of work that each task took which the person finished; those that were not timed are left out."""
    return session.scalars(
        select(ReviewTask.seconds).where(
            ReviewTask.done_by == person,
            ReviewTask.done_at >= since,
            ReviewTask.state == TaskState.DONE,
            ReviewTask.seconds > 0,
        )
    ).all()  # type: ignore[return-value]
