"""Who is at the other end: the signed-in person with role, clients and queues, as every page needs them."""

from __future__ import annotations

from dataclasses import dataclass

from store.database import Scope
from store.tables import User, WebSession
from workbench.permissions import Permission, clients_of, permissions_of


@dataclass(frozen=True)
class Visitor:
    """A signed-in person. `client_ids` None: all clients; `queues` empty: all queues."""

    user_id: str
    name: str
    role: str
    language: str
    client_ids: frozenset[str] | None
    queues: tuple[str, ...]
    skills: tuple[str, ...]
    permissions: frozenset[Permission]
    csrf: str
    token_sha256: str
    must_change_password: bool = False
    must_set_up_factor: bool = False
    single_sign_on: bool = False

    @property
    def scope(self) -> Scope:
        """Sessions opened with it see this person's clients only, and name the person in events."""
        return Scope(self.name, self.client_ids)

    def may(self, permission: str) -> bool:
        """Whether the role has this permission."""
        return permission in self.permissions


def visitor_of(user: User, web_session: WebSession, *, must_set_up_factor: bool) -> Visitor:
    """The person behind a live session."""
    return Visitor(
        user_id=user.id,
        name=user.name,
        role=user.role,
        language=user.language,
        client_ids=clients_of(user),
        queues=tuple(user.queues),
        skills=tuple(user.skills),
        permissions=permissions_of(user.role),
        csrf=web_session.csrf,
        token_sha256=web_session.token_sha256,
        must_change_password=user.first_until is not None,
        must_set_up_factor=must_set_up_factor,
        single_sign_on=user.issuer is not None,
    )
