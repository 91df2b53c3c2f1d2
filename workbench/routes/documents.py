"""Documents: the list with its filter, and each one's story, read-only."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from schemas.document_type import document_types
from schemas.errors import NotFoundError
from schemas.lifecycle import DocumentState
from schemas.narrowing import type_in_process
from store.definitions import load_definition
from store.lists import DocumentFilter, clients_seen, list_documents
from store.story import tell_story
from workbench.access import DeskHere, Requires
from workbench.pages import page, words_for
from workbench.permissions import Permission
from workbench.review_form import Form, build_form
from workbench.visitor import Visitor

router = APIRouter(prefix="/documents")
Viewer = Annotated[Visitor, Depends(Requires(Permission.DOCUMENT_VIEW))]
PAGE = 50


@router.get("")
def list_page(
    request: Request,
    desk: DeskHere,
    visitor: Viewer,
    client: Annotated[str, Query(max_length=100)] = "",
    state: Annotated[str, Query(max_length=30)] = "",
    q: Annotated[str, Query(max_length=200)] = "",
    before: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Newest first. With HTMX only the rows are sent."""
    wanted = DocumentFilter(client, state, q.strip())
    with desk.store.read(visitor.scope) as session:
        listing = list_documents(session, wanted, before=before, limit=PAGE)
        clients = clients_seen(session)
    template = "_document_rows.html" if request.headers.get("hx-request") else "documents.html"
    return page(
        request,
        template,
        listing=listing,
        wanted=wanted,
        clients=clients,
        states=[each.value for each in DocumentState],
        types={name: kind.title for name, kind in document_types().items()},
        first=before is None,
    )


@router.get("/{document_id}")
def story_page(request: Request, document_id: str, desk: DeskHere, visitor: Viewer) -> Response:
    """From the receipt to the delivery: states, values, findings, corrections. Raises NotFoundError."""
    words = words_for(request)
    with desk.store.read(visitor.scope) as session:
        story = tell_story(session, document_id)
        if story is None:
            raise NotFoundError(document_id)
        definition = load_definition(session, story.document.definition_id)
    kind = type_in_process(definition.process, story.document.document_type or "")
    form = Form("", [], [], [])
    if story.extraction is not None:
        form = build_form(story.extraction, story.findings, kind, definition.process, words)
    return page(request, "document.html", story=story, form=form, kind=kind, definition=definition)
