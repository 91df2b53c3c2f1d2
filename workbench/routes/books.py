"""The books: what the desk's ledger compares, where two sources differ, and the files behind each of its counts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from schemas.lifecycle import ReceiptState
from store.books import files_in, last_reconciliation
from workbench.access import DeskHere, Requires
from workbench.pages import page
from workbench.permissions import Permission
from workbench.visitor import Visitor

router = APIRouter(prefix="/desk/books")
Viewer = Annotated[Visitor, Depends(Requires(Permission.DESK_VIEW))]


@router.get("")
def show(
    request: Request, desk: DeskHere, visitor: Viewer, files: Annotated[ReceiptState | None, Query()] = None
) -> Response:
    """The last reconciliation, for those who see every client; `files`: the newest files in this state."""
    with desk.store.read(visitor.scope) as session:
        last = last_reconciliation(session) if visitor.client_ids is None else None
        rows = files_in(session, files) if files else []
    return page(request, "books.html", last=last, files=files, rows=rows)
