"""What was learned from corrections: models and remembered suppliers."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from schemas.lifecycle import ModelState
from store.tables.base import Base, Tenant


class LearnedModel(Tenant, Base):
    """A model of one document type of a process, with its card; its files lie in the blob store under their hashes."""

    __tablename__ = "models"
    __table_args__ = (
        Index("models_newest", "client_id", "process", "document_type", "id"),
        Index(
            "models_champion",
            "client_id",
            "process",
            "document_type",
            unique=True,
            sqlite_where=text("state = 'champion'"),
            postgresql_where=text("state = 'champion'"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    process: Mapped[str]
    document_type: Mapped[str]
    name: Mapped[str]
    state: Mapped[ModelState] = mapped_column(String)
    card: Mapped[dict[str, Any]]  # schemas.learning.ModelCard
    files: Mapped[dict[str, Any]]  # name -> sha256
    sha256: Mapped[str]  # of `files` as canonical JSON: what the trail and the cache know the model by
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("models.id"))  # the champion that it was compared with
    learned_until: Mapped[dt.datetime]  # when the newest document that it knows was finished by a person
    made_at: Mapped[dt.datetime]
    promoted_at: Mapped[dt.datetime | None]
    promoted_by: Mapped[str | None]
    rolled_back_because: Mapped[str | None] = mapped_column(Text)  # in people's words


class SupplierMemory(Tenant, Base):
    """What is remembered of one supplier of a client, for one document type; all processes of the client share it."""

    __tablename__ = "supplier_memories"
    __table_args__ = (UniqueConstraint("client_id", "document_type", "key"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    document_type: Mapped[str]
    key: Mapped[str]
    name: Mapped[str]
    documents: Mapped[int]
    memory: Mapped[dict[str, Any]]  # schemas.learning.RememberedSupplier
    updated_at: Mapped[dt.datetime]
    updated_by: Mapped[str]
