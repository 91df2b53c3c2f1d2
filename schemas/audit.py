"""What an audit of a lot or a shipment found: plain data, kept as JSON; it names documents and lines, never a value."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Place(BaseModel):
    """Where an expectation failed: a document's id, and the line in it (0: the document's header)."""

    model_config = ConfigDict(frozen=True)

    document: str
    line: int


class ExpectationResult(BaseModel):
    """One expectation over one frame. `ran` is False when Great Expectations itself could not run it."""

    model_config = ConfigDict(frozen=True)

    table: str  # documents | lines
    name: str  # as Great Expectations calls it: expect_column_values_to_not_be_null
    columns: list[str]
    limits: dict[str, str]
    success: bool
    ran: bool
    checked: int
    unexpected: int
    failures: list[Place]


class AuditResult(BaseModel):
    """The whole audit; kept as JSON and shown on the audit page."""

    model_config = ConfigDict(frozen=True)

    document_type: str
    engine: str
    documents: int
    lines: int
    success: bool
    expectations: list[ExpectationResult]

    @property
    def failed_documents(self) -> list[str]:
        """The ids of all documents that broke an expectation, sorted."""
        return sorted({place.document for e in self.expectations for place in e.failures})
