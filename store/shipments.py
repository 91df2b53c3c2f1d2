"""Shipments: due outbox entries leave together to one target, under a number without gaps, one shipment after the other.

A shipment is worked on under a lease. Its temp names are committed (`renaming`) before the first rename, so that whoever
takes over knows that a temp file that is gone was delivered, even where the client has taken the file already.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, defer

from schemas.clock import now
from schemas.errors import LeaseLostError
from schemas.ids import new_id
from schemas.lifecycle import DeliveryState, DocumentState, ShipmentState
from schemas.payload import Payload
from schemas.values import Value
from store.events import canonical, record
from store.pauses import is_paused
from store.queue import Lease, serialise_on
from store.tables import Delivery, Document, Shipment
from store.transitions import move_delivery, move_document, move_shipment

UNFINISHED = (ShipmentState.ASSEMBLING, ShipmentState.RENAMING)


@dataclass(frozen=True)
class Group:
    """Entries that may leave together: one target, one version of the process, and one batch where the target waits for it."""

    client_id: str
    process: str
    target: str
    definition_id: str
    batch_id: str | None


@dataclass(frozen=True)
class ShippedFile:
    """One file of a shipment: its name, the temp name that it is written under, SHA-256, size in bytes, and rows."""

    name: str
    temp: str
    sha256: str
    size: int
    rows: int


def any_departure(session: Session) -> bool:
    """Whether an entry is due or held back for its batch, or a shipment has not left yet."""
    due = and_(Delivery.state == DeliveryState.QUEUED, Delivery.not_before <= now())
    begun_or_held = Delivery.state.in_((DeliveryState.HELD, DeliveryState.SHIPPING))
    waiting = select(Delivery.id).where(or_(due, begun_or_held))
    return session.scalars(waiting.limit(1)).first() is not None


def due_groups(session: Session) -> list[Group]:
    """What may leave now, oldest process version first; paused targets wait."""
    rows = session.execute(
        select(Delivery.client_id, Delivery.process, Delivery.target, Document.definition_id, Delivery.batch_id)
        .join(Document, Document.id == Delivery.document_id)
        .where(_due())
        .distinct()
        .order_by(Delivery.client_id, Delivery.process, Delivery.target, Document.definition_id, Delivery.batch_id)
    ).all()
    groups = [Group(*row) for row in rows]
    return [g for g in groups if not is_paused(session, "delivery", g.client_id, g.process, g.target)]


def _due() -> ColumnElement[bool]:
    return and_(
        Delivery.state == DeliveryState.QUEUED,
        Delivery.not_before <= now(),
        Document.state == DocumentState.READY,
    )


def open_shipment(session: Session, group: Group, owner: str, *, lease: dt.timedelta, limit: int) -> Lease | None:
    """Put up to `limit` due entries into a new shipment, leased to `owner`.

    None where nothing is due, or where the target's last shipment has not left yet: a client sees the numbers in order.
    """
    serialise_on(session, f"shipment:{group.client_id}:{group.process}:{group.target}")
    if _unfinished(session, group):
        return None
    entries = _take_due(session, group, limit)
    if not entries:
        return None
    shipment = Shipment(
        id=new_id("shp"),
        client_id=group.client_id,
        process=group.process,
        target=group.target,
        number=_next_number(session, group),
        definition_id=group.definition_id,
        state=ShipmentState.ASSEMBLING,
        documents=len(entries),
        pages=sum(entry.pages for entry in entries),
        created_at=now(),
        lease_owner=owner,
        lease_expires_at=now() + lease,
        lease_epoch=1,
        attempts=1,
    )
    _record_opened(session, shipment)
    for entry in entries:
        entry.shipment_id = shipment.id
        move_delivery(session, entry, DeliveryState.SHIPPING)
    return Lease(shipment.id, shipment.lease_epoch, owner)


def _take_due(session: Session, group: Group, limit: int) -> Sequence[Delivery]:
    return session.scalars(
        select(Delivery)
        .join(Document, Document.id == Delivery.document_id)
        .where(
            _due(),
            Delivery.client_id == group.client_id,
            Delivery.process == group.process,
            Delivery.target == group.target,
            Delivery.batch_id.is_not_distinct_from(group.batch_id),
            Document.definition_id == group.definition_id,
        )
        .order_by(Delivery.queued_at, Delivery.id)
        .limit(limit)
        .options(defer(Delivery.payload))
        .with_for_update(skip_locked=True, of=Delivery)
    ).all()


def _of_target(group: Group) -> ColumnElement[bool]:
    return and_(
        Shipment.client_id == group.client_id, Shipment.process == group.process, Shipment.target == group.target
    )


def _unfinished(session: Session, group: Group) -> bool:
    return session.scalar(select(Shipment.id).where(_of_target(group), Shipment.state.in_(UNFINISHED))) is not None


def _next_number(session: Session, group: Group) -> int:
    return (session.scalar(select(func.max(Shipment.number)).where(_of_target(group))) or 0) + 1


def _record_opened(session: Session, shipment: Shipment) -> None:
    session.add(shipment)
    session.flush()
    record(
        session,
        shipment.client_id,
        "shipment.opened",
        shipment.id,
        state=shipment.state,
        process=shipment.process,
        target=shipment.target,
        number=shipment.number,
        documents=shipment.documents,
        pages=shipment.pages,
    )


def claim_shipments(session: Session, owner: str, *, lease: dt.timedelta) -> list[Lease]:
    """Take over shipments that were begun and left: their worker died, or the target was not there."""
    free = or_(Shipment.lease_expires_at.is_(None), Shipment.lease_expires_at < now())
    shipments = session.scalars(
        select(Shipment)
        .where(Shipment.state.in_(UNFINISHED), free)
        .order_by(Shipment.id)
        .with_for_update(skip_locked=True)
    ).all()
    for shipment in shipments:
        shipment.lease_owner, shipment.lease_expires_at = owner, now() + lease
        shipment.lease_epoch += 1
        shipment.attempts += 1
    return [Lease(shipment.id, shipment.lease_epoch, owner) for shipment in shipments]


def leased_shipment(session: Session, lease: Lease) -> Shipment:
    """The shipment as it stands under this lease, for reading. Raises LeaseLostError where another has it now."""
    return _under_lease(session, lease, _leased(lease))


def hold_shipment(session: Session, lease: Lease) -> Shipment:
    """The leased shipment, locked for this transaction. Raises LeaseLostError where another has it now."""
    return _under_lease(session, lease, _leased(lease).with_for_update())


def _leased(lease: Lease) -> Select[tuple[Shipment]]:
    return select(Shipment).where(
        Shipment.id == lease.id,
        Shipment.lease_epoch == lease.epoch,
        Shipment.lease_owner == lease.owner,
        Shipment.state.in_(UNFINISHED),
    )


def _under_lease(session: Session, lease: Lease, statement: Select[tuple[Shipment]]) -> Shipment:
    shipment = session.scalars(statement).one_or_none()
    if shipment is None:
        raise LeaseLostError(f"the lease {lease.epoch} on {lease.id} is gone")
    return shipment


def commit_names(session: Session, lease: Lease, files: Sequence[ShippedFile]) -> None:
    """From here on the shipment counts as leaving: the files are safe under their temp names. Raises LeaseLostError."""
    shipment = hold_shipment(session, lease)
    shipment.files = [asdict(file) for file in files]
    move_shipment(session, shipment, ShipmentState.RENAMING, files=files_digest(shipment.files))


def files_digest(files: Iterable[dict[str, object]]) -> str:
    """SHA-256 over the canonical list of a shipment's files: what the trail keeps of it."""
    return hashlib.sha256(canonical(list(files)).encode()).hexdigest()


def finish_shipment(session: Session, lease: Lease) -> list[str]:
    """The files are visible: entries are sent, and documents delivered once every target has them.

    Returns the receipts of the documents delivered now. Raises LeaseLostError.
    """
    shipment = hold_shipment(session, lease)
    # documents before entries, in one order: two targets of the same documents may finish at the same time
    documents = session.scalars(
        select(Document)
        .where(Document.id.in_(select(Delivery.document_id).where(Delivery.shipment_id == shipment.id)))
        .order_by(Document.id)
        .with_for_update()
    ).all()
    _mark_sent(session, shipment)
    open_ones = _documents_with_open_entries(session, shipment)
    delivered = [document for document in documents if document.id not in open_ones]
    for document in delivered:
        move_document(session, document, DocumentState.DELIVERED)
    return sorted({document.receipt_id for document in delivered})


def _mark_sent(session: Session, shipment: Shipment) -> None:
    shipment.sent_at, shipment.error = now(), None
    shipment.lease_owner = shipment.lease_expires_at = None
    move_shipment(session, shipment, ShipmentState.SENT)
    for entry in session.scalars(
        select(Delivery)
        .where(Delivery.shipment_id == shipment.id)
        .order_by(Delivery.id)
        .options(defer(Delivery.payload))
    ):
        entry.sent_at = shipment.sent_at
        move_delivery(session, entry, DeliveryState.SENT)
    session.flush()


def _documents_with_open_entries(session: Session, shipment: Shipment) -> set[str]:
    in_shipment = select(Delivery.document_id).where(Delivery.shipment_id == shipment.id)
    open_states = (DeliveryState.QUEUED, DeliveryState.HELD, DeliveryState.SHIPPING)
    return set(
        session.scalars(
            select(Delivery.document_id).where(Delivery.document_id.in_(in_shipment), Delivery.state.in_(open_states))
        )
    )


def give_back_shipment(session: Session, lease: Lease, error: str, *, delay: dt.timedelta) -> None:
    """The target was not there: the shipment is tried again later, with its error code kept. Raises LeaseLostError."""
    shipment = hold_shipment(session, lease)
    shipment.lease_owner, shipment.lease_expires_at, shipment.error = None, now() + delay, error
    record(session, shipment.client_id, "shipment.failed", shipment.id, error=error, attempt=shipment.attempts)


def note_stale_worker(session: Session, lease: Lease) -> None:
    """Somebody woke up after their lease: nothing was written; the trail shows that it happened."""
    shipment = session.get_one(Shipment, lease.id)
    record(session, shipment.client_id, "lease.lost", shipment.id, epoch=lease.epoch, now=shipment.lease_epoch)


def shipment_payloads(session: Session, shipment_id: str) -> list[Payload]:
    """The frozen payloads of a shipment, in the order in which they became due."""
    texts = session.scalars(
        select(Delivery.payload).where(Delivery.shipment_id == shipment_id).order_by(Delivery.queued_at, Delivery.id)
    )
    return [Payload.model_validate_json(text) for text in texts]


def superseded_payloads(session: Session, shipment_id: str) -> dict[str, Payload]:
    """What the entries of a shipment correct: the earlier payloads by their delivery's id."""
    ids = select(Delivery.supersedes).where(Delivery.shipment_id == shipment_id, Delivery.supersedes.is_not(None))
    rows = session.execute(select(Delivery.id, Delivery.payload).where(Delivery.id.in_(ids)))
    return {id_: Payload.model_validate_json(text) for id_, text in rows}


def shipment_values(session: Session, shipment_id: str) -> dict[str, dict[str, list[Value]]]:
    """What a shipment delivered, for an audit over it: document type -> document id -> values."""
    by_type: dict[str, dict[str, list[Value]]] = {}
    for payload in shipment_payloads(session, shipment_id):
        by_type.setdefault(payload.document_type, {})[payload.document] = payload.values()
    return by_type
