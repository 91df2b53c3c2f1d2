"""The door: every route says what it requires, by a dependency; the app does not start while one says nothing.

A cookie names the session. Unsafe requests also carry the session's token in a header or form field; that they come from our
own pages is checked before, in `workbench.protection`.
"""

from __future__ import annotations

import datetime as dt
import hmac
from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from schemas.errors import (
    AccessDeniedError,
    ConfigurationError,
    ForeignRequestError,
    PasswordChangeError,
    SecondFactorError,
    SignInNeededError,
)
from store.database import Scope, system
from store.users import find_session, is_stale, note_denial, touch_session
from tasks.desk import Desk
from tasks.second_factor import must_have
from tasks.users import sha256
from workbench.permissions import Permission
from workbench.visitor import Visitor, visitor_of

SAFE_METHODS = frozenset({"GET", "HEAD"})
PASSIVE = frozenset({"/desk/figures", "/desk/events"})  # refreshes by itself: no sign that anybody is there
TOKEN_HEADER, TOKEN_FIELD = "X-CSRF-Token", "csrf"


def desk_of(request: Request) -> Desk:
    """The desk that this application shows."""
    desk: Desk = request.app.state.desk
    return desk


DeskHere = Annotated[Desk, Depends(desk_of)]


def cookie_name(desk: Desk, part: str = "cleardesk") -> str:
    """A cookie of ours, the session's by default; with TLS its prefix makes browsers refuse it from anywhere but this host."""
    return f"__Host-{part}" if desk.settings.secure_cookies else part


def set_cookie(response: Response, desk: Desk, part: str, value: str, *, seconds: int | None = None) -> None:
    """Give the browser a cookie that scripts cannot read; without `seconds` it ends with the browser."""
    secure = desk.settings.secure_cookies
    response.set_cookie(cookie_name(desk, part), value, max_age=seconds, httponly=True, samesite="lax", secure=secure)


def drop_cookie(response: Response, desk: Desk, part: str) -> None:
    """Take a cookie away."""
    secure = desk.settings.secure_cookies
    response.delete_cookie(cookie_name(desk, part), httponly=True, samesite="lax", secure=secure)


class Guard:
    """What a route requires, as its declaration names it."""

    needs: str


class Requires(Guard):
    """A route's permission: the signed-in visitor who has it, or an error."""

    def __init__(self, permission: Permission) -> None:
        self.permission = self.needs = permission

    async def __call__(self, request: Request) -> Visitor:
        """Raises SignInNeededError, ForeignRequestError or AccessDeniedError."""
        visitor = await run_in_threadpool(visitor_behind, request)
        if visitor is None:
            raise SignInNeededError("no live session")
        if request.method not in SAFE_METHODS:
            await check_token(request, visitor.csrf)
        if visitor.must_change_password and self.permission is not Permission.OWN_ACCOUNT:
            raise PasswordChangeError("a first password is changed first")
        if visitor.must_set_up_factor and self.permission is not Permission.OWN_ACCOUNT:
            raise SecondFactorError("a second factor is set up first")
        if not visitor.may(self.permission):
            await run_in_threadpool(_note_denial, request, visitor, self.permission)
            raise AccessDeniedError(f"{visitor.role} has no {self.permission}")
        return visitor


def open_to_all() -> None:
    """A route's mark that nobody needs to be signed in."""


def visitor_behind(request: Request) -> Visitor | None:
    """The signed-in person, or None. Looked up once a request."""
    if not hasattr(request.state, "visitor"):
        request.state.visitor = _find_visitor(request)
    visitor: Visitor | None = request.state.visitor
    return visitor


def _find_visitor(request: Request) -> Visitor | None:
    desk = desk_of(request)
    token = request.cookies.get(cookie_name(desk))
    if not token:
        return None
    settings = desk.settings
    with desk.store.read(system("workbench")) as session:
        found = find_session(
            session,
            sha256(token),
            idle=dt.timedelta(minutes=settings.session_idle_minutes),
            absolute=dt.timedelta(hours=settings.session_hours),
        )
    if found is None:
        return None
    web_session, user = found
    if is_stale(web_session) and request.url.path not in PASSIVE:
        with desk.store.session(system("workbench")) as session:
            touch_session(session, web_session.token_sha256)
    return visitor_of(user, web_session, must_set_up_factor=must_have(settings, user) and user.factor_since is None)


async def check_token(request: Request, expected: str) -> None:
    """Raise ForeignRequestError unless the request carries the session's token in its header or form."""
    given = request.headers.get(TOKEN_HEADER)
    if given is None and _is_form(request):
        given = str((await request.form()).get(TOKEN_FIELD, ""))
    if not hmac.compare_digest((given or "").encode(), expected.encode()):
        raise ForeignRequestError("the token is missing or wrong")


def _is_form(request: Request) -> bool:
    kind = request.headers.get("content-type", "")
    return kind.startswith(("application/x-www-form-urlencoded", "multipart/form-data"))


def _note_denial(request: Request, visitor: Visitor, permission: Permission) -> None:
    route = request.scope.get("route")
    path = route.path if isinstance(route, APIRoute) else "unknown"
    with desk_of(request).store.session(Scope(visitor.name)) as session:
        note_denial(session, visitor.user_id, permission=permission, route=path)


def check_declared(routers: Iterable[APIRouter]) -> None:
    """Raise ConfigurationError for a route that says neither what it requires nor that it is open."""
    for router in routers:
        for route in router.routes:
            if not isinstance(route, APIRoute) or required_permission(route) is None:
                raise ConfigurationError(f"the route {getattr(route, 'path', route)} declares no permission")


def required_permission(route: APIRoute) -> str | None:
    """What a route requires: a permission, a token's action, "open", or None where it does not say."""
    for call in _calls(route.dependant):
        if isinstance(call, Guard):
            return call.needs
        if call is open_to_all:
            return "open"
    return None


def _calls(dependant: Dependant) -> Iterable[object]:
    for each in dependant.dependencies:
        yield each.call
        yield from _calls(each)
