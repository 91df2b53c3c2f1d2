"""What people are asked, and what they changed or wrote."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from schemas.lifecycle import TaskKind, TaskState
from store.tables.base import Base, Leased, Tenant


class ReviewTask(Tenant, Leased, Base):
    """One piece of work for a person."""

    __tablename__ = "review_tasks"
    __table_args__ = (
        Index(
            "review_tasks_open",
            "client_id",
            "queue",
            "urgent",
            "due_at",
            "id",
            sqlite_where=text("state IN ('open', 'leased')"),
            postgresql_where=text("state IN ('open', 'leased')"),
        ),
        Index("review_tasks_document", "document_id"),
        CheckConstraint("not_by IS NULL OR lease_owner IS NULL OR lease_owner <> not_by", name="other_eyes_hold"),
        CheckConstraint("not_by IS NULL OR done_by IS NULL OR done_by <> not_by", name="other_eyes_finish"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"))
    kind: Mapped[TaskKind] = mapped_column(String)
    queue: Mapped[str]
    state: Mapped[TaskState] = mapped_column(String)
    urgent: Mapped[bool] = mapped_column(default=False)
    due_at: Mapped[dt.datetime]
    created_at: Mapped[dt.datetime]
    reasons: Mapped[list[Any]]  # why a person is asked: rule names and reason codes
    not_by: Mapped[str | None]  # the first pair of eyes, where a second is needed
    skipped_by: Mapped[str | None]  # who gave it back last, with a reason
    done_at: Mapped[dt.datetime | None]
    done_by: Mapped[str | None]
    result: Mapped[str | None]
    seconds: Mapped[float | None]


class Correction(Tenant, Base):
    """A person's change, or confirmation, of one value: who, when, old, new and why."""

    __tablename__ = "corrections"
    __table_args__ = (Index("corrections_document", "document_id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"))
    version: Mapped[int]
    task_id: Mapped[str | None]
    table_name: Mapped[str] = mapped_column(default="")
    row: Mapped[int] = mapped_column(default=0)
    name: Mapped[str]
    old: Mapped[str] = mapped_column(Text)
    new: Mapped[str] = mapped_column(Text)
    old_state: Mapped[str]
    new_state: Mapped[str]
    reason: Mapped[str | None]
    by: Mapped[str]
    at: Mapped[dt.datetime]


class Note(Tenant, Base):
    """What a person wrote about a document, for colleagues or, with a rejection, for the sender."""

    __tablename__ = "notes"

    id: Mapped[str] = mapped_column(primary_key=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    by: Mapped[str]
    at: Mapped[dt.datetime]
