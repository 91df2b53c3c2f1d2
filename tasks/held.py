"""Held: what ops decide on, and carrying the decision out."""

from __future__ import annotations

from schemas.errors import NotFoundError
from store import held as rows
from store.database import Scope
from store.tables import Batch, Document, Receipt
from tasks.batches import close_incomplete, decide_batch, decide_receipt
from tasks.desk import Desk


def open_decisions(desk: Desk, scope: Scope) -> rows.Held:
    """What waits for a decision, of the clients in scope."""
    with desk.store.read(scope) as session:
        return rows.held(session)


def decide(desk: Desk, scope: Scope, subject: str, *, accept: bool) -> None:
    """Answer for a repeated batch, an incomplete batch or a held file, told apart by the id.

    Accepting works on it (an incomplete batch counts as complete without what is missing); not accepting rejects it.

    Raises:
        NotFoundError: nothing of that id waits, for the clients in scope.
    """
    with desk.store.read(scope) as session:
        batch = session.get(Batch, subject) if subject.startswith("bat_") else None
        receipt = session.get(Receipt, subject) if subject.startswith("rcp_") else None
        known = batch or receipt
        if known is None or (scope.client_ids is not None and known.client_id not in scope.client_ids):
            raise NotFoundError(subject)
    if batch is not None and batch.repeat_of is not None and batch.decision is None:
        decide_batch(desk, batch.id, accept=accept, by=scope)
    elif batch is not None:
        close_incomplete(desk, batch.id, by=scope)
    else:
        decide_receipt(desk, subject, accept=accept, by=scope)


def try_again(desk: Desk, scope: Scope, document_id: str) -> None:
    """A fresh start for a held or failed document.

    Raises:
        NotFoundError: there is none of that id for the clients in scope. IllegalTransitionError: it is neither.
    """
    with desk.store.session(scope) as session:
        document = session.get(Document, document_id, with_for_update=True)
        if document is None or (scope.client_ids is not None and document.client_id not in scope.client_ids):
            raise NotFoundError(document_id)
        rows.try_again(session, document, by=scope.actor)
