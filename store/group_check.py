"""Which open exceptions doubt one field, so that a person can look at that field of many documents at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, TextClause, func, or_, select, text
from sqlalchemy.orm import Session

from schemas.lifecycle import TaskState
from store.blind_claims import given_blind
from store.claiming import Claimer
from store.tables import Document, ReviewTask
from store.tables.reviews import DOUBTED

DOUBT = "LOW_CONFIDENCE:"
LOOKED_AT = 2000  # of the most pressing open tasks
TASKS, DOCUMENTS = ReviewTask.__table__.c, Document.__table__.c


def doubted_fields(session: Session, claimer: Claimer) -> Counter[tuple[str, str, str]]:
    """How many of the most pressing open tasks doubt a field: client, process, field -> tasks."""
    rows = session.execute(_pressing(session, claimer)).tuples()
    return Counter((client, process, field) for _, client, process, reasons in rows for field in _doubts(reasons))


def tasks_doubting(
    session: Session, claimer: Claimer, client_id: str, process: str, field: str, *, most: int
) -> Sequence[str]:
    """Ids of open tasks of a process that doubt a field, most pressing first."""
    rows = session.execute(_pressing(session, claimer, TASKS.client_id == client_id)).tuples()
    return [task_id for task_id, _, its, reasons in rows if its == process and field in _doubts(reasons)][:most]


def _pressing(
    session: Session, claimer: Claimer, *more: ColumnElement[bool]
) -> Select[tuple[str, str, str, list[str]]]:
    """Id, client, process and reasons of the most pressing tasks; documents are looked up for these alone."""
    allowed = session.info["scope"].client_ids
    # not the column itself: all tasks of the clients would be gathered and sorted, where the index has them in order
    theirs = [] if allowed is None else [func.coalesce(TASKS.client_id, "").in_(allowed)]
    tasks = (
        select(TASKS.id, TASKS.document_id, TASKS.reasons, TASKS.press_at)
        .where(*_free(claimer), *theirs, *more)
        .order_by(TASKS.press_at)
        .limit(LOOKED_AT)
        .subquery()
    )
    return (
        select(tasks.c.id, DOCUMENTS.client_id, DOCUMENTS.process, tasks.c.reasons)
        .join(Document.__table__, DOCUMENTS.id == tasks.c.document_id)
        .where(tasks.c.document_id.not_in(given_blind(claimer.name)))
        .order_by(tasks.c.press_at)
    )


def _doubts(reasons: Sequence[str]) -> list[str]:
    """The doubted header fields among a task's reasons."""
    fields = [reason.removeprefix(DOUBT) for reason in reasons if reason.startswith(DOUBT)]
    return [field for field in fields if "." not in field]


def _free(claimer: Claimer) -> list[ColumnElement[bool] | TextClause]:
    """Open to this person: of their queues and skills, pinned to nobody, and not for other eyes."""
    theirs: list[ColumnElement[bool] | TextClause] = [
        text(DOUBTED),  # word for word, as the index says it
        TASKS.state == TaskState.OPEN,
        TASKS.skill.in_(("", *claimer.skills)),
        or_(TASKS.not_by.is_(None), TASKS.not_by != claimer.name),
    ]
    return [*theirs, TASKS.queue.in_(claimer.queues)] if claimer.queues else theirs
