"""Saved searches: each person's own, by name."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from schemas.errors import ConflictError
from schemas.ids import new_id
from store.tables import SavedFilter

MOST = 30  # of one person


def filters_of(session: Session, user_id: str) -> Sequence[SavedFilter]:
    """A person's saved searches, by name."""
    return session.scalars(
        select(SavedFilter).where(SavedFilter.user_id == user_id).order_by(SavedFilter.name, SavedFilter.id)
    ).all()


def save_filter(session: Session, user_id: str, name: str, query: str) -> None:
    """Keep a search line under a name; the one of that name before is replaced. Raises ConflictError when there are too many."""
    drop = delete(SavedFilter).where(SavedFilter.user_id == user_id, SavedFilter.name == name)
    session.execute(drop)
    kept = session.scalar(select(func.count()).select_from(SavedFilter).where(SavedFilter.user_id == user_id)) or 0
    if kept >= MOST:
        raise ConflictError(f"{MOST} searches are kept already")
    session.add(SavedFilter(id=new_id("flt"), user_id=user_id, name=name, query=query))


def drop_filter(session: Session, user_id: str, filter_id: str) -> None:
    """Forget one of a person's own searches; nothing happens where there is none."""
    session.execute(delete(SavedFilter).where(SavedFilter.user_id == user_id, SavedFilter.id == filter_id))
