"""Bulk: one action on many documents, each in a transaction of its own, so that one that cannot be changed stops no other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from schemas.errors import CleardeskError, IllegalTransitionError, NotFoundError
from schemas.lifecycle import TERMINAL, DocumentState
from store.database import Scope, Session
from store.definitions import load_definition
from store.events import record
from store.held import try_again
from store.review import free_task, open_tasks, pin_task, press_task
from store.tables import Document
from tasks.desk import Desk
from tasks.reprocess import send_back

MOST = 500  # documents of one action


class BulkAction(StrEnum):
    """What may be done to many documents at once."""

    RETRY = "retry"  # a fresh start for what failed or is held
    URGENT = "urgent"
    NOT_URGENT = "not_urgent"
    ASSIGN = "assign"  # the review task goes to one person, and to nobody else
    REPROCESS = "reprocess"  # read and extracted again, but for what people corrected
    RELEASE = "release"  # the review task goes back to the queue, out of hands and pins


@dataclass(frozen=True)
class BulkResult:
    """What became of one document; `problem` is an error code, or empty."""

    document_id: str
    name: str
    problem: str = ""


def act_on(
    desk: Desk, scope: Scope, action: BulkAction, document_ids: Sequence[str], *, person: str = ""
) -> list[BulkResult]:
    """Do it to each document, in the order given. `person`: to whom tasks are assigned."""
    return [_act_on_one(desk, scope, action, each, person) for each in document_ids[:MOST]]


def _act_on_one(desk: Desk, scope: Scope, action: BulkAction, document_id: str, person: str) -> BulkResult:
    name = ""
    try:
        with desk.store.session(scope) as session:
            document = _document(session, document_id)
            name = document.name
            _do(session, action, document, person)
    except CleardeskError as error:
        return BulkResult(document_id, name, error.code)
    return BulkResult(document_id, name)


def _do(session: Session, action: BulkAction, document: Document, person: str) -> None:
    match action:
        case BulkAction.RETRY:
            try_again(session, document, by=session.info["scope"].actor)
        case BulkAction.URGENT | BulkAction.NOT_URGENT:
            _press(session, document, urgent=action is BulkAction.URGENT)
        case BulkAction.REPROCESS:
            send_back(session, document, by=session.info["scope"].actor)
        case BulkAction.ASSIGN:
            _each_task(session, document, lambda task_id: pin_task(session, task_id, person))
        case BulkAction.RELEASE:
            _each_task(session, document, lambda task_id: free_task(session, task_id))


def _press(session: Session, document: Document, *, urgent: bool) -> None:
    """Raises IllegalTransitionError for a document that has ended."""
    if document.state in TERMINAL:
        raise IllegalTransitionError(f"{document.id} is {DocumentState(document.state)}")
    document.urgent = urgent
    record(session, document.client_id, "document.pressed", document.id, urgent=urgent)
    weight = load_definition(session, document.definition_id).process.sla.weight
    for task in open_tasks(session, document.id):
        press_task(session, task.id, urgent=urgent, weight=weight)


def _each_task(session: Session, document: Document, change: Callable[[str], object]) -> None:
    """Raises NotFoundError where nobody is asked about the document."""
    tasks = open_tasks(session, document.id)
    if not tasks:
        raise NotFoundError(document.id)
    for task in tasks:
        change(task.id)


def _document(session: Session, document_id: str) -> Document:
    """Raises NotFoundError for one that is not there, or not in scope."""
    document = session.get(Document, document_id, with_for_update=True)
    allowed = session.info["scope"].client_ids
    if document is None or (allowed is not None and document.client_id not in allowed):
        raise NotFoundError(document_id)
    return document
