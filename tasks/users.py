"""People who sign in: passwords are hashed with Argon2id, session tokens with SHA-256; neither is ever kept as it is.

Parameters follow the OWASP Password Storage Cheat Sheet (Argon2id, at least 19 MiB, 2 passes, 1 lane); argon2-cffi's defaults
(RFC 9106, second choice: 64 MiB, 3 passes, 4 lanes) are above them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from schemas.clock import now
from schemas.errors import ConfigurationError
from schemas.roles import Role
from store.database import system
from store.tables import User
from store.users import (
    AttemptLimits,
    add_user,
    find_user,
    note_attempt,
    open_session,
    refuse_attempt,
    replace_password,
    seconds_to_wait,
    set_active,
    strengthen_hash,
)
from tasks.desk import Desk

LEAST_LENGTH = 12
MOST_LENGTH = 1024  # hashing megabytes is a way to keep us busy
LEAST_GUESSES = 1e9  # what a sign-in that may be tried five times a minute withstands for centuries
MOST_WEIGHED = 72  # characters that are looked at for words and patterns
FIRST_PASSWORD = dt.timedelta(hours=72)  # how long a password that somebody else made lets its person in
LANGUAGES = ("en", "de")
SCOPE = system("workbench")
LIMITS = AttemptLimits()


@dataclass(frozen=True)
class SignedIn:
    """A session that began: the token goes into the browser's cookie and is kept nowhere."""

    user_id: str
    token: str


@dataclass(frozen=True)
class Refused:
    """A sign-in that failed. `wait` is the number of seconds before another try is looked at; 0: wrong name or password."""

    wait: int = 0


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
        ConfigurationError: empty name, unknown role or language, password too short or equal to the name.
        ConflictError: the name is taken.
    """
    if not name.strip():
        raise ConfigurationError("a user needs a name")
    if role not in set(Role):
        raise ConfigurationError(f"there is no role `{role}`: use one of {', '.join(Role)}")
    if language not in LANGUAGES:
        raise ConfigurationError(f"there is no interface in `{language}`: use one of {', '.join(LANGUAGES)}")
    password_hash = hash_password(password, name=name)
    with desk.store.session(system(by)) as session:
        user = add_user(
            session,
            name=name,
            password_hash=password_hash,
            role=Role(role),
            client_ids=sorted(set(client_ids)),
            queues=sorted(set(queues)),
            skills=sorted(set(skills)),
            language=language,
            first_until=now() + FIRST_PASSWORD if first else None,
        )
        return user.id


def set_password(desk: Desk, name: str, password: str, *, first: bool = False, by: str = "command") -> None:
    """Set a user's password; all their sessions end. Raises ConfigurationError."""
    password_hash = hash_password(password, name=name)
    until = now() + FIRST_PASSWORD if first else None
    with desk.store.session(system(by)) as session:
        replace_password(session, _existing(find_user(session, name), name), password_hash, first_until=until)


def made_password() -> str:
    """A password that nobody chose: 120 random bits."""
    return secrets.token_urlsafe(15)


def change_own_password(desk: Desk, name: str, old: str, new: str, address: str) -> bool | int:
    """Change one's own password; every session ends, this one too. False: the old one is wrong; a number: seconds to wait.

    Raises:
        ConfigurationError: the new password is too short, too easy to guess, or the old one.
    """
    if old == new:
        raise ConfigurationError("the new password is the old one")
    password_hash = hash_password(new, name=name)
    match sign_in(desk, name, old, address):
        case Refused(wait=0):
            return False
        case Refused(wait=wait):
            return wait
    with desk.store.session(system(name)) as session:
        replace_password(session, _existing(find_user(session, name), name), password_hash)
    return True


def set_user_active(desk: Desk, name: str, *, active: bool, by: str = "command") -> None:
    """Let a user in or keep them out. Raises ConfigurationError where there is no such user."""
    with desk.store.session(system(by)) as session:
        set_active(session, _existing(find_user(session, name), name), active=active)


def _existing(user: User | None, name: str) -> User:
    if user is None:
        raise ConfigurationError(f"there is no user {name}")
    return user


def hash_password(password: str, *, name: str) -> str:
    """The Argon2id hash of an acceptable password. Raises ConfigurationError."""
    if not LEAST_LENGTH <= len(password) <= MOST_LENGTH:
        raise ConfigurationError(f"a password needs at least {LEAST_LENGTH} characters")
    if guesses(password, name) < LEAST_GUESSES:
        raise ConfigurationError("this password is too easy to guess")
    return _hasher().hash(password)


def guesses(password: str, name: str) -> float:
    """About how many tries guess it: by 30,000 common passwords, words, names, dates, keyboard rows and repetitions.

    Source: D. Wheeler, zxcvbn: Low-Budget Password Strength Estimation, USENIX Security 2016.
    """
    return float(zxcvbn(password[:MOST_WEIGHED], user_inputs=[name, "cleardesk"])["guesses"])


def sign_in(
    desk: Desk, name: str, password: str, address: str, *, limits: AttemptLimits = LIMITS
) -> SignedIn | Refused:
    """Check name and password. Attempts are counted before the slow hash, so that a flood cannot race the limit."""
    with desk.store.session(SCOPE) as session:
        user = find_user(session, name)
        wait = seconds_to_wait(session, name, address, limits)
        if wait:
            return Refused(wait)
        attempt_id = note_attempt(session, name, address)
    right = _verified(user, password)
    with desk.store.session(SCOPE) as session:
        if user is None or not right or not user.active or (user.first_until and user.first_until < now()):
            refuse_attempt(session, user, address)
            return Refused()
        if _hasher().check_needs_rehash(user.password_hash):
            strengthen_hash(session, user.id, _hasher().hash(password))
        token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        open_session(session, user, token_sha256=sha256(token), csrf=csrf, attempt_id=attempt_id, address=address)
        return SignedIn(user.id, token)


def sha256(token: str) -> str:
    """How a token is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def _verified(user: User | None, password: str) -> bool:
    """Whether the password is right; an unknown name costs the same time as a wrong password."""
    try:
        return _hasher().verify(user.password_hash if user else _nobodys_hash(), password[:MOST_LENGTH]) and bool(user)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobodys_hash() -> str:
    return _hasher().hash(secrets.token_urlsafe(32))
