"""A document's story: what arrived, what happened to it, who did it, and what left. Read-only, for one page."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from schemas.values import Extraction, Finding
from store.documents import load_extraction, load_findings, load_pages
from store.tables import Correction, Delivery, Document, Event, Note, Page, Receipt, ReviewTask, Shipment


@dataclass(frozen=True)
class StoryEvent:
    """One step, as the audit trail has it."""

    at: dt.datetime
    actor: str
    kind: str
    data: dict[str, Any]


@dataclass(frozen=True)
class DeliveryRow:
    """One outbox entry and when its shipment left."""

    target: str
    version: int
    state: str
    queued_at: dt.datetime
    sent_at: dt.datetime | None
    shipment_number: int | None


@dataclass(frozen=True)
class Story:
    """All that one document's page shows."""

    document: Document
    receipt: Receipt
    pages: Sequence[Page]
    extraction: Extraction | None
    findings: list[Finding]
    events: list[StoryEvent]
    corrections: Sequence[Correction]
    notes: Sequence[Note]
    deliveries: list[DeliveryRow]
    open_task: ReviewTask | None


def find_document(session: Session, document_id: str) -> Document | None:
    """A document of the clients that this session may see."""
    return session.scalars(select(Document).where(Document.id == document_id)).one_or_none()


def tell_story(session: Session, document_id: str) -> Story | None:
    """The story, or None where these clients have no such document."""
    document = find_document(session, document_id)
    if document is None:
        return None
    tasks = session.scalars(select(ReviewTask).where(ReviewTask.document_id == document_id)).all()
    return Story(
        document=document,
        receipt=session.get_one(Receipt, document.receipt_id),
        pages=load_pages(session, document_id),
        extraction=load_extraction(session, document_id, document.version),
        findings=load_findings(session, document_id, document.version),
        events=_events(session, document, [task.id for task in tasks]),
        corrections=session.scalars(
            select(Correction).where(Correction.document_id == document_id).order_by(Correction.id)
        ).all(),
        notes=session.scalars(select(Note).where(Note.document_id == document_id).order_by(Note.id)).all(),
        deliveries=_deliveries(session, document_id),
        open_task=next((task for task in tasks if task.state in ("open", "leased")), None),
    )


def _events(session: Session, document: Document, task_ids: list[str]) -> list[StoryEvent]:
    """The trail's rows of the document, its receipt and its tasks, in their order."""
    subjects = [document.id, document.receipt_id, *task_ids]
    rows = session.scalars(
        select(Event).where(Event.client_id == document.client_id, Event.subject.in_(subjects)).order_by(Event.seq)
    )
    return [StoryEvent(row.at, row.actor, row.kind, json.loads(row.data)) for row in rows]


def _deliveries(session: Session, document_id: str) -> list[DeliveryRow]:
    rows = session.execute(
        select(Delivery.target, Delivery.version, Delivery.state, Delivery.queued_at, Delivery.sent_at, Shipment.number)
        .outerjoin(Shipment, Shipment.id == Delivery.shipment_id)
        .where(Delivery.document_id == document_id)
        .order_by(Delivery.id)
    )
    return [DeliveryRow(*row) for row in rows]
