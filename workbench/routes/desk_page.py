"""The desk at a glance, for leads and ops: what came in, where it stands, what waits, what is wrong."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from store.figures import (
    documents_by_state,
    flow_marks,
    last_reconciliation,
    open_alerts,
    queue_standings,
    receipts_by_state,
    receipts_total,
)
from store.lists import processes_seen
from store.pauses import pauses_seen
from tasks.desk import Desk
from workbench.access import DeskHere, Requires
from workbench.pages import page
from workbench.permissions import Permission
from workbench.visitor import Visitor

router = APIRouter(prefix="/desk")
Viewer = Annotated[Visitor, Depends(Requires(Permission.DESK_VIEW))]


@router.get("")
def show(request: Request, desk: DeskHere, visitor: Viewer) -> Response:
    """The whole page; it refreshes its figures by itself where scripts run."""
    return page(request, "desk.html", **_standing(desk, visitor))


@router.get("/figures")
def figures(request: Request, desk: DeskHere, visitor: Viewer) -> Response:
    """The figures alone, for the refresh."""
    return page(request, "_desk_figures.html", **_standing(desk, visitor))


def _standing(desk: Desk, visitor: Visitor) -> dict[str, Any]:
    """Figures of the visitor's clients; what belongs to the whole desk only for those who see every client."""
    whole = visitor.client_ids is None
    with desk.store.read(visitor.scope) as session:
        return {
            "states": documents_by_state(session),
            "receipts": receipts_total(session),
            "files": receipts_by_state(session),
            "queues": queue_standings(session),
            "processes": processes_seen(session),
            "pauses": pauses_seen(session),
            "whole": whole,
            "ledger": last_reconciliation(session) if whole else None,
            "alerts": open_alerts(session) if whole else [],
            "flows": flow_marks(session) if whole else [],
        }
