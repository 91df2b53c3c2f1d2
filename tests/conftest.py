"""Fixtures that every room shares: one throw-away PostgreSQL cluster a session, and a fresh store on each database."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from random import SystemRandom

import pytest
from hypothesis import settings

from benchmarks.postgresql import cluster, drop_database, new_database, server_programs
from store.database import Store
from store.migrate import migrate

os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("DO_NOT_TRACK", "1")
settings.register_profile("unhurried", settings(deadline=None))  # a busy machine is no error
settings.load_profile("unhurried")

_names = itertools.count()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Address of a cluster that has a migrated template database. Without PostgreSQL the tests fail, they do not skip."""
    assert server_programs() is not None, "install PostgreSQL: `make setup` does"
    with cluster() as address:
        new_database(address, "template_desk")
        yield address


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "desk.db"
    store = Store(f"sqlite:///{path}")
    migrate(store)
    store.close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh, migrated database: each test that names this runs on both; on PostgreSQL as a role that row security binds."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        path = tmp_path / "cleardesk.db"
        path.write_bytes(template.read_bytes())
        yield f"sqlite:///{path}"
        return
    address: str = request.getfixturevalue("postgresql_server")
    name = f"desk_{os.getpid()}_{next(_names)}"
    yield new_database(address, name, template="template_desk")
    drop_database(address, name)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = Store(database_url)
    yield store
    store.close()


class _Unlucky(SystemRandom):
    """Draws nothing that is not drawn always."""

    def random(self) -> float:
        return 0.9999


@pytest.fixture(autouse=True)
def no_chance_audits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sample clients' documents are audited by chance; no test's story shall depend on it."""
    monkeypatch.setattr("tasks.audit.drawing.CHANCE", _Unlucky())
