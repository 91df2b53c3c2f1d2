"""What `doctor` looks at: each check says what it found, and whether that will do."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from importlib.metadata import version
from typing import NamedTuple

from flows.prefect_server import is_healthy
from reading.sandbox import best_tier
from store.database import system, use_wal
from store.row_security import ways_around
from tasks.desk import Desk


class Check(NamedTuple):
    """One thing looked at."""

    name: str
    ok: bool
    found: str


def examine(desk: Desk) -> list[Check]:
    """Every check, in the order of what to mend first."""
    return [*_database(desk), *_programs(), *_room(desk), *_doors(desk)]


def _database(desk: Desk) -> Iterator[Check]:
    yield Check("database", True, desk.store.engine.dialect.name)
    if not desk.store.is_sqlite:
        with desk.store.read(system("doctor")) as session:
            around = ways_around(session.connection())
        yield Check("row security", not around, "; ".join(around) or "every session is bound to its clients' rows")
    wal = use_wal(desk.settings.sqlite_journal, sqlite3.sqlite_version_info)
    journal = "write-ahead log" if wal else "rollback journal: this release may have the WAL-reset race"
    yield Check("sqlite", True, f"{sqlite3.sqlite_version}, {journal}")


def _programs() -> Iterator[Check]:
    tesseract = shutil.which("tesseract")
    yield Check("tesseract", tesseract is not None, tesseract or "not installed: `make setup` installs it")
    if tesseract:
        listing = subprocess.run([tesseract, "--list-langs"], capture_output=True, text=True, check=False)
        languages = listing.stdout.split()[1:]
        missing = {"deu", "eng", "osd"} - set(languages)
        yield Check("tesseract languages", not missing, f"missing {sorted(missing)}" if missing else "deu, eng, osd")
    yield Check("sandbox", True, str(best_tier()))
    for package, below in (("fastapi", (0, 151)), ("sqlalchemy", (2, 1))):
        found = version(package)
        ok = tuple(int(part) for part in found.split(".")[:2]) < below
        yield Check(package, ok, found if ok else f"{found} stops Prefect; install the locked one")


def _room(desk: Desk) -> Iterator[Check]:
    usage = shutil.disk_usage(desk.folder)
    share = usage.free / usage.total
    yield Check("disk", share >= desk.settings.disk_free_share, f"{share:.0%} free")
    for folder in ("inbox", "outbox"):
        path = desk.folder / folder
        yield Check(folder, path.is_dir(), str(path) if path.is_dir() else "no client is imported yet")


def _doors(desk: Desk) -> Iterator[Check]:
    loopback = desk.settings.workbench_host in ("127.0.0.1", "::1", "localhost")
    safe = loopback or desk.settings.secure_cookies
    yield Check("workbench", safe, desk.settings.workbench_host if safe else "open to others without TLS cookies")
    port = desk.settings.prefect_port
    yield Check("prefect", True, f"answers on port {port}" if is_healthy(port) else f"not running on port {port}")
