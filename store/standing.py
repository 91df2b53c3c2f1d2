"""Where things stand that alerts look at: last arrivals, due deliveries, overdue tasks."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from schemas.clock import now
from schemas.lifecycle import DeliveryState, DocumentState, TaskState
from store.tables import Delivery, Document, Receipt, ReviewTask, WebSession


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
    statement = select(func.count(ReviewTask.id)).where(ReviewTask.state == TaskState.OPEN, ReviewTask.due_at < now())
    return session.scalar(statement) or 0


def last_person_at(session: Session) -> dt.datetime | None:
    """When a signed-in person last asked the workbench for anything."""
    return session.scalar(select(func.max(WebSession.seen_at)))


def failed_documents(session: Session) -> int:
    """Documents that used up their attempts."""
    return session.scalar(select(func.count(Document.id)).where(Document.state == DocumentState.FAILED)) or 0
