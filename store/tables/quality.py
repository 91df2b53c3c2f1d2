"""Quality: lots, sampled values and the keys people made of them, certificates, seeded answers."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from schemas.quality import CertificateState, KeyPart, LotState, SampleState, Stream
from store.tables.base import Base, Tenant


class Lot(Tenant, Base):
    """Documents of one process that are accepted or refused together on a sample of their values."""

    __tablename__ = "lots"
    __table_args__ = (
        UniqueConstraint("client_id", "process", "number"),
        Index(
            "lots_collecting",
            "client_id",
            "process",
            unique=True,
            sqlite_where=text("state = 'collecting'"),
            postgresql_where=text("state = 'collecting'"),
        ),
        Index("lots_state", "state"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    process: Mapped[str]
    definition_id: Mapped[str] = mapped_column(ForeignKey("process_definitions.id"))
    number: Mapped[int]
    gate: Mapped[str]  # before_delivery | after_delivery
    state: Mapped[LotState] = mapped_column(String)
    severity: Mapped[str]  # of the switching rules when it was drawn; "two_point" where there are none
    plans: Mapped[dict[str, Any]]  # by class of field: the plan, once the lot is closed
    result: Mapped[dict[str, Any]]  # by class of field: inspected, wrong, accepted
    documents: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[dt.datetime]
    closes_at: Mapped[dt.datetime]
    closed_at: Mapped[dt.datetime | None]
    decided_at: Mapped[dt.datetime | None]
    decided_by: Mapped[str | None]
    reason: Mapped[str | None]


class LotDocument(Tenant, Base):
    """A document's version in its lot."""

    __tablename__ = "lot_documents"

    lot_id: Mapped[str] = mapped_column(ForeignKey("lots.id"), primary_key=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    version: Mapped[int]


class Sample(Tenant, Base):
    """One value of one version of a document, drawn to be keyed blind. What was or will be delivered is frozen in it."""

    __tablename__ = "samples"
    __table_args__ = (
        Index("samples_lot", "lot_id"),
        Index("samples_document", "document_id"),
        Index("samples_task", "task_id"),
        Index("samples_receipt", "receipt_id"),
        Index("samples_stream", "client_id", "process", "document_type", "stream", "state"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    process: Mapped[str]
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"))
    version: Mapped[int]
    document_type: Mapped[str]
    stream: Mapped[Stream] = mapped_column(String)
    lot_id: Mapped[str | None] = mapped_column(ForeignKey("lots.id"))
    receipt_id: Mapped[str | None] = mapped_column(ForeignKey("receipts.id"))  # the file that a decision was about
    task_id: Mapped[str | None] = mapped_column(ForeignKey("review_tasks.id"))
    table_name: Mapped[str] = mapped_column(default="")
    row: Mapped[int] = mapped_column(default=0)
    name: Mapped[str]
    critical: Mapped[bool]
    value: Mapped[str] = mapped_column(Text)  # normalised, as delivered; never sent to who keys
    value_state: Mapped[str]
    probability: Mapped[float]
    untouched: Mapped[bool]  # the machine's own, no person changed or confirmed it
    extractor: Mapped[str]
    reader: Mapped[str]
    definition_id: Mapped[str] = mapped_column(ForeignKey("process_definitions.id"))
    state: Mapped[SampleState] = mapped_column(String)
    right: Mapped[bool | None]
    truth: Mapped[str | None] = mapped_column(Text)
    truth_state: Mapped[str | None]
    drawn_at: Mapped[dt.datetime]
    decided_at: Mapped[dt.datetime | None]


class Key(Tenant, Base):
    """A person's part in a sampled value. One person has one part: who worked on it cannot key it, who keyed it cannot decide.

    The primary key and the index hold that, whatever the program does.
    """

    __tablename__ = "keys"
    __table_args__ = (
        Index(
            "keys_part",
            "sample_id",
            "part",
            unique=True,
            sqlite_where=text("part <> 'worked'"),
            postgresql_where=text("part <> 'worked'"),
        ),
        Index("keys_person", "person", "at"),
    )

    sample_id: Mapped[str] = mapped_column(ForeignKey("samples.id"), primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True)
    part: Mapped[KeyPart] = mapped_column(String)
    text: Mapped[str] = mapped_column(Text, default="")
    value_state: Mapped[str] = mapped_column(default="present")
    seconds: Mapped[float | None]
    at: Mapped[dt.datetime]


class Look(Tenant, Base):
    """Who has seen values of a document: they are given no blind work on it any more."""

    __tablename__ = "looks"

    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime]


class Certificate(Tenant, Base):
    """A threshold with a proven bound on the error of what it lets through, for one model, reader and definition."""

    __tablename__ = "certificates"
    __table_args__ = (Index("certificates_subject", "client_id", "process", "document_type", "group", "ended_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    process: Mapped[str]
    document_type: Mapped[str]
    group: Mapped[str]  # a field's name, "*" for all header fields together, "document"
    extractor: Mapped[str]
    reader: Mapped[str]
    definition_id: Mapped[str] = mapped_column(ForeignKey("process_definitions.id"))
    state: Mapped[CertificateState] = mapped_column(String)
    target: Mapped[float]  # the promised share of wrong values, at most
    delta: Mapped[float]  # the chance that the promise is broken, at most
    threshold: Mapped[float | None]
    audits: Mapped[int]
    accepted: Mapped[int]
    wrong: Mapped[int]
    bound: Mapped[float | None]  # exact upper bound of the error above the threshold
    coverage: Mapped[float | None]  # share of audited values above the threshold
    needed: Mapped[int | None]  # expected audits still missing
    monitor: Mapped[dict[str, Any]]  # the state of the e-CUSUM
    good_until: Mapped[dt.datetime | None]  # the last audit that was right before a revocation
    issued_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    reason: Mapped[str | None]


class Seed(Tenant, Base):
    """A copy of a known document with one value made wrong, put before a reviewer; outside ledger, SLA and billing."""

    __tablename__ = "seeds"
    __table_args__ = (Index("seeds_person", "person", "at"),)

    task_id: Mapped[str] = mapped_column(ForeignKey("review_tasks.id"), primary_key=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"))
    version: Mapped[int]
    table_name: Mapped[str] = mapped_column(default="")
    row: Mapped[int] = mapped_column(default=0)
    name: Mapped[str]
    planted: Mapped[str] = mapped_column(Text)  # the wrong value, or the right one where nothing was changed
    truth: Mapped[str] = mapped_column(Text)
    wrong: Mapped[bool]
    answered: Mapped[dict[str, Any] | None]  # the values as the person sent them
    person: Mapped[str | None]
    caught: Mapped[bool | None]
    seconds: Mapped[float | None]
    at: Mapped[dt.datetime | None]
