"""Questions to the client: kept with who asked and who answered; the trail gets their ids only."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from schemas.clock import now
from schemas.errors import NotFoundError
from schemas.ids import new_id
from store.blind_claims import given_blind
from store.events import record
from store.tables import Document, Draft, Question, ReviewTask

MOST = 500


def add_question(session: Session, document: Document, text: str, *, field: str | None, by: str) -> Question:
    """Put a question about a document (or one of its fields) to its client."""
    question = Question(
        id=new_id("qst"),
        client_id=document.client_id,
        document_id=document.id,
        field=field,
        text=text.strip(),
        asked_by=by,
        asked_at=now(),
    )
    session.add(question)
    record(session, document.client_id, "question.asked", question.id, document=document.id, field=field)
    return question


def open_question(session: Session, question_id: str) -> Question:
    """A question that waits for its answer, locked. Raises NotFoundError."""
    found = session.scalars(
        select(Question).where(Question.id == question_id, Question.answered_at.is_(None)).with_for_update()
    ).one_or_none()
    if found is None:
        raise NotFoundError(question_id)
    return found


def set_answer(session: Session, question: Question, text: str, *, by: str) -> None:
    """Keep what came back."""
    question.answer, question.answered_by, question.answered_at = text.strip(), by, now()
    record(session, question.client_id, "question.answered", question.id, document=question.document_id)


def open_questions(session: Session) -> Sequence[tuple[Question, Document]]:
    """What the clients in scope have not answered yet, oldest first, at most 500; nothing of what the person keys blind."""
    blind = given_blind(session.info["scope"].actor)
    rows = session.execute(
        select(Question, Document)
        .join(Document, Document.id == Question.document_id)
        .where(Question.answered_at.is_(None), Question.document_id.not_in(blind))
        .order_by(Question.id)
        .limit(MOST)
    )
    return [(question, document) for question, document in rows]


def questions_of(session: Session, document_id: str) -> Sequence[Question]:
    """All that was ever asked about a document, in order."""
    return session.scalars(select(Question).where(Question.document_id == document_id).order_by(Question.id)).all()


def pass_draft_on(session: Session, document_id: str, task: ReviewTask) -> None:
    """What was typed before the document went away waits in its new task."""
    drafts = session.scalars(
        select(Draft)
        .join(ReviewTask, ReviewTask.id == Draft.task_id)
        .where(ReviewTask.document_id == document_id, ReviewTask.id != task.id)
        .order_by(Draft.at.desc())
    ).all()
    if drafts:
        newest = drafts[0]
        session.add(
            Draft(
                task_id=task.id,
                client_id=newest.client_id,
                document_type=newest.document_type,
                values=newest.values,
                by=newest.by,
                at=newest.at,
            )
        )
    for draft in drafts:
        session.delete(draft)
