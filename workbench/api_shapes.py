"""What goes in and out of the API, as the OpenAPI schema tells it."""

from __future__ import annotations

import datetime as dt

from pydantic import BaseModel, ConfigDict, Field

from schemas.lifecycle import DocumentState, ReceiptState
from store.tables import Document, Receipt
from tasks.acknowledge import reason_text

NAME = r"^[a-z][a-z0-9_]{0,99}$"


class ApiProblem(BaseModel):
    """Why a request was refused (RFC 9457, `application/problem+json`). `code` stands in the list of errors."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str


class DocumentStatus(BaseModel):
    """One document and where it is. `reason` is a code from the list of reasons, `message` its text for the sender."""

    document: str
    receipt: str
    process: str
    file: str
    document_type: str | None
    number: str | None
    state: DocumentState
    reason: str | None
    message: str | None
    version: int
    received_at: dt.datetime
    due_at: dt.datetime


class ReceiptStatus(BaseModel):
    """One file as it arrived, and the documents that were found in it so far."""

    receipt: str
    process: str
    file: str
    size: int
    sha256: str
    received_at: dt.datetime
    state: ReceiptState
    reason: str | None
    message: str | None
    same_bytes_as: str | None
    documents: list[DocumentStatus]


class DocumentList(BaseModel):
    """Newest first; ask again with `before` set to `next` for the ones before, until it is null."""

    documents: list[DocumentStatus]
    next: str | None


class CorrectedValue(BaseModel):
    """What a value should be. `table` and `row` for a cell; empty text: it is not on the paper."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(pattern=NAME)
    table: str = Field("", pattern=r"^([a-z][a-z0-9_]{0,99})?$")
    row: int = Field(0, ge=0, le=100_000)
    text: str = Field(max_length=1000)


class CorrectionRequest(BaseModel):
    """What is wrong with a document's data."""

    model_config = ConfigDict(extra="forbid")

    values: list[CorrectedValue] = Field(min_length=1, max_length=500)
    note: str = Field("", max_length=2000)


class CorrectionAnswer(BaseModel):
    """The correction waits for a person; when they agree, a new version is delivered that supersedes the old one."""

    document: str
    state: DocumentState


def document_status(document: Document, language: str = "en") -> DocumentStatus:
    """A document as the API tells of it."""
    return DocumentStatus(
        document=document.id,
        receipt=document.receipt_id,
        process=document.process,
        file=document.name,
        document_type=document.document_type,
        number=document.number,
        state=document.state,
        reason=document.reason,
        message=reason_text(document.reason, language),
        version=document.version,
        received_at=document.received_at,
        due_at=document.due_at,
    )


def receipt_status(receipt: Receipt, documents: list[Document]) -> ReceiptStatus:
    """A receipt as the API tells of it."""
    return ReceiptStatus(
        receipt=receipt.id,
        process=receipt.process,
        file=receipt.name,
        size=receipt.size,
        sha256=receipt.sha256,
        received_at=receipt.received_at,
        state=receipt.state,
        reason=receipt.reason,
        message=reason_text(receipt.reason, "en"),
        same_bytes_as=receipt.duplicate_of,
        documents=[document_status(document) for document in documents],
    )
