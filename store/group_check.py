"""Which open exceptions doubt one field, so that a person can look at that field of many documents at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from schemas.lifecycle import TaskKind, TaskState
from store.blind_claims import given_blind_too
from store.claiming import Claimer
from store.tables import Document, ReviewTask

DOUBT = "LOW_CONFIDENCE:"
LOOKED_AT = 2000  # of the most pressing open tasks


def doubted_fields(session: Session, claimer: Claimer) -> Counter[tuple[str, str, str]]:
    """How many of the most pressing open tasks doubt a field: client, process, field -> tasks."""
    rows = session.execute(
        select(Document.client_id, Document.process, ReviewTask.reasons)
        .join(Document, Document.id == ReviewTask.document_id)
        .where(_free(claimer))
        .order_by(ReviewTask.press_at)
        .limit(LOOKED_AT)
    )
    return Counter((client, process, field) for client, process, reasons in rows for field in _doubts(reasons))


def tasks_doubting(
    session: Session, claimer: Claimer, client_id: str, process: str, field: str, *, most: int
) -> Sequence[str]:
    """Ids of open tasks of a process that doubt a field, most pressing first."""
    rows = session.execute(
        select(ReviewTask.id, ReviewTask.reasons)
        .join(Document, Document.id == ReviewTask.document_id)
        .where(_free(claimer), Document.client_id == client_id, Document.process == process)
        .order_by(ReviewTask.press_at)
        .limit(LOOKED_AT)
    )
    return [task_id for task_id, reasons in rows if field in _doubts(reasons)][:most]


def _doubts(reasons: Sequence[str]) -> list[str]:
    """The doubted header fields among a task's reasons."""
    fields = [reason.removeprefix(DOUBT) for reason in reasons if reason.startswith(DOUBT)]
    return [field for field in fields if "." not in field]


def _free(claimer: Claimer) -> ColumnElement[bool]:
    """Open to this person: of their queues and skills, pinned to nobody, and not for other eyes."""
    theirs = [
        ReviewTask.state == TaskState.OPEN,
        ReviewTask.kind == TaskKind.EXCEPTION,
        ReviewTask.pinned_to.is_(None),
        ReviewTask.skill.in_(("", *claimer.skills)),
        or_(ReviewTask.not_by.is_(None), ReviewTask.not_by != claimer.name),
        ~given_blind_too(claimer.name),
    ]
    return and_(*theirs, ReviewTask.queue.in_(claimer.queues)) if claimer.queues else and_(*theirs)
