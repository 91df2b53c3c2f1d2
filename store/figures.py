"""What leads and ops look at first: how many documents stand where and why, the queues, the ledger's residual, alerts, flows.

Every count reads one index alone, so that a desk with a hundred thousand open tasks is counted in a fraction of a second. Times
are counted in slots of ten minutes, which is as fine as a forecast needs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, case, func, select, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement

from schemas.clock import now
from schemas.lifecycle import SEEDED_QUEUE, DocumentState, TaskState
from store.tables import Alert, Document, FlowMark, Receipt, Reconciliation, ReviewTask
from store.tables.reviews import OPEN


@dataclass(frozen=True)
class StateCount:
    """How many documents are in a state for one reason."""

    state: str
    reason: str | None
    count: int


@dataclass(frozen=True)
class Slot:
    """Tasks of one queue that press within the same ten minutes and are due within the same ten minutes (`due` begins them)."""

    queue: str
    due: dt.datetime
    count: int
    leased: int
    urgent: int
    late: int
    first_due: dt.datetime
    oldest: dt.datetime


@dataclass(frozen=True)
class Work:
    """What one person finished in one queue: tasks, mean seconds a task (None: not measured), and when last."""

    queue: str
    person: str
    tasks: int
    seconds: float | None
    last_at: dt.datetime


@dataclass(frozen=True)
class Passed:
    """Documents that came in or left within one slot; `touched`: those of them that a person changed or confirmed."""

    at: dt.datetime
    count: int
    touched: int


@dataclass(frozen=True)
class Failure:
    """A document that used up its attempts."""

    id: str
    client_id: str
    name: str
    error: str | None
    received_at: dt.datetime


@dataclass(frozen=True)
class LedgerStanding:
    """The last reconciliation."""

    at: dt.datetime
    residual: int


class _SlotOf(FunctionElement[str]):
    """The slot in which an instant lies: on PostgreSQL its beginning, on SQLite the beginning of the text that is kept."""

    type = String()
    inherit_cache = True


@compiles(_SlotOf, "sqlite")
def _on_sqlite(element: _SlotOf, compiler: Any, **options: Any) -> str:
    return f"substr({compiler.process(element.clauses, **options)}, 1, 15)"


@compiles(_SlotOf, "postgresql")
def _on_postgresql(element: _SlotOf, compiler: Any, **options: Any) -> str:
    return f"date_bin('10 minutes', {compiler.process(element.clauses, **options)}, TIMESTAMPTZ '2000-01-01 00:00+00')"


def _instant(slot: Any) -> dt.datetime:
    """What a database gives for a slot: an instant, or its text up to the tens of minutes."""
    return slot.astimezone(dt.UTC) if isinstance(slot, dt.datetime) else dt.datetime.fromisoformat(f"{slot}0:00+00:00")


def documents_by_state(session: Session) -> dict[str, int]:
    """How many documents are in each state; states without documents are 0."""
    counts = {state.value: 0 for state in DocumentState}
    for each in documents_by_reason(session):
        counts[each.state] += each.count
    return counts


def documents_by_reason(session: Session) -> list[StateCount]:
    """How many documents are in each state for each reason, most first."""
    rows = session.execute(
        select(Document.state, Document.reason, func.count()).group_by(Document.state, Document.reason)
    )
    return sorted((StateCount(*row) for row in rows), key=lambda each: -each.count)


def receipts_by_state(session: Session) -> dict[str, int]:
    """How many byte streams are in each state; states without any are left out."""
    rows = session.execute(select(Receipt.state, func.count()).group_by(Receipt.state).order_by(Receipt.state))
    return {str(row[0]): row[1] for row in rows}


def receipts_total(session: Session) -> int:
    """How many byte streams ever arrived."""
    return session.scalar(select(func.count()).select_from(Receipt)) or 0


def task_slots(session: Session) -> list[Slot]:
    """What waits or is worked on, queue by queue in the order in which it presses."""
    pressing, due = _SlotOf(ReviewTask.press_at), _SlotOf(ReviewTask.due_at)
    rows = session.execute(
        select(
            ReviewTask.queue,
            due,
            func.count(),
            func.sum(case((ReviewTask.state == TaskState.LEASED, 1), else_=0)),
            func.sum(case((ReviewTask.urgent.is_(True), 1), else_=0)),
            func.sum(case((ReviewTask.due_at < now(), 1), else_=0)),
            func.min(ReviewTask.due_at),
            func.min(ReviewTask.created_at),
        )
        .where(text(OPEN), ReviewTask.queue != SEEDED_QUEUE)  # the first word for word, as the index says it
        .group_by(ReviewTask.queue, pressing, due)
        .order_by(ReviewTask.queue, pressing, due)
    )
    return [Slot(queue, _instant(slot), *rest) for queue, slot, *rest in rows]


def work_since(session: Session, since: dt.datetime) -> list[Work]:
    """What people finished since then."""
    rows = session.execute(
        select(
            ReviewTask.queue,
            ReviewTask.done_by,
            func.count(),
            func.avg(ReviewTask.seconds),
            func.max(ReviewTask.done_at),
        )
        .where(ReviewTask.done_at >= since, ReviewTask.done_by.is_not(None), ReviewTask.queue != SEEDED_QUEUE)
        .group_by(ReviewTask.queue, ReviewTask.done_by)
    )
    return [Work(*row) for row in rows]


def holders(session: Session) -> list[tuple[str, str]]:
    """Queue and person of every task that is in hands now."""
    rows = session.execute(
        select(ReviewTask.queue, ReviewTask.lease_owner)
        .where(
            ReviewTask.lease_owner.is_not(None),
            ReviewTask.lease_expires_at >= now(),
            ReviewTask.queue != SEEDED_QUEUE,
        )
        .distinct()
    )
    return [(queue, owner or "") for queue, owner in rows]


def received_since(session: Session, since: dt.datetime) -> list[Passed]:
    """Documents that came in since then."""
    slot = _SlotOf(Document.received_at)
    rows = session.execute(select(slot, func.count()).where(Document.received_at >= since).group_by(slot))
    return [Passed(_instant(at), count, 0) for at, count in rows]


def delivered_since(session: Session, since: dt.datetime) -> list[Passed]:
    """Documents that left since then."""
    slot, touched = _SlotOf(Document.delivered_at), func.sum(case((Document.touched.is_(True), 1), else_=0))
    rows = session.execute(select(slot, func.count(), touched).where(Document.delivered_at >= since).group_by(slot))
    return [Passed(_instant(at), count, by_hand) for at, count, by_hand in rows]


def newest_failures(session: Session, *, limit: int) -> list[Failure]:
    """What failed last."""
    rows = session.execute(
        select(Document.id, Document.client_id, Document.name, Document.error, Document.received_at)
        .where(Document.state == DocumentState.FAILED)
        .order_by(Document.id.desc())
        .limit(limit)
    )
    return [Failure(*row) for row in rows]


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
