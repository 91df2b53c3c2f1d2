"""Lots: documents of one process that stand or fall together. A process collects one lot at a time; the index holds that."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session

from schemas.clock import now
from schemas.errors import IllegalTransitionError
from schemas.ids import new_id
from schemas.lifecycle import DeliveryState, DocumentState
from schemas.quality import DECISION_STREAMS, LOT_TRANSITIONS, LotState, SampleState
from store.events import record
from store.queue import serialise_on
from store.tables import Delivery, Document, Lot, LotDocument, Sample


def collecting_lot(
    session: Session, client_id: str, process: str, *, definition_id: str, gate: str, closes_at: dt.datetime
) -> Lot:
    """The lot that documents of a process are entered in now; a new one where none collects. Locked."""
    serialise_on(session, f"lot:{client_id}:{process}")
    lot = session.scalars(
        select(Lot)
        .where(Lot.client_id == client_id, Lot.process == process, Lot.state == LotState.COLLECTING)
        .with_for_update()
    ).one_or_none()
    if lot is not None:
        return lot
    last = session.scalar(select(func.max(Lot.number)).where(Lot.client_id == client_id, Lot.process == process)) or 0
    lot = Lot(
        id=new_id("lot"),
        client_id=client_id,
        process=process,
        definition_id=definition_id,
        number=last + 1,
        gate=gate,
        state=LotState.COLLECTING,
        severity="",
        plans={},
        result={},
        documents=0,
        opened_at=now(),
        closes_at=closes_at,
    )
    session.add(lot)
    session.flush()
    record(session, client_id, "lot.opened", lot.id, process=process, number=lot.number, gate=gate)
    return lot


def enter(session: Session, lot: Lot, document: Document) -> None:
    """Put a document's current version in a lot."""
    session.add(
        LotDocument(lot_id=lot.id, client_id=document.client_id, document_id=document.id, version=document.version)
    )
    lot.documents += 1
    record(session, lot.client_id, "lot.entered", lot.id, document=document.id, version=document.version)


def enter_again(session: Session, lot: Lot, document: Document) -> None:
    """The document was put right while its lot is open: the new version stands in it."""
    session.get_one(LotDocument, (lot.id, document.id)).version = document.version
    record(session, lot.client_id, "lot.entered", lot.id, document=document.id, version=document.version)


def lot_of(session: Session, document_id: str) -> Lot | None:
    """The newest lot that a document was entered in."""
    return session.scalars(
        select(Lot)
        .join(LotDocument, LotDocument.lot_id == Lot.id)
        .where(LotDocument.document_id == document_id)
        .order_by(Lot.number.desc())
        .limit(1)
    ).one_or_none()


def lot_documents(session: Session, lot_id: str) -> Sequence[tuple[LotDocument, Document]]:
    """A lot's documents with the versions that were entered."""
    rows = session.execute(
        select(LotDocument, Document)
        .join(Document, Document.id == LotDocument.document_id)
        .where(LotDocument.lot_id == lot_id)
        .order_by(LotDocument.document_id)
    )
    return [(entry, document) for entry, document in rows]


def move_lot(session: Session, lot: Lot, new: LotState, *, by: str, reason: str = "", **data: Any) -> None:
    """Change a lot's state. Raises IllegalTransitionError."""
    old = LotState(lot.state)
    if new not in LOT_TRANSITIONS[old]:
        raise IllegalTransitionError(f"{lot.id} cannot go from {old} to {new}")
    lot.state = new
    if new is LotState.INSPECTING:
        lot.closed_at = now()
    if new in (LotState.ACCEPTED, LotState.REFUSED):
        lot.decided_at, lot.decided_by = now(), by
    lot.reason = reason or lot.reason
    session.flush()
    record(session, lot.client_id, "lot.state", lot.id, old=old, new=new, reason=reason, **data)


def lots_to_close(session: Session) -> list[str]:
    """Collecting lots whose time is over, with something in them."""
    return list(
        session.scalars(
            select(Lot.id)
            .where(Lot.state == LotState.COLLECTING, Lot.closes_at <= now(), Lot.documents > 0)
            .order_by(Lot.id)
        )
    )


def lots_in(session: Session, state: LotState) -> list[str]:
    """Lots of a state, oldest first."""
    return list(session.scalars(select(Lot.id).where(Lot.state == state).order_by(Lot.id)))


def lot_samples(session: Session, lot_id: str) -> Sequence[Sample]:
    """The values drawn from a lot that still count."""
    return session.scalars(
        select(Sample).where(Sample.lot_id == lot_id, Sample.state != SampleState.VOID).order_by(Sample.id)
    ).all()


def decisions_in_lot(session: Session, lot_id: str) -> Sequence[Sample]:
    """What was drawn beside values of a lot's documents: their types, page splits, line counts, rejections, duplicates."""
    inside = select(LotDocument.document_id).where(LotDocument.lot_id == lot_id)
    drawn = (Sample.stream.in_(DECISION_STREAMS), Sample.state != SampleState.VOID)
    return session.scalars(select(Sample).where(Sample.document_id.in_(inside), *drawn).order_by(Sample.id)).all()


def let_go(session: Session, lot: Lot) -> int:
    """An accepted lot's outbox entries wait for it no longer. Returns how many."""
    result = session.execute(
        update(Delivery).where(Delivery.lot_id == lot.id, Delivery.state == DeliveryState.HELD).values(lot_id=None)
    )
    return int(getattr(result, "rowcount", 0))


def still_in_rework(session: Session, lot_id: str) -> bool:
    """Whether a document of a refused lot has not been through review yet."""
    waiting = (DocumentState.IN_REVIEW, DocumentState.IN_WORK, DocumentState.AWAITING_CLIENT, DocumentState.RECEIVED)
    found = session.scalar(
        select(LotDocument.document_id)
        .join(Document, Document.id == LotDocument.document_id)
        .where(LotDocument.lot_id == lot_id, Document.state.in_(waiting))
        .limit(1)
    )
    return found is not None


def earlier_lots(session: Session, lot: Lot) -> Sequence[Lot]:
    """The decided lots of the same process before this one, in order: what the switching rules look at."""
    decided = (LotState.ACCEPTED, LotState.REFUSED, LotState.REWORKED)
    return session.scalars(
        select(Lot)
        .where(
            Lot.client_id == lot.client_id, Lot.process == lot.process, Lot.number < lot.number, Lot.state.in_(decided)
        )
        .order_by(Lot.number)
    ).all()


def lots_seen(session: Session, *, limit: int = 200) -> Sequence[Lot]:
    """The newest lots that this session may see."""
    return session.scalars(select(Lot).order_by(Lot.id.desc()).limit(limit)).all()


def lot_seen(session: Session, lot_id: str) -> Lot | None:
    """A lot that this session may see."""
    return session.scalars(select(Lot).where(Lot.id == lot_id)).one_or_none()


def sample_counts(session: Session, lot_ids: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Lot -> how many of its sampled values are decided, and how many were drawn."""
    rows = session.execute(
        select(Sample.lot_id, func.sum(case((Sample.state == SampleState.DECIDED, 1), else_=0)), func.count())
        .where(Sample.lot_id.in_(lot_ids), Sample.state != SampleState.VOID)
        .group_by(Sample.lot_id)
    )
    return {lot_id: (int(decided), drawn) for lot_id, decided, drawn in rows}
