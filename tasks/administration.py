"""Administration: who works here with which role, clients, queues and skills. A client's administrator sees its own people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from schemas.errors import AccessDeniedError, ConflictError, NotFoundError
from schemas.roles import CLIENT_BOUND, Role
from store.database import Session, system
from store.events import record
from store.second_factors import forget_factor
from store.tables import User
from store.users import DESK, all_users, change_user, end_sessions_of, live_sessions, set_active
from tasks.desk import Desk
from tasks.users import create_user, made_password, set_password


@dataclass(frozen=True)
class Administrator:
    """Who administers: their name, and the clients whose people and tokens are theirs to govern (None: all)."""

    name: str
    client_ids: frozenset[str] | None

    @property
    def roles(self) -> list[Role]:
        """The roles that they may give."""
        return [role for role in Role if self.client_ids is None or role in CLIENT_BOUND]

    def governs(self, role: str, client_ids: Iterable[str]) -> bool:
        """Whether someone with this role and these clients is theirs. Nobody makes anybody mightier than themselves."""
        if self.client_ids is None:
            return True
        clients = frozenset(client_ids)
        return role in CLIENT_BOUND and bool(clients) and clients <= self.client_ids


@dataclass(frozen=True)
class Rights:
    """What a user is to have."""

    role: Role
    client_ids: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()


@dataclass(frozen=True)
class PersonRow:
    """One line of the users page."""

    user: User
    sessions: int


def people_seen(desk: Desk, by: Administrator) -> list[PersonRow]:
    """The users that this administrator governs, by name, with their live sessions."""
    idle = dt.timedelta(minutes=desk.settings.session_idle_minutes)
    with desk.store.read(system(by.name)) as session:
        live = live_sessions(session, idle, dt.timedelta(hours=desk.settings.session_hours))
        return [
            PersonRow(user, live.get(user.id, 0))
            for user in all_users(session)
            if by.governs(user.role, user.client_ids)
        ]


def person_seen(desk: Desk, by: Administrator, user_id: str) -> PersonRow:
    """One user. Raises NotFoundError where this administrator does not govern them."""
    row = next((each for each in people_seen(desk, by) if each.user.id == user_id), None)
    if row is None:
        raise NotFoundError(user_id)
    return row


def add_person(desk: Desk, by: Administrator, name: str, rights: Rights, language: str) -> str:
    """Add a user; returns a first password, to be told once and changed at the first sign-in.

    Raises:
        AccessDeniedError: the role or the clients are not this administrator's to give.
        ConfigurationError: the name is empty. ConflictError: the name is taken.
    """
    _check_may_give(by, rights)
    password = made_password()
    create_user(
        desk,
        name,
        password,
        rights.role,
        rights.client_ids,
        rights.queues,
        skills=rights.skills,
        language=language,
        first=True,
        by=by.name,
    )
    return password


def change_person(desk: Desk, by: Administrator, user_id: str, rights: Rights) -> None:
    """Give a user other rights. Raises NotFoundError; AccessDeniedError for one's own rights, and those not one's to give."""
    _check_may_give(by, rights)
    with desk.store.session(system(by.name)) as session:
        user = _governed(session, by, user_id)
        change_user(
            session,
            user,
            role=rights.role,
            client_ids=sorted(set(rights.client_ids)),
            queues=sorted(set(rights.queues)),
            skills=sorted(set(rights.skills)),
        )


def switch_person(desk: Desk, by: Administrator, user_id: str, *, active: bool) -> None:
    """Let a user in, or keep them out and end their sessions. Raises NotFoundError, AccessDeniedError."""
    with desk.store.session(system(by.name)) as session:
        set_active(session, _governed(session, by, user_id), active=active)


def sign_person_out(desk: Desk, by: Administrator, user_id: str) -> None:
    """End every session of a user. Raises NotFoundError, AccessDeniedError."""
    with desk.store.session(system(by.name)) as session:
        user = _governed(session, by, user_id)
        end_sessions_of(session, user)
        record(session, DESK, "user.sessions_ended", user.id)


def take_factor_away(desk: Desk, by: Administrator, user_id: str) -> None:
    """End a lost second factor, and every session of its user. Raises NotFoundError, AccessDeniedError."""
    with desk.store.session(system(by.name)) as session:
        forget_factor(session, _governed(session, by, user_id))


def new_first_password(desk: Desk, by: Administrator, user_id: str) -> str:
    """Replace a lost password; returns a first one, to be told once.

    Raises:
        NotFoundError, AccessDeniedError. ConflictError: they come through single sign-on and have none.
    """
    with desk.store.read(system(by.name)) as session:
        user = _governed(session, by, user_id)
        name = user.name
        if user.issuer:
            raise ConflictError(f"{name} comes through single sign-on")
    password = made_password()
    set_password(desk, name, password, first=True, by=by.name)
    return password


def _check_may_give(by: Administrator, rights: Rights) -> None:
    if not by.governs(rights.role, rights.client_ids):
        raise AccessDeniedError("not this administrator's role or client to give")


def _governed(session: Session, by: Administrator, user_id: str) -> User:
    """Somebody else's account; nobody administers their own."""
    user = session.get(User, user_id)
    if user is None or not by.governs(user.role, user.client_ids):
        raise NotFoundError(user_id)
    if user.name == by.name:
        raise AccessDeniedError("one's own account")
    return user
