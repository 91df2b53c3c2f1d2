"""Sign in, with a code where there is a second factor; sign out; and the language of the pages."""

from __future__ import annotations

import hashlib
import secrets
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from schemas.errors import ForeignRequestError, TooManyAttemptsError
from store.users import end_session, set_language
from tasks.desk import Desk
from tasks.sign_in import HalfWay, Refused, SignedIn, sign_in_with_code
from tasks.sign_in import sign_in as try_to_sign_in
from workbench.access import (
    DeskHere,
    Requires,
    check_token,
    cookie_name,
    drop_cookie,
    open_to_all,
    set_cookie,
    visitor_behind,
)
from workbench.pages import page
from workbench.permissions import Permission
from workbench.visitor import Visitor

router = APIRouter()

Everyone = Annotated[Visitor, Depends(Requires(Permission.OWN_ACCOUNT))]
SESSION, FORM, STEP = "cleardesk", "cleardesk-form", "cleardesk-step"  # cookies
HOMES = (
    (Permission.TASK_WORK, "/review"),
    (Permission.DESK_VIEW, "/desk"),
    (Permission.KEY_BLIND, "/keying"),  # before the documents: who has seen their values may not key them
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
def form(request: Request, desk: DeskHere, next: str = "/", out: bool = False) -> Response:
    """The form. Its token is tied to a cookie, so that no other site can sign a browser in."""
    return _form(request, desk, "sign_in.html", goal=local(next), provider=provider_name(desk), out=out)


async def _own_form(request: Request, desk: DeskHere) -> None:
    """Raise ForeignRequestError unless the form is the one that we gave to this browser."""
    secret = request.cookies.get(cookie_name(desk, FORM))
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
    """Check name and password; the browser gets a fresh session, or is asked for a code."""
    match try_to_sign_in(desk, name, password, address_of(request), goal=local(next)):
        case SignedIn(token=token):
            return signed_in(desk, token, next)
        case HalfWay(token=token):
            response = RedirectResponse("/sign-in/code", 303)
            set_cookie(response, desk, STEP, token)
            return response
        case Refused(wait=0):
            more = {"name": name, "problem": "sign_in.wrong", "provider": provider_name(desk)}
            return _form(request, desk, "sign_in.html", status=401, goal=local(next), **more)
        case Refused(wait=wait):
            raise TooManyAttemptsError(wait)


@router.get("/sign-in/code", dependencies=[Depends(open_to_all)])
def code_form(request: Request, desk: DeskHere) -> Response:
    """The form for the second factor's code, after the password."""
    return _form(request, desk, "sign_in_code.html")


@router.post("/sign-in/code", dependencies=[Depends(open_to_all), Depends(_own_form)])
def submit_code(request: Request, desk: DeskHere, code: Annotated[str, Form(max_length=100)]) -> Response:
    """Check the code; the browser gets a fresh session. A sign-in that took too long begins anew."""
    step = request.cookies.get(cookie_name(desk, STEP), "")
    match sign_in_with_code(desk, step, code, address_of(request)):
        case (SignedIn(token=token), goal):
            return signed_in(desk, token, goal)
        case Refused(wait=0):
            return _form(request, desk, "sign_in_code.html", status=401, problem="sign_in.wrong_code")
        case Refused(wait=wait):
            raise TooManyAttemptsError(wait)
        case _:
            return RedirectResponse("/sign-in", 303)


def signed_in(desk: Desk, token: str, goal: str) -> Response:
    """To the page to end on, with the session's cookie in place of those of the way there."""
    response = RedirectResponse(local(goal), 303)
    set_cookie(response, desk, SESSION, token, seconds=desk.settings.session_hours * 3600)
    for part in (FORM, STEP):
        drop_cookie(response, desk, part)
    return response


@router.post("/sign-out")
def sign_out(desk: DeskHere, visitor: Everyone) -> Response:
    """End this session; who came through single sign-on is shown the way to end that one too."""
    with desk.store.session(visitor.scope) as session:
        end_session(session, visitor.token_sha256, visitor.user_id)
    return signed_out(desk, "/sign-in?out=1" if visitor.single_sign_on else "/sign-in")


def signed_out(desk: Desk, goal: str) -> Response:
    """To a page for strangers; the browser forgets what it kept of ours."""
    response = RedirectResponse(goal, 303, headers={"Clear-Site-Data": '"storage"'})
    drop_cookie(response, desk, SESSION)
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
    return RedirectResponse(local(next), 303)


def address_of(request: Request) -> str:
    """The network address of the other end."""
    return request.client.host if request.client else "unknown"


def provider_name(desk: Desk) -> str:
    """What the single sign-on is called on the page; empty where there is none."""
    settings = desk.settings
    return settings.sso_issuer and (settings.sso_name or urlsplit(settings.sso_issuer).hostname or settings.sso_issuer)


def _form(request: Request, desk: Desk, template: str, *, status: int = 200, **more: Any) -> Response:
    secret = request.cookies.get(cookie_name(desk, FORM)) or secrets.token_urlsafe(32)
    more = {"name": "", "problem": "", "out": False, **more}
    response = page(request, template, status=status, token=_form_token(secret), **more)
    set_cookie(response, desk, FORM, secret)
    return response


def _form_token(secret: str) -> str:
    return hashlib.sha256(f"sign-in {secret}".encode()).hexdigest()


def local(goal: str) -> str:
    """An address of our own pages; anything else leads home."""
    return goal if goal.startswith("/") and not goal.startswith(("//", "/\\")) else "/"
