"""Parting with a task unfinished: who leaves may come back at once, who does not know goes to a lead, and notes stay behind."""

from __future__ import annotations

import datetime as dt

from schemas.errors import IllegalTransitionError
from schemas.lifecycle import TaskKind
from store.database import Session
from store.events import record
from store.queue import Lease
from store.review import add_note, hold_task, release_ahead, release_task, renew_task
from store.tables import Document, ReviewTask
from tasks import seeds
from tasks.desk import Desk
from tasks.review import Person

LEAD = "lead"  # the skill that an escalated task asks for: whoever may choose tasks has it
ESCALATED = "ESCALATED"
RETURN_WITHIN = dt.timedelta(seconds=10)


def leave(desk: Desk, lease: Lease, person: Person, *, seconds: float = 0) -> None:
    """The page was closed, after so many more seconds of work: others may have the task in a moment.

    Not at once, so that loading the page again does not lose it.

    Raises:
        LeaseLostError: somebody else has the task.
    """
    with desk.store.session(person.scope) as session:
        soon = min(RETURN_WITHIN, dt.timedelta(seconds=desk.settings.review_lease_seconds))
        renew_task(session, lease, duration=soon, seconds=seconds)
        release_ahead(session, lease)


def escalate(desk: Desk, lease: Lease, person: Person, reason: str) -> None:
    """Give the task to the leads, with the reason as a note; what was typed stays for them.

    Raises:
        LeaseLostError: somebody else has the task. IllegalTransitionError: no reason is given.
    """
    with desk.store.session(person.scope) as session:
        task = _noted(session, lease, person, reason)
        if task.kind == TaskKind.SEEDED:
            seeds.give_up(session, task, person.name, "escalated")
            return
        task.skill, task.reasons = LEAD, [*task.reasons, ESCALATED]
        record(session, task.client_id, "task.escalated", task.id, document=task.document_id)
        release_task(session, lease, reason="escalated")


def note(desk: Desk, lease: Lease, person: Person, text: str) -> None:
    """Leave a note for whoever has the document next. Errors as `escalate`."""
    with desk.store.session(person.scope) as session:
        _noted(session, lease, person, text)


def _noted(session: Session, lease: Lease, person: Person, text: str) -> ReviewTask:
    if not text.strip():
        raise IllegalTransitionError("a note needs a text")
    task = hold_task(session, lease)
    if task.kind != TaskKind.SEEDED:  # what is said of a known answer says nothing of its document
        add_note(session, session.get_one(Document, task.document_id), text, by=person.name)
    return task
