"""Where things stand that alerts look at: last arrivals, due deliveries, overdue tasks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import case, func, select, type_coerce
from sqlalchemy.orm import Session

from schemas.calendar import Work
from schemas.clock import now
from schemas.lifecycle import SEEDED_QUEUE, TERMINAL, DeliveryState, DocumentState, TaskState
from store.columns import Money
from store.tables import Batch, Delivery, Document, Receipt, ReviewTask, WebSession


def last_receipt_at(session: Session, client_id: str, process: str) -> dt.datetime | None:
    """When something last came in for a process."""
    return session.scalar(
        select(func.max(Receipt.received_at)).where(Receipt.client_id == client_id, Receipt.process == process)
    )


def oldest_due_delivery(session: Session) -> dt.datetime | None:
    """Since when the oldest outbox entry has been due and not sent."""
    return session.scalar(
        select(func.min(Delivery.not_before)).where(
            Delivery.state.in_((DeliveryState.QUEUED, DeliveryState.SHIPPING)), Delivery.not_before <= now()
        )
    )


def overdue_tasks(session: Session) -> int:
    """Open review tasks past their due time."""
    statement = select(func.count(ReviewTask.id)).where(
        ReviewTask.state == TaskState.OPEN, ReviewTask.due_at < now(), ReviewTask.queue != SEEDED_QUEUE
    )
    return session.scalar(statement) or 0


def last_person_at(session: Session) -> dt.datetime | None:
    """When a signed-in person last asked the workbench for anything."""
    return session.scalar(select(func.max(WebSession.seen_at)))


def failed_documents(session: Session) -> int:
    """Documents that used up their attempts."""
    return session.scalar(select(func.count(Document.id)).where(Document.state == DocumentState.FAILED)) or 0


def incomplete_batches(session: Session, *, before: dt.datetime) -> Sequence[Batch]:
    """Batches that lack announced files and came before that time."""
    return session.scalars(
        select(Batch).where(Batch.closed_at.is_(None), Batch.received_at < before).order_by(Batch.id)
    ).all()


def open_works(
    session: Session, client_id: str, process: str, *, limit: int = 500
) -> list[tuple[dt.datetime, dt.datetime]]:
    """When the most pressing documents that have not ended were received and are due."""
    rows = session.execute(
        select(Document.received_at, Document.due_at)
        .where(
            Document.client_id == client_id,
            Document.process == process,
            Document.state.not_in((*TERMINAL, DocumentState.AWAITING_CLIENT)),
        )
        .order_by(Document.due_at)
        .limit(limit)
    )
    return [(received, due) for received, due in rows]


def works(session: Session) -> list[Work]:
    """Every document's due time and when it was delivered; those that ended in another way are not counted."""
    elsewhere = (DocumentState.REJECTED, DocumentState.WITHDRAWN, DocumentState.TRANSFERRED, DocumentState.QUARANTINED)
    rows = session.execute(select(Document.due_at, Document.delivered_at).where(Document.state.not_in(elsewhere)))
    return [Work(due, delivered) for due, delivered in rows]


def amount_differences(session: Session, *, since: dt.datetime) -> list[tuple[Batch, Decimal]]:
    """Batches whose documents are all accepted, and add up to another amount than their control sheet announced."""
    total = func.sum(Document.gross_total)
    accepted = case((Document.state.in_((DocumentState.READY, DocumentState.DELIVERED)), 1), else_=0)
    sums = (
        select(Document.batch_id, total.label("total"))
        .group_by(Document.batch_id)
        .having(func.count(Document.id) == func.sum(accepted))
        .subquery()
    )
    rows = session.execute(
        select(Batch, type_coerce(sums.c.total, Money()))
        .join(sums, sums.c.batch_id == Batch.id)
        .where(Batch.announced_amount.is_not(None), Batch.received_at >= since)
        .order_by(Batch.id)
    )
    return [(batch, amount) for batch, amount in rows if amount is not None and amount != batch.announced_amount]
