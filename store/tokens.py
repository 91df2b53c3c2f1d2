"""API tokens: kept hashed, narrow in client, processes, actions and time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from schemas.clock import now
from schemas.ids import new_id
from store.events import record
from store.tables import ApiToken

USED_EVERY = dt.timedelta(minutes=1)  # not every request is worth a write


def add_token(
    session: Session,
    *,
    name: str,
    token_sha256: str,
    client_id: str,
    processes: Sequence[str],
    actions: Sequence[str],
    expires_at: dt.datetime,
    by: str,
) -> ApiToken:
    """Keep a new token; `processes` empty: every process of the client."""
    token = ApiToken(
        id=new_id("tok"),
        name=name,
        token_sha256=token_sha256,
        client_id=client_id,
        processes=list(processes),
        actions=list(actions),
        created_by=by,
        created_at=now(),
        expires_at=expires_at,
    )
    session.add(token)
    record(session, client_id, "token.created", token.id, processes=token.processes, actions=token.actions)
    return token


def all_tokens(session: Session, client_ids: frozenset[str] | None) -> list[ApiToken]:
    """Tokens of these clients (None: all), the newest first; ended ones too."""
    statement = select(ApiToken).order_by(ApiToken.id.desc())
    if client_ids is not None:
        statement = statement.where(ApiToken.client_id.in_(client_ids))
    return list(session.scalars(statement))


def find_live_token(session: Session, token_sha256: str) -> ApiToken | None:
    """The token that this is the hash of; None where there is none, or it is revoked or expired."""
    return session.scalars(
        select(ApiToken).where(
            ApiToken.token_sha256 == token_sha256, ApiToken.revoked_at.is_(None), ApiToken.expires_at > now()
        )
    ).one_or_none()


def is_use_worth_noting(token: ApiToken) -> bool:
    """Whether it is time to write down that the token was used."""
    return token.last_used_at is None or token.last_used_at < now() - USED_EVERY


def note_use(session: Session, token_id: str) -> None:
    """The token was used now."""
    session.execute(update(ApiToken).where(ApiToken.id == token_id).values(last_used_at=now()))


def revoke_token(session: Session, token: ApiToken) -> None:
    """End a token at once; ending it twice changes nothing."""
    if token.revoked_at is None:
        token.revoked_at = now()
        record(session, token.client_id, "token.revoked", token.id)
