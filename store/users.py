"""Users and their browser sessions. Tokens and passwords arrive here hashed already."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session

from schemas.clock import now
from schemas.errors import ConflictError
from schemas.ids import new_id
from schemas.roles import Role
from store.events import record, start_chain
from store.review import free_pinned
from store.tables import User, WebSession

DESK = ""  # the desk's own chain of events
SEEN_EVERY = dt.timedelta(minutes=1)  # not every request is worth a write


def normal_name(name: str) -> str:
    """The one spelling of a user name."""
    return name.strip().casefold()


def find_user(session: Session, name: str) -> User | None:
    """A user by name, signed off ones too."""
    return session.scalars(select(User).where(User.name == normal_name(name))).one_or_none()


def find_by_identity(session: Session, issuer: str, subject: str) -> User | None:
    """The user whom a single sign-on knows as `subject`."""
    return session.scalars(select(User).where(User.issuer == issuer, User.subject == subject)).one_or_none()


def is_without_users(session: Session) -> bool:
    """Whether nobody can sign in yet."""
    return not session.scalar(select(exists().where(User.id.is_not(None))))


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
    identity: tuple[str, str] | None = None,
) -> User:
    """Add a user; `first_until`: the password is a first one; `identity`: issuer and subject of a single sign-on.

    Raises:
        ConflictError: the name is taken.
    """
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
        issuer=identity[0] if identity else None,
        subject=identity[1] if identity else None,
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
    """Let a user in, or keep them out from the next request on; tasks that were kept for them go to whoever comes."""
    user.active = active
    if not active:
        end_sessions_of(session, user)
        free_pinned(session, user.name)
    record(session, DESK, "user.activated" if active else "user.deactivated", user.id)


def set_language(session: Session, user_id: str, language: str) -> None:
    """The language of the user's pages."""
    session.execute(update(User).where(User.id == user_id).values(language=language))
    record(session, DESK, "user.language_changed", user_id, language=language)


def refuse_sign_in(session: Session, user: User | None, address: str, how: str) -> None:
    """Put a failed sign-in into the trail; `how`: password, code, or what a single sign-on's answer lacked."""
    start_chain(session, DESK)
    record(session, DESK, "sign_in.failed", user.id if user else "unknown", address=address, how=how)


def open_session(session: Session, user: User, *, token_sha256: str, csrf: str, address: str, how: str) -> None:
    """Sign a user in; `how`: password, code, recovery_code or single_sign_on."""
    at = now()
    session.add(WebSession(token_sha256=token_sha256, user_id=user.id, csrf=csrf, created_at=at, seen_at=at))
    record(session, DESK, "sign_in.ok", user.id, address=address, how=how)


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


def live_sessions_of(session: Session, user_id: str, idle: dt.timedelta, absolute: dt.timedelta) -> list[WebSession]:
    """Where a user is signed in now, the newest first."""
    at = now()
    live = (WebSession.ended_at.is_(None), WebSession.seen_at > at - idle, WebSession.created_at > at - absolute)
    mine = select(WebSession).where(WebSession.user_id == user_id, *live)
    return list(session.scalars(mine.order_by(WebSession.created_at.desc())))


def end_own_sessions(session: Session, user_id: str) -> None:
    """A person ends every session of their own."""
    end_sessions_of(session, session.get_one(User, user_id))
    record(session, DESK, "user.sessions_ended", user_id)


def end_sessions_of(session: Session, user: User, *, kept: str = "") -> None:
    """End every session of a user, but for the one whose token's hash is `kept`."""
    session.execute(
        update(WebSession)
        .where(WebSession.user_id == user.id, WebSession.ended_at.is_(None), WebSession.token_sha256 != kept)
        .values(ended_at=now())
    )


def note_denial(session: Session, user_id: str, *, permission: str, route: str) -> None:
    """Put a refused access into the trail."""
    start_chain(session, DESK)
    record(session, DESK, "access.denied", user_id, permission=permission, route=route)
