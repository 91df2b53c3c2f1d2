"""Audits: our own pages over the kept results of the Great Expectations suites."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from schemas.audit import AuditResult
from schemas.errors import NotFoundError
from store.lists import find_audit, list_audits
from workbench.access import DeskHere, Requires
from workbench.audit_words import tell
from workbench.pages import page
from workbench.permissions import Permission
from workbench.visitor import Visitor
from workbench.words import Words

router = APIRouter(prefix="/audits")
Viewer = Annotated[Visitor, Depends(Requires(Permission.AUDIT_VIEW))]
PAGE = 50


@router.get("")
def list_page(
    request: Request,
    desk: DeskHere,
    visitor: Viewer,
    before: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Newest first."""
    with desk.store.read(visitor.scope) as session:
        listing = list_audits(session, before=before, limit=PAGE)
    return page(request, "audits.html", listing=listing)


@router.get("/{audit_id}")
def show(request: Request, audit_id: str, desk: DeskHere, visitor: Viewer) -> Response:
    """One result: every expectation, and the documents that broke it. Raises NotFoundError."""
    with desk.store.read(visitor.scope) as session:
        audit = find_audit(session, audit_id)
    if audit is None:
        raise NotFoundError(audit_id)
    result = AuditResult.model_validate(audit.result)
    return page(request, "audit.html", audit=audit, expectations=tell(result, Words(visitor.language)))
