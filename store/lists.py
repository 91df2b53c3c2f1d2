"""Lists for pages, newest first and paged by key, so that the last page is as fast as the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.tables import Audit, Client, Document, ProcessDefinition

Row = TypeVar("Row")


@dataclass(frozen=True)
class Listing(Generic[Row]):
    """One page of a list; `before` is the key of the next page, None on the last one."""

    rows: Sequence[Row]
    before: str | None


def list_audits(session: Session, *, before: str | None, limit: int) -> Listing[Audit]:
    """Kept audits of lots and shipments."""
    statement = select(Audit).order_by(Audit.id.desc()).limit(limit + 1)
    if before:
        statement = statement.where(Audit.id < before)
    rows = session.scalars(statement).all()
    return Listing(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)


def find_audit(session: Session, audit_id: str) -> Audit | None:
    """One audit, None where there is none for these clients."""
    return session.scalars(select(Audit).where(Audit.id == audit_id)).one_or_none()


def clients_seen(session: Session) -> list[tuple[str, str]]:
    """Id and name of the clients whose rows this session may see, by name."""
    statement = select(Client.id, Client.name).order_by(Client.name)
    allowed = session.info["scope"].client_ids
    if allowed is not None:
        statement = statement.where(Client.id.in_(allowed))
    return [(client_id, name) for client_id, name in session.execute(statement)]


def processes_seen(session: Session) -> list[tuple[str, str]]:
    """Client and name of every process that this session may see."""
    statement = select(ProcessDefinition.client_id, ProcessDefinition.process).distinct()
    return sorted((client_id, process) for client_id, process in session.execute(statement))


def document_with_number(session: Session, client_id: str, number: str) -> str | None:
    """The client's newest document that has this printed number."""
    return session.scalar(
        select(Document.id)
        .where(Document.client_id == client_id, Document.number == number.strip())
        .order_by(Document.id.desc())
        .limit(1)
    )
