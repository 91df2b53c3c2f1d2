"""Single sign-on by OpenID Connect: authorization code with PKCE, state and nonce, as one configured issuer speaks it.

After OpenID Connect Core 1.0 (3.1), RFC 7636 (PKCE), RFC 9207 (issuer in the answer) and RFC 9700 (best practice). Everything
that the browser brings back is bound to a secret in its own cookie: state, nonce and verifier are made from it, so another
browser's answer is worth nothing here.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
from authlib.common.urls import add_params_to_uri
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from schemas.errors import PeerUnavailableError, SignInRefusedError
from schemas.settings import Settings
from tasks.outbound import outbound

ALGORITHMS = [f"{kind}{bits}" for kind in ("RS", "PS", "ES") for bits in (256, 384, 512)]
MOST_SUBJECT = 255  # characters, by the standard
LEEWAY = 60  # seconds that the issuer's clock may differ
REMEMBERED = 300.0  # seconds that the issuer's own description is kept
RETURN = "/sign-in/sso/return"


@dataclass(frozen=True)
class Stranger:
    """Whom the issuer vouches for. `subject` names them for ever; `name` is how they are called, and proves nothing."""

    issuer: str
    subject: str
    name: str
    groups: tuple[str, ...]


@dataclass(frozen=True)
class Bound:
    """What goes with one sign-in, made from the secret in the browser's cookie (each part 256 bits, one-way)."""

    state: str
    nonce: str
    verifier: str


def bound_to(secret: str) -> Bound:
    """The parts of a secret."""
    parts = (
        hmac.new(secret.encode(), part.encode(), hashlib.sha256).hexdigest() for part in ("state", "nonce", "verifier")
    )
    return Bound(*parts)


def way_there(settings: Settings, secret: str) -> str:
    """The issuer's address that a browser with this secret is sent to. Raises PeerUnavailableError, OutboundRefusedError."""
    bound = bound_to(secret)
    parameters = {
        "response_type": "code",
        "client_id": settings.sso_client_id,
        "redirect_uri": _return_address(settings),
        "scope": settings.sso_scopes,
        "state": bound.state,
        "nonce": bound.nonce,
        "code_challenge": create_s256_code_challenge(bound.verifier),
        "code_challenge_method": "S256",
    }
    return str(add_params_to_uri(_secure(_description(settings), "authorization_endpoint"), list(parameters.items())))


def way_out(settings: Settings) -> str | None:
    """The issuer's address that ends the session there too; None where it has none."""
    address = _description(settings).get("end_session_endpoint")
    if not isinstance(address, str):
        return None
    back = f"{settings.public_url.rstrip('/')}/sign-in"
    parameters = [("client_id", settings.sso_client_id), ("post_logout_redirect_uri", back)]
    return str(add_params_to_uri(address, parameters))


def who_came_back(settings: Settings, secret: str, answer: Mapping[str, str]) -> Stranger:
    """Whom the issuer vouches for in the answer that this browser brings.

    Raises:
        SignInRefusedError: with what does not hold: state, issuer, answer, token or userinfo.
        PeerUnavailableError: the issuer cannot be asked.
    """
    bound = bound_to(secret)
    if not hmac.compare_digest(answer.get("state", "").encode(), bound.state.encode()):
        raise SignInRefusedError("state")
    description = _description(settings)
    issuer = answer.get("iss")
    if issuer != settings.sso_issuer and (
        issuer is not None or description.get("authorization_response_iss_parameter_supported")
    ):
        raise SignInRefusedError("issuer")
    if not answer.get("code"):
        raise SignInRefusedError("answer")  # the person said no, or the issuer did
    with outbound(settings) as client:
        tokens = _redeemed(client, settings, description, answer["code"], bound.verifier)
        claims = _checked_claims(client, settings, description, tokens, bound.nonce)
        if settings.sso_groups_claim not in claims:
            claims = {**_told_of(client, description, tokens, claims["sub"]), **claims}
    return _stranger(settings, claims)


def _stranger(settings: Settings, claims: Mapping[str, Any]) -> Stranger:
    groups = claims.get(settings.sso_groups_claim, [])
    groups = [groups] if isinstance(groups, str) else groups
    if not isinstance(groups, list):
        raise SignInRefusedError("groups")
    name = next(str(claims[key]) for key in ("preferred_username", "email", "sub") if claims.get(key))
    printable = "".join(each for each in name if each.isprintable()).strip()[:80]
    return Stranger(settings.sso_issuer, claims["sub"], printable or claims["sub"][:80], tuple(map(str, groups)))


def _redeemed(
    client: httpx.Client, settings: Settings, description: Mapping[str, Any], code: str, verifier: str
) -> dict[str, Any]:
    """The tokens for a code. A code that was used, or belongs to another sign-in, the issuer refuses."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": _return_address(settings),
        "code_verifier": verifier,
    }
    secret = settings.sso_client_secret.get_secret_value()
    methods = description.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    by = "client_secret_basic" if "client_secret_basic" in methods else "client_secret_post"
    auth = ClientAuth(settings.sso_client_id, secret, by if secret else "none")
    body = httpx.QueryParams(form)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    address, headers, content = auth.prepare("POST", _secure(description, "token_endpoint"), headers, str(body))
    tokens = _told(client, "code", address, method="POST", headers=headers, content=content)
    if not isinstance(tokens.get("id_token"), str):
        raise SignInRefusedError("token")
    return tokens


def _checked_claims(
    client: httpx.Client, settings: Settings, description: Mapping[str, Any], tokens: Mapping[str, Any], nonce: str
) -> dict[str, Any]:
    """What a signed token says, where signature, issuer, audience, times, nonce and access token fit."""
    keys = _told(client, "keys", _secure(description, "jwks_uri"))
    options: dict[str, Any] = {
        "iss": {"essential": True, "value": settings.sso_issuer},
        "aud": {"essential": True, "value": settings.sso_client_id},
        "sub": {"essential": True},
        "exp": {"essential": True},
        "iat": {"essential": True},
    }
    parameters = {
        "nonce": nonce,
        "client_id": settings.sso_client_id,
        "access_token": tokens.get("access_token"),
    }
    try:
        token = jwt.decode(tokens["id_token"], KeySet.import_key_set(keys), algorithms=ALGORITHMS)  # type: ignore[arg-type]
        claims = CodeIDToken(token.claims, token.header, options=options, params=parameters)
        claims.validate(leeway=LEEWAY)
        if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= MOST_SUBJECT:
            raise SignInRefusedError("subject")
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise SignInRefusedError("token") from error
    return dict(claims)


def _told_of(
    client: httpx.Client, description: Mapping[str, Any], tokens: Mapping[str, Any], subject: str
) -> dict[str, Any]:
    """What the issuer tells of this person beside the token, where it can be asked."""
    if "userinfo_endpoint" not in description or not isinstance(tokens.get("access_token"), str):
        return {}
    headers = {"Authorization": f"Bearer {tokens['access_token']}", "Accept": "application/json"}
    told = _told(client, "userinfo", _secure(description, "userinfo_endpoint"), headers=headers)
    if told.get("sub") != subject:
        raise SignInRefusedError("userinfo")
    return told


_described: dict[str, tuple[float, dict[str, Any]]] = {}
_lock = threading.Lock()


def _description(settings: Settings) -> dict[str, Any]:
    """The issuer's description of itself (OpenID Connect Discovery 1.0), kept for some minutes."""
    issuer = settings.sso_issuer
    with _lock:
        asked_at, description = _described.get(issuer, (0.0, {}))
    if description and time.monotonic() - asked_at < REMEMBERED:
        return description
    with outbound(settings) as client:
        description = _told(client, "description", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if description.get("issuer") != issuer:
        raise PeerUnavailableError("the issuer calls itself otherwise than CLEARDESK_SSO_ISSUER")
    with _lock:
        _described[issuer] = (time.monotonic(), description)
    return description


def _told(client: httpx.Client, what: str, address: str, *, method: str = "GET", **more: Any) -> dict[str, Any]:
    """An answer's JSON. Raises SignInRefusedError where the issuer says no, PeerUnavailableError where it says nothing of use."""
    try:
        response = client.request(method, address, **more)
        if 400 <= response.status_code < 500 and what == "code":
            raise SignInRefusedError("code")
        response.raise_for_status()
        told = response.json()
    except (httpx.HTTPError, httpx.InvalidURL, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise PeerUnavailableError(f"{what}: {type(error).__name__}") from error
    if not isinstance(told, dict):
        raise PeerUnavailableError(f"{what}: not an object")
    return told


def _secure(description: Mapping[str, Any], name: str) -> str:
    """An endpoint's address. Browsers are sent there too, so it must be a web address, and closed where the issuer's is."""
    address = description.get(name)
    scheme = urlsplit(address).scheme if isinstance(address, str) else ""
    if scheme not in ("https", urlsplit(str(description.get("issuer", ""))).scheme):
        raise PeerUnavailableError(f"the issuer names no {name}")
    return str(address)


def _return_address(settings: Settings) -> str:
    return f"{settings.public_url.rstrip('/')}{RETURN}"
