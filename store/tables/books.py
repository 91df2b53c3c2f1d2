"""The books: the audit trail, its heads, kept audits and reconciliations."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from store.tables.base import Base, Tenant


class Event(Base):
    """The audit trail: one chain per client (and one for the desk itself, ""), hash-linked, never changed."""

    __tablename__ = "events"
    __table_args__ = (Index("events_subject", "subject"), Index("events_kind", "kind"))

    client_id: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime]
    actor: Mapped[str]
    kind: Mapped[str]
    subject: Mapped[str]
    data: Mapped[str] = mapped_column(Text)  # canonical JSON: codes, ids, digests; never document text
    prev_hash: Mapped[str]
    hash: Mapped[str]


class ChainHead(Base):
    """The last event of each chain; locked last in a transaction."""

    __tablename__ = "chain_heads"

    client_id: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int]
    hash: Mapped[str]


class Audit(Tenant, Base):
    """A kept result of a Great Expectations suite over a lot or a delivered batch."""

    __tablename__ = "audits"

    id: Mapped[str] = mapped_column(primary_key=True)
    process: Mapped[str]
    document_type: Mapped[str]
    kind: Mapped[str]  # lot | shipment
    subject: Mapped[str]
    passed: Mapped[bool]
    documents: Mapped[int]
    result: Mapped[dict[str, Any]]
    created_at: Mapped[dt.datetime]


class Reconciliation(Base):
    """One kept run of the ledger: residual and offending ids."""

    __tablename__ = "reconciliations"
    __table_args__ = (CheckConstraint("residual >= 0"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[dt.datetime]
    residual: Mapped[int]
    result: Mapped[dict[str, Any]]
