"""One pool of readers for the whole suite, as a desk has one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reading.pool import ReaderPool


@pytest.fixture(scope="session")
def pool() -> Iterator[ReaderPool]:
    with ReaderPool(2) as readers:
        yield readers
