"""API tokens: making them, looking after them, ending them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from schemas.clock import now
from schemas.roles import TokenAction
from store.lists import clients_seen, processes_seen
from tasks.desk import Desk
from tasks.tokens import MOST_DAYS, end_token, make_token, tokens_seen
from workbench.access import DeskHere, Requires
from workbench.pages import page
from workbench.permissions import Permission
from workbench.routes.users import administrator
from workbench.visitor import Visitor

router = APIRouter(prefix="/tokens")
Admin = Annotated[Visitor, Depends(Requires(Permission.MACHINE_ADMIN))]


@router.get("")
def list_page(request: Request, desk: DeskHere, visitor: Admin) -> Response:
    """The tokens of this administrator's clients, and the form for another one."""
    return _page(request, desk, visitor)


def _page(request: Request, desk: Desk, visitor: Visitor, *, token: str = "", status: int = 200) -> Response:
    with desk.store.read(visitor.scope) as session:
        clients, processes = clients_seen(session), processes_seen(session)
    return page(
        request,
        "tokens.html",
        status=status,
        tokens=tokens_seen(desk, administrator(visitor)),
        clients=clients,
        processes=processes,
        actions=list(TokenAction),
        token=token,
        at=now(),
    )


@router.post("")
def make(
    request: Request,
    desk: DeskHere,
    visitor: Admin,
    name: Annotated[str, Form(min_length=1, max_length=100)],
    client: Annotated[str, Form(max_length=100)],
    actions: Annotated[tuple[TokenAction, ...], Form(min_length=1)],
    process: Annotated[str, Form(max_length=100)] = "",
    days: Annotated[int, Form(ge=1, le=MOST_DAYS)] = 90,
) -> Response:
    """A new token; the page shows it once. Raises NotFoundError."""
    token = make_token(
        desk,
        administrator(visitor),
        name=name,
        client_id=client,
        processes=(process,) if process else (),
        actions=actions,
        days=days,
    )
    return _page(request, desk, visitor, token=token, status=201)


@router.post("/{token_id}/revoke")
def revoke(token_id: str, desk: DeskHere, visitor: Admin) -> Response:
    """End a token at once. Raises NotFoundError."""
    end_token(desk, administrator(visitor), token_id)
    return RedirectResponse("/tokens", 303)
