"""Pauses: ops stop intake, work or delivery of one client, process or target, with a reason, and let it go on."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from schemas.errors import NotFoundError
from store.lists import clients_seen, processes_seen
from store.pauses import What, lift, pause, pauses_seen
from workbench.access import DeskHere, Requires
from workbench.pages import page
from workbench.permissions import Permission
from workbench.visitor import Visitor

router = APIRouter(prefix="/pauses")
Viewer = Annotated[Visitor, Depends(Requires(Permission.PAUSE_VIEW))]
Changer = Annotated[Visitor, Depends(Requires(Permission.PAUSE_CHANGE))]


@router.get("")
def show(request: Request, desk: DeskHere, visitor: Viewer) -> Response:
    """What is stopped now, and the form to stop something."""
    with desk.store.read(visitor.scope) as session:
        pauses = pauses_seen(session)
        clients, processes = clients_seen(session), processes_seen(session)
    return page(request, "pauses.html", pauses=pauses, clients=clients, processes=processes)


@router.post("")
def stop(
    desk: DeskHere,
    visitor: Changer,
    what: Annotated[What, Form()],
    client: Annotated[str, Form(max_length=100)],
    reason: Annotated[str, Form(min_length=3, max_length=500)],
    process: Annotated[str, Form(max_length=100)] = "",
    target: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """Stop one kind of work of a client. Raises NotFoundError for clients and processes that this person does not see."""
    with desk.store.session(visitor.scope) as session:
        if client not in dict(clients_seen(session)) or (process and (client, process) not in processes_seen(session)):
            raise NotFoundError("client or process")
        pause(session, what, client, process=process or None, target=target or None, reason=reason, by=visitor.name)
    return RedirectResponse("/pauses", 303)


@router.post("/{pause_id}/lift")
def go_on(pause_id: str, desk: DeskHere, visitor: Changer) -> Response:
    """Let it go on. Raises NotFoundError."""
    with desk.store.session(visitor.scope) as session:
        if pause_id not in {each.id for each in pauses_seen(session)}:
            raise NotFoundError(pause_id)
        lift(session, pause_id, by=visitor.name)
    return RedirectResponse("/pauses", 303)
