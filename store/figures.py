"""What leads and ops look at first: how many documents stand where, the queues, the ledger's residual, alerts and flows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from schemas.clock import now
from schemas.lifecycle import DocumentState, TaskState
from store.tables import Alert, Document, FlowMark, Receipt, Reconciliation, ReviewTask


@dataclass(frozen=True)
class QueueStanding:
    """One queue: tasks open, in hands now, urgent and over their due time, and when the first one is due."""

    queue: str
    open: int
    leased: int
    urgent: int
    late: int
    first_due: dt.datetime


@dataclass(frozen=True)
class LedgerStanding:
    """The last reconciliation."""

    at: dt.datetime
    residual: int


def documents_by_state(session: Session) -> dict[str, int]:
    """How many documents are in each state; states without documents are 0."""
    counts = {state.value: 0 for state in DocumentState}
    for state, count in session.execute(select(Document.state, func.count()).group_by(Document.state)):
        counts[str(state)] = count
    return counts


def receipts_by_state(session: Session) -> dict[str, int]:
    """How many byte streams are in each state; states without any are left out."""
    rows = session.execute(select(Receipt.state, func.count()).group_by(Receipt.state).order_by(Receipt.state))
    return {str(row[0]): row[1] for row in rows}


def receipts_total(session: Session) -> int:
    """How many byte streams ever arrived."""
    return session.scalar(select(func.count()).select_from(Receipt)) or 0


def queue_standings(session: Session) -> list[QueueStanding]:
    """Every queue with work, by name."""
    leased = func.sum(case((ReviewTask.state == TaskState.LEASED, 1), else_=0))
    late = func.sum(case((ReviewTask.due_at < now(), 1), else_=0))
    urgent = func.sum(case((ReviewTask.urgent.is_(True), 1), else_=0))
    rows = session.execute(
        select(ReviewTask.queue, func.count() - leased, leased, urgent, late, func.min(ReviewTask.due_at))
        .where(ReviewTask.state.in_((TaskState.OPEN, TaskState.LEASED)))
        .group_by(ReviewTask.queue)
        .order_by(ReviewTask.queue)
    )
    return [QueueStanding(*row) for row in rows]


def tasks_waiting(session: Session, person: str, queues: Sequence[str]) -> int:
    """How many tasks this person could take now, their own included."""
    statement = (
        select(func.count())
        .select_from(ReviewTask)
        .where(
            (ReviewTask.state == TaskState.OPEN)
            | ((ReviewTask.state == TaskState.LEASED) & (ReviewTask.lease_owner == person))
            | ((ReviewTask.state == TaskState.LEASED) & (ReviewTask.lease_expires_at < now())),
            ReviewTask.not_by.is_(None) | (ReviewTask.not_by != person),
        )
    )
    if queues:
        statement = statement.where(ReviewTask.queue.in_(queues))
    return session.scalar(statement) or 0


def last_reconciliation(session: Session) -> LedgerStanding | None:
    """When the ledger was last closed, and by how much it was off; None before the first time."""
    row = session.execute(
        select(Reconciliation.at, Reconciliation.residual).order_by(Reconciliation.id.desc()).limit(1)
    ).one_or_none()
    return LedgerStanding(row.at, row.residual) if row else None


def open_alerts(session: Session) -> Sequence[Alert]:
    """Alerts whose cause is still there, newest first."""
    return session.scalars(select(Alert).where(Alert.cleared_at.is_(None)).order_by(Alert.id.desc())).all()


def flow_marks(session: Session) -> Sequence[FlowMark]:
    """When each flow last ran here."""
    return session.scalars(select(FlowMark).order_by(FlowMark.flow)).all()
