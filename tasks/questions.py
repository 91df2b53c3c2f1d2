"""Questions: a reviewer asks the client, the SLA clock stands still, and the answer brings the document back to a person."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from schemas.calendar import Stop, due_with_stops, site_closures
from schemas.clock import now
from schemas.errors import IllegalTransitionError
from schemas.lifecycle import DocumentState, TaskKind, TaskState
from store.database import Scope, Session
from store.definitions import load_definition
from store.questions import add_question, open_question, pass_draft_on, set_answer
from store.queue import Lease
from store.review import hold_task
from store.tables import Document
from store.transitions import close_task, move_document
from tasks import seeds
from tasks.back_to_review import ask_person
from tasks.desk import Desk
from tasks.review import Person

ANSWERED = "ANSWERED"
ASKED = "ASKED"


def ask(desk: Desk, lease: Lease, person: Person, text: str, *, field: str | None = None) -> None:
    """Ask the client about the leased task's document; it waits for them, and the task ends. What was typed is kept.

    Raises:
        LeaseLostError: somebody else has the task. IllegalTransitionError: nothing is asked.
    """
    if not text.strip():
        raise IllegalTransitionError("a question needs a text")
    with desk.store.session(person.scope) as session:
        task = hold_task(session, lease)
        if task.kind == TaskKind.SEEDED:
            seeds.give_up(session, task, person.name, "asked")
            return
        document = session.get_one(Document, task.document_id, with_for_update=True)
        add_question(session, document, text, field=field, by=person.name)
        document.touched = True
        document.clock_stops = [*document.clock_stops, [now().isoformat(), None]]
        close_task(session, task, TaskState.DONE, by=person.name, result="asked")
        move_document(session, document, DocumentState.AWAITING_CLIENT, reason=ASKED)


def answer(desk: Desk, scope: Scope, question_id: str, text: str) -> None:
    """The client's answer: the clock goes on, the due time moves by the hours it stood, and a person is asked again.

    Raises:
        NotFoundError: no such question waits. IllegalTransitionError: the answer is empty.
    """
    if not text.strip():
        raise IllegalTransitionError("an answer needs a text")
    with desk.store.session(scope) as session:
        question = open_question(session, question_id)
        document = session.get_one(Document, question.document_id, with_for_update=True)
        set_answer(session, question, text, by=scope.actor)
        let_clock_go_on(session, desk, document)
        move_document(session, document, DocumentState.IN_REVIEW, reason=ANSWERED)
        pass_draft_on(session, document.id, ask_person(session, document, [ANSWERED]))


def let_clock_go_on(session: Session, desk: Desk, document: Document) -> None:
    """End the open stop of a document's SLA clock and put its due time off by the open hours that it stood."""
    ended = now().isoformat()
    document.clock_stops = [[begin, end or ended] for begin, end in document.clock_stops]
    definition = load_definition(session, document.definition_id)
    sla = definition.process.sla
    due = due_with_stops(
        document.received_at,
        sla.turnaround,
        sla.calendar,
        ZoneInfo(definition.client.time_zone),
        [Stop(_instant(begin), _instant(end)) for begin, end in document.clock_stops],
        site_closures(desk.settings.site_closures),
    )
    document.due_at = due or document.due_at


def _instant(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)
