"""What the API answers: a client's documents in a list, and the data of one as it was frozen for delivery."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from schemas.lifecycle import DeliveryState
from store.tables import Delivery, Document, Receipt

GONE = (DeliveryState.CANCELLED,)


def document_page(
    session: Session, *, processes: Sequence[str], state: str, before: str | None, limit: int
) -> list[Document]:
    """The newest documents (of these processes, if any are named), after the key of the page before."""
    statement = select(Document).order_by(Document.id.desc()).limit(limit)
    if processes:
        statement = statement.where(Document.process.in_(processes))
    if state:
        statement = statement.where(Document.state == state)
    if before:
        statement = statement.where(Document.id < before)
    return list(session.scalars(statement))


def find_receipt(session: Session, receipt_id: str) -> Receipt | None:
    """A receipt of the clients that this session may see."""
    return session.scalars(select(Receipt).where(Receipt.id == receipt_id)).one_or_none()


def newest_payload(session: Session, document_id: str, version: int | None) -> str | None:
    """The frozen payload of a version (None: the newest that is not taken back) as canonical JSON; None: there is none."""
    statement = select(Delivery.payload).where(Delivery.document_id == document_id, Delivery.state.not_in(GONE))
    if version is not None:
        statement = statement.where(Delivery.version == version)
    return session.scalars(statement.order_by(Delivery.version.desc(), Delivery.target).limit(1)).first()
