"""The ledger's deep checks: contents are hashed again and compared with what was written beside them; streamed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from decimal import Decimal

from pydantic import ValidationError
from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from schemas.payload import Payload
from store.events import event_hash, stream_events
from store.facts import fact
from store.shipments import files_digest
from store.tables import Delivery, Event, Shipment

STREAM = {"yield_per": 1000}


def altered_events(session: Session) -> Iterator[str]:
    """Events whose hash is not that of their contents, as `client#seq`."""
    for row in stream_events(session):
        prev_hash, own_hash = row.pop("prev_hash"), row.pop("hash")
        if event_hash(prev_hash, row) != own_hash:
            yield f"{row['client_id']}#{row['seq']}"


def altered_payloads(session: Session) -> Iterator[str]:
    """Outbox entries whose payload is not the one that was frozen, or says something else than the columns beside it."""
    columns = (
        Delivery.id,
        Delivery.payload,
        Delivery.payload_sha256,
        Delivery.pages,
        Delivery.amount,
        Delivery.currency,
        Delivery.supersedes,
    )
    for id_, text, digest, pages, amount, currency, supersedes in session.execute(
        select(*columns), execution_options=STREAM
    ):
        if hashlib.sha256(text.encode()).hexdigest() != digest or (pages, amount, currency, supersedes) != _said(text):
            yield id_


def _said(text: str) -> tuple[int, Decimal | None, str | None, str | None] | None:
    try:
        payload = Payload.model_validate_json(text)
    except ValidationError:
        return None
    total = payload.total
    return (
        payload.pages,
        Decimal(total.amount) if total else None,
        total.currency if total else None,
        payload.supersedes,
    )


def altered_shipments(session: Session) -> Iterator[str]:
    """Shipments whose list of files is not the one that was committed."""
    committed = and_(
        Event.subject == Shipment.id,
        Event.client_id == Shipment.client_id,
        Event.kind == "shipment.state",
        fact("files").is_not(None),
    )
    rows = session.execute(
        select(Shipment.id, Shipment.files, fact("files")).outerjoin(Event, committed), execution_options=STREAM
    )
    for id_, files, digest in rows:
        if (files_digest(files) if files else None) != digest:
            yield id_
