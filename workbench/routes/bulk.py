"""Bulk actions on documents: what would be done is shown first, and what became of each afterwards."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from schemas.errors import AccessDeniedError, NotFoundError
from schemas.search_query import parse_search
from store.document_list import list_documents, these_documents
from tasks.bulk import MOST, BulkAction, act_on
from workbench.access import DeskHere, Requires
from workbench.pages import page
from workbench.permissions import Permission
from workbench.reviewing import reviewers
from workbench.routes.documents import as_listed
from workbench.visitor import Visitor

router = APIRouter(prefix="/documents/bulk")
Decider = Annotated[Visitor, Depends(Requires(Permission.HELD_DECIDE))]
FOR_LEADS = frozenset({BulkAction.ASSIGN, BulkAction.RELEASE, BulkAction.REPROCESS})
Ids = Annotated[list[str], Form(max_length=MOST)]
NONE: tuple[str, ...] = ()


@router.post("")
def ask(
    request: Request,
    desk: DeskHere,
    visitor: Decider,
    action: Annotated[BulkAction, Form()],
    ids: Ids = list(NONE),  # noqa: B006 - FastAPI copies defaults
    everything: Annotated[bool, Form()] = False,
    q: Annotated[str, Form(max_length=400)] = "",
) -> Response:
    """Show what would be done, to the chosen documents or to all that the search finds (500 at most)."""
    _check(visitor, action)
    with desk.store.read(visitor.scope) as session:
        if everything:
            listing = list_documents(session, parse_search(q), limit=MOST)
            rows, more = listing.rows, listing.before is not None
        else:
            rows, more = these_documents(session, ids), False
        people = reviewers(session, visitor) if action is BulkAction.ASSIGN else []
    rows = as_listed(desk, visitor, rows)
    return page(request, "bulk.html", action=action, rows=rows, more=more, people=people, q=q, results=None)


@router.post("/do")
def carry_out(
    request: Request,
    desk: DeskHere,
    visitor: Decider,
    action: Annotated[BulkAction, Form()],
    ids: Ids,
    person: Annotated[str, Form(max_length=100)] = "",
    q: Annotated[str, Form(max_length=400)] = "",
) -> Response:
    """Do it, and say what became of each document."""
    _check(visitor, action)
    if action is BulkAction.ASSIGN:
        with desk.store.read(visitor.scope) as session:
            if person not in reviewers(session, visitor):
                raise NotFoundError(person)
    results = act_on(desk, visitor.scope, action, ids, person=person)
    return page(request, "bulk.html", action=action, rows=[], more=False, people=[], q=q, results=results)


def _check(visitor: Visitor, action: BulkAction) -> None:
    """Raises AccessDeniedError: who works on what is for leads to say."""
    if action in FOR_LEADS and not visitor.may(Permission.TASK_CHOOSE):
        raise AccessDeniedError(f"{visitor.role} may not {action}")
