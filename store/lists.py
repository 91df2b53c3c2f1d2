"""Lists for pages, newest first and paged by key, so that the last page is as fast as the first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from store.tables import Audit, Client, Document, ProcessDefinition

Row = TypeVar("Row")


@dataclass(frozen=True)
class DocumentFilter:
    """What the list shows; empty: everything. `text` is a part of the number or the file name, or a document's id."""

    client_id: str = ""
    state: str = ""
    text: str = ""


@dataclass(frozen=True)
class DocumentRow:
    """One line of the documents list."""

    id: str
    client_id: str
    process: str
    name: str
    number: str | None
    document_type: str | None
    state: str
    reason: str | None
    received_at: dt.datetime
    due_at: dt.datetime
    gross_total: Decimal | None
    currency: str | None


@dataclass(frozen=True)
class Listing(Generic[Row]):
    """One page of a list; `before` is the key of the next page, None on the last one."""

    rows: Sequence[Row]
    before: str | None


def list_documents(session: Session, wanted: DocumentFilter, *, before: str | None, limit: int) -> Listing[DocumentRow]:
    """Documents that fit the filter, after the key of the page before."""
    statement = select(
        Document.id,
        Document.client_id,
        Document.process,
        Document.name,
        Document.number,
        Document.document_type,
        Document.state,
        Document.reason,
        Document.received_at,
        Document.due_at,
        Document.gross_total,
        Document.currency,
    )
    if before:
        statement = statement.where(Document.id < before)
    statement = _matching(statement, wanted).order_by(Document.id.desc()).limit(limit + 1)
    rows = [DocumentRow(*row) for row in session.execute(statement)]
    return Listing(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)


def _matching(statement: Select[Any], wanted: DocumentFilter) -> Select[Any]:
    if wanted.client_id:
        statement = statement.where(Document.client_id == wanted.client_id)
    if wanted.state:
        statement = statement.where(Document.state == wanted.state)
    if wanted.text:
        statement = statement.where(
            or_(
                Document.id == wanted.text,
                Document.number.icontains(wanted.text, autoescape=True),
                Document.name.icontains(wanted.text, autoescape=True),
            )
        )
    return statement


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
