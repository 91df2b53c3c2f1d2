"""Engines and sessions: one way to open a transaction, on SQLite and on PostgreSQL alike.

On SQLite every write transaction is `BEGIN IMMEDIATE`. Releases with the WAL-reset race (3.7.0 to 3.51.2, but for the mended
3.44.6+ and 3.50.7+ lines) use the rollback journal with `synchronous=FULL`; others use WAL with FULL.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction, with_loader_criteria

from schemas.errors import StoreUnavailableError
from store.events import append_events
from store.row_security import speak_for
from store.tables import Tenant

__all__ = ["Scope", "Session", "Store", "after_commit", "system", "use_wal"]

BUSY_MILLISECONDS = 30_000


@dataclass(frozen=True)
class Scope:
    """On whose behalf a session works: the actor named in events, and the clients whose rows it may see (None: all)."""

    actor: str
    client_ids: frozenset[str] | None = None


def system(actor: str) -> Scope:
    """The scope of our own flows and commands: every client."""
    return Scope(actor)


class Store:
    """One database."""

    def __init__(self, url: str, *, sqlite_journal: str = "auto") -> None:
        self.url = url
        self.engine = _engine(url, sqlite_journal)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._writer = self.engine.execution_options(cleardesk_write=True)
        self._reader = (
            self.engine if self.is_sqlite else self.engine.execution_options(isolation_level="REPEATABLE READ")
        )
        # One writer at a time in this process: SQLite's own busy handler starves whoever sleeps longest.
        self._write_lock = threading.Lock() if self.is_sqlite else nullcontext()

    @contextmanager
    def session(self, scope: Scope) -> Iterator[Session]:
        """A write transaction: commits on leaving, with its events chained last; rolls back on any error.

        Raises:
            StoreUnavailableError: the database did not answer; nothing was written.
        """
        with self._write_lock, _session(self._writer, scope) as session:
            try:
                yield session
                session.flush()
                append_events(session, scope.actor)
                session.commit()
            except OperationalError as error:
                raise StoreUnavailableError(f"the database did not answer: {type(error.orig).__name__}") from error
        for action in session.info["after_commit"]:
            action()

    @contextmanager
    def read(self, scope: Scope) -> Iterator[Session]:
        """A read transaction: one snapshot on both databases; nothing it changes is kept."""
        with _session(self._reader, scope) as session:
            try:
                yield session
            except OperationalError as error:
                raise StoreUnavailableError(f"the database did not answer: {type(error.orig).__name__}") from error

    def close(self) -> None:
        self.engine.dispose()


def after_commit(session: Session, action: Callable[[], None]) -> None:
    """Do this only once the transaction is in the books."""
    session.info["after_commit"].append(action)


@contextmanager
def _session(engine: Engine, scope: Scope) -> Iterator[Session]:
    session = Session(engine, expire_on_commit=False, info={"events": [], "after_commit": [], "scope": scope})
    if engine.dialect.name == "postgresql":
        event.listen(session, "after_begin", _speak_for_own_clients)
    if scope.client_ids is not None:
        event.listen(session, "do_orm_execute", _only_own_clients)
    with session:
        yield session


def _speak_for_own_clients(session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    """Every statement of the session, raw SQL too, reaches its clients' rows only."""
    speak_for(connection, session.info["scope"].client_ids)


def _only_own_clients(state: ORMExecuteState) -> None:
    """Every ORM statement of a client-bound session sees that client's rows only."""
    scope: Scope = state.session.info["scope"]
    if state.is_column_load or state.is_relationship_load:
        return
    allowed = list(scope.client_ids or ())
    state.statement = state.statement.options(
        with_loader_criteria(Tenant, lambda row: row.client_id.in_(allowed), include_aliases=True)
    )


def _engine(url: str, sqlite_journal: str) -> Engine:
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    if not url.startswith("sqlite"):
        engine = create_engine(url, pool_pre_ping=True, pool_size=8, max_overflow=8)
        event.listen(engine, "connect", _configure_postgresql)
        return engine
    engine = create_engine(url, connect_args={"timeout": BUSY_MILLISECONDS / 1000}, pool_size=8, max_overflow=24)
    wal = use_wal(sqlite_journal, sqlite3.sqlite_version_info)
    event.listen(engine, "connect", lambda connection, _record: _configure_sqlite(connection, wal=wal))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def use_wal(journal: str, version: tuple[int, ...]) -> bool:
    """Whether write-ahead logging is safe on this SQLite release (or asked for in spite of it)."""
    if journal != "auto":
        return journal == "wal"
    mended = (version[:2] == (3, 44) and version[2] >= 6) or (version[:2] == (3, 50) and version[2] >= 7)
    return mended or version >= (3, 51, 3) or version < (3, 7, 0)


def _configure_sqlite(connection: Any, *, wal: bool) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
    cursor.execute(f"PRAGMA journal_mode = {'WAL' if wal else 'TRUNCATE'}")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    write = connection.get_execution_options().get("cleardesk_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _configure_postgresql(connection: Any, _record: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET TIME ZONE 'UTC'")
        cursor.execute("SET idle_in_transaction_session_timeout = '60s'")
    connection.commit()
