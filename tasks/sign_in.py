"""Signing in with a password and, where there is one, a second factor; and changing one's own password."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from schemas.clock import now
from schemas.errors import TooManyAttemptsError, WeakPasswordError
from store.attempts import AttemptLimits, forget_attempts, forgive_attempt, take_attempt
from store.database import Session, system
from store.sign_in_steps import Step, add_step, end_step, find_step
from store.tables import User
from store.users import find_user, open_session, refuse_sign_in, replace_password, strengthen_hash
from tasks.desk import Desk
from tasks.passwords import hash_password, is_right, renewed_hash
from tasks.second_factor import take_code
from tasks.users import sha256

SCOPE = system("workbench")
LIMITS = AttemptLimits()


@dataclass(frozen=True)
class SignedIn:
    """A session that began: the token goes into the browser's cookie and is kept nowhere."""

    user_id: str
    token: str


@dataclass(frozen=True)
class HalfWay:
    """The password was right; a code is asked for next. The token goes into a cookie of its own."""

    token: str


@dataclass(frozen=True)
class Refused:
    """A sign-in that failed. `wait` is the number of seconds before another try is looked at; 0: something is wrong."""

    wait: int = 0


def sign_in(
    desk: Desk, name: str, password: str, address: str, *, goal: str = "/", limits: AttemptLimits = LIMITS
) -> SignedIn | HalfWay | Refused:
    """Check name and password. Attempts are counted before the slow hash, so that a flood cannot race the limit."""
    with desk.store.session(SCOPE) as session:
        if wait := take_attempt(session, name, address, limits):
            return Refused(wait)
        user = find_user(session, name)
    right = is_right(password, user.password_hash if user else "")
    with desk.store.session(SCOPE) as session:
        if user is None or not right or not _may_come_in(user):
            refuse_sign_in(session, user, address, "password")
            return Refused()
        if better := renewed_hash(password, user.password_hash):
            strengthen_hash(session, user.id, better)
        if user.factor_since is None:
            return begin_session(session, user, address, "password")
        forgive_attempt(session, name, address)
        token = secrets.token_urlsafe(32)
        add_step(session, Step.CODE, sha256(token), goal, user_id=user.id)
        return HalfWay(token)


def sign_in_with_code(
    desk: Desk, token: str, code: str, address: str, *, limits: AttemptLimits = LIMITS
) -> tuple[SignedIn, str] | Refused | None:
    """Check the second factor of who holds this half-way token. Returns the session and the page to end on.

    None: the token is unknown, used or too old, so the sign-in begins anew.
    """
    with desk.store.session(SCOPE) as session:
        step = find_step(session, Step.CODE, sha256(token))
        if step is None:
            return None
        user = session.get_one(User, step.user_id)
        if wait := take_attempt(session, user.name, address, limits):
            return Refused(wait)
    with desk.store.session(SCOPE) as session:
        user = session.get_one(User, step.user_id)
        how = take_code(desk, session, user, code) if _may_come_in(user) else None
        if how is None:
            refuse_sign_in(session, user, address, "code")
            return Refused()
        if not end_step(session, step.token_sha256):
            return None
        return begin_session(session, user, address, how), step.goal


def begin_session(session: Session, user: User, address: str, how: str) -> SignedIn:
    """A new session for a person who has shown who they are."""
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    forget_attempts(session, user.name, address)
    open_session(session, user, token_sha256=sha256(token), csrf=csrf, address=address, how=how)
    return SignedIn(user.id, token)


def _may_come_in(user: User) -> bool:
    return user.active and (user.first_until is None or user.first_until > now())


def is_own_password(desk: Desk, name: str, password: str, address: str) -> bool:
    """Whether a signed-in person knows their password: asked again before anything that keeps others out is changed.

    Raises:
        TooManyAttemptsError: it was guessed at too often.
    """
    with desk.store.session(SCOPE) as session:
        wait = take_attempt(session, name, address, LIMITS)
        user = find_user(session, name)
    if wait:
        raise TooManyAttemptsError(wait)
    right = is_right(password, user.password_hash if user else "")
    with desk.store.session(SCOPE) as session:
        if right:
            forget_attempts(session, name, address)
        else:
            refuse_sign_in(session, user, address, "password")
    return right


def change_own_password(desk: Desk, name: str, old: str, new: str, address: str) -> bool:
    """Change one's own password; every session ends, this one too. False: the old one is wrong.

    Raises:
        WeakPasswordError: the new password is no protection, or the old one. TooManyAttemptsError.
    """
    if old == new:
        raise WeakPasswordError("old")
    password_hash = hash_password(desk.settings, new, name=name)
    if not is_own_password(desk, name, old, address):
        return False
    with desk.store.session(system(name)) as session:
        user = find_user(session, name)
        assert user is not None  # who asks is signed in
        replace_password(session, user, password_hash)
    return True
