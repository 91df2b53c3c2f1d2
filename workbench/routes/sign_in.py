"""Sign in, sign out, and the language of the pages."""

from __future__ import annotations

import hashlib
import secrets
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from schemas.errors import ForeignRequestError, TooManyAttemptsError
from store.users import end_session, set_language
from tasks.desk import Desk
from tasks.users import Refused, SignedIn
from tasks.users import sign_in as try_to_sign_in
from workbench.access import DeskHere, Requires, check_token, cookie_name, open_to_all, visitor_behind
from workbench.pages import page
from workbench.permissions import Permission
from workbench.visitor import Visitor

router = APIRouter()

Everyone = Annotated[Visitor, Depends(Requires(Permission.OWN_ACCOUNT))]
FORM_COOKIE = "cleardesk-form"
HOMES = (
    (Permission.TASK_WORK, "/review"),
    (Permission.DESK_VIEW, "/desk"),
    (Permission.DOCUMENT_VIEW, "/documents"),
)


@router.get("/", dependencies=[Depends(open_to_all)])
def home(request: Request) -> Response:
    """To the page where this person's work is; strangers go to the sign-in page."""
    visitor = visitor_behind(request)
    if visitor is None:
        return RedirectResponse("/sign-in", 303)
    return RedirectResponse(next((path for permission, path in HOMES if visitor.may(permission)), "/patterns"), 303)


@router.get("/sign-in", dependencies=[Depends(open_to_all)])
def form(request: Request, desk: DeskHere, next: str = "/") -> Response:
    """The form. Its token is tied to a cookie, so that no other site can sign a browser in."""
    return _form(request, desk, next)


async def _own_form(request: Request) -> None:
    """Raise ForeignRequestError unless the form is the one that we gave to this browser."""
    secret = request.cookies.get(FORM_COOKIE)
    if not secret:
        raise ForeignRequestError("the form was not loaded here")
    await check_token(request, _form_token(secret))


@router.post("/sign-in", dependencies=[Depends(open_to_all), Depends(_own_form)])
def submit(
    request: Request,
    desk: DeskHere,
    name: Annotated[str, Form(max_length=200)],
    password: Annotated[str, Form(max_length=2000)],
    next: Annotated[str, Form()] = "/",
) -> Response:
    """Check name and password; on success the browser gets a fresh session."""
    address = request.client.host if request.client else "unknown"
    match try_to_sign_in(desk, name, password, address):
        case SignedIn(token=token):
            return _signed_in(desk, token, next)
        case Refused(wait=0):
            return _form(request, desk, next, status=401, name=name, problem="sign_in.wrong")
        case Refused(wait=wait):
            raise TooManyAttemptsError(wait)


def _signed_in(desk: Desk, token: str, goal: str) -> Response:
    settings = desk.settings
    response = RedirectResponse(_local(goal), 303)
    response.set_cookie(
        cookie_name(desk),
        token,
        max_age=settings.session_hours * 3600,
        httponly=True,
        samesite="lax",
        secure=settings.secure_cookies,
    )
    response.delete_cookie(FORM_COOKIE)
    return response


@router.post("/sign-out")
def sign_out(desk: DeskHere, visitor: Everyone) -> Response:
    """End this session."""
    with desk.store.session(visitor.scope) as session:
        end_session(session, visitor.token_sha256, visitor.user_id)
    response = RedirectResponse("/sign-in", 303)
    response.delete_cookie(cookie_name(desk), httponly=True, samesite="lax", secure=desk.settings.secure_cookies)
    return response


@router.get("/session")
def own_session(visitor: Everyone) -> dict[str, str]:
    """The session's token: for a page that was open while its person signed in again in another tab."""
    return {"csrf": visitor.csrf}


@router.post("/language")
def choose_language(
    desk: DeskHere,
    visitor: Everyone,
    language: Annotated[Literal["en", "de"], Form()],
    next: Annotated[str, Form()] = "/",
) -> Response:
    """The interface's language for this user."""
    with desk.store.session(visitor.scope) as session:
        set_language(session, visitor.user_id, language)
    return RedirectResponse(_local(next), 303)


def _form(request: Request, desk: Desk, goal: str, *, status: int = 200, name: str = "", problem: str = "") -> Response:
    secret = request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(32)
    response = page(
        request, "sign_in.html", status=status, token=_form_token(secret), goal=_local(goal), name=name, problem=problem
    )
    response.set_cookie(FORM_COOKIE, secret, httponly=True, samesite="lax", secure=desk.settings.secure_cookies)
    return response


def _form_token(secret: str) -> str:
    return hashlib.sha256(f"sign-in {secret}".encode()).hexdigest()


def _local(goal: str) -> str:
    """An address of our own pages; anything else leads home."""
    return goal if goal.startswith("/") and not goal.startswith(("//", "/\\")) else "/"
