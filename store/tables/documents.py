"""Documents and what is known of each: pages, values, findings, keys."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from schemas.lifecycle import DocumentState
from store.tables.base import Base, Leased, Tenant


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
        Index("documents_supplier", "client_id", "supplier_key", "id"),  # newest first without a sort
        Index("documents_where", "state", "id"),
        Index("documents_why", "state", "reason", "client_id"),
        Index("documents_received", "received_at", "client_id"),
        Index("documents_delivered", "delivered_at", "client_id", "touched"),
        Index("documents_amount", "gross_total"),
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
    file_pages: Mapped[
        list[Any] | None
    ]  # [[number in the file, why dropped|null, rotation by hand|], …]; null: as they lie
    split_from: Mapped[str | None]  # the document that its file was until it was split
    split_probability: Mapped[float | None]  # of its pages being one whole document
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
    """One page of a document as read; `dropped` says why a page (blank, separator) is not part of the data.

    `number` counts the document's own pages from 1; `file_page` is the page's place in the file.
    """

    __tablename__ = "pages"

    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    file_page: Mapped[int]
    width: Mapped[float]
    height: Mapped[float]
    rotation: Mapped[int]
    skew: Mapped[float]
    outline: Mapped[list[Any] | None]  # four corners of a photographed sheet that was flattened
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
