"""A desk with two of the sample's clients, on either database, and readers that all tests share."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from reading.pool import ReaderPool
from schemas.settings import Settings
from tasks.define import import_folder
from tasks.desk import Desk, open_desk

SAMPLE = Path(__file__).parents[2] / "sample_data"
OWNER = "test"


@pytest.fixture(scope="session")
def pool() -> Iterator[ReaderPool]:
    with ReaderPool(1) as readers:
        yield readers


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    settings = Settings(
        desk=tmp_path / "desk", database_url=database_url, inbox_stable_seconds=0, retry_seconds=0, max_attempts=3
    )
    it = open_desk(settings, create=True)
    for client in ("northwind", "lumen"):
        import_folder(it, SAMPLE / "clients" / client)
    yield it
    it.close()


def drop(desk: Desk, sample: str, *, to: str = "northwind/supplier-invoices", name: str | None = None) -> Path:
    """The client drops a sample file into an inbox."""
    target = desk.folder / "inbox" / to / (name or Path(sample).name)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(SAMPLE / "inbox" / sample, target)
    return target
