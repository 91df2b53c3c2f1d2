"""A throw-away PostgreSQL cluster on a loopback port, for tests and benchmarks; it is gone when its `with` block ends.

It has two plain roles, as docs/ops.md asks for: the tables belong to one, and the application signs in as the other, whom
row security binds.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg.sql import SQL, Composed, Identifier

from store.database import Store
from store.migrate import migrate

OWNER, APPLICATION = "cleardesk_owner", "cleardesk"
OPTIONS = "-c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=200 -c autovacuum=on"


def server_programs() -> Path | None:
    """The folder of `initdb` and `pg_ctl`, newest release first; None where PostgreSQL is not installed."""
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name), reverse=True)
    folders += [Path("/opt/homebrew/opt/postgresql/bin")]
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


@contextmanager
def cluster(*, durable: bool = False) -> Iterator[str]:
    """Start a fresh cluster; yields its superuser's `postgresql://user@host:port` without a database name.

    `durable`: keep fsync on. PostgreSQL refuses to run as root, so root starts it as the user `postgres`.
    """
    programs = server_programs()
    if programs is None:
        raise FileNotFoundError("PostgreSQL's server programs are not installed")
    with tempfile.TemporaryDirectory(prefix="cleardesk-pg-") as folder:
        user = superuser()
        if os.geteuid() == 0:
            shutil.chown(folder, user)
        data, port = Path(folder) / "data", _free_port()
        as_user: dict[str, str] = {"user": user, "cwd": "/"} if os.geteuid() == 0 else {"cwd": "/"}
        _run([programs / "initdb", "-D", data, "-U", user, "-A", "trust", "--no-sync", "-E", "UTF8"], as_user)
        options = f"{OPTIONS} -p {port}" + ("" if durable else " -c fsync=off -c synchronous_commit=off")
        control: list[str | Path] = [programs / "pg_ctl", "-D", data, "-l", Path(folder) / "log", "-w"]
        _run([*control, "-o", options, "start"], as_user)
        try:
            address = f"postgresql://{user}@127.0.0.1:{port}"
            for role in (OWNER, APPLICATION):
                _execute(address, SQL("CREATE ROLE {} LOGIN").format(Identifier(role)))
            yield address
        finally:
            _run([*control, "-m", "immediate", "stop"], as_user)


def superuser() -> str:
    """Who a cluster of ours is run by."""
    return "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name


def new_database(address: str, name: str, *, template: str | None = None) -> str:
    """Make a migrated database, or a copy of one, in a cluster; returns its address for the application's role."""
    statement = SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}")
    _execute(address, statement.format(Identifier(name), Identifier(OWNER), Identifier(template or "template1")))
    if template is None:
        owner = Store(signed_in_as(OWNER, f"{address}/{name}"))
        migrate(owner, role=APPLICATION)
        owner.close()
    return signed_in_as(APPLICATION, f"{address}/{name}")


def drop_database(address: str, name: str) -> None:
    """Drop a database, whoever is still connected."""
    _execute(address, SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


def signed_in_as(role: str, url: str) -> str:
    """The address for another role."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{role}@{parts.netloc.rpartition('@')[2]}"))


def _execute(address: str, statement: Composed) -> None:
    with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
        connection.execute(statement)


def _run(command: Sequence[str | Path], as_user: dict[str, str]) -> None:
    subprocess.run(
        [str(part) for part in command],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        **as_user,  # type: ignore[call-overload]
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
