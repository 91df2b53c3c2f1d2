"""Receipts: the journal of byte streams that came in, and what is asked of it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from schemas.lifecycle import ReceiptState
from store.tables import Batch, Document, Receipt


def existing_receipts(session: Session, ids: Sequence[str]) -> set[str]:
    """Which of these receipts are in the journal already."""
    return set(session.scalars(select(Receipt.id).where(Receipt.id.in_(ids))))


def receipt_claimed(session: Session, claim: str) -> Receipt | None:
    """The receipt that was made for this claim."""
    return session.scalars(select(Receipt).where(Receipt.claim == claim)).one_or_none()


def earlier_receipts(session: Session, client_id: str, process: str, hashes: Sequence[str]) -> dict[str, str]:
    """Content hash -> first receipt of the same bytes in this process; refused ones do not count."""
    rows = session.execute(
        select(Receipt.sha256, Receipt.id)
        .where(
            Receipt.client_id == client_id,
            Receipt.process == process,
            Receipt.sha256.in_(hashes),
            Receipt.state.not_in((ReceiptState.REJECTED, ReceiptState.SUPPRESSED, ReceiptState.CONTROL)),
        )
        .order_by(Receipt.id.desc())
    ).all()
    return {row.sha256: row.id for row in rows}


def any_unlooked(session: Session) -> bool:
    """Whether a receipt waits for its first look."""
    return (
        session.scalars(select(Receipt.id).where(Receipt.state == ReceiptState.RECEIVED).limit(1)).first() is not None
    )


def load_receipts(session: Session, ids: Sequence[str]) -> Sequence[Receipt]:
    """These receipts, as far as they are there."""
    return session.scalars(select(Receipt).where(Receipt.id.in_(ids)).order_by(Receipt.id)).all()


def receipt_documents(session: Session, receipt_ids: Sequence[str]) -> dict[str, list[Document]]:
    """The documents that were made of these receipts, by receipt."""
    made: dict[str, list[Document]] = {}
    for document in session.scalars(select(Document).where(Document.receipt_id.in_(receipt_ids)).order_by(Document.id)):
        made.setdefault(document.receipt_id, []).append(document)
    return made


def batch_receipts(session: Session, batch_id: str) -> Sequence[Receipt]:
    """The files of a batch, members of archives too."""
    return session.scalars(select(Receipt).where(Receipt.batch_id == batch_id).order_by(Receipt.id)).all()


def open_batch_named(session: Session, client_id: str, process: str, name: str) -> Batch | None:
    """A batch of that name whose announced files have not all come."""
    batches = session.scalars(
        select(Batch)
        .where(Batch.client_id == client_id, Batch.process == process, Batch.name == name, Batch.closed_at.is_(None))
        .order_by(Batch.id.desc())
    )
    return batches.first()
