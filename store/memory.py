"""Supplier memory as rows: what corrections taught about a supplier, and every change of it in the trail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from schemas.clock import now
from schemas.ids import new_id
from schemas.learning import RememberedSupplier
from store.events import record
from store.tables import Event, SupplierMemory

LEARNED = "supplier.learned"  # subject: the document that taught


def memories(
    session: Session, client_id: str, document_types: Sequence[str], *, lock: bool = False
) -> Sequence[SupplierMemory]:
    """A client's remembered suppliers; `lock` keeps them for this transaction, for whoever adds to them."""
    query = (
        select(SupplierMemory)
        .where(SupplierMemory.client_id == client_id, SupplierMemory.document_type.in_(document_types))
        .order_by(SupplierMemory.id)
    )
    return session.scalars(query.with_for_update() if lock else query).all()


def memory_version(session: Session, client_id: str, document_types: Sequence[str]) -> tuple[int, dt.datetime | None]:
    """How many suppliers are remembered and when that last changed: the same where nothing did."""
    count, changed = session.execute(
        select(func.count(), func.max(SupplierMemory.updated_at)).where(
            SupplierMemory.client_id == client_id, SupplierMemory.document_type.in_(document_types)
        )
    ).one()
    return count, changed


def memories_seen(session: Session, *, client_id: str | None = None) -> Sequence[SupplierMemory]:
    """The remembered suppliers that this session may see, by name."""
    query = select(SupplierMemory)
    if client_id is not None:
        query = query.where(SupplierMemory.client_id == client_id)
    return session.scalars(query.order_by(SupplierMemory.client_id, SupplierMemory.name, SupplierMemory.id)).all()


def has_taught(session: Session, client_id: str, document_id: str) -> bool:
    """Whether a document is in the memory already: each teaches once."""
    query = select(Event.seq).where(Event.client_id == client_id, Event.subject == document_id, Event.kind == LEARNED)
    return session.scalars(query.limit(1)).one_or_none() is not None


def find_memory(session: Session, client_id: str, document_type: str, key: str) -> SupplierMemory | None:
    """One supplier's row."""
    return session.scalars(
        select(SupplierMemory).where(
            SupplierMemory.client_id == client_id,
            SupplierMemory.document_type == document_type,
            SupplierMemory.key == key,
        )
    ).one_or_none()


def keep_lesson(
    session: Session, client_id: str, row: SupplierMemory | None, memory: RememberedSupplier, document_id: str
) -> SupplierMemory:
    """Keep what a document taught about its supplier, in its row or in a new one."""
    if row is None:
        row = SupplierMemory(id=new_id("sup"), client_id=client_id, document_type=memory.document_type, key=memory.key)
        session.add(row)
    write_memory(session, row, memory)
    record(session, client_id, LEARNED, document_id, supplier=row.id, documents=memory.documents)
    return row


def import_memory(session: Session, client_id: str, memory: RememberedSupplier) -> SupplierMemory:
    """Keep a supplier that the desk did not know, as a try on past documents learned it."""
    row = SupplierMemory(id=new_id("sup"), client_id=client_id, document_type=memory.document_type, key=memory.key)
    session.add(row)
    write_memory(session, row, memory)
    record(session, client_id, "supplier.imported", row.id, documents=memory.documents)
    return row


def write_memory(session: Session, row: SupplierMemory, memory: RememberedSupplier) -> None:
    """Replace what is known; the caller says in the trail what happened."""
    row.name, row.documents, row.memory = memory.name, memory.documents, memory.model_dump(mode="json")
    row.updated_at, row.updated_by = now(), session.info["scope"].actor


def note_edit(session: Session, row: SupplierMemory, *, field: str, what: str) -> None:
    """Say in the trail that a person changed what is known of a field; the values stay out of it."""
    record(session, row.client_id, "supplier.edited", row.id, field=field, what=what)


def forget(session: Session, row: SupplierMemory) -> None:
    """Take a supplier out of the memory."""
    record(session, row.client_id, "supplier.forgotten", row.id, documents=row.documents)
    session.delete(row)
