"""Looks: who has seen values of which document. Written once a person and document; blind work is given to nobody of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, exists, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Session

from schemas.clock import now
from store.columns import UtcInstant
from store.tables import Document, Look


def not_looked_at(session: Session, person: str, document_ids: Collection[str]) -> Sequence[str]:
    """Those of the documents of which the person has seen no value yet."""
    seen = exists().where(Look.document_id == Document.id, Look.person == person)
    return session.scalars(select(Document.id).where(Document.id.in_(document_ids), ~seen)).all()


def note_looks(session: Session, person: str, document_ids: Collection[str]) -> None:
    """The person sees values of these documents."""
    dialect = session.get_bind().dialect.name
    into = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(Look)
    these = select(Document.id, literal(person), Document.client_id, literal(now(), UtcInstant()))
    statement = into.from_select(
        ["document_id", "person", "client_id", "at"], these.where(Document.id.in_(document_ids))
    )
    session.execute(statement.on_conflict_do_nothing())


def looked_at(person: str, document_id: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """The condition: the person has seen values of the row's document."""
    return exists().where(Look.document_id == document_id, Look.person == person)
