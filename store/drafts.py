"""What a person has typed in a task and not submitted yet: kept at every change, for them or for who takes the task over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from schemas.clock import now
from schemas.lifecycle import TaskKind
from store.tables import Draft, ReviewTask

BLIND = frozenset({TaskKind.BLIND_KEY, TaskKind.ADJUDICATION})  # nobody sees what another has typed


def save_draft(
    session: Session, task: ReviewTask, document_type: str, values: Sequence[dict[str, Any]], *, by: str
) -> dt.datetime:
    """Keep a held task's form as the page sent it, in place of what was kept before. Returns when."""
    at = now()
    draft = Draft(
        task_id=task.id,
        client_id=task.client_id,
        document_type=document_type,
        values=list(values),
        by=by,
        at=at,
    )
    session.merge(draft)
    return at


def load_draft(session: Session, task: ReviewTask, person: str) -> Draft | None:
    """What was typed last, by this person or the holder before; in blind work only their own."""
    draft = session.get(Draft, task.id)
    if draft is not None and task.kind in BLIND and draft.by != person:
        return None
    return draft


def drop_draft(session: Session, task_id: str) -> None:
    """The task is finished: what was typed stands in the document's version now."""
    session.execute(delete(Draft).where(Draft.task_id == task_id))
