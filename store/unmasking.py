"""Who may see a document's bank details just now: its reviewer, and who asked to with a reason a short while ago."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from schemas.clock import now
from schemas.lifecycle import TaskState
from store.events import record
from store.review import add_note
from store.tables import Document, Event, ReviewTask, SupplierMemory

UNMASKED = "values.unmasked"
OPEN_FOR = dt.timedelta(minutes=15)


def note_unmasking(session: Session, document: Document, reason: str) -> None:
    """Open a document's masked values to this session's actor; the trail keeps who and when, the notes why."""
    add_note(session, document, reason, by=session.info["scope"].actor)
    record(session, document.client_id, UNMASKED, document.id)


def note_supplier_unmasking(session: Session, row: SupplierMemory, reason: str) -> None:
    """Open a supplier's masked values to this session's actor; the trail keeps who, when and why."""
    record(session, row.client_id, UNMASKED, row.id, reason=reason)


def sees_unmasked(session: Session, document: Document, person: str) -> bool:
    """Whether this person works on the document, or unmasked it a short while ago."""
    holds = select(ReviewTask.id).where(
        ReviewTask.document_id == document.id,
        ReviewTask.state == TaskState.LEASED,
        ReviewTask.lease_owner == person,
        ReviewTask.lease_expires_at > now(),
    )
    return session.execute(holds.limit(1)).first() is not None or has_unmasked(session, document, person)


def has_unmasked(session: Session, what: Document | SupplierMemory, person: str) -> bool:
    """Whether this person opened the masked values of a document, or of a supplier, a short while ago."""
    opened = select(Event.seq).where(
        Event.client_id == what.client_id,
        Event.subject == what.id,
        Event.kind == UNMASKED,
        Event.actor == person,
        Event.at > now() - OPEN_FOR,
    )
    return session.execute(opened.limit(1)).first() is not None
