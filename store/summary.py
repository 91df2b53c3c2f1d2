"""Figures over the whole desk: counts by state, reason and rule, and what the machine read."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from schemas.lifecycle import DeliveryState, DocumentState, ReceiptState
from schemas.values import Extraction
from store.documents import load_extraction
from store.tables import Delivery, Document, DocumentFinding, Page, Receipt


def receipt_counts(session: Session) -> dict[str, int]:
    """Receipts by state."""
    return dict(session.execute(select(Receipt.state, func.count()).group_by(Receipt.state)).tuples().all())


def document_counts(session: Session) -> dict[str, int]:
    """Documents by state."""
    return dict(session.execute(select(Document.state, func.count()).group_by(Document.state)).tuples().all())


def page_count(session: Session) -> int:
    """Pages read."""
    return session.scalar(select(func.count()).select_from(Page)) or 0


def delivered_untouched(session: Session) -> int:
    """Documents delivered that no person touched: straight-through processing."""
    untouched = (Document.state == DocumentState.DELIVERED, Document.touched.is_(False))
    return session.scalar(select(func.count(Document.id)).where(*untouched)) or 0


def waiting_for_batch(session: Session) -> int:
    """Documents that are ready and leave only when their batch is complete."""
    held = select(Delivery.document_id).where(Delivery.state == DeliveryState.HELD)
    ready = (Document.state == DocumentState.READY, Document.id.in_(held))
    return session.scalar(select(func.count(Document.id)).where(*ready)) or 0


def reasons(session: Session, state: str) -> dict[str, int]:
    """Reason code -> how many receipts and documents are in this state for it."""
    counts: dict[str, int] = {}
    for table in (Receipt, Document):
        rows = session.execute(
            select(table.reason, func.count()).where(table.state == state).group_by(table.reason)
        ).tuples()
        for reason, count in rows:
            counts[reason or "NONE"] = counts.get(reason or "NONE", 0) + count
    return dict(sorted(counts.items()))


def findings_by_rule(session: Session) -> dict[str, int]:
    """Rule -> how many documents' current version breaks it."""
    rows = session.execute(
        select(DocumentFinding.rule, func.count(func.distinct(DocumentFinding.document_id)))
        .join(Document, Document.id == DocumentFinding.document_id)
        .where(DocumentFinding.version == Document.version)
        .group_by(DocumentFinding.rule)
        .order_by(DocumentFinding.rule)
    )
    return dict(rows.tuples().all())


def duplicates(session: Session) -> int:
    """Byte streams that came before, and documents whose business came before."""
    bytes_again = session.scalar(select(func.count(Receipt.id)).where(Receipt.duplicate_of.is_not(None))) or 0
    business_again = (
        session.scalar(
            select(func.count(func.distinct(DocumentFinding.document_id)))
            .join(Document, Document.id == DocumentFinding.document_id)
            .where(DocumentFinding.version == Document.version, DocumentFinding.rule == "duplicate_business_key")
        )
        or 0
    )
    return bytes_again + business_again


def seconds_per_page(session: Session) -> dict[str, float]:
    """Wall seconds from claim to route per page, for documents that were OCRed on any page and for the others."""
    scanned = select(Page.document_id).where(Page.source == "ocr").distinct().scalar_subquery()
    figures = {}
    for name, condition in (("scanned", Document.id.in_(scanned)), ("digital", Document.id.not_in(scanned))):
        seconds, pages = session.execute(
            select(func.sum(Document.reading_seconds), func.sum(Document.page_count)).where(
                condition, Document.reading_seconds.is_not(None)
            )
        ).one()
        if pages:
            figures[name] = round(float(seconds) / int(pages), 3)
    return figures


def machine_readings(session: Session) -> Iterator[tuple[str, int, Extraction]]:
    """Content hash, the first page in the file, and the machine's own first version of every document that was read."""
    first = select(func.min(Page.file_page)).where(Page.document_id == Document.id, Page.dropped.is_(None))
    rows = session.execute(
        select(Document.id, Document.sha256, first.scalar_subquery()).where(Document.version >= 1).order_by(Document.id)
    ).all()
    for document_id, sha256, first_page in rows:
        extraction = load_extraction(session, document_id, 1)
        if extraction is not None:
            yield sha256, first_page or 1, extraction


def still_in_intake(session: Session) -> int:
    """Receipts that were not looked at yet, and documents that wait for a worker."""
    receipts = session.scalar(select(func.count(Receipt.id)).where(Receipt.state == ReceiptState.RECEIVED)) or 0
    waiting = or_(Document.state == DocumentState.RECEIVED, Document.state == DocumentState.IN_WORK)
    return receipts + (session.scalar(select(func.count(Document.id)).where(waiting)) or 0)
