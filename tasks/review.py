"""Review: a person takes the next exception, corrects it and submits; the correction goes back through judge and route."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.amounts import Convention
from schemas.document_type import DocumentType
from schemas.errors import IllegalTransitionError
from schemas.lifecycle import DocumentState, TaskKind, TaskState
from schemas.narrowing import type_in_process
from schemas.normalisation import normalise
from schemas.process import Process
from schemas.reasons import REASONS, Outcome
from schemas.values import Extraction, Finding, Severity, Value, ValueState
from store.claiming import Claimer, Runs, claim_task, in_hands, reserve_task
from store.database import Scope, Session
from store.definitions import Definition, load_definition
from store.documents import load_extraction, load_findings, load_pages, save_version
from store.drafts import drop_draft, load_draft, save_draft
from store.queue import Lease
from store.review import LEFT, add_correction, add_note, held_task, hold_task, release_task, renew_task
from store.tables import Document, Draft, Page, Receipt, ReviewTask
from store.transitions import close_task, move_document, open_task
from tasks import seeds
from tasks.accept import accept
from tasks.acknowledge import acknowledge
from tasks.audit.decisions import draw_rejection
from tasks.desk import Desk
from tasks.judge import judge, judge_draft
from tasks.lessons import teach
from tasks.people import draw_check
from tasks.route import FOUR_EYES, guarded_fields, needs_other_eyes


@dataclass(frozen=True)
class Person:
    """Who works: a user's name, the clients that they may see (None: all), their queues (none: all) and skills."""

    name: str
    client_ids: frozenset[str] | None = None
    queues: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()

    @property
    def scope(self) -> Scope:
        return Scope(self.name, self.client_ids)

    @property
    def claimer(self) -> Claimer:
        return Claimer(self.name, self.queues, self.skills)


@dataclass(frozen=True)
class TaskView:
    """All that the review page shows of one task."""

    lease: Lease
    task: ReviewTask
    document: Document
    file_name: str
    pages: Sequence[Page]
    extraction: Extraction
    findings: list[Finding]
    kind: DocumentType | None
    definition: Definition
    draft: Draft | None = None  # what was typed already, by this person or the holder before


@dataclass(frozen=True)
class Submitted:
    """Where a submitted document went; with `findings` left over, nothing was written and it stays in review."""

    state: DocumentState
    findings: list[Finding]


def next_task(desk: Desk, person: Person, *, task_id: str | None = None) -> Lease | None:
    """Lease the task that comes next for this person (or the named one); None where there is nothing to do."""
    with desk.store.session(person.scope) as session:
        held = in_hands(session, person.claimer)
        task = claim_task(session, person.claimer, lease=lease_of(desk), runs=_runs(desk), task_id=task_id)
        return _taken(desk, session, person, task, held)


def reserve_next(desk: Desk, person: Person) -> Lease | None:
    """Lease the task after the one at hand, so that it can be prepared; `next_task` gives it out once that one is done.

    Where it is not taken up its lease runs out, or ends when the person leaves. None where there is nothing more to do.
    """
    with desk.store.session(person.scope) as session:
        held = in_hands(session, person.claimer)
        task = reserve_task(session, person.claimer, lease=lease_of(desk), runs=_runs(desk))
        return _taken(desk, session, person, task, held)


def _taken(desk: Desk, session: Session, person: Person, task: ReviewTask | None, held: set[str]) -> Lease | None:
    """The lease; a task that was not in these hands before may bring a known answer after it."""
    if task is None:
        return None
    if task.id not in held:
        seeds.perhaps_add(session, task, person.name, lease=lease_of(desk))
    return Lease(task.id, task.lease_epoch, person.name)


def lease_of(desk: Desk) -> dt.timedelta:
    """How long a task is leased without a sign of life."""
    return dt.timedelta(seconds=desk.settings.review_lease_seconds)


def _runs(desk: Desk) -> Runs:
    slack = dt.timedelta(seconds=desk.settings.review_run_slack_seconds)
    return Runs(most=desk.settings.review_run_tasks, slack=slack)


def load_task(desk: Desk, person: Person, lease: Lease) -> TaskView:
    """What the page shows. Raises LeaseLostError."""
    with desk.store.read(person.scope) as session:
        task = held_task(session, lease)
        document = session.get_one(Document, task.document_id)
        definition = load_definition(session, document.definition_id)
        file_name = session.get_one(Receipt, document.receipt_id).name
        if task.kind == TaskKind.SEEDED:
            document, extraction, findings = seeds.shown(session, task, document, definition)
        else:
            extraction = load_extraction(session, document.id, document.version) or _nothing_read(definition)
            findings = load_findings(session, document.id, document.version)
        return TaskView(
            lease=lease,
            task=task,
            document=document,
            file_name=file_name,
            pages=load_pages(session, document.id),
            extraction=extraction,
            findings=findings,
            kind=type_in_process(definition.process, extraction.document_type),
            definition=definition,
            draft=load_draft(session, task, person.name),
        )


def _nothing_read(definition: Definition) -> Extraction:
    """An unread document is keyed from scratch."""
    return Extraction(document_type="other", type_probability=0.0, language=definition.client.language, values=[])


def check(desk: Desk, person: Person, document_id: str, document_type: str, values: list[Value]) -> list[Finding]:
    """Run the rules on values that are still being typed; nothing is written."""
    with desk.store.read(person.scope) as session:
        document = session.get_one(Document, document_id)
        definition = load_definition(session, document.definition_id)
    return judge_draft(by_hand(document_type, values, definition), definition)


def keep_draft(
    desk: Desk, lease: Lease, person: Person, document_type: str, values: Sequence[dict[str, Any]]
) -> dt.datetime:
    """Keep the form as the page has it until the task is finished. Returns when. Raises LeaseLostError."""
    with desk.store.session(person.scope) as session:
        return save_draft(session, hold_task(session, lease), document_type, values, by=person.name)


def submit(
    desk: Desk,
    lease: Lease,
    person: Person,
    document_type: str,
    values: list[Value],
    *,
    accept_reason: str | None,
    seconds: float,
) -> Submitted:
    """Write a person's version, judge it again and send it on.

    With errors left and no `accept_reason` nothing is written: the findings come back.

    Raises:
        LeaseLostError: somebody else has the task.
    """
    try:
        with desk.store.session(person.scope) as session:
            task = hold_task(session, lease)
            if task.kind == TaskKind.SEEDED:
                return _answer_seed(session, task, person, document_type, values, accept_reason, seconds)
            submitted = _submit(session, task, person, document_type, values, accept_reason, seconds)
            document = session.get_one(Document, task.document_id)
    except _ErrorsRemain as refused:
        return Submitted(DocumentState.IN_REVIEW, refused.findings)
    acknowledge(desk, document.receipt_id)
    if submitted.state is not DocumentState.IN_REVIEW:  # a second person may see it otherwise
        teach(desk, document.id, by=person.scope)
    return submitted


class _ErrorsRemain(Exception):  # noqa: N818 - never leaves this module
    """Rolls the transaction back and carries the findings out."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__()
        self.findings = findings


def _sent_on(kind: DocumentType | None, findings: list[Finding], accept_reason: str | None) -> DocumentType:
    """The document's type. Raises _ErrorsRemain: the process has no such type, or errors are left and nobody says why."""
    if kind is None or (any(f.severity is Severity.ERROR for f in findings) and not accept_reason):
        raise _ErrorsRemain(findings)
    return kind


def _answer_seed(
    session: Session,
    task: ReviewTask,
    person: Person,
    document_type: str,
    values: list[Value],
    accept_reason: str | None,
    seconds: float,
) -> Submitted:
    """A known answer: refused and sent on as any other task, but only the seed is written."""
    definition = load_definition(session, session.get_one(Document, task.document_id).definition_id)
    extraction = by_hand(document_type, values, definition)
    findings = judge_draft(extraction, definition)
    _sent_on(type_in_process(definition.process, document_type), findings, accept_reason)
    seeds.answer(session, task, person.name, extraction, definition, seconds=seconds)
    return Submitted(DocumentState.READY, findings)


def _submit(
    session: Session,
    task: ReviewTask,
    person: Person,
    document_type: str,
    values: list[Value],
    accept_reason: str | None,
    seconds: float,
) -> Submitted:
    document = session.get_one(Document, task.document_id, with_for_update=True)
    definition = load_definition(session, document.definition_id)
    before = load_extraction(session, document.id, document.version)
    extraction = by_hand(document_type, values, definition)
    judgement = judge(session, document, extraction, definition)
    kind = _sent_on(judgement.kind, judgement.findings, accept_reason)
    save_version(session, document, extraction, judgement.findings)
    changed = _note_corrections(session, document, before, extraction, task, accept_reason)
    document.touched, task.seconds = True, (task.seconds or 0) + seconds
    drop_draft(session, task.id)
    close_task(session, task, TaskState.DONE, by=person.name, result="submitted")
    if _needs_another(task, extraction, definition.process, kind, changed):
        _ask_second_person(session, document, task)
    else:
        accept(session, document, extraction, definition)
        draw_check(session, document, extraction, definition, changed, by=person.name)
    return Submitted(DocumentState(document.state), judgement.findings)


def _needs_another(
    task: ReviewTask, extraction: Extraction, process: Process, kind: DocumentType, changed: frozenset[str]
) -> bool:
    """Whether another person must agree: what the second one changes of it, the first has not seen."""
    if task.not_by is not None:
        return bool(changed & guarded_fields(process, kind))
    above = FOUR_EYES in task.reasons or needs_other_eyes(extraction, process, kind)
    return above or bool(changed & guarded_fields(process, kind) - {kind.roles.total})


def _ask_second_person(session: Session, document: Document, first: ReviewTask) -> None:
    second = open_task(session, document, TaskKind.EXCEPTION, first.queue, due_at=document.due_at, reasons=[FOUR_EYES])
    second.not_by = first.done_by
    move_document(session, document, DocumentState.IN_REVIEW, reason=FOUR_EYES)


def by_hand(document_type: str, values: list[Value], definition: Definition) -> Extraction:
    """A person's values as an extraction: normalised where they can be; what cannot is left for the rules to name."""
    kind = type_in_process(definition.process, document_type)
    kept = [_normalised(value, kind) for value in values] if kind else values
    return Extraction(
        document_type=document_type,
        type_probability=1.0,
        language=definition.client.language,
        values=[value for value in kept if value.text or value.state is not ValueState.PRESENT],
        extractor="person",
    )


def _normalised(value: Value, kind: DocumentType) -> Value:
    definition = kind.definition(value.name, value.table)
    if definition is None or value.source != "person":
        return value
    text = normalise(value.text, definition.type, convention=Convention.POINT) if value.text.strip() else ""
    return value.model_copy(update={"text": value.text.strip() if text is None else text, "probability": 1.0})


def _note_corrections(
    session: Session,
    document: Document,
    before: Extraction | None,
    after: Extraction,
    task: ReviewTask,
    reason: str | None,
) -> frozenset[str]:
    """One row for every value that a person changed, added or took away. Returns their names, as settings write them."""
    old = {value.address: value for value in before.values} if before else {}
    new = {value.address: value for value in after.values}
    left = {address: old[address] for address in old.keys() - new.keys() if not _is_moved(old[address], after.values)}
    gone = {a: value.model_copy(update={"text": "", "state": ValueState.ABSENT}) for a, value in left.items()}
    by, changed = task.lease_owner or "", set()
    for address, value in {**new, **gone}.items():
        previous = old.get(address)
        same = previous is not None and (previous.text, previous.state) == (value.text, value.state)
        if not same and not _is_moved(value, old.values()):
            add_correction(session, document, previous, value, task_id=task.id, by=by, reason=reason)
            changed.add(f"{address.table}.{address.name}" if address.table else address.name)
    return frozenset(changed)


def _is_moved(value: Value, others: Iterable[Value]) -> bool:
    """Whether a value as the machine read it stands in another row too: a row was put before it, nothing was corrected."""
    if not value.table or value.source == "person" or value.state is not ValueState.PRESENT:
        return False
    return any(value == each.model_copy(update={"row": value.row}) for each in others if each.table == value.table)


def reject(desk: Desk, lease: Lease, person: Person, reason: str, note: str) -> None:
    """Send a document back to the client with a reason code.

    Raises:
        LeaseLostError: somebody else has the task. IllegalTransitionError: the code is not one to reject with.
    """
    if reason not in REASONS or REASONS[reason].outcome is Outcome.NOTED:
        raise IllegalTransitionError(f"{reason} is not a reason to reject a document")
    with desk.store.session(person.scope) as session:
        task = hold_task(session, lease)
        if task.kind == TaskKind.SEEDED:
            seeds.give_up(session, task, person.name, "rejected")
            return
        document = session.get_one(Document, task.document_id, with_for_update=True)
        document.touched = True
        drop_draft(session, task.id)
        if document.state == DocumentState.FAILED:
            move_document(session, document, DocumentState.IN_REVIEW, reason=reason)
        close_task(session, task, TaskState.DONE, by=person.name, result="rejected")
        move_document(session, document, DocumentState.REJECTED, reason=reason)
        draw_rejection(session, document, reason, load_definition(session, document.definition_id).process.audit)
        if note.strip():
            add_note(session, document, note, by=person.name)
        receipt_id = document.receipt_id
    acknowledge(desk, receipt_id)


def heartbeat(desk: Desk, lease: Lease, person: Person, *, seconds: float = 0) -> None:
    """The browser is still there, after so many more seconds of work. Raises LeaseLostError."""
    with desk.store.session(person.scope) as session:
        renew_task(session, lease, duration=lease_of(desk), seconds=seconds)


def release(desk: Desk, lease: Lease, person: Person, reason: str) -> None:
    """Give the task back: the person left, or skips it with a reason. Raises LeaseLostError, IllegalTransitionError."""
    with desk.store.session(person.scope) as session:
        task = session.get(ReviewTask, lease.id)
        if task is not None and task.kind == TaskKind.SEEDED and reason != LEFT:
            seeds.give_up(session, hold_task(session, lease), person.name, reason)
        else:
            release_task(session, lease, reason=reason)
