"""What goes out: outbox entries and shipments."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from schemas.lifecycle import DeliveryState, ShipmentState
from store.tables.base import Base, Leased, Tenant


class Delivery(Tenant, Base):
    """One outbox entry, document x target. The payload is frozen when the document becomes ready."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("document_id", "version", "target"),
        Index("deliveries_state", "state", "client_id"),
        Index("deliveries_shipment", "shipment_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"))
    process: Mapped[str]
    version: Mapped[int]
    target: Mapped[str]
    state: Mapped[DeliveryState] = mapped_column(String)
    payload: Mapped[str] = mapped_column(Text)  # canonical JSON
    payload_sha256: Mapped[str]
    pages: Mapped[int]
    amount: Mapped[Decimal | None]
    currency: Mapped[str | None]
    batch_id: Mapped[str | None]
    lot_id: Mapped[str | None]  # it waits for this lot's verdict
    shipment_id: Mapped[str | None] = mapped_column(ForeignKey("shipments.id"))
    supersedes: Mapped[str | None]
    queued_at: Mapped[dt.datetime]
    not_before: Mapped[dt.datetime]
    sent_at: Mapped[dt.datetime | None]


class Shipment(Tenant, Leased, Base):
    """Documents that leave together to one target: the files, their hashes, and a number without gaps."""

    __tablename__ = "shipments"
    __table_args__ = (
        UniqueConstraint("client_id", "process", "target", "number"),
        Index("shipments_state", "state"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    process: Mapped[str]
    target: Mapped[str]
    number: Mapped[int]
    definition_id: Mapped[str] = mapped_column(ForeignKey("process_definitions.id"))
    state: Mapped[ShipmentState] = mapped_column(String)
    files: Mapped[list[Any]] = mapped_column(default=list)  # [{name, temp, sha256, size}], manifest last
    documents: Mapped[int]
    pages: Mapped[int]
    created_at: Mapped[dt.datetime]
    sent_at: Mapped[dt.datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
