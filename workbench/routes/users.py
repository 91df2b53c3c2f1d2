"""Users: who works here, with which role, clients, queues and skills."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import RedirectResponse, Response

from schemas.errors import ConfigurationError
from schemas.roles import Role
from store.lists import clients_seen
from tasks.administration import (
    Administrator,
    Rights,
    add_person,
    change_person,
    new_first_password,
    people_seen,
    person_seen,
    sign_person_out,
    switch_person,
    take_factor_away,
)
from tasks.desk import Desk
from workbench.access import DeskHere, Requires
from workbench.pages import page
from workbench.permissions import Permission
from workbench.visitor import Visitor

router = APIRouter(prefix="/users")
Admin = Annotated[Visitor, Depends(Requires(Permission.USER_ADMIN))]


def administrator(visitor: Visitor) -> Administrator:
    """The signed-in person as one who administers."""
    return Administrator(visitor.name, visitor.client_ids)


def given_rights(
    role: Annotated[Role, Form()],
    clients: Annotated[tuple[str, ...], Form()] = (),
    queues: Annotated[str, Form(max_length=1000)] = "",
    skills: Annotated[str, Form(max_length=1000)] = "",
) -> Rights:
    """The rights as the form has them; queues and skills are words with commas between them."""
    return Rights(role, clients, _words(queues), _words(skills))


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


Given = Annotated[Rights, Depends(given_rights)]


@router.get("")
def list_page(request: Request, desk: DeskHere, visitor: Admin) -> Response:
    """The users that this administrator governs, and the form for another one."""
    return _page(request, desk, visitor)


def _page(
    request: Request, desk: Desk, visitor: Visitor, *, told: tuple[str, str] | None = None, status: int = 200
) -> Response:
    """`told`: a user's name and first password, shown this once."""
    by = administrator(visitor)
    return page(
        request,
        "users.html",
        status=status,
        people=people_seen(desk, by),
        roles=by.roles,
        clients=_clients(desk, visitor),
        told=told,
    )


def _clients(desk: Desk, visitor: Visitor) -> list[tuple[str, str]]:
    with desk.store.read(visitor.scope) as session:
        return clients_seen(session)


@router.post("")
def add(
    request: Request,
    desk: DeskHere,
    visitor: Admin,
    name: Annotated[str, Form(min_length=1, max_length=100)],
    rights: Given,
    language: Annotated[str, Form(pattern="^(en|de)$")] = "en",
) -> Response:
    """Add a user; the page shows a first password once. Raises AccessDeniedError, ConflictError."""
    _check_clients(desk, visitor, rights)
    try:
        password = add_person(desk, administrator(visitor), name, rights, language)
    except ConfigurationError as error:
        raise RequestValidationError([]) from error
    return _page(request, desk, visitor, told=(name, password), status=201)


def _check_clients(desk: Desk, visitor: Visitor, rights: Rights) -> None:
    known = dict(_clients(desk, visitor))
    if any(client not in known for client in rights.client_ids):
        raise RequestValidationError([])


@router.get("/{user_id}")
def show(request: Request, user_id: str, desk: DeskHere, visitor: Admin) -> Response:
    """One user's rights, to look at and change. Raises NotFoundError."""
    by = administrator(visitor)
    row = person_seen(desk, by, user_id)
    return page(request, "user.html", row=row, roles=by.roles, clients=_clients(desk, visitor), told=None)


@router.post("/{user_id}")
def change(user_id: str, desk: DeskHere, visitor: Admin, rights: Given) -> Response:
    """Give other rights. Raises NotFoundError, AccessDeniedError."""
    person_seen(desk, administrator(visitor), user_id)
    _check_clients(desk, visitor, rights)
    change_person(desk, administrator(visitor), user_id, rights)
    return RedirectResponse(f"/users/{user_id}", 303)


@router.post("/{user_id}/password")
def reset(request: Request, user_id: str, desk: DeskHere, visitor: Admin) -> Response:
    """A new first password, shown once. Raises NotFoundError, AccessDeniedError."""
    by = administrator(visitor)
    password = new_first_password(desk, by, user_id)
    row = person_seen(desk, by, user_id)
    clients = _clients(desk, visitor)
    return page(request, "user.html", row=row, roles=by.roles, clients=clients, told=(row.user.name, password))


@router.post("/{user_id}/disable")
def disable(user_id: str, desk: DeskHere, visitor: Admin) -> Response:
    """Keep a user out from the next request on. Raises NotFoundError, AccessDeniedError."""
    switch_person(desk, administrator(visitor), user_id, active=False)
    return RedirectResponse(f"/users/{user_id}", 303)


@router.post("/{user_id}/enable")
def enable(user_id: str, desk: DeskHere, visitor: Admin) -> Response:
    """Let a user in again. Raises NotFoundError, AccessDeniedError."""
    switch_person(desk, administrator(visitor), user_id, active=True)
    return RedirectResponse(f"/users/{user_id}", 303)


@router.post("/{user_id}/sign-out")
def sign_out_everywhere(user_id: str, desk: DeskHere, visitor: Admin) -> Response:
    """End every session of a user. Raises NotFoundError, AccessDeniedError."""
    sign_person_out(desk, administrator(visitor), user_id)
    return RedirectResponse(f"/users/{user_id}", 303)


@router.post("/{user_id}/second-factor")
def end_second_factor(user_id: str, desk: DeskHere, visitor: Admin) -> Response:
    """Take a lost second factor away, until another is set up. Raises NotFoundError, AccessDeniedError."""
    take_factor_away(desk, administrator(visitor), user_id)
    return RedirectResponse(f"/users/{user_id}", 303)
