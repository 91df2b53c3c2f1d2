"""One's own account: choosing another password."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from schemas.errors import ConfigurationError, TooManyAttemptsError
from tasks.users import change_own_password
from workbench.access import DeskHere, Requires
from workbench.pages import page
from workbench.permissions import Permission
from workbench.visitor import Visitor

router = APIRouter(prefix="/account")
Everyone = Annotated[Visitor, Depends(Requires(Permission.OWN_ACCOUNT))]


@router.get("")
def show(request: Request, visitor: Everyone) -> Response:
    """Who one is here, and the form for another password."""
    return page(request, "account.html", problem="")


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
        return page(request, "account.html", status=422, problem="account.differ")
    address = request.client.host if request.client else "unknown"
    try:
        done = change_own_password(desk, visitor.name, old, new, address)
    except ConfigurationError:
        return page(request, "account.html", status=422, problem="account.weak")
    if done is False:
        return page(request, "account.html", status=422, problem="account.wrong")
    if done is not True:
        raise TooManyAttemptsError(done)
    return RedirectResponse("/sign-in", 303)
