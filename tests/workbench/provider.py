"""A small OpenID Connect provider on the loopback interface: honest by default, and dishonest where a test says how."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import uvicorn
from fastapi import FastAPI, Request
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.responses import JSONResponse, RedirectResponse

CLIENT, SECRET = "desk", "a secret of the desk"
Claims = dict[str, Any]


@dataclass
class Provider:
    """Who is signed in there, and what is wrong with its answers. `claims` and `token` change what it would say."""

    issuer: str = ""
    subject: str = "248289761001"
    name: str = "ada"
    groups: list[str] | None = field(default_factory=lambda: ["desk-reviewers"])
    userinfo: Claims = field(default_factory=dict)
    claims: Callable[[Claims], Claims] = lambda claims: claims
    token: Callable[[str, Claims], str] = lambda token, _: token
    description: Claims = field(default_factory=dict)
    answer: Callable[[dict[str, str]], dict[str, str]] = lambda answer: answer
    forgetful: bool = False
    """It takes a code twice, as no provider should."""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}))
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def authorize(self, address: str) -> str:
        """What the browser is sent back to, for the address that it was sent to."""
        parts = urlsplit(address)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        answer = self.answer({"code": code, "state": query["state"], "iss": self.issuer})
        return f"{urlsplit(query['redirect_uri']).path}?{urlencode(answer)}"

    def id_token(self, query: dict[str, str], access_token: str) -> str:
        at = int(time.time())
        half = hashlib.sha256(access_token.encode()).digest()[:16]
        claims: Claims = {
            "iss": self.issuer,
            "sub": self.subject,
            "aud": query["client_id"],
            "exp": at + 300,
            "iat": at,
            "nonce": query["nonce"],
            "preferred_username": self.name,
            "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
        }
        if self.groups is not None:
            claims["groups"] = self.groups
        claims = self.claims(claims)
        return self.token(jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key), claims)

    def redeem(self, form: dict[str, str], authorization: str) -> JSONResponse:
        query = self.codes.get(form["code"]) if self.forgetful else self.codes.pop(form["code"], None)
        expected = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        if (
            query is None
            or authorization != f"Basic {expected}"
            or form["redirect_uri"] != query["redirect_uri"]
            or base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != query["code_challenge"]
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        access_token = secrets.token_urlsafe(16)
        body = {"access_token": access_token, "token_type": "Bearer", "id_token": self.id_token(query, access_token)}
        return JSONResponse(body)


def unsigned(_: str, claims: Claims) -> str:
    """The same claims with the algorithm `none`."""
    parts = [json.dumps(each).encode() for each in ({"alg": "none"}, claims)]
    return ".".join(base64.urlsafe_b64encode(each).rstrip(b"=").decode() for each in parts) + "."


def application(provider: Provider) -> FastAPI:
    app = FastAPI()

    @app.get("/.well-known/openid-configuration")
    def describe() -> Claims:
        provider.asked.append("description")
        at = provider.issuer
        return {
            "issuer": at,
            "authorization_endpoint": f"{at}/authorize",
            "token_endpoint": f"{at}/token",
            "jwks_uri": f"{at}/keys",
            "userinfo_endpoint": f"{at}/userinfo",
            "end_session_endpoint": f"{at}/end",
            **provider.description,
        }

    @app.post("/token")
    async def token(request: Request) -> JSONResponse:
        provider.asked.append("token")
        form = {name: str(value) for name, value in (await request.form()).items()}
        return provider.redeem(form, request.headers.get("authorization", ""))

    @app.get("/authorize")
    def authorize(request: Request) -> RedirectResponse:
        """For real browsers: whoever comes is signed in there already."""
        query = dict(request.query_params)
        back = provider.authorize(str(request.url))
        target = urlsplit(query["redirect_uri"])
        return RedirectResponse(f"{target.scheme}://{target.netloc}{back}", 303)

    @app.get("/keys")
    def keys() -> Claims:
        provider.asked.append("keys")
        return {"keys": [provider.key.as_dict(private=False)]}

    @app.get("/userinfo")
    def userinfo() -> Claims:
        return {"sub": provider.subject, **provider.userinfo}

    return app


@contextmanager
def serving(provider: Provider) -> Iterator[Provider]:
    """Serve it on a free port; its issuer is its address."""
    config = uvicorn.Config(application(provider), host="127.0.0.1", port=0, log_config=None, access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    provider.issuer = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield provider
    finally:
        server.should_exit = True
        thread.join()
