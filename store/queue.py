"""The work queue: documents and receipts are claimed with a lease, and finished under its epoch.

A lease has an owner, an expiry and an epoch. Every later write checks the epoch, so that a worker that was thought dead can
do no harm when it wakes up. An expired lease is taken over one at a time: what kills its worker harms nobody else, and fails
after `max_attempts`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, exists, or_, select, text, update
from sqlalchemy.orm import Session

from schemas.clock import now
from schemas.errors import LeaseLostError
from schemas.lifecycle import DocumentState, ReceiptState, TaskKind
from store.tables import Document, Pause, Receipt
from store.transitions import move_document, move_receipt, open_task

OPS_QUEUE = "ops"


@dataclass(frozen=True)
class Lease:
    """The right to work on one thing until it expires; `epoch` proves it at every write."""

    id: str
    epoch: int
    owner: str


class _Claimable(Protocol):
    id: str
    lease_owner: str | None
    lease_expires_at: dt.datetime | None
    lease_epoch: int
    attempts: int


def claim_documents(
    session: Session, client_id: str, owner: str, limit: int, *, lease: dt.timedelta, max_attempts: int
) -> list[Lease]:
    """Claim up to `limit` documents of one client, urgent and most pressing first; expired leases one at a time.

    A document whose attempts are used up goes to ops instead.
    """
    at = now()
    fresh = and_(
        Document.state == DocumentState.RECEIVED, or_(Document.not_before.is_(None), Document.not_before <= at)
    )
    expired = and_(Document.state == DocumentState.IN_WORK, Document.lease_expires_at < at)
    leases: list[Lease] = []
    for condition, count in ((expired, 1), (fresh, limit)):
        for document in _claimable_documents(session, client_id, condition, count):
            if document.attempts >= max_attempts:
                fail_document(session, document, "TOO_MANY_ATTEMPTS")
            else:
                _take(document, owner, at + lease)
                move_document(session, document, DocumentState.IN_WORK, attempt=document.attempts, **_run_of(owner))
                leases.append(Lease(document.id, document.lease_epoch, owner))
        if leases:
            break
    return leases


def _run_of(owner: str) -> dict[str, str]:
    """The flow run behind an owner, which it may name after a slash: the trail leads there."""
    run = owner.partition("/")[2]
    return {"run": run} if run else {}


def _claimable_documents(
    session: Session, client_id: str, condition: ColumnElement[bool], limit: int
) -> Sequence[Document]:
    return session.scalars(
        select(Document)
        .where(Document.client_id == client_id, condition, ~_paused("work", Document.client_id, Document.process))
        .order_by(Document.urgent.desc(), Document.due_at, Document.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Document)
    ).all()


def _paused(what: str, client_id: SQLColumnExpression[str], process: SQLColumnExpression[str]) -> ColumnElement[bool]:
    return exists().where(
        Pause.what == what,
        Pause.lifted_at.is_(None),
        Pause.client_id == client_id,
        or_(Pause.process.is_(None), Pause.process == process),
    )


def _take(row: _Claimable, owner: str, expires_at: dt.datetime) -> None:
    row.lease_owner = owner
    row.lease_expires_at = expires_at
    row.lease_epoch += 1
    row.attempts += 1


def clients_with_work(session: Session) -> list[str]:
    """Clients that have a document to claim now, so that a sweep can serve them in turn."""
    at = now()
    return list(
        session.scalars(
            select(Document.client_id)
            .where(
                or_(
                    and_(
                        Document.state == DocumentState.RECEIVED,
                        or_(Document.not_before.is_(None), Document.not_before <= at),
                    ),
                    and_(Document.state == DocumentState.IN_WORK, Document.lease_expires_at < at),
                ),
                ~_paused("work", Document.client_id, Document.process),
            )
            .distinct()
            .order_by(Document.client_id)
        )
    )


def claim_receipts(session: Session, owner: str, limit: int, *, lease: dt.timedelta, max_attempts: int) -> list[Lease]:
    """Claim receipts that were stored but not looked at yet; those whose attempts are used up fail."""
    at = now()
    receipts = session.scalars(
        select(Receipt)
        .where(
            Receipt.state == ReceiptState.RECEIVED,
            or_(Receipt.lease_expires_at.is_(None), Receipt.lease_expires_at < at),
            or_(Receipt.not_before.is_(None), Receipt.not_before <= at),
        )
        .order_by(Receipt.urgent.desc(), Receipt.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    leases = []
    for receipt in receipts:
        if receipt.attempts >= max_attempts:
            move_receipt(session, receipt, ReceiptState.FAILED, reason="TOO_MANY_ATTEMPTS")
            continue
        _take(receipt, owner, at + lease)
        leases.append(Lease(receipt.id, receipt.lease_epoch, owner))
    return leases


def hold_document(session: Session, lease: Lease) -> Document:
    """The claimed document, locked for this transaction. Raises LeaseLostError where another has it now."""
    document = session.scalars(
        select(Document)
        .where(
            Document.id == lease.id,
            Document.lease_epoch == lease.epoch,
            Document.lease_owner == lease.owner,
            Document.state == DocumentState.IN_WORK,
        )
        .with_for_update()
    ).one_or_none()
    if document is None:
        raise LeaseLostError(f"the lease {lease.epoch} on {lease.id} is gone")
    return document


def hold_receipts(session: Session, leases: Sequence[Lease]) -> dict[str, Receipt]:
    """The claimed receipts by id, locked for this transaction; those that another has now are left out."""
    claimed = {lease.id: (lease.epoch, lease.owner) for lease in leases}
    receipts = session.scalars(
        select(Receipt).where(Receipt.id.in_(claimed)).order_by(Receipt.id).with_for_update()
    ).all()
    return {r.id: r for r in receipts if (r.lease_epoch, r.lease_owner) == claimed[r.id]}


def renew(session: Session, leases: Sequence[Lease], *, lease: dt.timedelta) -> None:
    """Heartbeat: extend document leases that are still ours."""
    for held in leases:
        session.execute(
            update(Document)
            .where(Document.id == held.id, Document.lease_epoch == held.epoch, Document.lease_owner == held.owner)
            .values(lease_expires_at=now() + lease)
        )


def retry_document(session: Session, document: Document, error: str, *, delay: dt.timedelta, max_attempts: int) -> None:
    """Give a document back after a passing fault: later, with growing delay, and to ops after the last attempt."""
    if document.attempts >= max_attempts:
        fail_document(session, document, error)
        return
    document.not_before = now() + delay * 2 ** (document.attempts - 1)
    document.error = error
    move_document(session, document, DocumentState.RECEIVED, reason=None, error=error)


def fail_document(session: Session, document: Document, error: str) -> None:
    """A document that cannot be worked goes to the ops queue with its error code, and never loops."""
    document.error = error
    if document.state == DocumentState.RECEIVED:
        move_document(session, document, DocumentState.IN_WORK)
    move_document(session, document, DocumentState.FAILED, reason=error)
    open_task(session, document, TaskKind.OPS, OPS_QUEUE, due_at=document.due_at, reasons=[error])


def serialise_on(session: Session, *keys: str | None) -> None:
    """Make transactions that look for the same duplicate keys wait for each other until commit.

    SQLite has one writer anyway; on PostgreSQL an advisory lock per key, taken in one order in one statement.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    if wanted := sorted(key for key in keys if key):
        lock = text("SELECT pg_advisory_xact_lock(hashtextextended(key, 0)) FROM unnest(CAST(:keys AS text[])) AS key")
        session.execute(lock, {"keys": wanted})
