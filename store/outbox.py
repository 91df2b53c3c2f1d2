"""The outbox: one entry per document, version and target, frozen in the transaction that makes the document ready.

What leaves is decided here once and for all: the payload's bytes, and an id that stays the same whatever is tried again.
When it leaves is the target's business: at once, at the next of its times of day, or when the batch is complete.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, defer

from schemas.clock import now
from schemas.document_type import DocumentType
from schemas.errors import IllegalTransitionError
from schemas.lifecycle import TERMINAL, DeliveryState, DocumentState, ReceiptState
from schemas.narrowing import type_in_process
from schemas.payload import Payload, Total, delivered_values, fields_of, names_in_state, tables_of
from schemas.process import Target
from schemas.values import Extraction, ValueState
from store.definitions import Definition
from store.events import record
from store.tables import Batch, Delivery, Document, Page, Receipt
from store.transitions import move_delivery

NAMESPACE = uuid.UUID("6f1d3a6e-6f0b-5c57-9a53-0c1f0d5f7a11")
ENDED = (*TERMINAL, DocumentState.READY)
OPEN_RECEIPTS = (ReceiptState.RECEIVED, ReceiptState.HELD, ReceiptState.FAILED, ReceiptState.QUARANTINED)
RECALLABLE = (DeliveryState.QUEUED, DeliveryState.HELD, DeliveryState.CANCELLED)


def delivery_id(document: Document, target: str) -> str:
    """The same for the same client, process, target, document and version: UUIDv5 (RFC 9562)."""
    name = "/".join((document.client_id, document.process, target, document.id, str(document.version)))
    return f"dlv_{uuid.uuid5(NAMESPACE, name).hex}"


def freeze_deliveries(
    session: Session, document: Document, extraction: Extraction, definition: Definition, *, lot_id: str | None = None
) -> list[Delivery]:
    """One entry per target of the process; call it in the transaction that moved the document to ready.

    `lot_id`: the lot whose verdict they wait for.

    Raises:
        IllegalTransitionError: this version has left already; a correction needs a new version.
    """
    earlier = _entries(session, document)
    payload = _payload(session, document, extraction, definition)
    entries = []
    for target in definition.process.delivery:
        entries.append(_freeze(session, document, target, payload, definition, earlier, lot_id))
    return entries


def _entries(session: Session, document: Document) -> dict[str, Delivery]:
    """All entries of a document, of every version and target, the oldest version first."""
    rows = session.scalars(
        select(Delivery)
        .where(Delivery.document_id == document.id)
        .order_by(Delivery.version)
        .options(defer(Delivery.payload))
    )
    return {row.id: row for row in rows}


def _payload(session: Session, document: Document, extraction: Extraction, definition: Definition) -> Payload:
    """What is the same for every target; each entry adds its own id."""
    kind = type_in_process(definition.process, extraction.document_type)
    values = delivered_values(extraction, kind)
    fields = fields_of(values)
    return Payload(
        delivery="",
        supersedes=None,
        client=document.client_id,
        process=document.process,
        definition=definition.number,
        document=document.id,
        version=document.version,
        document_type=extraction.document_type,
        receipt=document.receipt_id,
        batch=document.batch_id,
        file=document.name,
        sha256=document.sha256,
        pages=kept_pages(session, document),
        received_at=document.received_at,
        ready_at=document.ready_at or now(),
        total=_total(fields, kind),
        fields=fields,
        tables=tables_of(values),
        absent=names_in_state(values, ValueState.ABSENT),
        unreadable=names_in_state(values, ValueState.UNREADABLE),
    )


def kept_pages(session: Session, document: Document) -> int:
    """The pages that are part of the data: blank ones are not. A document keyed without reading has them all."""
    if document.reader is None:
        return document.page_count or 0
    return session.scalar(select(func.count()).where(Page.document_id == document.id, Page.dropped.is_(None))) or 0


def _total(fields: Mapping[str, str], kind: DocumentType | None) -> Total | None:
    amount = fields.get(kind.roles.total or "") if kind else None
    try:
        Decimal(amount or "")
    except InvalidOperation:
        return None
    return Total(amount=amount or "", currency=fields.get(kind.roles.currency or "") if kind else None)


def _freeze(
    session: Session,
    document: Document,
    target: Target,
    common: Payload,
    definition: Definition,
    earlier: Mapping[str, Delivery],
    lot_id: str | None,
) -> Delivery:
    id_ = delivery_id(document, target.name)
    sent = [d.id for d in earlier.values() if d.target == target.name and d.state == DeliveryState.SENT and d.id != id_]
    payload = common.model_copy(update={"delivery": id_, "supersedes": sent[-1] if sent else None})
    entry = earlier.get(id_) or Delivery(id=id_, state=DeliveryState.CANCELLED)
    if entry.state != DeliveryState.CANCELLED:
        raise IllegalTransitionError(f"{id_} was frozen before")
    entry.lot_id = lot_id
    _fill(entry, document, target, payload, ZoneInfo(definition.client.time_zone))
    session.add(entry)
    record(
        session,
        entry.client_id,
        "delivery.frozen",
        id_,
        state=entry.state,
        document=document.id,
        version=entry.version,
        target=entry.target,
        sha256=entry.payload_sha256,
        pages=entry.pages,
    )
    return entry


def _fill(entry: Delivery, document: Document, target: Target, payload: Payload, zone: ZoneInfo) -> None:
    waits = target.when == "batch" and document.batch_id is not None
    entry.client_id, entry.process = document.client_id, document.process
    entry.document_id, entry.version, entry.target = document.id, document.version, target.name
    entry.state = DeliveryState.HELD if waits or entry.lot_id else DeliveryState.QUEUED
    entry.payload = payload.canonical()
    entry.payload_sha256 = hashlib.sha256(entry.payload.encode()).hexdigest()
    entry.pages = payload.pages
    entry.amount = Decimal(payload.total.amount) if payload.total else None
    entry.currency = payload.total.currency if payload.total else None
    entry.batch_id = document.batch_id if waits else None
    entry.supersedes = payload.supersedes
    entry.queued_at = now()
    entry.not_before = next_departure(target, zone, entry.queued_at)


def next_departure(target: Target, zone: ZoneInfo, at: dt.datetime) -> dt.datetime:
    """The earliest instant at which an entry made at `at` may leave: `at` itself, or the target's next time of day."""
    if isinstance(target.when, str):
        return at
    today = at.astimezone(zone).date()
    times = (
        dt.datetime.combine(today + dt.timedelta(days=days), time, zone).astimezone(dt.UTC)
        for days in (0, 1)
        for time in target.when
    )
    return min(time for time in times if time >= at)


def cancel_deliveries(session: Session, document: Document) -> None:
    """The ready document goes back to a person, or is withdrawn: its current version does not leave.

    Raises:
        IllegalTransitionError: it is leaving, or has left; only a new version can correct it.
    """
    entries = session.scalars(
        select(Delivery)
        .where(Delivery.document_id == document.id, Delivery.version == document.version)
        .with_for_update()
    ).all()
    if any(entry.state not in RECALLABLE for entry in entries):
        raise IllegalTransitionError(f"{document.id} has left already")
    for entry in entries:
        if entry.state != DeliveryState.CANCELLED:
            move_delivery(session, entry, DeliveryState.CANCELLED)


def release_held(session: Session) -> int:
    """Let go the entries that wait for no lot any more and whose batch, if they have one, is complete. Returns how many.

    Complete: every announced file came (or ops closed the batch), and each file and document has ended, or is ready.
    """
    entries = session.scalars(
        select(Delivery)
        .where(Delivery.state == DeliveryState.HELD, Delivery.lot_id.is_(None), _batch_lets_go())
        .order_by(Delivery.id)
        .options(defer(Delivery.payload))
        .with_for_update(skip_locked=True)
    ).all()
    for entry in entries:
        move_delivery(session, entry, DeliveryState.QUEUED)
    return len(entries)


def _batch_lets_go() -> ColumnElement[bool]:
    complete = and_(
        exists().where(Batch.id == Delivery.batch_id, Batch.closed_at.is_not(None)),
        ~exists().where(Receipt.batch_id == Delivery.batch_id, Receipt.state.in_(OPEN_RECEIPTS)),
        ~exists().where(Document.batch_id == Delivery.batch_id, Document.state.not_in(ENDED)),
    )
    return or_(Delivery.batch_id.is_(None), complete)
