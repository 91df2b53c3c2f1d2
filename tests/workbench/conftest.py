"""A served desk without a server: the real application on both databases, and people at its door."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response

from schemas.reading import Box, Reread
from schemas.roles import Role
from store.database import Store
from tasks.desk import Desk
from tests.given import desk_on
from tests.workbench.browser import address, chromium, page  # noqa: F401 - fixtures
from tests.workbench.scene import PASSWORD, person
from workbench.app import create_app

HOST = "http://testserver"
JPEG = b"\xff\xd8\xff\xe0 a page \xff\xd9"


class DrawnPages:
    """Stands in for the reader pool: every page is the same small image, or breaks when told to."""

    broken = False

    def render(self, path: Path, *, out: Path, **_: Any) -> None:
        if self.broken:
            raise RuntimeError("secret text of a document")
        out.write_bytes(JPEG)

    def reread(self, path: Path, *, boxes: Sequence[Box], **_: Any) -> list[list[Reread]]:
        return [[] for _ in boxes]


@dataclass
class Browser:
    """A person's browser: it keeps cookies, sends the origin, and reads the token from the page."""

    http: TestClient
    csrf: str = ""

    def get(self, path: str, **headers: str) -> Response:
        return self.http.get(path, headers=headers, follow_redirects=False)

    def form(self, path: str, *, accept: str = "text/html", **fields: str) -> Response:
        headers = {"Origin": HOST, "Accept": accept}
        return self.http.post(path, data={"csrf": self.csrf, **fields}, headers=headers, follow_redirects=False)

    def json(self, path: str, body: dict[str, Any]) -> Response:
        headers = {"Origin": HOST, "X-CSRF-Token": self.csrf, "Accept": "application/json"}
        return self.http.post(path, json=body, headers=headers, follow_redirects=False)

    def sign_in(self, name: str, password: str = PASSWORD) -> Response:
        self.csrf = token_in(self.get("/sign-in"))
        answer = self.form("/sign-in", name=name, password=password)
        if answer.status_code == 303:
            self.csrf = token_in(self.get("/patterns"))
        return answer


def token_in(answer: Response) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', answer.text)
    assert found, answer.text[:500]
    return found[1]


@pytest.fixture(autouse=True)
def quick_hashing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing a password is slow on purpose; only the test that looks at its parameters pays for it."""
    if "slow_hashing" not in request.fixturenames:
        monkeypatch.setattr(
            "tasks.passwords.hasher", lambda: PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
        )


@pytest.fixture(autouse=True)
def one_short_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    """The desk page's stream ends after two looks, as no test waits for minutes."""
    monkeypatch.setattr("workbench.routes.desk_page.TICKS", 2)
    monkeypatch.setattr("workbench.routes.desk_page.TICK_SECONDS", 0.0)


@pytest.fixture
def slow_hashing() -> None:
    """Ask for the real parameters."""


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return desk_on(store, tmp_path, second_factor="nobody")


@pytest.fixture
def pages() -> DrawnPages:
    return DrawnPages()


@pytest.fixture
def app(desk: Desk, pages: DrawnPages) -> FastAPI:
    return create_app(desk, pages)  # type: ignore[arg-type]


@pytest.fixture
def stranger(app: FastAPI) -> Browser:
    return Browser(TestClient(app, raise_server_exceptions=False))


@pytest.fixture
def arrive(app: FastAPI, desk: Desk) -> Any:
    """Make a person and sign them in: `arrive("ada", Role.REVIEWER)`."""

    def come(name: str, role: Role, clients: tuple[str, ...] = (), language: str = "en") -> Browser:
        person(desk, name, role, clients, language)
        browser = Browser(TestClient(app, raise_server_exceptions=False))
        assert browser.sign_in(name).status_code == 303
        return browser

    return come
