"""People's accounts: made with a first password, given another, shut out and let in again."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable

from schemas.clock import now
from schemas.errors import ConfigurationError
from schemas.roles import Role
from store.database import system
from store.second_factors import forget_factor
from store.tables import User
from store.users import add_user, find_user, is_without_users, replace_password, set_active
from tasks.desk import Desk
from tasks.passwords import hash_password, made_password

__all__ = [
    "create_user",
    "first_password_ends",
    "made_password",
    "set_password",
    "set_user_active",
    "sha256",
    "without_second_factor",
]

FIRST_RUN = dt.timedelta(hours=1)  # how long the first password of a new desk lets its person in
FIRST_PASSWORD = dt.timedelta(hours=72)  # the same for every later one that somebody else made
LANGUAGES = ("en", "de")


def create_user(
    desk: Desk,
    name: str,
    password: str,
    role: Role | str,
    client_ids: Iterable[str] = (),
    queues: Iterable[str] = (),
    *,
    skills: Iterable[str] = (),
    language: str = "en",
    first: bool = False,
    by: str = "command",
) -> str:
    """Add a user; returns the id. `first`: somebody else knows the password, so it must be changed at the first sign-in.

    Raises:
        ConfigurationError: empty name, unknown role or language. WeakPasswordError: the password is no protection.
        ConflictError: the name is taken.
    """
    if not name.strip():
        raise ConfigurationError("a user needs a name")
    if role not in set(Role):
        raise ConfigurationError(f"there is no role `{role}`: use one of {', '.join(Role)}")
    if language not in LANGUAGES:
        raise ConfigurationError(f"there is no interface in `{language}`: use one of {', '.join(LANGUAGES)}")
    password_hash = hash_password(desk.settings, password, name=name)
    with desk.store.session(system(by)) as session:
        lasts = FIRST_RUN if is_without_users(session) else FIRST_PASSWORD
        user = add_user(
            session,
            name=name,
            password_hash=password_hash,
            role=Role(role),
            client_ids=sorted(set(client_ids)),
            queues=sorted(set(queues)),
            skills=sorted(set(skills)),
            language=language,
            first_until=now() + lasts if first else None,
        )
        return user.id


def first_password_ends(desk: Desk, name: str) -> dt.datetime | None:
    """Until when a first password lets its person in; None: it has been changed."""
    with desk.store.read(system("command")) as session:
        return _existing(find_user(session, name), name).first_until


def set_password(desk: Desk, name: str, password: str, *, first: bool = False, by: str = "command") -> None:
    """Set a user's password; all their sessions end.

    Raises:
        ConfigurationError: there is no such user, or they come through single sign-on. WeakPasswordError.
    """
    password_hash = hash_password(desk.settings, password, name=name)
    until = now() + FIRST_PASSWORD if first else None
    with desk.store.session(system(by)) as session:
        user = _existing(find_user(session, name), name)
        if user.issuer:
            raise ConfigurationError(f"{name} comes through single sign-on and has no password here")
        replace_password(session, user, password_hash, first_until=until)


def set_user_active(desk: Desk, name: str, *, active: bool, by: str = "command") -> None:
    """Let a user in or keep them out. Raises ConfigurationError where there is no such user."""
    with desk.store.session(system(by)) as session:
        set_active(session, _existing(find_user(session, name), name), active=active)


def without_second_factor(desk: Desk, name: str, *, by: str = "command") -> None:
    """Take a lost second factor away; all sessions of its user end. Raises ConfigurationError where there is no such user."""
    with desk.store.session(system(by)) as session:
        forget_factor(session, _existing(find_user(session, name), name))


def _existing(user: User | None, name: str) -> User:
    if user is None:
        raise ConfigurationError(f"there is no user {name}")
    return user


def sha256(token: str) -> str:
    """How a token is kept."""
    return hashlib.sha256(token.encode()).hexdigest()
