"""A document's story: what arrived, what happened to it, who did it, and what left. Read-only, for one page."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from schemas.lifecycle import TaskKind
from schemas.values import Extraction, Finding
from store.documents import load_extraction, load_findings, load_pages
from store.questions import questions_of
from store.tables import (
    Correction,
    Delivery,
    Document,
    Event,
    ExtractionRun,
    Note,
    Page,
    Question,
    Receipt,
    ReviewTask,
    Shipment,
)


@dataclass(frozen=True)
class StoryEvent:
    """One step, as the audit trail has it."""

    at: dt.datetime
    actor: str
    kind: str
    subject: str
    data: dict[str, Any]


@dataclass(frozen=True)
class Version:
    """One version of the values: made by which model or person, from which reader's words."""

    number: int
    extractor: str
    reader: str
    made_at: dt.datetime


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
    versions: list[Version]
    corrections: Sequence[Correction]
    notes: Sequence[Note]
    questions: Sequence[Question]
    tasks: Sequence[ReviewTask]
    deliveries: list[DeliveryRow]

    @property
    def open_task(self) -> ReviewTask | None:
        """What somebody is asked about it now."""
        return next((task for task in self.tasks if task.state in ("open", "leased")), None)


def find_document(session: Session, document_id: str) -> Document | None:
    """A document of the clients that this session may see."""
    return session.scalars(select(Document).where(Document.id == document_id)).one_or_none()


def tell_story(session: Session, document_id: str) -> Story | None:
    """The story, or None where these clients have no such document."""
    document = find_document(session, document_id)
    if document is None:
        return None
    tasks = session.scalars(
        select(ReviewTask)
        .where(ReviewTask.document_id == document_id, ReviewTask.kind != TaskKind.SEEDED)
        .order_by(ReviewTask.id)
    ).all()
    questions = questions_of(session, document_id)
    return Story(
        document=document,
        receipt=session.get_one(Receipt, document.receipt_id),
        pages=load_pages(session, document_id),
        extraction=load_extraction(session, document_id, document.version),
        findings=load_findings(session, document_id, document.version),
        events=_events(session, document, [*(task.id for task in tasks), *(each.id for each in questions)]),
        versions=_versions(session, document_id),
        corrections=session.scalars(
            select(Correction).where(Correction.document_id == document_id).order_by(Correction.id)
        ).all(),
        notes=session.scalars(select(Note).where(Note.document_id == document_id).order_by(Note.id)).all(),
        questions=questions,
        tasks=tasks,
        deliveries=_deliveries(session, document_id),
    )


def _events(session: Session, document: Document, of_others: list[str]) -> list[StoryEvent]:
    """The trail's rows of the document, its receipt, deliveries, tasks and questions, in their order."""
    sent = session.scalars(select(Delivery.id).where(Delivery.document_id == document.id)).all()
    subjects = [document.id, document.receipt_id, *sent, *of_others]
    rows = session.scalars(
        select(Event).where(Event.client_id == document.client_id, Event.subject.in_(subjects)).order_by(Event.seq)
    )
    return [StoryEvent(row.at, row.actor, row.kind, row.subject, json.loads(row.data)) for row in rows]


def _versions(session: Session, document_id: str) -> list[Version]:
    rows = session.execute(
        select(ExtractionRun.version, ExtractionRun.extractor, ExtractionRun.reader, ExtractionRun.created_at)
        .where(ExtractionRun.document_id == document_id)
        .order_by(ExtractionRun.version)
    )
    return [Version(*row) for row in rows]


def _deliveries(session: Session, document_id: str) -> list[DeliveryRow]:
    rows = session.execute(
        select(Delivery.target, Delivery.version, Delivery.state, Delivery.queued_at, Delivery.sent_at, Shipment.number)
        .outerjoin(Shipment, Shipment.id == Delivery.shipment_id)
        .where(Delivery.document_id == document_id)
        .order_by(Delivery.id)
    )
    return [DeliveryRow(*row) for row in rows]
