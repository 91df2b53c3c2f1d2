"""Queues as an administrator sees them: which exist, how much waits in them, and nothing of what is in it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from schemas.lifecycle import SEEDED_QUEUE
from store.definitions import current_definitions
from store.tables import ReviewTask


@dataclass(frozen=True)
class QueueRow:
    """One queue of one client and the number of tasks that are open in it."""

    client_id: str
    queue: str
    open_tasks: int


def queues_seen(session: Session) -> list[QueueRow]:
    """Every queue that a process definition names or that a task waits in, of the clients that this session may see."""
    allowed = session.info["scope"].client_ids
    rows = session.execute(
        select(ReviewTask.client_id, ReviewTask.queue, func.count())
        .where(ReviewTask.state.in_(("open", "leased")), ReviewTask.queue != SEEDED_QUEUE)
        .group_by(ReviewTask.client_id, ReviewTask.queue)
    )
    counts = {(client_id, queue): count for client_id, queue, count in rows}
    for definition in current_definitions(session):
        process = definition.process
        if allowed is None or process.client in allowed:
            for queue in process.review.queues.values():
                counts.setdefault((process.client, queue), 0)
    return [QueueRow(client_id, queue, count) for (client_id, queue), count in sorted(counts.items())]
