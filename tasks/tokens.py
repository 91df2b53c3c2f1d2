"""API tokens: made for one client, shown once, kept as a hash, and found again with each request."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass

from schemas.clock import now
from schemas.errors import NotFoundError
from schemas.roles import TokenAction
from store.database import Scope, system
from store.lists import clients_seen, processes_seen
from store.tables import ApiToken
from store.tokens import add_token, all_tokens, find_live_token, is_use_worth_noting, note_use, revoke_token
from store.users import find_user
from tasks.administration import Administrator
from tasks.desk import Desk
from tasks.users import sha256

PREFIX = "cleardesk_"  # so that a token left in a file is found for what it is
MOST_DAYS = 365


@dataclass(frozen=True)
class Machine:
    """Who a token stands for: one client's, good for some processes (empty: all) and actions.

    `made_by` knew its text: what it fetches they may see; `maker_role` is what they are today, empty for nobody who signs in.
    """

    token_id: str
    name: str
    client_id: str
    processes: frozenset[str]
    actions: frozenset[str]
    made_by: str
    maker_role: str

    @property
    def scope(self) -> Scope:
        """Sessions opened with it see this client's rows only."""
        return Scope(self.token_id, frozenset({self.client_id}))

    def reaches(self, process: str) -> bool:
        """Whether the token is good for this process."""
        return not self.processes or process in self.processes


def make_token(
    desk: Desk,
    by: Administrator,
    *,
    name: str,
    client_id: str,
    processes: tuple[str, ...],
    actions: tuple[TokenAction, ...],
    days: int,
) -> str:
    """A new token's text, to be shown once. Raises NotFoundError for clients and processes that are not this one's to see."""
    token = PREFIX + secrets.token_urlsafe(32)
    with desk.store.session(Scope(by.name, by.client_ids)) as session:
        known = processes_seen(session)
        if client_id not in dict(clients_seen(session)) or any((client_id, each) not in known for each in processes):
            raise NotFoundError("client or process")
        add_token(
            session,
            name=name,
            token_sha256=sha256(token),
            client_id=client_id,
            processes=processes,
            actions=actions,
            expires_at=now() + dt.timedelta(days=min(days, MOST_DAYS)),
            by=by.name,
        )
    return token


def tokens_seen(desk: Desk, by: Administrator) -> list[ApiToken]:
    """The tokens of this administrator's clients."""
    with desk.store.read(system(by.name)) as session:
        return all_tokens(session, by.client_ids)


def end_token(desk: Desk, by: Administrator, token_id: str) -> None:
    """Revoke a token. Raises NotFoundError where it is none of this administrator's clients'."""
    with desk.store.session(system(by.name)) as session:
        token = session.get(ApiToken, token_id)
        if token is None or (by.client_ids is not None and token.client_id not in by.client_ids):
            raise NotFoundError(token_id)
        revoke_token(session, token)


def machine_behind(desk: Desk, token: str) -> Machine | None:
    """Who sends this token; None where it is unknown, revoked or expired."""
    with desk.store.read(system("api")) as session:
        row = find_live_token(session, sha256(token))
        maker = find_user(session, row.created_by) if row is not None else None
    if row is None:
        return None
    if is_use_worth_noting(row):
        with desk.store.session(system("api")) as session:
            note_use(session, row.id)
    processes, actions = frozenset(row.processes), frozenset(row.actions)
    return Machine(row.id, row.name, row.client_id, processes, actions, row.created_by, maker.role if maker else "")
