"""Group check: one doubted field of many documents at once; what is right is confirmed, what is wrong goes the normal way.

Confirming takes the doubt away: the value counts as a person's, the document is judged again, and goes on when that was all.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from reading.pool import ReaderPool
from schemas.document_type import FieldType
from schemas.errors import LeaseLostError, NotFoundError
from schemas.lifecycle import TaskState
from schemas.narrowing import type_in_process
from schemas.reading import Box
from schemas.values import Extraction, Severity, Value, ValueState
from store.claiming import claim_task
from store.database import Session
from store.definitions import Definition, load_definition
from store.documents import load_extraction, load_findings, save_version
from store.group_check import DOUBT, doubted_fields, tasks_doubting
from store.queue import Lease
from store.review import LEFT, add_correction, hold_task, release_task
from store.tables import Document, ReviewTask
from store.transitions import close_task
from tasks.accept import accept
from tasks.acknowledge import acknowledge
from tasks.desk import Desk
from tasks.judge import judge
from tasks.previews import page_crop
from tasks.review import Person, load_task

MOST = 24  # crops on one screen
CONFIRMED = "confirmed in a group check"
MARGIN = (0.02, 0.008)  # around a value, in shares of the page


@dataclass(frozen=True)
class Shown:
    """One document's value of the field, under its lease; `value` has a page and a box."""

    lease: Lease
    document: Document
    value: Value
    type: FieldType


def choices(desk: Desk, person: Person) -> Counter[tuple[str, str, str]]:
    """Client, process and field with the number of open documents that doubt it."""
    with desk.store.read(person.scope) as session:
        return doubted_fields(session, person.claimer)


def take_group(desk: Desk, person: Person, client_id: str, process: str, field: str) -> list[Shown]:
    """Lease the most pressing documents that doubt a field, at most 24; those without a place on the page are left out."""
    with desk.store.read(person.scope) as session:
        ids = tasks_doubting(session, person.claimer, client_id, process, field, most=MOST)
    return [shown for task_id in ids if (shown := _take(desk, person, task_id, field)) is not None]


def _take(desk: Desk, person: Person, task_id: str, field: str) -> Shown | None:
    duration = dt.timedelta(seconds=desk.settings.review_lease_seconds)
    with desk.store.session(person.scope) as session:
        task = claim_task(session, person.claimer, lease=duration, task_id=task_id)
        if task is None:
            return None
        document = session.get_one(Document, task.document_id)
        definition = load_definition(session, document.definition_id)
        value = _value(load_extraction(session, document.id, document.version), field)
        kind = type_in_process(definition.process, document.document_type or "")
        known = kind.definition(field) if kind else None
        lease = Lease(task.id, task.lease_epoch, person.name)
        if value is None or value.box is None or known is None:
            release_task(session, lease, reason=LEFT)
            return None
        return Shown(lease, document, value, known.type)


def _value(extraction: Extraction | None, field: str) -> Value | None:
    value = extraction.get(field) if extraction else None
    return value if value is not None and value.state is ValueState.PRESENT else None


def crop(desk: Desk, pool: ReaderPool, person: Person, lease: Lease, field: str) -> bytes:
    """The value's place on its page as JPEG. Raises LeaseLostError, NotFoundError."""
    view = load_task(desk, person, lease)
    value = _value(view.extraction, field)
    if value is None or value.page is None or value.box is None:
        raise NotFoundError(f"{field} of {view.document.id}")
    box, (across, down) = value.box, MARGIN
    wider = Box(max(0, box.x0 - across), max(0, box.y0 - down), min(1, box.x1 + across), min(1, box.y1 + down))
    return page_crop(desk, pool, person.scope, view.document.id, value.page, wider)


def decide(desk: Desk, person: Person, field: str, right: Sequence[Lease], wrong: Sequence[Lease]) -> tuple[int, int]:
    """Confirm a field where it is right; where it is wrong the task waits for anybody. Returns how many were confirmed, and lost.

    A lease that was lost meanwhile is passed over: somebody else looks at that document.
    """
    confirmed = lost = 0
    for lease in right:
        try:
            _confirm(desk, person, field, lease)
            confirmed += 1
        except LeaseLostError:
            lost += 1
    for lease in wrong:
        try:
            give_back(desk, person, lease)
        except LeaseLostError:
            lost += 1
    return confirmed, lost


def give_back(desk: Desk, person: Person, lease: Lease) -> None:
    """Leave a document to the normal queue. Raises LeaseLostError."""
    with desk.store.session(person.scope) as session:
        release_task(session, lease, reason=LEFT)


def _confirm(desk: Desk, person: Person, field: str, lease: Lease) -> None:
    with desk.store.session(person.scope) as session:
        task = hold_task(session, lease)
        document = session.get_one(Document, task.document_id, with_for_update=True)
        definition = load_definition(session, document.definition_id)
        left = _write(session, document, task, definition, field, person)
        if left:
            task.reasons = left
            release_task(session, lease, reason=LEFT)
        receipt_id = document.receipt_id
    acknowledge(desk, receipt_id)


def _write(
    session: Session, document: Document, task: ReviewTask, definition: Definition, field: str, person: Person
) -> list[str]:
    """A version with the field confirmed. Returns why a person is still asked; with nothing left the document goes on."""
    before = load_extraction(session, document.id, document.version)
    old = _value(before, field)
    if before is None or old is None:
        raise LeaseLostError(f"{document.id} has no {field} any more")
    broken = {finding.rule for finding in load_findings(session, document.id, document.version)}
    new = old.model_copy(update={"source": "person", "probability": 1.0})
    values = [new if value.address == old.address else value for value in before.values]
    extraction = before.model_copy(update={"values": values})
    judgement = judge(session, document, extraction, definition)
    save_version(session, document, extraction, judgement.findings)
    add_correction(session, document, old, new, task_id=task.id, by=person.name, reason=CONFIRMED)
    document.touched = True
    errors = [finding.rule for finding in judgement.findings if finding.severity is Severity.ERROR]
    others = [reason for reason in task.reasons if reason != f"{DOUBT}{field}" and reason not in broken]
    left = list(dict.fromkeys([*others, *errors]))
    if not left:
        close_task(session, task, TaskState.DONE, by=person.name, result="confirmed")
        accept(session, document, extraction, definition)
    return left
