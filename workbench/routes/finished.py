"""Finished work: a person's last documents, opening them again, and a client's document taken back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from schemas.lifecycle import DocumentState
from tasks.look_alike import finished_by
from tasks.reopen import reopen, withdraw
from workbench.access import DeskHere, Requires
from workbench.pages import page
from workbench.permissions import Permission
from workbench.reviewing import person_of
from workbench.visitor import Visitor

router = APIRouter()
Reviewer = Annotated[Visitor, Depends(Requires(Permission.TASK_WORK))]
Withdrawer = Annotated[Visitor, Depends(Requires(Permission.DOCUMENT_WITHDRAW))]
Note = Annotated[str, Form(min_length=3, max_length=2000)]
LAST = 50
REOPENABLE = (DocumentState.READY, DocumentState.DELIVERED)


@router.get("/mine")
def mine(request: Request, desk: DeskHere, visitor: Reviewer) -> Response:
    """What this person finished last, with the way back."""
    with desk.store.read(visitor.scope) as session:
        rows = finished_by(session, limit=LAST)
    return page(request, "mine.html", rows=rows, reopenable=REOPENABLE)


@router.post("/documents/{document_id}/reopen")
def open_again(document_id: str, desk: DeskHere, visitor: Reviewer, note: Note) -> Response:
    """Take a finished document back and show its task. Raises NotFoundError, AccessDeniedError, IllegalTransitionError."""
    anyones = visitor.may(Permission.TASK_CHOOSE)
    lease = reopen(desk, person_of(visitor), document_id, note, anyones=anyones)
    address = f"/review/{lease.id}?epoch={lease.epoch}" if lease else f"/documents/{document_id}"
    return RedirectResponse(address, 303)


@router.post("/documents/{document_id}/withdraw")
def take_back(document_id: str, desk: DeskHere, visitor: Withdrawer, note: Note) -> Response:
    """End a document that its client does not want worked on. Raises NotFoundError, IllegalTransitionError."""
    withdraw(desk, person_of(visitor), document_id, note)
    return RedirectResponse(f"/documents/{document_id}", 303)
