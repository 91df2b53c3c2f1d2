"""What waits for a decision of ops: files held as duplicates or locked, batches repeated or incomplete, failed documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from schemas.lifecycle import DocumentState, ReceiptState, TaskKind, TaskState
from store.tables import Batch, Document, Receipt, ReviewTask
from store.transitions import close_task, move_document

MOST = 200


@dataclass(frozen=True)
class Held:
    """The decisions that are open, oldest first, at most 200 of a kind; a repeated batch's files stand in none of the others."""

    repeated: Sequence[Batch]
    incomplete: Sequence[Batch]
    receipts: Sequence[Receipt]
    documents: Sequence[Document]


def held(session: Session) -> Held:
    """Everything that a decision would set going."""
    repeated = session.scalars(
        select(Batch).where(Batch.repeat_of.is_not(None), Batch.decision.is_(None)).order_by(Batch.id).limit(MOST)
    ).all()
    waiting = [batch.id for batch in repeated]
    return Held(
        repeated=repeated,
        incomplete=session.scalars(select(Batch).where(Batch.closed_at.is_(None)).order_by(Batch.id).limit(MOST)).all(),
        receipts=session.scalars(
            select(Receipt)
            .where(
                Receipt.state.in_((ReceiptState.HELD, ReceiptState.FAILED)),
                Receipt.batch_id.is_(None) | Receipt.batch_id.not_in(waiting),
            )
            .order_by(Receipt.id)
            .limit(MOST)
        ).all(),
        documents=session.scalars(
            select(Document)
            .where(Document.state.in_((DocumentState.HELD, DocumentState.FAILED)))
            .order_by(Document.id)
            .limit(MOST)
        ).all(),
    )


def try_again(session: Session, document: Document, *, by: str) -> None:
    """Give a held or failed document a fresh start; an ops task that was open for it is done. Raises IllegalTransitionError."""
    move_document(session, document, DocumentState.RECEIVED)
    document.attempts, document.not_before, document.error = 0, None, None
    open_tasks = select(ReviewTask).where(
        ReviewTask.document_id == document.id,
        ReviewTask.kind == TaskKind.OPS,
        ReviewTask.state.in_((TaskState.OPEN, TaskState.LEASED)),
    )
    for task in session.scalars(open_tasks.with_for_update()):
        close_task(session, task, TaskState.DONE, by=by, result="tried again")
