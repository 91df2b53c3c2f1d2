"""Questions to clients: what waits for an answer, and giving it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from store.questions import open_questions
from tasks.questions import answer
from workbench.access import DeskHere, Requires
from workbench.pages import page
from workbench.permissions import Permission
from workbench.visitor import Visitor

router = APIRouter(prefix="/questions")
Answerer = Annotated[Visitor, Depends(Requires(Permission.QUESTION_ANSWER))]


@router.get("")
def show(request: Request, desk: DeskHere, visitor: Answerer) -> Response:
    """The open questions of the visitor's clients, oldest first."""
    with desk.store.read(visitor.scope) as session:
        rows = open_questions(session)
    return page(request, "questions.html", rows=rows)


@router.post("/{question_id}")
def give_answer(
    question_id: str, desk: DeskHere, visitor: Answerer, text: Annotated[str, Form(min_length=1, max_length=2000)]
) -> Response:
    """The client's answer: the document goes back to a person. Raises NotFoundError."""
    answer(desk, visitor.scope, question_id, text)
    return RedirectResponse("/questions", 303)
