"""What came in: batches and receipts."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from schemas.lifecycle import ReceiptState
from store.tables.base import Base, Leased, Tenant


class Batch(Tenant, Base):
    """Files that arrived together: a subfolder, or the files of one sweep."""

    __tablename__ = "batches"

    id: Mapped[str] = mapped_column(primary_key=True)
    process: Mapped[str]
    name: Mapped[str]
    received_at: Mapped[dt.datetime]
    closed_at: Mapped[dt.datetime | None]
    announced: Mapped[list[Any]] = mapped_column(default=list)  # control sheet lines: name, amount
    announced_count: Mapped[int | None]
    announced_amount: Mapped[Decimal | None]
    missing: Mapped[list[Any]] = mapped_column(default=list)  # announced names that did not come
    unannounced: Mapped[list[Any]] = mapped_column(default=list)
    repeat_of: Mapped[str | None]  # the batch whose bytes these are, every one
    decision: Mapped[str | None]  # of a repeated batch: accept | reject


class Receipt(Tenant, Leased, Base):
    """One byte stream that arrived, whatever it was."""

    __tablename__ = "receipts"
    __table_args__ = (
        Index("receipts_bytes", "client_id", "process", "sha256"),
        Index(
            "receipts_open",
            "urgent",
            "id",
            sqlite_where=text("state = 'received'"),
            postgresql_where=text("state = 'received'"),
        ),
        Index("receipts_state", "state", "client_id"),
        Index("receipts_batch", "batch_id"),
        Index("receipts_parent", "parent_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    process: Mapped[str]
    definition_id: Mapped[str] = mapped_column(ForeignKey("process_definitions.id"))
    batch_id: Mapped[str | None] = mapped_column(ForeignKey("batches.id"))
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("receipts.id"))
    depth: Mapped[int] = mapped_column(default=0)
    claim: Mapped[str] = mapped_column(unique=True)  # the claimed file's or archive member's name: taken once
    name: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int]
    media_type: Mapped[str | None]
    pages: Mapped[int | None]
    flags: Mapped[list[Any]] = mapped_column(default=list)
    state: Mapped[ReceiptState] = mapped_column(String)
    reason: Mapped[str | None]
    duplicate_of: Mapped[str | None]
    urgent: Mapped[bool] = mapped_column(default=False)
    received_at: Mapped[dt.datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[dt.datetime | None]
    error: Mapped[str | None]
