"""One's own second factor: set it up, get new recovery codes, do without it. The password is asked again before each."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from schemas.errors import AccessDeniedError, ConflictError
from tasks.desk import Desk
from tasks.second_factor import (
    Offer,
    begin,
    confirm,
    end,
    new_recovery_codes,
    offered,
    second_factor_of,
)
from tasks.sign_in import is_own_password
from workbench.access import DeskHere, Requires
from workbench.pages import page
from workbench.permissions import Permission
from workbench.routes.sign_in import address_of
from workbench.visitor import Visitor

router = APIRouter(prefix="/account/second-factor")
Everyone = Annotated[Visitor, Depends(Requires(Permission.OWN_ACCOUNT))]
Password = Annotated[str, Form(max_length=2000)]


@router.get("")
def show(request: Request, desk: DeskHere, visitor: Everyone) -> Response:
    """Whether there is one, and what can be done."""
    return _page(request, desk, visitor)


@router.post("/begin")
def offer(request: Request, desk: DeskHere, visitor: Everyone, password: Password = "") -> Response:
    """A new secret with its QR code, for the right password. Raises TooManyAttemptsError."""
    if refused := _refused(request, desk, visitor, password):
        return refused
    return _page(request, desk, visitor, offer=begin(desk, visitor.user_id, visitor.name))


@router.post("/confirm")
def take_into_use(
    request: Request, desk: DeskHere, visitor: Everyone, code: Annotated[str, Form(max_length=100)] = ""
) -> Response:
    """The first code: from now on one is asked for. The recovery codes are shown this once; other sessions end."""
    codes = confirm(desk, visitor.user_id, visitor.name, code, kept=visitor.token_sha256)
    if codes is None:
        still = offered(desk, visitor.user_id)
        return _page(request, desk, visitor, status=422, offer=still, problem="factor.wrong_code")
    return _page(request, desk, visitor, codes=codes)


@router.post("/recovery-codes")
def replace_codes(request: Request, desk: DeskHere, visitor: Everyone, password: Password = "") -> Response:
    """Other recovery codes, shown this once, for the right password. Raises TooManyAttemptsError, ConflictError."""
    if refused := _refused(request, desk, visitor, password):
        return refused
    if second_factor_of(desk, visitor.user_id).since is None:
        raise ConflictError("there is no second factor")
    return _page(request, desk, visitor, codes=new_recovery_codes(desk, visitor.user_id, visitor.name))


@router.post("/end")
def do_without(request: Request, desk: DeskHere, visitor: Everyone, password: Password = "") -> Response:
    """Do without it again, for the right password; every session ends. Raises AccessDeniedError where one's role asks for it."""
    if second_factor_of(desk, visitor.user_id).demanded:
        raise AccessDeniedError("this role asks for a second factor")
    if refused := _refused(request, desk, visitor, password):
        return refused
    end(desk, visitor.user_id, visitor.name)
    return RedirectResponse("/sign-in", 303)


def _refused(request: Request, desk: Desk, visitor: Visitor, password: str) -> Response | None:
    if is_own_password(desk, visitor.name, password, address_of(request)):
        return None
    return _page(request, desk, visitor, status=422, problem="account.wrong")


def _page(
    request: Request,
    desk: Desk,
    visitor: Visitor,
    *,
    status: int = 200,
    offer: Offer | None = None,
    codes: list[str] | None = None,
    problem: str = "",
) -> Response:
    """`offer`: what is to be confirmed; `codes`: recovery codes, shown this once."""
    return page(
        request,
        "second_factor.html",
        status=status,
        factor=second_factor_of(desk, visitor.user_id),
        offer=offer,
        picture=Markup(offer.picture) if offer else "",  # drawn by us, of our own address  # noqa: S704
        codes=codes or [],
        problem=problem,
    )
