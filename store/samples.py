"""Sampled values: drawing them, the keys that people make of them, and what is decided.

One person has one part in a sampled value. `store.tables.quality.Key` holds it by its primary key: whoever corrected, confirmed
or finished the document is entered as having worked on it when the value is drawn, and again when somebody keys it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import case, exists, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from schemas.clock import now
from schemas.errors import FourEyesError
from schemas.ids import new_id
from schemas.lifecycle import ReceiptState, TaskState
from schemas.quality import DECISION_STREAMS, KeyPart, SampleState, Stream
from schemas.values import Value, ValueState
from store.events import record
from store.tables import Correction, Document, ExtractionRun, Key, Receipt, ReviewTask, Sample


@dataclass(frozen=True)
class Draw:
    """A value to be keyed blind: as it was or will be delivered, and whether a wrong one makes the document wrong."""

    value: Value
    critical: bool


def add_samples(
    session: Session,
    document: Document,
    draws: Iterable[Draw],
    stream: Stream,
    *,
    lot_id: str | None = None,
    receipt_id: str | None = None,
) -> list[Sample]:
    """Freeze the drawn values of a document's current version, which may not have reached the database yet.

    `receipt_id`: the question is about this file, which came after the document's and got none of its own.
    """
    session.flush()
    run = session.get(ExtractionRun, (document.id, document.version))
    workers = people_who_worked_on(session, document.id)
    if stream is Stream.DOUBLE_KEY:
        workers |= _who_keyed_before(session, document.id)
    samples = []
    for draw in draws:
        sample = Sample(
            id=new_id("smp"),
            client_id=document.client_id,
            process=document.process,
            document_id=document.id,
            version=document.version,
            document_type=document.document_type or "",
            stream=stream,
            lot_id=lot_id,
            receipt_id=receipt_id,
            table_name=draw.value.table,
            row=draw.value.row,
            name=draw.value.name,
            critical=draw.critical,
            value=draw.value.text if draw.value.state is ValueState.PRESENT else "",
            value_state=draw.value.state.value,
            probability=draw.value.probability,
            untouched=not document.touched,
            extractor=run.extractor if run else "",
            reader=run.reader if run else "",
            definition_id=document.definition_id,
            state=SampleState.OPEN,
            drawn_at=now(),
        )
        samples.append(sample)
    session.add_all(samples)
    session.flush()
    for sample in samples:
        session.add_all(_part(sample, person, KeyPart.WORKED) for person in workers)
    record(
        session,
        document.client_id,
        "sample.drawn",
        document.id,
        stream=stream,
        lot=lot_id,
        receipt=receipt_id,
        version=document.version,
        samples=[sample.id for sample in samples],
    )
    return samples


def people_who_worked_on(session: Session, document_id: str) -> set[str]:
    """Everybody who changed a value of the document or finished a task of it other than a blind one."""
    correctors = session.scalars(select(Correction.by).where(Correction.document_id == document_id).distinct())
    blind = ("blind_key", "adjudication")
    finishers = session.scalars(
        select(ReviewTask.done_by)
        .where(ReviewTask.document_id == document_id, ReviewTask.state == TaskState.DONE, ReviewTask.kind.not_in(blind))
        .distinct()
    )
    return {person for person in (*correctors, *finishers) if person}


def samples_of_task(session: Session, task_id: str) -> Sequence[Sample]:
    """What a blind key or an adjudication is asked for, in a steady order; decided ones are left out."""
    return session.scalars(
        select(Sample)
        .where(Sample.task_id == task_id, Sample.state.in_((SampleState.OPEN, SampleState.DISPUTED)))
        .order_by(Sample.table_name, Sample.row, Sample.id)
        .with_for_update()
    ).all()


def add_key(
    session: Session, sample: Sample, person: str, part: KeyPart, text: str, state: ValueState, seconds: float
) -> None:
    """Keep a person's key or decision.

    Raises:
        FourEyesError: the person has another part in this value; the database says so.
    """
    if person in people_who_worked_on(session, sample.document_id):
        raise FourEyesError(f"{person} worked on {sample.document_id}")
    key = _part(sample, person, part)
    key.text, key.value_state, key.seconds = text, state.value, seconds
    try:
        with session.begin_nested():
            session.add(key)
    except IntegrityError as error:
        raise FourEyesError(f"{person} has a part in {sample.id} already") from error
    record(session, sample.client_id, f"sample.{part.value}", sample.id, document=sample.document_id, person=person)


def _part(sample: Sample, person: str, part: KeyPart) -> Key:
    return Key(sample_id=sample.id, client_id=sample.client_id, person=person, part=part, at=now())


def blind_key_of(session: Session, sample_id: str) -> Key | None:
    """The key that somebody made without seeing the value."""
    return session.scalars(select(Key).where(Key.sample_id == sample_id, Key.part == KeyPart.BLIND)).one_or_none()


def decide_sample(session: Session, sample: Sample, *, right: bool, truth: str, state: ValueState) -> None:
    """What is true, and so whether the delivered value was right."""
    sample.state, sample.right = SampleState.DECIDED, right
    sample.truth, sample.truth_state, sample.decided_at = truth, state.value, now()
    record(session, sample.client_id, "sample.decided", sample.id, document=sample.document_id, right=right)


def keys_agreeing(session: Session, document_id: str, value: Value) -> int:
    """How many second keys, or third people, have decided that a header field has just this value; each is another person's."""
    text = value.text if value.state is ValueState.PRESENT else ""
    found = session.scalar(
        select(func.count(Sample.id)).where(
            Sample.document_id == document_id,
            Sample.stream == Stream.DOUBLE_KEY,
            Sample.name == value.name,
            Sample.table_name == "",
            Sample.state == SampleState.DECIDED,
            Sample.truth == text,
            Sample.truth_state == value.state.value,
        )
    )
    return found or 0


def _who_keyed_before(session: Session, document_id: str) -> set[str]:
    """Everybody with a part in an earlier second key of the document: another key of it is somebody else's."""
    return set(
        session.scalars(
            select(Key.person)
            .join(Sample, Sample.id == Key.sample_id)
            .where(Sample.document_id == document_id, Sample.stream == Stream.DOUBLE_KEY)
            .distinct()
        )
    )


def duplicates_not_drawn(session: Session, *, since: dt.datetime) -> list[tuple[Receipt, Document]]:
    """Files received since then that were set aside because their bytes had come before, and the document of the first one.

    Those that were drawn are left out. One document a file: the first that was made of it.
    """
    rows = session.execute(
        select(Receipt, Document)
        .join(Document, Document.receipt_id == Receipt.duplicate_of)
        .where(
            Receipt.state.in_((ReceiptState.SUPPRESSED, ReceiptState.REJECTED)),
            Receipt.reason == "DUPLICATE_BYTES",
            Receipt.received_at >= since,
            ~exists().where(Sample.receipt_id == Receipt.id),
        )
        .order_by(Receipt.id, Document.id.desc())
    )
    return list({receipt.id: (receipt, document) for receipt, document in rows}.values())


def decisions_counted(session: Session) -> dict[tuple[str, str, str], tuple[int, int]]:
    """Of the clients in scope, by client, process and stream: how many audited decisions were right, and of how many."""
    rows = session.execute(
        select(
            Sample.client_id,
            Sample.process,
            Sample.stream,
            func.sum(case((Sample.right.is_(True), 1), else_=0)),
            func.count(),
        )
        .where(Sample.stream.in_(DECISION_STREAMS), Sample.state == SampleState.DECIDED)
        .group_by(Sample.client_id, Sample.process, Sample.stream)
    )
    return {(client, process, stream): (right, total) for client, process, stream, right, total in rows}


def is_inspected(session: Session, document_id: str) -> bool:
    """Whether a value of a document is being keyed for its lot."""
    pending = Sample.state.in_((SampleState.OPEN, SampleState.DISPUTED))
    drawn = exists().where(Sample.document_id == document_id, Sample.lot_id.is_not(None), pending)
    return bool(session.scalar(select(drawn)))


def void_samples(session: Session, document_id: str) -> None:
    """The document was withdrawn, rejected or cut: its open samples say nothing any more."""
    for sample in session.scalars(
        select(Sample).where(
            Sample.document_id == document_id, Sample.state.in_((SampleState.OPEN, SampleState.DISPUTED))
        )
    ):
        sample.state, sample.decided_at = SampleState.VOID, now()
