"""Held: ops decide on duplicates, repeated and incomplete batches, and give failed documents a fresh start."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from tasks.held import decide, open_decisions, try_again
from workbench.access import DeskHere, Requires
from workbench.pages import page
from workbench.permissions import Permission
from workbench.visitor import Visitor

router = APIRouter(prefix="/held")
Decider = Annotated[Visitor, Depends(Requires(Permission.HELD_DECIDE))]


@router.get("")
def show(request: Request, desk: DeskHere, visitor: Decider) -> Response:
    """What waits for a decision."""
    return page(
        request,
        "held.html",
        held=open_decisions(desk, visitor.scope),
    )


@router.post("/documents/{document_id}/again")
def again(document_id: str, desk: DeskHere, visitor: Decider) -> Response:
    """A fresh start for a held or failed document. Raises NotFoundError."""
    try_again(desk, visitor.scope, document_id)
    return RedirectResponse("/held", 303)


@router.post("/{subject}")
def answer(
    subject: str, desk: DeskHere, visitor: Decider, decision: Annotated[Literal["accept", "reject"], Form()]
) -> Response:
    """Accept or reject a batch or a file. Raises NotFoundError."""
    decide(desk, visitor.scope, subject, accept=decision == "accept")
    return RedirectResponse("/held", 303)
