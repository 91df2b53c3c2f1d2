"""Ops may stop intake, work or delivery of one client, process or target, with a reason; the others go on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from schemas.clock import now
from schemas.ids import new_id
from store.events import record
from store.tables import Pause

What = Literal["intake", "work", "delivery"]


def pause(
    session: Session, what: What, client_id: str, *, process: str | None, target: str | None, reason: str, by: str
) -> Pause:
    """Stop one kind of work. It stays stopped until it is lifted."""
    row = Pause(
        id=new_id("pau"),
        what=what,
        client_id=client_id,
        process=process,
        target=target,
        reason=reason,
        by=by,
        at=now(),
    )
    session.add(row)
    record(session, client_id, "work.paused", row.id, what=what, process=process, target=target, by=by)
    return row


def lift(session: Session, pause_id: str, *, by: str) -> None:
    """Let it go on."""
    row = session.get_one(Pause, pause_id)
    if row.lifted_at is None:
        row.lifted_at, row.lifted_by = now(), by
        record(session, row.client_id, "work.resumed", row.id, what=row.what, by=by)


def active_pauses(session: Session) -> Sequence[Pause]:
    """What is stopped now."""
    return session.scalars(select(Pause).where(Pause.lifted_at.is_(None)).order_by(Pause.id)).all()


def pauses_seen(session: Session) -> Sequence[Pause]:
    """What is stopped now of the clients that this session may see."""
    allowed = session.info["scope"].client_ids
    return [each for each in active_pauses(session) if allowed is None or each.client_id in allowed]


def is_paused(session: Session, what: What, client_id: str, process: str, target: str | None = None) -> bool:
    """Whether this kind of work is stopped for this client, process and target."""
    return (
        session.scalars(
            select(Pause.id)
            .where(
                Pause.what == what,
                Pause.lifted_at.is_(None),
                Pause.client_id == client_id,
                or_(Pause.process.is_(None), Pause.process == process),
                or_(Pause.target.is_(None), Pause.target == target),
            )
            .limit(1)
        ).one_or_none()
        is not None
    )
