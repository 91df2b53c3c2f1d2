"""How often tokens were used of late, added up over all server processes."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import and_, delete, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from store.tables import TokenUse

HOUR = 3600  # seconds after which what a process left behind that is no more is cleared away


def settle_uses(session: Session, token_id: str, worker: str, counts: Mapping[int, int], since: int) -> dict[int, int]:
    """Write down this process's counts (slot to count) and learn what the others took since a slot, by slot."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    rows = [{"token_id": token_id, "slot": slot, "worker": worker, "count": count} for slot, count in counts.items()]
    if rows:
        statement = insert(TokenUse)
        key = (TokenUse.token_id, TokenUse.slot, TokenUse.worker)
        session.execute(
            statement.on_conflict_do_update(index_elements=key, set_={"count": statement.excluded.count}), rows
        )
    old = or_(and_(TokenUse.worker == worker, TokenUse.slot < since), TokenUse.slot < since - HOUR)
    session.execute(delete(TokenUse).where(TokenUse.token_id == token_id, old))
    others = (TokenUse.token_id == token_id, TokenUse.worker != worker, TokenUse.slot >= since)
    taken = select(TokenUse.slot, func.sum(TokenUse.count)).where(*others).group_by(TokenUse.slot)
    return {slot: int(count) for slot, count in session.execute(taken)}
