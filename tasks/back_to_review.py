"""Back to review: a finished document leaves the outbox, or its delivery stands until superseded, and a person is asked."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.errors import IllegalTransitionError
from schemas.lifecycle import DocumentState, TaskKind
from store.database import Session
from store.definitions import load_definition
from store.outbox import cancel_deliveries
from store.review import add_note
from store.tables import Document, ReviewTask
from store.transitions import move_document, open_task
from tasks.route import queue_of

REOPENED = "REOPENED"


def take_back(session: Session, document: Document, note: str, *, by: str, reason: str = REOPENED) -> ReviewTask:
    """The document leaves the outbox, or its delivery stands until a new version supersedes it; a person is asked.

    Raises:
        IllegalTransitionError: it is on its way to the client now, or not finished at all.
    """
    check_finished(document)
    if document.state == DocumentState.READY:
        cancel_deliveries(session, document)
    move_document(session, document, DocumentState.IN_REVIEW, reason=reason)
    if note.strip():
        add_note(session, document, note, by=by)
    return ask_person(session, document, [reason])


def check_finished(document: Document) -> None:
    """Raise IllegalTransitionError unless the document is ready or delivered."""
    if document.state not in (DocumentState.READY, DocumentState.DELIVERED):
        raise IllegalTransitionError(f"{document.id} is {document.state}: only what is ready or delivered is reopened")


def ask_person(session: Session, document: Document, reasons: Sequence[str]) -> ReviewTask:
    """Open an exception for a document in review, in the queue of its type."""
    process = load_definition(session, document.definition_id).process
    return open_task(
        session,
        document,
        TaskKind.EXCEPTION,
        queue_of(process, document.document_type),
        due_at=document.due_at,
        reasons=list(reasons),
    )
