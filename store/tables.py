"""The tables. Every tenant's row carries `client_id`; states are text from `schemas.lifecycle`; ids are prefixed UUIDv7 text."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from schemas.lifecycle import DeliveryState, DocumentState, ReceiptState, ShipmentState, TaskKind, TaskState
from store.columns import Money, UtcInstant


class Base(DeclarativeBase):
    """Base of all tables; python types decide column types in one place."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {
        dt.datetime: UtcInstant(),
        Decimal: Money(),
        str: String(),
        dict[str, Any]: JSON(),
        list[Any]: JSON(),
    }


class Tenant:
    """A row that belongs to one client; `store.session` filters on it."""

    client_id: Mapped[str] = mapped_column(ForeignKey("clients.id"), index=True)


class Leased:
    """A row that is worked on under a lease: owner, expiry, and an epoch that every later write must match."""

    lease_owner: Mapped[str | None]
    lease_expires_at: Mapped[dt.datetime | None]
    lease_epoch: Mapped[int] = mapped_column(default=0)


class Client(Base):
    """Who we work for."""

    __tablename__ = "clients"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    yaml: Mapped[str] = mapped_column(Text)
    created_at: Mapped[dt.datetime]


class ProcessDefinition(Tenant, Base):
    """One version of a process definition, with the master data that came with it; never changed, only followed by another."""

    __tablename__ = "process_definitions"
    __table_args__ = (UniqueConstraint("client_id", "process", "number"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    process: Mapped[str]
    number: Mapped[int]
    sha256: Mapped[str]
    yaml: Mapped[str] = mapped_column(Text)
    master_data: Mapped[dict[str, Any]]  # name -> list of rows
    created_at: Mapped[dt.datetime]


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


class Document(Tenant, Leased, Base):
    """One business document and where it stands."""

    __tablename__ = "documents"
    __table_args__ = (
        Index(
            "documents_claimable",
            "client_id",
            "urgent",
            "due_at",
            "id",
            sqlite_where=text("state IN ('received', 'in_work')"),
            postgresql_where=text("state IN ('received', 'in_work')"),
        ),
        Index("documents_state", "client_id", "state", "id"),
        Index("documents_newest", "client_id", "id"),
        Index("documents_supplier", "client_id", "supplier_key"),
        Index("documents_receipt", "receipt_id"),
        Index("documents_batch", "batch_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    process: Mapped[str]
    definition_id: Mapped[str] = mapped_column(ForeignKey("process_definitions.id"))
    receipt_id: Mapped[str] = mapped_column(ForeignKey("receipts.id"))
    batch_id: Mapped[str | None] = mapped_column(ForeignKey("batches.id"))
    name: Mapped[str]
    sha256: Mapped[str]
    media_type: Mapped[str]
    state: Mapped[DocumentState] = mapped_column(String)
    reason: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=0)
    document_type: Mapped[str | None]
    language: Mapped[str | None]
    reader: Mapped[str | None]
    page_count: Mapped[int | None]
    urgent: Mapped[bool] = mapped_column(default=False)
    touched: Mapped[bool] = mapped_column(default=False)  # a person changed or confirmed something
    received_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime]
    ready_at: Mapped[dt.datetime | None]
    delivered_at: Mapped[dt.datetime | None]
    clock_stops: Mapped[list[Any]] = mapped_column(
        default=list
    )  # [[from, to|null], …] ISO, while the client owes an answer
    supplier_number: Mapped[str | None]
    supplier_key: Mapped[str | None]
    number: Mapped[str | None]  # the printed number, for lists and search
    gross_total: Mapped[Decimal | None]
    currency: Mapped[str | None]
    duplicate_of: Mapped[str | None]
    reading_seconds: Mapped[float | None]
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[dt.datetime | None]
    error: Mapped[str | None]


class BusinessKey(Tenant, Base):
    """What a document is recognised by when the same business comes again (see `validations.business_key`)."""

    __tablename__ = "business_keys"
    __table_args__ = (Index("business_keys_key", "client_id", "key"),)

    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)


class Page(Tenant, Base):
    """One page of a document as read; `dropped` says why a page (blank, separator) is not part of the data."""

    __tablename__ = "pages"

    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    width: Mapped[float]
    height: Mapped[float]
    rotation: Mapped[int]
    skew: Mapped[float]
    source: Mapped[str]
    quality: Mapped[float]
    notes: Mapped[list[Any]]
    dropped: Mapped[str | None]


class FieldValue(Tenant, Base):
    """One value of one version of a document. Header fields: `table_name` "" and row 0."""

    __tablename__ = "field_values"

    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    table_name: Mapped[str] = mapped_column(primary_key=True, default="")
    row: Mapped[int] = mapped_column(primary_key=True, default=0)
    name: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    raw: Mapped[str] = mapped_column(Text)
    page: Mapped[int | None]
    box: Mapped[list[Any] | None]
    source: Mapped[str]
    probability: Mapped[float]
    evidence: Mapped[list[Any]]


class ExtractionRun(Tenant, Base):
    """How a version's values came about: extractor, type, and the runners-up that a reviewer can pick from."""

    __tablename__ = "extractions"

    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    extractor: Mapped[str]
    reader: Mapped[str]
    document_type: Mapped[str]
    type_probability: Mapped[float]
    language: Mapped[str]
    candidates: Mapped[list[Any]]
    created_at: Mapped[dt.datetime]


class DocumentFinding(Tenant, Base):
    """A broken rule of one version of a document."""

    __tablename__ = "findings"
    __table_args__ = (Index("findings_rule", "client_id", "rule"),)

    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    rule: Mapped[str]
    severity: Mapped[str]
    fields: Mapped[list[Any]]  # [[name, table, row], …]
    parameters: Mapped[dict[str, Any]]


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


class User(Base):
    """A person or machine that signs in."""

    __tablename__ = "users"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    role: Mapped[str]
    client_ids: Mapped[list[Any]]  # empty: all clients, for staff roles only
    queues: Mapped[list[Any]]  # empty: all queues
    language: Mapped[str] = mapped_column(default="en")
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[dt.datetime]


class WebSession(Base):
    """A signed-in browser: the token is kept hashed."""

    __tablename__ = "web_sessions"

    token_sha256: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    csrf: Mapped[str]
    created_at: Mapped[dt.datetime]
    seen_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]


class SignInAttempt(Base):
    """Failed sign-ins, for the rate limit; kept for a day."""

    __tablename__ = "sign_in_attempts"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(index=True)
    address: Mapped[str] = mapped_column(index=True)
    at: Mapped[dt.datetime]


class Pause(Base):
    """Ops stopped intake, work or delivery of one client, process or target, with a reason."""

    __tablename__ = "pauses"

    id: Mapped[str] = mapped_column(primary_key=True)
    what: Mapped[str]  # intake | work | delivery
    client_id: Mapped[str]
    process: Mapped[str | None]
    target: Mapped[str | None]
    reason: Mapped[str]
    by: Mapped[str]
    at: Mapped[dt.datetime]
    lifted_at: Mapped[dt.datetime | None]
    lifted_by: Mapped[str | None]


class FlowMark(Base):
    """When each flow last ran here and how it ended: what our own alerts look at, whatever Prefect knows."""

    __tablename__ = "flow_marks"

    flow: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]
    beat_at: Mapped[dt.datetime | None]
    error: Mapped[str | None]


class Alert(Base):
    """Something ops must know: raised once per cause, cleared when the cause is gone."""

    __tablename__ = "alerts"
    __table_args__ = (Index("alerts_cause", "cause"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    cause: Mapped[str]
    message: Mapped[str] = mapped_column(Text)
    remedy: Mapped[str] = mapped_column(Text)
    raised_at: Mapped[dt.datetime]
    cleared_at: Mapped[dt.datetime | None]


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
