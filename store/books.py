"""The books as pages show them: the last reconciliation, and files by their state."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from schemas.lifecycle import ReceiptState
from store.tables import Receipt, Reconciliation

MOST = 500


def last_reconciliation(session: Session) -> Reconciliation | None:
    """The last run of the ledger that was kept."""
    return session.scalars(select(Reconciliation).order_by(Reconciliation.id.desc()).limit(1)).one_or_none()


def files_in(session: Session, state: ReceiptState) -> Sequence[Receipt]:
    """The newest files in a state, at most 500."""
    return session.scalars(select(Receipt).where(Receipt.state == state).order_by(Receipt.id.desc()).limit(MOST)).all()
