"""Flow marks and alerts as rows."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from schemas.clock import now
from schemas.ids import new_id
from store.tables import Alert, FlowMark


def _mark(session: Session, flow: str) -> FlowMark:
    row = session.get(FlowMark, flow)
    if row is None:
        row = FlowMark(flow=flow)
        session.add(row)
    return row


def mark_start(session: Session, flow: str) -> None:
    """A run of this flow begins."""
    row = _mark(session, flow)
    row.started_at = row.beat_at = now()


def mark_beat(session: Session, flow: str) -> None:
    """The run is alive, and has just done a whole round well."""
    row = _mark(session, flow)
    row.beat_at, row.error = now(), None


def mark_end(session: Session, flow: str, error: str | None) -> None:
    """The run ended, well or with an error code."""
    row = _mark(session, flow)
    row.finished_at, row.error = now(), error


def flow_marks(session: Session) -> dict[str, FlowMark]:
    """The marks by flow name."""
    return {row.flow: row for row in session.scalars(select(FlowMark))}


def open_alerts(session: Session) -> Sequence[Alert]:
    """Alerts whose cause is still there, oldest first."""
    return session.scalars(select(Alert).where(Alert.cleared_at.is_(None)).order_by(Alert.id)).all()


def raise_alert(session: Session, cause: str, message: str, remedy: str) -> Alert:
    """Add an alert; the caller has seen that the cause has none open."""
    row = Alert(id=new_id("alr"), cause=cause, message=message, remedy=remedy, raised_at=now())
    session.add(row)
    return row


def clear_alert(alert: Alert) -> None:
    """The cause is gone."""
    alert.cleared_at = now()
