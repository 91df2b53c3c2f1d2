"""The ledger: everything that came in equals everything that went out plus everything still here.

Balances compare what one source counts with the parts that another source counts it into, at the grains of receipt, document
and page; `store.ledger_checks` and `store.ledger_contents` name the rows. All of it inside one snapshot.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, distinct, exists, func, select
from sqlalchemy.orm import Session

from schemas.clock import now
from schemas.lifecycle import DeliveryState, DocumentState, ReceiptState
from store.ledger_checks import CHECKS, OPEN_ENTRY
from store.ledger_contents import altered_events, altered_payloads, altered_shipments
from store.tables import Client, Delivery, Document, Event, Page, Receipt, Reconciliation


@dataclass(frozen=True)
class Problem:
    """One row on which two sources disagree. Grains: receipt, document, page, task, delivery, shipment, trail, blob."""

    grain: str
    id: str
    what: str


@dataclass(frozen=True)
class Balance:
    """`total` as one source counts it, and `parts` as another does; they must add up."""

    grain: str
    what: str
    total: int
    parts: dict[str, int]

    @property
    def difference(self) -> int:
        return self.total - sum(self.parts.values())


def balances(session: Session) -> list[Balance]:
    """The accounting identities, each between two sources."""
    return [
        Balance("receipt", "received", _events(session, "receipt.received"), _states(session, Receipt)),
        Balance("receipt", "registered", _registered(session), {"with documents": _receipts_with_documents(session)}),
        Balance("document", "created", _events(session, "document.created"), _states(session, Document)),
        Balance("document", "sent", _documents_sent(session), _documents_that_were_delivered(session)),
        Balance("page", "received", _pages_received(session), _pages_by_fate(session)),
        Balance("page", "sent", _pages_sent(session), _pages_that_were_delivered(session)),
    ]


def _number(session: Session, statement: Select[Any]) -> int:
    return int(session.scalar(statement) or 0)


def _events(session: Session, kind: str) -> int:
    return _number(session, select(func.count()).where(Event.kind == kind))


def _states(session: Session, table: type[Receipt] | type[Document]) -> dict[str, int]:
    """Rows by state; a state that does not exist is left out, and so makes a difference."""
    known: type[StrEnum] = ReceiptState if table is Receipt else DocumentState
    counted = session.execute(select(table.state, func.count()).group_by(table.state)).tuples()
    return {state: count for state, count in counted if state in set(known)}


def _registered(session: Session) -> int:
    return _number(session, select(func.count()).where(Receipt.state == ReceiptState.REGISTERED))


def _receipts_with_documents(session: Session) -> int:
    return _number(session, select(func.count(distinct(Document.receipt_id))))


def _has_open_entry() -> ColumnElement[bool]:
    return exists().where(Delivery.document_id == Document.id, Delivery.state.in_(OPEN_ENTRY))


def _documents_sent(session: Session) -> int:
    """By the outbox: something of them has left, and nothing is still to leave."""
    still_open = select(Delivery.document_id).where(Delivery.state.in_(OPEN_ENTRY))
    return _number(
        session,
        select(func.count(distinct(Delivery.document_id))).where(
            Delivery.state == DeliveryState.SENT, Delivery.document_id.not_in(still_open)
        ),
    )


def _documents_that_were_delivered(session: Session) -> dict[str, int]:
    """By the documents: delivered, or delivered and opened again for a correction."""
    delivered = Document.state == DocumentState.DELIVERED
    reopened = and_(~delivered, Document.delivered_at.is_not(None), ~_has_open_entry())
    return {
        "delivered": _number(session, select(func.count()).where(delivered)),
        "reopened": _number(session, select(func.count()).where(reopened)),
    }


def _pages_received(session: Session) -> int:
    return _number(session, select(func.sum(Receipt.pages)).where(Receipt.state == ReceiptState.REGISTERED))


def _pages_by_fate(session: Session) -> dict[str, int]:
    return {
        "kept": _number(session, select(func.count()).select_from(Page).where(Page.dropped.is_(None))),
        "dropped": _number(session, select(func.count()).select_from(Page).where(Page.dropped.is_not(None))),
        "unread": _number(session, select(func.sum(Document.page_count)).where(Document.reader.is_(None))),
    }


def _sent_now() -> ColumnElement[bool]:
    """Entries of delivered documents' current versions."""
    return and_(
        Delivery.state == DeliveryState.SENT,
        Document.state == DocumentState.DELIVERED,
        Delivery.version == Document.version,
    )


def _pages_sent(session: Session) -> int:
    return _number(
        session,
        select(func.sum(Delivery.pages)).join(Document, Document.id == Delivery.document_id).where(_sent_now()),
    )


def _pages_that_were_delivered(session: Session) -> dict[str, int]:
    entries = select(func.count()).select_from(Delivery).join(Document, Document.id == Delivery.document_id)
    unread = select(func.sum(Document.page_count)).select_from(Delivery)
    return {
        "kept": _number(
            session, entries.join(Page, Page.document_id == Document.id).where(_sent_now(), Page.dropped.is_(None))
        ),
        "unread": _number(
            session,
            unread.join(Document, Document.id == Delivery.document_id).where(_sent_now(), Document.reader.is_(None)),
        ),
    }


def row_problems(session: Session) -> Iterator[Problem]:
    """Every row on which two tables disagree."""
    for check in CHECKS:
        for id_ in session.scalars(check.query()):
            yield Problem(check.grain, id_, check.what)


def content_problems(session: Session) -> Iterator[Problem]:
    """Every row whose contents are not what was written: all hashes are computed again."""
    for event in altered_events(session):
        yield Problem("trail", event, "its contents were altered")
    for delivery in altered_payloads(session):
        yield Problem("delivery", delivery, "its payload was altered")
    for shipment in altered_shipments(session):
        yield Problem("shipment", shipment, "its list of files was altered")


def stored_originals(session: Session) -> dict[str, dict[str, str]]:
    """Client -> content hash -> a receipt of those bytes, for every client: what the blob store must hold."""
    originals: dict[str, dict[str, str]] = {client: {} for client in session.scalars(select(Client.id))}
    rows = session.execute(
        select(Receipt.client_id, Receipt.sha256, Receipt.id).where(Receipt.sha256 != ""),
        execution_options={"yield_per": 5000},
    )
    for client_id, sha256, receipt_id in rows:
        originals.setdefault(client_id, {})[sha256] = receipt_id
    return originals


def keep_reconciliation(session: Session, residual: int, result: dict[str, Any]) -> None:
    """Keep a run of the ledger."""
    session.add(Reconciliation(at=now(), residual=residual, result=result))
