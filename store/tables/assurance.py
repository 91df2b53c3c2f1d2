"""What grows around quality: courses, scorecards, claims and reports."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from store.tables.base import Base, Tenant


class Course(Tenant, Base):
    """Known documents on which people learn a process; passing it opens the skill."""

    __tablename__ = "courses"

    id: Mapped[str] = mapped_column(primary_key=True)
    process: Mapped[str]
    title: Mapped[str]
    skill: Mapped[str]
    pass_mark: Mapped[float]  # share of fields right in one run
    items: Mapped[list[Any]]  # [{document, version, truth: [values]}]
    created_by: Mapped[str]
    created_at: Mapped[dt.datetime]
    closed_at: Mapped[dt.datetime | None]


class CourseRun(Tenant, Base):
    """One person's way through a course: answers with what was right, and whether it was passed."""

    __tablename__ = "course_runs"
    __table_args__ = (Index("course_runs_person", "course_id", "person"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    course_id: Mapped[str] = mapped_column(ForeignKey("courses.id"))
    person: Mapped[str]
    answers: Mapped[list[Any]]  # by item: {field: [typed, right]}, seconds
    right: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[dt.datetime]
    finished_at: Mapped[dt.datetime | None]
    passed: Mapped[bool | None]


class Evaluation(Tenant, Base):
    """One evaluator's scorecard of one contact (call, mail or chat).

    The database holds that nobody evaluates a contact twice by one form: a re-score is another person's. A contact is drawn
    once, and a scorecard is superseded once.
    """

    __tablename__ = "evaluations"
    __table_args__ = (
        UniqueConstraint("document_id", "form", "evaluator"),
        UniqueConstraint("supersedes"),
        CheckConstraint("disputed_by <> evaluator", name="evaluations_disputed_by_others"),
        Index(
            "evaluations_drawn_once",
            "document_id",
            "form",
            unique=True,
            sqlite_where=text("calibration IS NULL AND supersedes IS NULL"),
            postgresql_where=text("calibration IS NULL AND supersedes IS NULL"),
        ),
        Index("evaluations_agent", "client_id", "process", "period", "agent"),
        Index("evaluations_open", "state", "client_id", "id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    process: Mapped[str]
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"))
    period: Mapped[str]  # the month of the contact: 2026-11
    form: Mapped[str]
    form_version: Mapped[str]  # sha256 of the form's YAML
    form_text: Mapped[str] = mapped_column(Text)
    agent: Mapped[str]
    team: Mapped[str]
    channel: Mapped[str]
    evaluator: Mapped[str | None]  # none: nobody has taken it yet
    calibration: Mapped[str | None]  # evaluators of one session score the same contact without seeing each other
    state: Mapped[str]  # open | draft | final | disputed | superseded
    answers: Mapped[dict[str, Any]]  # by item: {answer, note, place: {line, start, end}}
    score: Mapped[float | None]  # 0 to 1; none while a draft, or where nothing applied
    passed: Mapped[bool | None]
    auto_failed: Mapped[bool] = mapped_column(default=False)
    dispute: Mapped[str | None] = mapped_column(Text)
    disputed_by: Mapped[str | None]
    supersedes: Mapped[str | None]
    created_at: Mapped[dt.datetime]
    final_at: Mapped[dt.datetime | None]


class Claim(Tenant, Base):
    """What a client says is wrong with a delivered value, and our verdict."""

    __tablename__ = "claims"
    __table_args__ = (Index("claims_open", "client_id", "decided_at"), Index("claims_document", "document_id"))

    id: Mapped[str] = mapped_column(primary_key=True)
    process: Mapped[str]
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"))
    version: Mapped[int]
    table_name: Mapped[str] = mapped_column(default="")
    row: Mapped[int] = mapped_column(default=0)
    name: Mapped[str]
    delivered: Mapped[str] = mapped_column(Text)
    claimed: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, default="")
    raised_by: Mapped[str]
    raised_at: Mapped[dt.datetime]
    verdict: Mapped[str | None]  # our_error | unreadable | instruction | master_data | not_wrong
    verdict_note: Mapped[str | None] = mapped_column(Text)
    decided_by: Mapped[str | None]
    decided_at: Mapped[dt.datetime | None]
    corrected_version: Mapped[int | None]


class Report(Tenant, Base):
    """A period's report as it was written: never altered; a restatement is a new one that says what it supersedes."""

    __tablename__ = "reports"
    __table_args__ = (Index("reports_period", "client_id", "process", "audience", "period"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    process: Mapped[str]
    audience: Mapped[str]  # client | ops
    period: Mapped[str]  # 2026-11 | 2026-11-22
    data: Mapped[dict[str, Any]]
    sha256: Mapped[str]
    supersedes: Mapped[str | None]
    written_at: Mapped[dt.datetime]
