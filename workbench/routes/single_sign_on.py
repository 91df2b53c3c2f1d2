"""The way to the single sign-on, back from it, and out of it. Each is a link: a form must not lead to another site."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from schemas.errors import NotFoundError
from tasks.desk import Desk
from tasks.single_sign_on import way_out
from tasks.strangers import send_away, welcome_back
from workbench.access import DeskHere, cookie_name, open_to_all, set_cookie
from workbench.routes.sign_in import STEP, address_of, local, signed_in

router = APIRouter(prefix="/sign-in/sso", dependencies=[Depends(open_to_all)])
MINUTES = 10


def _must_be_set(desk: Desk) -> None:
    if not desk.settings.sso_issuer:
        raise NotFoundError("no single sign-on is set")


@router.get("")
def leave(desk: DeskHere, next: str = "/") -> Response:
    """To the issuer. Raises NotFoundError without one; PeerUnavailableError, OutboundRefusedError."""
    _must_be_set(desk)
    address, secret = send_away(desk, local(next))
    response = RedirectResponse(address, 303)
    set_cookie(response, desk, STEP, secret, seconds=MINUTES * 60)
    return response


@router.get("/return")
def come_back(request: Request, desk: DeskHere) -> Response:
    """From the issuer, with its answer: the browser gets a fresh session. Raises SignInRefusedError, PeerUnavailableError."""
    _must_be_set(desk)
    secret = request.cookies.get(cookie_name(desk, STEP), "")
    session, goal = welcome_back(desk, secret, dict(request.query_params), address_of(request))
    return signed_in(desk, session.token, goal)


@router.get("/out")
def sign_out_there(desk: DeskHere) -> Response:
    """To where the issuer ends its own session; to our sign-in page where it says of no such place."""
    _must_be_set(desk)
    return RedirectResponse(way_out(desk.settings) or "/sign-in", 303)
