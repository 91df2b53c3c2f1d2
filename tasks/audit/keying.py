"""Keying: a person keys sampled values blind; where that disagrees with what was delivered, a third person decides.

What a task shows to its keyer holds no value, no box and no earlier key: `BlindView` has no place for them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from schemas.amounts import Convention
from schemas.document_type import DocumentType, FieldDefinition, FieldType
from schemas.errors import IllegalTransitionError
from schemas.lifecycle import TaskKind, TaskState
from schemas.narrowing import type_in_process
from schemas.normalisation import normalise
from schemas.quality import KeyPart, SampleState, Stream
from schemas.values import ValueState
from store.blind_claims import claim_blind
from store.database import Session
from store.definitions import Definition, load_definition
from store.documents import load_pages
from store.queue import Lease
from store.review import LEFT, hold_task, release_task
from store.samples import add_key, blind_key_of, decide_sample, samples_of_task
from store.tables import Document, Page, Receipt, ReviewTask, Sample
from store.transitions import close_task, open_task
from tasks.audit.comparing import agrees
from tasks.audit.decisions import NO, YES, take_up
from tasks.audit.drawing import give_to
from tasks.audit.mending import mend
from tasks.desk import Desk
from tasks.review import Person

CHOICES: dict[Stream, tuple[str, ...]] = dict.fromkeys((Stream.REJECT, Stream.DUPLICATE, Stream.SPLIT), (YES, NO))


@dataclass(frozen=True)
class Keyed:
    """What somebody keyed for one value."""

    text: str
    state: ValueState = ValueState.PRESENT


@dataclass(frozen=True)
class Asked:
    """One value to key: what it is, never what anybody thinks it is. `choices`: what may be answered, where not free.

    `file`: the name of the file that the question is about, where it is not the document's.
    """

    sample_id: str
    name: str
    table: str
    row: int
    definition: FieldDefinition | None
    choices: tuple[str, ...] = ()
    file: str = ""


@dataclass(frozen=True)
class Disputed(Asked):
    """Two readings of one value, in an order that does not tell whose they are."""

    readings: tuple[Keyed, ...] = ()


@dataclass(frozen=True)
class BlindView:
    """All that a blind key's page shows."""

    lease: Lease
    document: Document
    pages: Sequence[Page]
    asked: list[Asked]
    definition: Definition
    due_at: dt.datetime


def next_blind(desk: Desk, person: Person, kind: TaskKind) -> Lease | None:
    """Lease the most pressing blind key (or adjudication) in which this person has no part yet."""
    duration = dt.timedelta(seconds=desk.settings.review_lease_seconds)
    with desk.store.session(person.scope) as session:
        task = claim_blind(session, person.name, kind, lease=duration)
        return Lease(task.id, task.lease_epoch, person.name) if task else None


def load_blind(desk: Desk, person: Person, lease: Lease) -> BlindView:
    """What the page shows of a leased blind key or adjudication. Raises LeaseLostError."""
    with desk.store.read(person.scope) as session:
        task = hold_task(session, lease, blind=True)
        document = session.get_one(Document, task.document_id)
        definition = load_definition(session, document.definition_id)
        samples = samples_of_task(session, task.id)
        return BlindView(
            lease=lease,
            document=document,
            pages=load_pages(session, document.id),
            asked=[_asked(session, task, sample, definition) for sample in samples],
            definition=definition,
            due_at=task.due_at,
        )


def leave_blind(desk: Desk, person: Person, lease: Lease) -> None:
    """Give blind work back. Raises LeaseLostError."""
    with desk.store.session(person.scope) as session:
        release_task(session, lease, reason=LEFT)


def _asked(session: Session, task: ReviewTask, sample: Sample, definition: Definition) -> Asked:
    field = _definition_of(sample, definition)
    choices: tuple[str, ...] = CHOICES.get(Stream(sample.stream), ())
    if sample.stream == Stream.TYPE:
        choices = (*definition.process.document_types, "other")
    receipt = session.get(Receipt, sample.receipt_id) if sample.receipt_id else None
    file = receipt.name if receipt else ""
    if task.kind != TaskKind.ADJUDICATION:
        return Asked(sample.id, sample.name, sample.table_name, sample.row, field, choices, file)
    key = blind_key_of(session, sample.id)
    readings = [Keyed(sample.value, ValueState(sample.value_state))]
    readings += [Keyed(key.text, ValueState(key.value_state))] if key else []
    readings.sort(key=lambda keyed: sha256(f"{sample.id} {keyed.text}".encode()).digest())  # no sign of whose is whose
    return Disputed(sample.id, sample.name, sample.table_name, sample.row, field, choices, file, tuple(readings))


def _definition_of(sample: Sample, definition: Definition) -> FieldDefinition | None:
    kind = type_in_process(definition.process, sample.document_type)
    if sample.stream == Stream.LINES:
        return FieldDefinition(type=FieldType.INTEGER)
    return kind.definition(sample.name, sample.table_name) if kind else None


def key_blind(desk: Desk, lease: Lease, person: Person, keyed: Mapping[str, Keyed], *, seconds: float) -> None:
    """Keep a person's blind keys by sample id. Agreement decides a value; disagreement goes to a third person.

    Raises:
        LeaseLostError: somebody else has the task. FourEyesError: the person has a part in one of the values.
        IllegalTransitionError: a value was not keyed.
    """
    with desk.store.session(person.scope) as session:
        task, document, samples, definition = _held(session, lease, TaskKind.BLIND_KEY, keyed)
        disputed = []
        for sample in samples:
            key = _normalised(keyed[sample.id], sample, definition)
            add_key(session, sample, person.name, KeyPart.BLIND, key.text, key.state, seconds / len(samples))
            if agrees(sample, key.text, key.state, _kind(sample, definition)):
                decide_sample(session, sample, right=True, truth=sample.value, state=ValueState(sample.value_state))
            else:
                sample.state = SampleState.DISPUTED
                disputed.append(sample)
        task.seconds = (task.seconds or 0) + seconds
        close_task(session, task, TaskState.DONE, by=person.name, result="keyed")
        if disputed:
            _ask_third(session, document, disputed, task)
        else:
            mend(session, document, samples, definition)


def adjudicate(desk: Desk, lease: Lease, person: Person, decided: Mapping[str, Keyed], *, seconds: float) -> None:
    """A third person's decision by sample id: what is true. What was delivered wrong is put right.

    Raises as `key_blind`.
    """
    with desk.store.session(person.scope) as session:
        task, document, samples, definition = _held(session, lease, TaskKind.ADJUDICATION, decided)
        for sample in samples:
            truth = _normalised(decided[sample.id], sample, definition)
            add_key(session, sample, person.name, KeyPart.ADJUDICATED, truth.text, truth.state, seconds / len(samples))
            right = agrees(sample, truth.text, truth.state, _kind(sample, definition))
            decide_sample(session, sample, right=right, truth=truth.text, state=truth.state)
        task.seconds = (task.seconds or 0) + seconds
        close_task(session, task, TaskState.DONE, by=person.name, result="adjudicated")
        take_up(session, list(samples))
        mend(session, document, samples, definition, by=person.name, task_id=task.id)


def _held(
    session: Session, lease: Lease, kind: TaskKind, keyed: Mapping[str, Keyed]
) -> tuple[ReviewTask, Document, Sequence[Sample], Definition]:
    task = hold_task(session, lease, blind=True)
    if task.kind != kind:
        raise IllegalTransitionError(f"{task.id} is no {kind}")
    document = session.get_one(Document, task.document_id, with_for_update=True)
    samples = samples_of_task(session, task.id)
    missing = [sample.name for sample in samples if sample.id not in keyed]
    if missing:
        raise IllegalTransitionError(f"not keyed: {', '.join(missing)}")
    return task, document, samples, load_definition(session, document.definition_id)


def _ask_third(session: Session, document: Document, disputed: Sequence[Sample], first: ReviewTask) -> None:
    task = open_task(
        session, document, TaskKind.ADJUDICATION, first.queue, due_at=first.due_at, reasons=list(first.reasons)
    )
    give_to(session, task, disputed)


def _kind(sample: Sample, definition: Definition) -> DocumentType | None:
    return type_in_process(definition.process, sample.document_type)


def _normalised(keyed: Keyed, sample: Sample, definition: Definition) -> Keyed:
    """Typed text as values are kept; what is not of the field's type is kept as it was typed."""
    if keyed.state is not ValueState.PRESENT:
        return Keyed("", keyed.state)
    text, field = keyed.text.strip(), _definition_of(sample, definition)
    if not text:
        return Keyed("", ValueState.ABSENT)
    return Keyed((normalise(text, field.type, convention=Convention.POINT) if field else None) or text)
