"""Steering by leads: who works on a task, and what is read and extracted again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from schemas.errors import NotFoundError
from store.review import pin_task
from tasks.reprocess import reprocess
from workbench.access import DeskHere
from workbench.reviewing import Chooser, reviewers
from workbench.visitor import Visitor

router = APIRouter()


@router.post("/tasks/{task_id}/pin")
def pin(task_id: str, desk: DeskHere, visitor: Chooser, person: Annotated[str, Form(max_length=100)]) -> Response:
    """Give a waiting task to one person, who gets it first and alone. Raises NotFoundError, FourEyesError."""
    return _pinned(desk, visitor, task_id, person)


@router.post("/tasks/{task_id}/unpin")
def unpin(task_id: str, desk: DeskHere, visitor: Chooser) -> Response:
    """Leave a task to whoever comes. Raises NotFoundError."""
    return _pinned(desk, visitor, task_id, None)


def _pinned(desk: DeskHere, visitor: Visitor, task_id: str, person: str | None) -> Response:
    with desk.store.session(visitor.scope) as session:
        if person is not None and person not in reviewers(session, visitor):
            raise NotFoundError(person)
        document_id = pin_task(session, task_id, person).document_id
    return RedirectResponse(f"/documents/{document_id}", 303)


@router.post("/documents/{document_id}/reprocess")
def read_again(
    document_id: str, desk: DeskHere, visitor: Chooser, corrected_too: Annotated[bool, Form()] = False
) -> Response:
    """Read and extract a document again. Raises NotFoundError, IllegalTransitionError, ConflictError: people corrected it."""
    reprocess(desk, visitor.scope, document_id, corrected_too=corrected_too)
    return RedirectResponse(f"/documents/{document_id}", 303)
