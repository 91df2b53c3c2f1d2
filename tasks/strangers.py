"""People who come through single sign-on: each gets an account, and at each sign-in the rights of their groups."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from schemas.errors import SignInRefusedError
from schemas.roles import Role
from schemas.settings import Settings
from store.database import Session, system
from store.sign_in_steps import Step, add_step, end_step, find_step
from store.tables import User
from store.users import add_user, change_user, find_by_identity, find_user, refuse_sign_in
from tasks.desk import Desk
from tasks.sign_in import SignedIn, begin_session
from tasks.single_sign_on import Stranger, way_there, who_came_back
from tasks.users import sha256

SCOPE = system("workbench")
EVERY_CLIENT = "*"


@dataclass(frozen=True)
class GivenRights:
    """What a person's groups give them. `client_ids` empty: staff see every client, others none."""

    role: Role
    client_ids: tuple[str, ...]


def send_away(desk: Desk, goal: str) -> tuple[str, str]:
    """Begin a sign-in: the issuer's address, and the secret for the browser's cookie."""
    secret = secrets.token_urlsafe(32)
    address = way_there(desk.settings, secret)
    with desk.store.session(SCOPE) as session:
        add_step(session, Step.AWAY, sha256(secret), goal)
    return address, secret


def welcome_back(desk: Desk, secret: str, answer: Mapping[str, str], address: str) -> tuple[SignedIn, str]:
    """End a sign-in: the session, and the page to end on. A secret is good once, whatever comes of it.

    Raises:
        SignInRefusedError: the answer does not hold, or its person has no role here or is shut out.
        PeerUnavailableError: the issuer cannot be asked.
    """
    with desk.store.session(SCOPE) as session:
        step = find_step(session, Step.AWAY, sha256(secret))
        fresh = step is not None and end_step(session, step.token_sha256)
    try:
        if step is None or not fresh:
            raise SignInRefusedError("state")
        stranger = who_came_back(desk.settings, secret, answer)
        rights = rights_of(desk.settings, stranger.groups)
        with desk.store.session(SCOPE) as session:
            user = _account(session, stranger, rights)
            if not user.active:
                raise SignInRefusedError("inactive")
            return begin_session(session, user, address, "single_sign_on"), step.goal
    except SignInRefusedError as error:
        with desk.store.session(SCOPE) as session:
            refuse_sign_in(session, None, address, f"single_sign_on:{error}")
        raise


def rights_of(settings: Settings, groups: tuple[str, ...]) -> GivenRights:
    """What these groups give. Raises SignInRefusedError where they give no role, or no client where groups name them."""
    role = next((role for group, role in settings.sso_roles.items() if group in groups), None)
    if role is None:
        raise SignInRefusedError("no role")
    clients = {client for group, client in settings.sso_clients.items() if group in groups}
    if settings.sso_clients and not clients:
        raise SignInRefusedError("no client")
    return GivenRights(role, () if EVERY_CLIENT in clients else tuple(sorted(clients)))


def _account(session: Session, stranger: Stranger, rights: GivenRights) -> User:
    """The account of this person, with the rights of today. One of the same name that has a password is somebody else's."""
    user = find_by_identity(session, stranger.issuer, stranger.subject)
    client_ids = list(rights.client_ids)
    if user is None:
        return add_user(
            session,
            name=_free_name(session, stranger),
            password_hash="",
            role=rights.role,
            client_ids=client_ids,
            queues=[],
            language="en",
            identity=(stranger.issuer, stranger.subject),
        )
    if (user.role, user.client_ids) != (rights.role, client_ids):
        change_user(session, user, role=rights.role, client_ids=client_ids, queues=user.queues, skills=user.skills)
    return user


def _free_name(session: Session, stranger: Stranger) -> str:
    host = urlsplit(stranger.issuer).hostname
    digest = sha256(f"{stranger.issuer} {stranger.subject}")[:12]
    names = (stranger.name, f"{stranger.name}@{host}", f"{stranger.name}@{host} {digest}")
    return next((name for name in names if find_user(session, name) is None), digest)
