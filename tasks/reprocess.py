"""Reprocess: a document that has not left is read and extracted again, with the reader, the model and the memory of today.

What was found before stays in its history as versions. What a person corrected is not overwritten unless that is asked for.
"""

from __future__ import annotations

from schemas.errors import ConflictError, IllegalTransitionError, NotFoundError
from schemas.lifecycle import DocumentState, TaskState
from store.database import Scope, Session
from store.drafts import drop_draft
from store.events import record
from store.outbox import cancel_deliveries
from store.review import is_corrected, open_tasks
from store.samples import is_inspected, void_samples
from store.tables import Document
from store.transitions import close_task, move_document
from tasks.acknowledge import acknowledge
from tasks.desk import Desk

AGAIN = "read_again"
D = DocumentState
WAY_BACK = {  # the states on the way to being read again
    D.RECEIVED: (),
    D.IN_WORK: (D.RECEIVED,),
    D.FAILED: (D.RECEIVED,),
    D.IN_REVIEW: (D.IN_WORK, D.RECEIVED),
    D.READY: (D.IN_REVIEW, D.IN_WORK, D.RECEIVED),
}
REPROCESSABLE = (D.FAILED, D.IN_REVIEW, D.READY)


def reprocess(desk: Desk, scope: Scope, document_id: str, *, corrected_too: bool = False) -> None:
    """Send one document to be read and extracted again; `corrected_too`: even if people corrected it. Errors as `send_back`."""
    with desk.store.session(scope) as session:
        document = session.get(Document, document_id, with_for_update=True)
        if document is None or (scope.client_ids is not None and document.client_id not in scope.client_ids):
            raise NotFoundError(document_id)
        send_back(session, document, by=scope.actor, corrected_too=corrected_too)
        receipt_id = document.receipt_id
    acknowledge(desk, receipt_id)


def send_back(session: Session, document: Document, *, by: str, corrected_too: bool = False) -> None:
    """The document waits to be read again; what people were asked about it is not asked any more.

    Raises:
        IllegalTransitionError: it is being worked on, with the client, on its way out, has left or ended; or its lot is
            being inspected.
        ConflictError: somebody corrected it, and that is not to be overwritten.
    """
    if document.state not in REPROCESSABLE or document.delivered_at is not None:
        raise IllegalTransitionError(f"{document.id} is {document.state}: only what has not left is read again")
    if is_inspected(session, document.id):
        raise IllegalTransitionError(f"{document.id} is in a lot that is being inspected")
    if not corrected_too and is_corrected(session, document.id):
        raise ConflictError(f"somebody corrected {document.id}")
    for task in open_tasks(session, document.id):
        drop_draft(session, task.id)
        close_task(session, task, TaskState.CANCELLED, by=by, result=AGAIN)
    void_samples(session, document.id)
    record(session, document.client_id, "document.reprocessed", document.id, version=document.version)
    read_again(session, document)


def read_again(session: Session, document: Document) -> None:
    """Back into the queue. Raises IllegalTransitionError where the document is leaving."""
    if document.state == D.READY:
        cancel_deliveries(session, document)
    document.attempts, document.not_before, document.error = 0, None, None
    for state in WAY_BACK[D(document.state)]:
        move_document(session, document, state)
