"""What people are asked, and what they changed or wrote."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from schemas.lifecycle import BLIND_KINDS, TaskKind, TaskState
from store.tables.base import Base, Leased, Tenant

OPEN = "state IN ('open', 'leased')"  # done tasks, which are most, cost the indexes of the queue nothing
ANYONES = f"{OPEN} AND pinned_to IS NULL"
_BLIND_KINDS = ", ".join(f"'{kind.value}'" for kind in sorted(BLIND_KINDS))
BLIND = f"{OPEN} AND kind IN ({_BLIND_KINDS})"  # every list asks for the blind work of who looks at it
DOUBTED = f"{ANYONES} AND kind = '{TaskKind.EXCEPTION.value}'"  # what a group check looks at
FORECAST = ("queue", "press_at", "due_at", "client_id", "state", "urgent", "created_at")  # all that the desk page asks


def _index_where(condition: str, name: str, *columns: str) -> Index:
    """A partial index; queries use it only where they say its condition word for word (`store.claiming`)."""
    return Index(name, *columns, sqlite_where=text(condition), postgresql_where=text(condition))


class ReviewTask(Tenant, Leased, Base):
    """One piece of work for a person."""

    __tablename__ = "review_tasks"
    __table_args__ = (
        _index_where(ANYONES, "review_tasks_lane", "client_id", "queue", "skill", "press_at", "id"),
        _index_where(ANYONES, "review_tasks_run", "client_id", "supplier_key", "press_at", "id"),
        _index_where(OPEN, "review_tasks_open", "client_id", "queue", "due_at"),
        _index_where("pinned_to IS NOT NULL", "review_tasks_pinned", "pinned_to", "press_at", "id"),
        _index_where("lease_owner IS NOT NULL", "review_tasks_holder", "lease_owner"),
        _index_where(OPEN, "review_tasks_forecast", *FORECAST),
        _index_where(BLIND, "review_tasks_blind", "client_id", "document_id"),
        _index_where(DOUBTED, "review_tasks_doubted", "press_at"),
        Index("review_tasks_document", "document_id"),
        Index("review_tasks_finished", "done_at", "queue", "done_by", "seconds", "client_id"),
        Index("review_tasks_done", "done_by", "done_at"),
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
    press_at: Mapped[dt.datetime]  # when it should be begun at the latest: the order of the queue (`store.pressing`)
    supplier_key: Mapped[str | None]  # tasks of one client and supplier are done in runs
    skill: Mapped[str] = mapped_column(default="")  # only who has it is given the task; "": anybody
    pinned_to: Mapped[str | None]  # a lead gave it to this person
    created_at: Mapped[dt.datetime]
    reasons: Mapped[list[Any]]  # why a person is asked: rule names and reason codes
    not_by: Mapped[str | None]  # the first pair of eyes, where a second is needed
    reserved: Mapped[bool] = mapped_column(default=False)  # leased ahead, while its holder works on another one
    done_at: Mapped[dt.datetime | None]
    done_by: Mapped[str | None]
    result: Mapped[str | None]
    seconds: Mapped[float | None]


class Skip(Tenant, Base):
    """Who gave a task back, why and how often: it comes to them last."""

    __tablename__ = "skips"

    task_id: Mapped[str] = mapped_column(ForeignKey("review_tasks.id"), primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    times: Mapped[int] = mapped_column(default=1)
    at: Mapped[dt.datetime]


class Draft(Tenant, Base):
    """What a person has typed so far in a task; it passes to the next holder, but never in blind work."""

    __tablename__ = "drafts"

    task_id: Mapped[str] = mapped_column(ForeignKey("review_tasks.id"), primary_key=True)
    document_type: Mapped[str]
    values: Mapped[list[Any]]  # typed values as the page sends them
    by: Mapped[str]
    at: Mapped[dt.datetime]


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


class Question(Tenant, Base):
    """What the client was asked about a document, and what came back; the SLA clock stands still in between."""

    __tablename__ = "questions"
    __table_args__ = (Index("questions_open", "client_id", "answered_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"), index=True)
    field: Mapped[str | None]
    text: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[str]
    asked_at: Mapped[dt.datetime]
    answer: Mapped[str | None] = mapped_column(Text)
    answered_by: Mapped[str | None]
    answered_at: Mapped[dt.datetime | None]


class Instruction(Tenant, Base):
    """How a field (or, with field "", the whole process) is keyed. A change is a new row; the newest counts."""

    __tablename__ = "instructions"
    __table_args__ = (Index("instructions_process", "client_id", "process", "field"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    process: Mapped[str]
    field: Mapped[str] = mapped_column(default="")
    text: Mapped[dict[str, Any]]  # by language
    picture_sha256: Mapped[str | None]  # a blob of the client
    by: Mapped[str]
    at: Mapped[dt.datetime]


class InstructionRead(Tenant, Base):
    """Who has confirmed which instruction: a changed one is confirmed before the next task."""

    __tablename__ = "instruction_reads"

    instruction_id: Mapped[str] = mapped_column(ForeignKey("instructions.id"), primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime]
