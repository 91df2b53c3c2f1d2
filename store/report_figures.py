"""What a report counts, for one client, process and stretch of time. Nothing here is rounded or told."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from schemas.calendar import Work
from schemas.lifecycle import SEEDED_QUEUE, TERMINAL, DeliveryState, DocumentState, TaskState
from schemas.quality import LotState, SampleState, Stream
from store.tables import (
    Audit,
    Certificate,
    ChainHead,
    Claim,
    Delivery,
    Document,
    LearnedModel,
    Lot,
    ProcessDefinition,
    Report,
    ReviewTask,
    Sample,
    Shipment,
)

MOST_OPEN = 2000
Condition = ColumnElement[bool]


@dataclass(frozen=True)
class Stretch:
    """A client's process between two instants, the first included."""

    client_id: str
    process: str
    begins: dt.datetime
    ends: dt.datetime


def _own(table: type[Any], of: Stretch) -> tuple[Condition, Condition]:
    return table.client_id == of.client_id, table.process == of.process


def _during(moment: InstrumentedAttribute[Any], of: Stretch) -> tuple[Condition, Condition]:
    return moment >= of.begins, moment < of.ends


def documents_received(session: Session, of: Stretch) -> int:
    return _count(session, of, *_during(Document.received_at, of))


def documents_ended(session: Session, of: Stretch, state: DocumentState) -> int:
    """Documents received in the stretch that were rejected or withdrawn."""
    return _count(session, of, *_during(Document.received_at, of), Document.state == state)


def delivered(session: Session, of: Stretch) -> Sequence[Document]:
    """Documents whose newest delivery left in the stretch."""
    return session.scalars(
        select(Document)
        .where(
            *_own(Document, of),
            *_during(Document.delivered_at, of),
        )
        .order_by(Document.id)
    ).all()


def corrected_deliveries(session: Session, of: Stretch) -> int:
    """Deliveries that superseded an earlier one."""
    return (
        session.scalar(
            select(func.count(func.distinct(Delivery.document_id))).where(
                *_own(Delivery, of),
                Delivery.state == DeliveryState.SENT,
                Delivery.supersedes.is_not(None),
                *_during(Delivery.sent_at, of),
            )
        )
        or 0
    )


def _count(session: Session, of: Stretch, *conditions: Condition) -> int:
    return session.scalar(select(func.count(Document.id)).where(*_own(Document, of), *conditions)) or 0


def works_due(session: Session, of: Stretch) -> list[Work]:
    """When documents received in the stretch were due, and when they were delivered."""
    rows = session.execute(
        select(Document.due_at, Document.delivered_at, Document.state).where(
            *_own(Document, of),
            *_during(Document.received_at, of),
            Document.state.not_in((DocumentState.REJECTED, DocumentState.WITHDRAWN, DocumentState.TRANSFERRED)),
        )
    )
    waiting = DocumentState.AWAITING_CLIENT
    return [Work(None if state == waiting else due, finished) for due, finished, state in rows]


def decided_samples(session: Session, of: Stretch, *streams: Stream) -> Sequence[Sample]:
    """Audited values decided in the stretch."""
    return session.scalars(
        select(Sample)
        .where(
            *_own(Sample, of),
            Sample.stream.in_(streams),
            Sample.state == SampleState.DECIDED,
            *_during(Sample.decided_at, of),
        )
        .order_by(Sample.document_id, Sample.id)
    ).all()


def lots_decided(session: Session, of: Stretch) -> Sequence[Lot]:
    """Lots judged in the stretch, and those that are being inspected at its end."""
    judged = and_(*_during(Lot.decided_at, of))
    return session.scalars(
        select(Lot)
        .where(
            *_own(Lot, of),
            or_(judged, and_(Lot.state == LotState.INSPECTING, Lot.opened_at < of.ends)),
        )
        .order_by(Lot.number)
    ).all()


def certificates_standing(session: Session, of: Stretch) -> Sequence[Certificate]:
    return session.scalars(
        select(Certificate)
        .where(*_own(Certificate, of), Certificate.ended_at.is_(None))
        .order_by(Certificate.document_type, Certificate.group)
    ).all()


def exceptions_by_reason(session: Session, of: Stretch) -> dict[str, int]:
    """How often each reason brought a document before a person."""
    rows = session.scalars(
        select(ReviewTask.reasons)
        .join(Document, Document.id == ReviewTask.document_id)
        .where(
            ReviewTask.client_id == of.client_id,
            Document.process == of.process,
            ReviewTask.kind == "exception",
            *_during(ReviewTask.created_at, of),
        )
    )
    counted = Counter(code for reasons in rows for code in {str(reason).partition(":")[0] for reason in reasons})
    return dict(counted.most_common())


def definitions_made(session: Session, of: Stretch) -> Sequence[ProcessDefinition]:
    return session.scalars(
        select(ProcessDefinition).where(
            *_own(ProcessDefinition, of),
            *_during(ProcessDefinition.created_at, of),
        )
    ).all()


def models_promoted(session: Session, of: Stretch) -> Sequence[LearnedModel]:
    return session.scalars(
        select(LearnedModel).where(
            *_own(LearnedModel, of),
            *_during(LearnedModel.promoted_at, of),
        )
    ).all()


def certificates_issued(session: Session, of: Stretch) -> Sequence[Certificate]:
    return session.scalars(
        select(Certificate).where(
            *_own(Certificate, of),
            *_during(Certificate.issued_at, of),
            Certificate.state != "provisional",
        )
    ).all()


def shipments_checked(session: Session, of: Stretch) -> Sequence[bool]:
    """Of each shipment that left in the stretch and was audited: whether the tables of all its document types passed."""
    failed = func.count().filter(Audit.passed.is_(False))
    rows = session.execute(
        select(Audit.subject, failed)
        .join(Shipment, and_(Audit.kind == "shipment", Shipment.id == Audit.subject))
        .where(
            *_own(Audit, of),
            *_during(Shipment.sent_at, of),
        )
        .group_by(Audit.subject)
    )
    return [not count for _, count in rows]


def not_delivered(session: Session, of: Stretch) -> tuple[int, Sequence[Document]]:
    """What was received before the stretch's end and has not ended by now: how many, and the oldest 2,000."""
    where = (
        *_own(Document, of),
        Document.received_at < of.ends,
        Document.state.not_in(TERMINAL),
    )
    count = session.scalar(select(func.count(Document.id)).where(*where)) or 0
    return count, session.scalars(select(Document).where(*where).order_by(Document.id).limit(MOST_OPEN)).all()


def claims_decided(session: Session, of: Stretch) -> Sequence[Claim]:
    """Claims on values delivered in the stretch that were found to be our error, whenever they were decided."""
    return session.scalars(
        select(Claim)
        .join(Delivery, and_(Delivery.document_id == Claim.document_id, Delivery.version == Claim.version))
        .where(
            *_own(Claim, of),
            Claim.verdict == "our_error",
            *_during(Delivery.sent_at, of),
        )
        .distinct()
        .order_by(Claim.decided_at)
    ).all()


def work_by_person(session: Session, of: Stretch) -> list[tuple[str, int, float]]:
    """Tasks finished in the stretch and their seconds, by person."""
    rows = session.execute(
        select(ReviewTask.done_by, func.count(ReviewTask.id), func.sum(ReviewTask.seconds))
        .join(Document, Document.id == ReviewTask.document_id)
        .where(
            ReviewTask.client_id == of.client_id,
            Document.process == of.process,
            ReviewTask.state == TaskState.DONE,
            ReviewTask.queue != SEEDED_QUEUE,
            *_during(ReviewTask.done_at, of),
        )
        .group_by(ReviewTask.done_by)
        .order_by(ReviewTask.done_by)
    )
    return [(person or "", count, float(seconds or 0)) for person, count, seconds in rows]


def chain_head(session: Session, client_id: str) -> tuple[int, str]:
    """The newest link of the client's audit trail."""
    head = session.get(ChainHead, client_id)
    return (head.seq, head.hash) if head else (0, "")


def newest_report(session: Session, client_id: str, process: str, audience: str, period: str) -> Report | None:
    """The report of a period that counts: the one that none supersedes."""
    return session.scalars(
        select(Report)
        .where(
            Report.client_id == client_id,
            Report.process == process,
            Report.audience == audience,
            Report.period == period,
        )
        .order_by(Report.id.desc())
        .limit(1)
    ).one_or_none()


def reports_seen(session: Session, audiences: Sequence[str]) -> Sequence[Report]:
    """Reports of the clients in scope for these audiences, the newest first, at most 500."""
    return session.scalars(
        select(Report).where(Report.audience.in_(audiences)).order_by(Report.id.desc()).limit(500)
    ).all()
