"""Reopen: a finished document comes back to a person, before it leaves or after; and a client takes a document back.

What has been delivered stays delivered: the correction is a new version, and its delivery says which one it supersedes.
"""

from __future__ import annotations

from schemas.errors import AccessDeniedError, NotFoundError
from schemas.lifecycle import DocumentState, TaskState
from store.database import Session
from store.outbox import cancel_deliveries
from store.queue import Lease
from store.review import add_note, last_done, open_tasks
from store.samples import void_samples
from store.tables import Document
from store.transitions import close_task, move_document
from tasks import seeds
from tasks.acknowledge import acknowledge
from tasks.back_to_review import check_finished, take_back
from tasks.desk import Desk
from tasks.look_alike import tried_with
from tasks.review import Person, lease_of, next_task

WITHDRAWN = "WITHDRAWN"


def reopen(desk: Desk, person: Person, document_id: str, note: str, *, anyones: bool) -> Lease | None:
    """Take a document that is ready or delivered back to its person, with the reason as a note; they hold its task at once.

    `anyones`: a lead may reopen what others did; reviewers only what they did last themselves.
    None where the person may not hold the task, as a second pair of eyes is needed. Whoever is tried with the document opens
    what they see, or is refused as with any document that looks so; the real one stays where it is.

    Raises:
        NotFoundError: no such document in scope. AccessDeniedError: somebody else did it last.
        IllegalTransitionError: it is on its way to the client now, or not finished at all.
    """
    with desk.store.session(person.scope) as session:
        document = _document(session, document_id)
        alike = tried_with(session, document.id, person.name)
        if alike is not None:
            check_finished(alike.document)
            return seeds.again(session, alike.task, alike.seed, person.name, lease=lease_of(desk))
        check_finished(document)
        if not anyones and last_done(session, document.id) != person.name:
            raise AccessDeniedError(f"{person.name} did not do {document.id}")
        task = take_back(session, document, note, by=person.name)
        task.pinned_to = person.name
    return next_task(desk, person, task_id=task.id)


def withdraw(desk: Desk, person: Person, document_id: str, note: str) -> None:
    """The client takes the document back: it ends, whoever worked on it, and nothing of it is delivered.

    Raises:
        NotFoundError: no such document in scope. IllegalTransitionError: it is on its way or delivered already.
    """
    with desk.store.session(person.scope) as session:
        document = _document(session, document_id)
        if document.state == DocumentState.READY:
            cancel_deliveries(session, document)
        for task in open_tasks(session, document.id):
            close_task(session, task, TaskState.CANCELLED, by=person.name, result="withdrawn")
        void_samples(session, document.id)
        move_document(session, document, DocumentState.WITHDRAWN, reason=WITHDRAWN)
        if note.strip():
            add_note(session, document, note, by=person.name)
        receipt_id = document.receipt_id
    acknowledge(desk, receipt_id)


def _document(session: Session, document_id: str) -> Document:
    document = session.get(Document, document_id, with_for_update=True)
    allowed = session.info["scope"].client_ids
    if document is None or (allowed is not None and document.client_id not in allowed):
        raise NotFoundError(document_id)
    return document
