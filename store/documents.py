"""Documents' data: versions of values, findings and pages are written whole, and read back as domain types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from schemas.clock import now
from schemas.lifecycle import DocumentState
from schemas.reading import Box, PageReading, Reading, Source
from schemas.values import Address, Candidate, Extraction, Finding, Severity, Value, ValueState
from store.events import record
from store.rows import insert_rows
from store.search import keep_words_of_pages, keep_words_of_values
from store.tables import BusinessKey, Document, DocumentFinding, ExtractionRun, FieldValue, Page

DROPPED_BLANK = "BLANK"


def load_documents(session: Session, ids: Sequence[str]) -> dict[str, Document]:
    """These documents by id."""
    return {document.id: document for document in session.scalars(select(Document).where(Document.id.in_(ids)))}


def save_pages(session: Session, document: Document, reading: Reading) -> None:
    """Record the document's pages as read; blank ones and separator sheets are dropped with their reason, and stay counted."""
    places = [*_places(document, reading)]
    if document.reader is not None:  # it was read before
        session.execute(delete(Page).where(Page.document_id == document.id))
    rows = [
        _page_row(document, page, file_page, dropped)
        for page, (file_page, dropped) in zip(reading.pages, places, strict=True)
    ]
    insert_rows(session, Page, rows)
    keep_words_of_pages(session, document, reading)
    document.page_count = len(reading.pages)
    document.reader = reading.reader
    record(
        session,
        document.client_id,
        "document.read",
        document.id,
        pages=len(reading.pages),
        dropped=sum(dropped is not None for _, dropped in places),
        reader=reading.reader,
    )


def page_rows(pages: Sequence[Page]) -> list[dict[str, Any]]:
    """Pages as plain rows, which outlive their deletion."""
    return [{column.key: getattr(page, column.key) for column in Page.__table__.columns} for page in pages]


def replace_pages(session: Session, document: Document, rows: Sequence[dict[str, Any]]) -> None:
    """Give a read document these pages, its own or of another document of its file, numbered anew."""
    session.execute(delete(Page).where(Page.document_id == document.id))
    own = [{**row, "document_id": document.id, "number": number} for number, row in enumerate(rows, start=1)]
    insert_rows(session, Page, own)
    record(
        session,
        document.client_id,
        "document.read",
        document.id,
        pages=len(own),
        dropped=sum(row["dropped"] is not None for row in own),
        reader=document.reader,
    )


def _places(document: Document, reading: Reading) -> Iterator[tuple[int, str | None]]:
    """Each page's number in the file, and why it is dropped."""
    if document.file_pages is not None:
        yield from ((number, dropped) for number, dropped, *_ in document.file_pages)
    else:
        yield from ((page.number, DROPPED_BLANK if page.source is Source.NONE else None) for page in reading.pages)


def _page_row(document: Document, page: PageReading, file_page: int, dropped: str | None) -> dict[str, Any]:
    return {
        "client_id": document.client_id,
        "document_id": document.id,
        "number": page.number,
        "file_page": file_page,
        "width": page.width,
        "height": page.height,
        "rotation": page.rotation,
        "skew": page.skew,
        "outline": [list(corner) for corner in page.outline] if page.outline else None,
        "source": page.source.value,
        "quality": page.quality,
        "notes": page.notes,
        "dropped": dropped,
    }


def save_version(session: Session, document: Document, extraction: Extraction, findings: Sequence[Finding]) -> None:
    """Write the document's next version: values, findings and how they came about."""
    document.version += 1
    document.document_type = extraction.document_type
    document.language = extraction.language
    session.add(
        ExtractionRun(
            client_id=document.client_id,
            document_id=document.id,
            version=document.version,
            extractor=extraction.extractor,
            reader=document.reader or "",
            document_type=extraction.document_type,
            type_probability=extraction.type_probability,
            language=extraction.language,
            candidates=[candidate.model_dump(mode="json") for candidate in extraction.candidates],
            created_at=now(),
        )
    )
    _insert_values(session, document, extraction.values)
    keep_words_of_values(session, document, extraction)
    _insert_findings(session, document, findings)


def _insert_values(session: Session, document: Document, values: Iterable[Value]) -> None:
    rows = [
        {
            "client_id": document.client_id,
            "document_id": document.id,
            "version": document.version,
            "table_name": value.table,
            "row": value.row,
            "name": value.name,
            "state": value.state.value,
            "text": value.text,
            "raw": value.raw,
            "page": value.page,
            "box": list(value.box) if value.box else None,
            "source": value.source,
            "probability": value.probability,
            "evidence": value.evidence,
        }
        for value in values
    ]
    insert_rows(session, FieldValue, rows)


def _insert_findings(session: Session, document: Document, findings: Sequence[Finding]) -> None:
    rows = [
        {
            "client_id": document.client_id,
            "document_id": document.id,
            "version": document.version,
            "ordinal": ordinal,
            "rule": finding.rule,
            "severity": finding.severity.value,
            "fields": [list(address) for address in finding.fields],
            "parameters": finding.parameters,
        }
        for ordinal, finding in enumerate(findings)
    ]
    insert_rows(session, DocumentFinding, rows)


def load_extraction(session: Session, document_id: str, version: int) -> Extraction | None:
    """A version's values and candidates as they were written; None where there is no such version."""
    run = session.get(ExtractionRun, (document_id, version))
    if run is None:
        return None
    rows = session.scalars(
        select(FieldValue)
        .where(FieldValue.document_id == document_id, FieldValue.version == version)
        .order_by(FieldValue.table_name, FieldValue.row, FieldValue.name)
    )
    return Extraction(
        document_type=run.document_type,
        type_probability=run.type_probability,
        language=run.language,
        values=[_value(row) for row in rows],
        candidates=[Candidate.model_validate(candidate) for candidate in run.candidates],
        extractor=run.extractor,
    )


def _value(row: FieldValue) -> Value:
    return Value(
        name=row.name,
        table=row.table_name,
        row=row.row,
        state=ValueState(row.state),
        text=row.text,
        raw=row.raw,
        page=row.page,
        box=Box(*row.box) if row.box else None,
        source=row.source,
        probability=row.probability,
        evidence=row.evidence,
    )


def load_findings(session: Session, document_id: str, version: int) -> list[Finding]:
    """A version's findings in the order in which they were found."""
    rows = session.scalars(
        select(DocumentFinding)
        .where(DocumentFinding.document_id == document_id, DocumentFinding.version == version)
        .order_by(DocumentFinding.ordinal)
    )
    return [
        Finding(
            rule=row.rule,
            severity=Severity(row.severity),
            fields=[Address(name, table, line) for name, table, line in row.fields],
            parameters=row.parameters,
        )
        for row in rows
    ]


def load_pages(session: Session, document_id: str) -> Sequence[Page]:
    """The document's pages in order."""
    return session.scalars(select(Page).where(Page.document_id == document_id).order_by(Page.number)).all()


def set_business_keys(session: Session, document: Document, keys: Sequence[str]) -> None:
    """Replace what the document is recognised by when it comes again."""
    if document.version:  # it was judged before
        session.execute(delete(BusinessKey).where(BusinessKey.document_id == document.id))
    rows = [{"client_id": document.client_id, "document_id": document.id, "key": key} for key in keys]
    insert_rows(session, BusinessKey, rows)


def earlier_with_keys(session: Session, document: Document, keys: Sequence[str]) -> dict[str, set[str]]:
    """The client's other documents that share a business key: id -> the shared keys, oldest first.

    Rejected, withdrawn and transferred documents do not count: their business may come again.
    """
    gone = (DocumentState.REJECTED, DocumentState.WITHDRAWN, DocumentState.TRANSFERRED)
    rows = session.execute(
        select(BusinessKey.document_id, BusinessKey.key)
        .join(Document, Document.id == BusinessKey.document_id)
        .where(
            BusinessKey.client_id == document.client_id,
            BusinessKey.key.in_(keys),
            BusinessKey.document_id != document.id,
            Document.state.not_in(gone),
        )
        .order_by(BusinessKey.document_id)
        .limit(50)
    ).all()
    shared: dict[str, set[str]] = {}
    for document_id, key in rows:
        shared.setdefault(document_id, set()).add(key)
    return shared


def supplier_amounts(
    session: Session, document: Document, supplier_key: str, currency: str, *, limit: int = 200
) -> list[Decimal]:
    """Totals of the supplier's other documents of the same type and currency, newest first."""
    return [
        amount
        for amount in session.scalars(
            select(Document.gross_total)
            .where(
                Document.client_id == document.client_id,
                Document.supplier_key == supplier_key,
                Document.currency == currency,
                Document.document_type == document.document_type,
                Document.id != document.id,
                Document.gross_total.is_not(None),
            )
            .order_by(Document.id.desc())
            .limit(limit)
        )
        if amount is not None
    ]
