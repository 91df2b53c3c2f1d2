"""Users, their browser sessions, and the count of sign-in attempts. Tokens and passwords arrive here hashed already."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from schemas.clock import now
from schemas.errors import ConflictError
from schemas.ids import new_id
from schemas.roles import Role
from store.events import record, start_chain
from store.tables import SignInAttempt, User, WebSession

DESK = ""  # the desk's own chain of events
WINDOW = dt.timedelta(minutes=1)
KEPT = dt.timedelta(days=1)
SEEN_EVERY = dt.timedelta(minutes=1)  # not every request is worth a write


@dataclass(frozen=True)
class AttemptLimits:
    """How many sign-ins may fail within a minute, for one account and from one address."""

    per_account: int = 5
    per_address: int = 20


def normal_name(name: str) -> str:
    """The one spelling of a user name."""
    return name.strip().casefold()


def find_user(session: Session, name: str) -> User | None:
    """A user by name, signed off ones too."""
    return session.scalars(select(User).where(User.name == normal_name(name))).one_or_none()


def all_users(session: Session) -> list[User]:
    """Every user, by name."""
    return list(session.scalars(select(User).order_by(User.name)))


def evaluators(session: Session, client_id: str) -> list[str]:
    """Names of the active people who may score a client's contacts."""
    roles = (Role.QA_AUDITOR, Role.SUPERVISOR)
    users = session.scalars(select(User).where(User.role.in_(roles), User.active.is_(True)).order_by(User.name))
    return [user.name for user in users if not user.client_ids or client_id in user.client_ids]


def add_user(
    session: Session,
    *,
    name: str,
    password_hash: str,
    role: Role,
    client_ids: list[str],
    queues: list[str],
    language: str,
    skills: Sequence[str] = (),
    first_until: dt.datetime | None = None,
) -> User:
    """Add a user; `first_until`: the password is a first one. Raises ConflictError where the name is taken."""
    if find_user(session, name) is not None:
        raise ConflictError(f"there is a user {normal_name(name)} already")
    start_chain(session, DESK)
    user = User(
        id=new_id("usr"),
        name=normal_name(name),
        password_hash=password_hash,
        role=role,
        client_ids=client_ids,
        queues=queues,
        skills=list(skills),
        language=language,
        first_until=first_until,
        active=True,
        created_at=now(),
    )
    session.add(user)
    record(session, DESK, "user.created", user.id, role=role, clients=client_ids, queues=queues)
    return user


def change_user(
    session: Session, user: User, *, role: Role, client_ids: list[str], queues: list[str], skills: list[str]
) -> None:
    """Give a user another role, clients, queues or skills; sessions see it from the next request on."""
    user.role, user.client_ids, user.queues, user.skills = role, client_ids, queues, skills
    record(session, DESK, "user.changed", user.id, role=role, clients=client_ids, queues=queues, skills=skills)


def replace_password(
    session: Session, user: User, password_hash: str, *, first_until: dt.datetime | None = None
) -> None:
    """Set a new password (`first_until`: a first one, made by somebody else); every session of the user ends."""
    user.password_hash, user.first_until = password_hash, first_until
    end_sessions_of(session, user)
    record(session, DESK, "user.password_changed", user.id, first=first_until is not None)


def strengthen_hash(session: Session, user_id: str, password_hash: str) -> None:
    """Keep the same password under better hash parameters."""
    session.execute(update(User).where(User.id == user_id).values(password_hash=password_hash))


def set_active(session: Session, user: User, *, active: bool) -> None:
    """Let a user in, or keep them out from the next request on."""
    user.active = active
    if not active:
        end_sessions_of(session, user)
    record(session, DESK, "user.activated" if active else "user.deactivated", user.id)


def set_language(session: Session, user_id: str, language: str) -> None:
    """The language of the user's pages."""
    session.execute(update(User).where(User.id == user_id).values(language=language))
    record(session, DESK, "user.language_changed", user_id, language=language)


def seconds_to_wait(session: Session, name: str, address: str, limits: AttemptLimits) -> int:
    """How long this account or address must wait before the next attempt; 0: not at all."""
    since = now() - WINDOW
    waits = [0]
    for column, value, limit in (
        (SignInAttempt.name, _digest(name), limits.per_account),
        (SignInAttempt.address, address, limits.per_address),
    ):
        count, oldest = session.execute(
            select(func.count(), func.min(SignInAttempt.at)).where(column == value, SignInAttempt.at > since)
        ).one()
        if count >= limit:
            waits.append(max(1, int((oldest + WINDOW - now()).total_seconds()) + 1))
    return max(waits)


def note_attempt(session: Session, name: str, address: str) -> int:
    """Count an attempt before the password is looked at; returns its id, to be forgotten when the sign-in succeeds.

    The name is kept hashed: people type passwords into name fields.
    """
    session.execute(delete(SignInAttempt).where(SignInAttempt.at < now() - KEPT))
    attempt = SignInAttempt(name=_digest(name), address=address, at=now())
    session.add(attempt)
    session.flush()
    return attempt.id


def refuse_attempt(session: Session, user: User | None, address: str) -> None:
    """Put a failed sign-in into the trail."""
    start_chain(session, DESK)
    record(session, DESK, "sign_in.failed", user.id if user else "unknown", address=address)


def open_session(session: Session, user: User, *, token_sha256: str, csrf: str, attempt_id: int, address: str) -> None:
    """Sign a user in: the attempt no longer counts, and a session begins."""
    session.execute(delete(SignInAttempt).where(SignInAttempt.id == attempt_id))
    at = now()
    session.add(WebSession(token_sha256=token_sha256, user_id=user.id, csrf=csrf, created_at=at, seen_at=at))
    record(session, DESK, "sign_in.ok", user.id, address=address)


def find_session(
    session: Session, token_sha256: str, *, idle: dt.timedelta, absolute: dt.timedelta
) -> tuple[WebSession, User] | None:
    """A live session and its active user; None where it ended, idled out or grew too old."""
    at = now()
    row = session.execute(
        select(WebSession, User)
        .join(User, User.id == WebSession.user_id)
        .where(
            WebSession.token_sha256 == token_sha256,
            WebSession.ended_at.is_(None),
            WebSession.seen_at > at - idle,
            WebSession.created_at > at - absolute,
            User.active.is_(True),
        )
    ).one_or_none()
    return (row[0], row[1]) if row else None


def is_stale(web_session: WebSession) -> bool:
    """Whether it is time to write down that the session was seen."""
    return web_session.seen_at < now() - SEEN_EVERY


def touch_session(session: Session, token_sha256: str) -> None:
    """The browser gave a sign of life."""
    session.execute(update(WebSession).where(WebSession.token_sha256 == token_sha256).values(seen_at=now()))


def end_session(session: Session, token_sha256: str, user_id: str) -> None:
    """Sign out."""
    session.execute(
        update(WebSession)
        .where(WebSession.token_sha256 == token_sha256, WebSession.ended_at.is_(None))
        .values(ended_at=now())
    )
    record(session, DESK, "sign_out", user_id)


def live_sessions(session: Session, idle: dt.timedelta, absolute: dt.timedelta) -> dict[str, int]:
    """How many sessions each user has now, by user id."""
    at = now()
    rows = session.execute(
        select(WebSession.user_id, func.count())
        .where(WebSession.ended_at.is_(None), WebSession.seen_at > at - idle, WebSession.created_at > at - absolute)
        .group_by(WebSession.user_id)
    )
    return {row.user_id: row[1] for row in rows}


def end_sessions_of(session: Session, user: User) -> None:
    """End every session of a user."""
    session.execute(
        update(WebSession).where(WebSession.user_id == user.id, WebSession.ended_at.is_(None)).values(ended_at=now())
    )


def note_denial(session: Session, user_id: str, *, permission: str, route: str) -> None:
    """Put a refused access into the trail."""
    start_chain(session, DESK)
    record(session, DESK, "access.denied", user_id, permission=permission, route=route)


def _digest(name: str) -> str:
    return hashlib.sha256(normal_name(name).encode()).hexdigest()
