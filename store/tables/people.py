"""Who signs in."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from store.tables.base import Base


class User(Base):
    """A person who signs in: with a password, or through the single sign-on that knows them as `subject`."""

    __tablename__ = "users"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]  # empty: has none, and comes through single sign-on
    first_until: Mapped[dt.datetime | None]  # somebody else knows the password: it is changed at once, by then
    role: Mapped[str]
    client_ids: Mapped[list[Any]]  # empty: all clients, for staff roles only
    queues: Mapped[list[Any]]  # empty: all queues
    skills: Mapped[list[Any]] = mapped_column(default=list)  # what tasks may ask for
    language: Mapped[str] = mapped_column(default="en")
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[dt.datetime]
    issuer: Mapped[str | None]  # of the single sign-on
    subject: Mapped[str | None]  # who they are there, for ever
    factor_sealed: Mapped[str | None]  # the second factor's secret, encrypted
    factor_since: Mapped[dt.datetime | None]  # None: there is none yet, or it is not confirmed
    factor_step: Mapped[int | None]  # the time step of the last code taken: no code counts twice


class RecoveryCode(Base):
    """Stands in for a lost second factor, once; kept hashed."""

    __tablename__ = "recovery_codes"

    code_sha256: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    used_at: Mapped[dt.datetime | None]


class SignInStep(Base):
    """A sign-in that is half way: after the password, or on its way to the single sign-on. The browser's token is kept hashed."""

    __tablename__ = "sign_in_steps"

    token_sha256: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    user_id: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    goal: Mapped[str]  # the page to end on
    created_at: Mapped[dt.datetime] = mapped_column(index=True)


class WebSession(Base):
    """A signed-in browser: the token is kept hashed."""

    __tablename__ = "web_sessions"

    token_sha256: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    csrf: Mapped[str]
    created_at: Mapped[dt.datetime]
    seen_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]


class SignInAttempt(Base):
    """Failed sign-ins, for the rate limit; kept for a day."""

    __tablename__ = "sign_in_attempts"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(index=True)
    address: Mapped[str] = mapped_column(index=True)
    at: Mapped[dt.datetime]


class ApiToken(Base):
    """A machine's key to the API: shown once, kept hashed, narrow in clients, actions and time."""

    __tablename__ = "api_tokens"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    token_sha256: Mapped[str] = mapped_column(unique=True)
    client_id: Mapped[str] = mapped_column(index=True)
    processes: Mapped[list[Any]]  # empty: every process of the client
    actions: Mapped[list[Any]]  # upload, status, results, corrections
    created_by: Mapped[str]
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    last_used_at: Mapped[dt.datetime | None]
    revoked_at: Mapped[dt.datetime | None]


class TokenUse(Base):
    """How many requests one server process took with a token within a second; kept for a minute."""

    __tablename__ = "token_uses"

    token_id: Mapped[str] = mapped_column(ForeignKey("api_tokens.id"), primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True)  # the second, since 1970
    worker: Mapped[str] = mapped_column(primary_key=True)  # the server process
    count: Mapped[int]


class SavedFilter(Base):
    """A search that a person wants to find again."""

    __tablename__ = "saved_filters"

    id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    name: Mapped[str]
    query: Mapped[str]  # the address's query string
