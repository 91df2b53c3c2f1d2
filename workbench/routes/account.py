"""One's own account: another password, and where one is signed in."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from schemas.errors import WeakPasswordError
from store.users import end_own_sessions, live_sessions_of
from tasks.desk import Desk
from tasks.second_factor import second_factor_of
from tasks.sign_in import change_own_password
from workbench.access import DeskHere, Requires
from workbench.pages import page
from workbench.permissions import Permission
from workbench.routes.sign_in import address_of, signed_out
from workbench.visitor import Visitor

router = APIRouter(prefix="/account")
Everyone = Annotated[Visitor, Depends(Requires(Permission.OWN_ACCOUNT))]


@router.get("")
def show(request: Request, desk: DeskHere, visitor: Everyone) -> Response:
    """Who one is here, the form for another password, and the live sessions."""
    return _page(request, desk, visitor)


@router.post("/password")
def change_password(
    request: Request,
    desk: DeskHere,
    visitor: Everyone,
    old: Annotated[str, Form(max_length=2000)],
    new: Annotated[str, Form(max_length=2000)],
    again: Annotated[str, Form(max_length=2000)],
) -> Response:
    """Change it; every session ends, and the person signs in with the new one. Raises TooManyAttemptsError."""
    if new != again:
        return _page(request, desk, visitor, problem="account.differ")
    try:
        done = change_own_password(desk, visitor.name, old, new, address_of(request))
    except WeakPasswordError as error:
        return _page(request, desk, visitor, problem=f"account.weak.{error.why}")
    if not done:
        return _page(request, desk, visitor, problem="account.wrong")
    return RedirectResponse("/sign-in", 303)


@router.post("/sessions/end")
def end_sessions(desk: DeskHere, visitor: Everyone) -> Response:
    """End every session of one's own, this one too: who goes on signs in again."""
    with desk.store.session(visitor.scope) as session:
        end_own_sessions(session, visitor.user_id)
    return signed_out(desk, "/sign-in")


def _page(request: Request, desk: Desk, visitor: Visitor, *, problem: str = "") -> Response:
    idle, hours = desk.settings.session_idle_minutes, desk.settings.session_hours
    with desk.store.read(visitor.scope) as session:
        sessions = live_sessions_of(session, visitor.user_id, dt.timedelta(minutes=idle), dt.timedelta(hours=hours))
    return page(
        request,
        "account.html",
        status=422 if problem else 200,
        problem=problem,
        sessions=sessions,
        factor=second_factor_of(desk, visitor.user_id),
    )
