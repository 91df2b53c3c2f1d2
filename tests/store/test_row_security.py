"""PostgreSQL holds every statement to the clients that its transaction speaks for, whatever the program forgets."""

from __future__ import annotations

import datetime as dt
import itertools
import random
import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy
from sqlalchemy import JSON, Boolean, Connection, Float, Integer, Table, event, insert, select, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from benchmarks.postgresql import APPLICATION, OWNER, new_database, signed_in_as, superuser
from benchmarks.queue_seed import seed
from cleardesk.doctor import examine
from schemas.clock import now
from schemas.errors import ConfigurationError
from schemas.settings import Settings
from store.claiming import Claimer, claim_task
from store.columns import Money, UtcInstant
from store.database import Scope, Store, system
from store.events import record
from store.migrate import migrate
from store.row_security import DESK, OPEN_TO_OWNER, protect, ways_around
from store.search import enter_words
from store.tables import Base, Client, Document, Pause
from tasks.define import import_folder
from tasks.desk import Desk, open_desk
from tests.given import behind_the_books, desk_on, new_document, process_of

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

ACME, UMBRA = Scope("ada", frozenset({"acme"})), Scope("ben", frozenset({"umbra"}))
EVERYBODY = system("test")
REFUSED = "row-level security|permission denied"
SAMPLE = Path(__file__).parents[2] / "sample_data" / "clients" / "northwind"
ENTRIES = Table("search_entries", sqlalchemy.MetaData(), sqlalchemy.Column("client_id"))
TENANTS = [table for table in Base.metadata.sorted_tables if "client_id" in table.columns]
GUARDED = [Base.metadata.tables["clients"], *TENANTS, ENTRIES]
VALUES: dict[type, Any] = {
    Integer: 1,
    Float: 1.0,
    Boolean: False,
    JSON: [],
    Money: Decimal(1),
    UtcInstant: dt.datetime(2026, 11, 22, tzinfo=dt.UTC),
}


def owner_of(table: Table) -> str:
    return "id" if table.name == "clients" else "client_id"


def a_row(table: Table, client: str) -> dict[str, Any]:
    """Something in every column that must have a value."""
    row: dict[str, Any] = {}
    for column in table.columns:
        if column.name == owner_of(table):
            row[column.name] = client
        elif not column.nullable:
            row[column.name] = VALUES.get(type(column.type), f"{client}-{column.name}")
    return row


@pytest.fixture
def full(store: Store) -> Store:
    """Rows of two clients in every table that is guarded."""
    with behind_the_books(store) as connection:
        for table, client in itertools.product(GUARDED, ("acme", "umbra")):
            if table is ENTRIES:
                add = "INSERT INTO search_entries (document_id, client_id, facts, pages) VALUES (:client, :client, 'word', '')"
                connection.execute(text(add), {"client": client})
            else:
                connection.execute(insert(table).values(a_row(table, client)))
        connection.commit()
    return store


def owners(connection: Connection, table: Table) -> set[str]:
    """Whose rows raw SQL sees."""
    return set(connection.scalars(text(f'SELECT {owner_of(table)} FROM "{table.name}"')))


@contextmanager
def raw(store: Store, scope: Scope) -> Iterator[Connection]:
    """The connection of a write transaction, past the store's own filter."""
    with store.session(scope) as session:
        yield session.connection()


def as_owner(store: Store) -> Store:
    return Store(signed_in_as(OWNER, store.url))


def test_the_tests_themselves_sign_in_as_a_role_that_is_bound(store: Store) -> None:
    with store.read(EVERYBODY) as session:
        assert ways_around(session.connection()) == []
        assert session.scalar(text("SELECT current_user")) == APPLICATION


def test_every_table_with_client_id_has_a_policy_that_binds_its_owner_too(store: Store) -> None:
    found = "SELECT relname FROM pg_class WHERE relrowsecurity AND (relforcerowsecurity OR relname = ANY(:open))"
    policies = "SELECT DISTINCT tablename FROM pg_policies"
    with store.read(EVERYBODY) as session:
        guarded = set(session.scalars(text(found), {"open": list(OPEN_TO_OWNER)}))
        assert guarded == set(session.scalars(text(policies))) == {table.name for table in GUARDED}
    assert set(OPEN_TO_OWNER) == {"search_entries"}


def test_a_new_table_without_a_policy_is_named_until_it_has_one(store: Store) -> None:
    owner = as_owner(store)
    with owner.engine.begin() as connection:
        connection.execute(text("CREATE TABLE parcels (id TEXT, client_id TEXT)"))
    with store.read(EVERYBODY) as session:
        assert ways_around(session.connection()) == ["parcels has no policy"]
    with owner.engine.begin() as connection:
        protect(connection)
        connection.execute(text(f"GRANT SELECT, INSERT ON parcels TO {APPLICATION}"))
    with store.read(EVERYBODY) as session:
        assert ways_around(session.connection()) == []
    with raw(store, ACME) as connection:
        connection.execute(text("INSERT INTO parcels VALUES ('1', 'acme')"))
    with raw(store, UMBRA) as connection:
        assert connection.scalar(text("SELECT count(*) FROM parcels")) == 0
    owner.close()


def test_where_nobody_is_spoken_for_there_are_no_rows(full: Store) -> None:
    with behind_the_books(full) as connection:
        for table in GUARDED:
            assert owners(connection, table) >= {"acme", "umbra"}, table.name
    with full.engine.connect() as connection:
        for table in GUARDED:
            assert owners(connection, table) <= {DESK}, table.name
        assert connection.scalar(text("SELECT count(*) FROM searchable")) == 0
        assert connection.scalar(text("SELECT count(*) FROM documents")) == 0
    for client_ids, seen in ((frozenset[str](), set[str]()), (None, {"acme", "umbra"})):
        with full.read(Scope("ada", client_ids)) as session:
            for table in GUARDED:
                assert owners(session.connection(), table) - {DESK} == seen, table.name


def test_raw_sql_of_a_session_sees_its_own_clients_only(full: Store) -> None:
    with full.read(ACME) as session:
        for table in GUARDED:
            assert owners(session.connection(), table) == {"acme"}, table.name
        assert session.scalars(text("SELECT client_id FROM searchable WHERE words @@ 'word'")).all() == ["acme"]
        assert session.scalars(select(Document.__table__.c.client_id)).all() == ["acme"]
    with full.read(Scope("lea", frozenset({"acme", "umbra"}))) as session:
        for table in GUARDED:
            assert owners(session.connection(), table) == {"acme", "umbra"}, table.name


def test_a_row_of_another_client_is_neither_made_nor_changed_nor_removed(full: Store) -> None:
    for table in TENANTS:
        for refused in (
            insert(table).values(a_row(table, "umbra")),
            text(f'UPDATE "{table.name}" SET client_id = :other').bindparams(other="umbra"),
        ):
            with (
                raw(full, ACME) as connection,
                pytest.raises(ProgrammingError, match=REFUSED),
                connection.begin_nested(),
            ):
                connection.execute(refused)
        with raw(full, ACME) as connection:
            assert touched(connection, f'UPDATE "{table.name}" SET client_id = client_id WHERE client_id = :other') == 0
            assert touched(connection, f'DELETE FROM "{table.name}" WHERE client_id = :other') == 0
        with behind_the_books(full) as connection:
            assert owners(connection, table) == {"acme", "umbra"}, table.name


def touched(connection: Connection, statement: str) -> int:
    """How many rows a statement about the other client reached; none where the role may not even try."""
    try:
        with connection.begin_nested():
            return connection.execute(text(statement), {"other": "umbra"}).rowcount
    except ProgrammingError as error:
        assert "permission denied" in str(error.orig)
        return 0


def test_the_trail_is_written_but_by_nobody_rewritten(full: Store) -> None:
    for statement in ("UPDATE events SET actor = 'eve'", "DELETE FROM events", "TRUNCATE events"):
        with raw(full, EVERYBODY) as connection, pytest.raises(ProgrammingError), connection.begin_nested():
            connection.execute(text(statement))
    with behind_the_books(full) as connection:
        connection.execute(text("INSERT INTO chain_heads VALUES ('', 0, 'x')"))
        connection.commit()
    with full.session(ACME) as session:
        record(session, DESK, "access.denied", "ada", route="/")
        record(session, "acme", "task.leased", "tsk")
    with full.read(ACME) as session:  # a trace in the desk's chain is left, and not read
        assert set(session.scalars(text("SELECT client_id FROM events"))) == {"acme"}
    with behind_the_books(full) as connection:
        assert connection.scalar(text("SELECT actor FROM events WHERE client_id = ''")) == "ada"


def test_a_thousand_transactions_of_two_clients_on_two_connections_never_cross(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine_of = sqlalchemy.create_engine
    monkeypatch.setattr(
        "store.database.create_engine", lambda url, **how: engine_of(url, **(how | {"pool_size": 2, "max_overflow": 0}))
    )
    small = Store(store.url)
    assert small.engine.pool.size() == 2  # type: ignore[attr-defined]
    with small.session(EVERYBODY) as session:
        for client in ("acme", "umbra"):
            session.add(Client(id=client, name=client, yaml="", created_at=now()))
    backends: Counter[tuple[int, str]] = Counter()

    def one(number: int) -> set[str]:
        chance = random.Random(number)
        client = chance.choice(("acme", "umbra"))
        pause = Pause(id=f"{client}-{number}", what="work", client_id=client, reason="", by="", at=now())
        try:
            with (small.session if chance.random() < 0.7 else small.read)(Scope("x", frozenset({client}))) as session:
                backends[session.scalar(text("SELECT pg_backend_pid()")) or 0, client] += 1
                session.add(pause)
                session.flush()
                if chance.random() < 0.2:
                    raise KeyError  # what fails leaves nothing behind for the next on its connection
                seen = set(session.scalars(text("SELECT client_id FROM pauses UNION ALL SELECT id FROM clients")))
                return seen - {client}
        except KeyError:
            with small.engine.connect() as bare:  # the same connections, nobody spoken for
                return set(bare.scalars(text("SELECT client_id FROM pauses UNION ALL SELECT id FROM clients")))

    with ThreadPoolExecutor(8) as threads:
        crossed = list(threads.map(one, range(1000)))
    small.close()
    assert len(crossed) == 1000 and set().union(*crossed) == set()
    assert len({pid for pid, _ in backends}) == 2 and len(backends) == 4, "each connection served both clients"


def test_an_id_that_would_be_read_as_several_or_as_all_is_refused(store: Store) -> None:
    for wrong in ("*", "acme,umbra"):
        with (
            pytest.raises(ValueError, match="neither commas nor stars"),
            store.read(Scope("eve", frozenset({wrong}))) as session,
        ):
            session.execute(text("SELECT 1"))


def test_who_could_go_around_the_policies_is_told_so(store: Store) -> None:
    assert [reasons_of(store, role) for role in (superuser(), OWNER, APPLICATION)] == [
        [f"the role {superuser()} is a superuser or has BYPASSRLS"],
        [f"the role {OWNER} owns the tables and may take the policies off"],
        [],
    ]
    name = f"careless_{store.url.rpartition('_')[2]}"
    try:
        for making, told in (
            (f"BYPASSRLS LOGIN IN ROLE {APPLICATION}", "BYPASSRLS"),
            (f"LOGIN IN ROLE {OWNER}", "owns"),
        ):
            as_superuser(store, f"CREATE ROLE {name} {making}")
            (reason,) = reasons_of(store, name)
            assert told in reason
            as_superuser(store, f"DROP ROLE {name}")
    finally:
        as_superuser(store, f"DROP ROLE IF EXISTS {name}")


def reasons_of(store: Store, role: str) -> list[str]:
    other = Store(signed_in_as(role, store.url))
    with other.engine.connect() as connection:
        reasons = ways_around(connection)
    other.close()
    return reasons


def as_superuser(store: Store, statement: str) -> None:
    with psycopg.connect(signed_in_as(superuser(), store.url), autocommit=True) as connection:
        connection.execute(statement)


def test_a_desk_is_made_by_the_owner_and_used_by_the_application(
    postgresql_server: str, store: Store, tmp_path: Path
) -> None:
    name = f"fresh_{store.url.rpartition('/')[2]}"
    as_superuser(store, f"CREATE DATABASE {name} OWNER {OWNER}")
    url = signed_in_as(APPLICATION, f"{postgresql_server}/{name}")
    with pytest.raises(ConfigurationError, match="OWNER_URL"):
        open_desk(Settings(desk=tmp_path / "alone", database_url=url), create=True)
    settings = Settings(desk=tmp_path / "desk", database_url=url, database_owner_url=signed_in_as(OWNER, url))
    desk = open_desk(settings, create=True)
    import_folder(desk, SAMPLE)
    assert checked(desk) == (True, "every session is bound to its clients' rows")
    desk.close()
    reopened = open_desk(Settings(desk=tmp_path / "desk", database_url=url))  # serving needs the owner no more
    reopened.close()
    careless = open_desk(Settings(desk=tmp_path / "desk", database_url=signed_in_as(OWNER, url)))
    assert checked(careless)[0] is False
    careless.close()
    as_superuser(store, f"DROP DATABASE {name} WITH (FORCE)")


def checked(desk: Desk) -> tuple[bool, str]:
    """What the doctor says."""
    return next((check.ok, check.found) for check in examine(desk) if check.name == "row security")


def test_a_claim_finds_its_task_by_index_under_the_policies(store: Store) -> None:
    seed(store, 20_000, 500)
    for scope in (system("ada"), Scope("ada", frozenset({"client-01", "client-02"}))):
        plans = "\n".join(plans_of_a_claim(store, scope))
        assert "Seq Scan on review_tasks" not in plans
        assert re.search(r"Index Scan using review_tasks_lane on review_tasks", plans)
        assert "InitPlan" in plans and "current_setting" not in plans, "the condition is worked out once a query"
        for scanned in re.findall(r"Index (?:Only )?Scan using review_tasks_lane on .*?actual .*?rows=(\d+)", plans):
            assert int(scanned) <= 2, "the head of a lane is read, not the lane"


def plans_of_a_claim(store: Store, scope: Scope) -> list[str]:
    said: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith(("SELECT review_tasks", "WITH")):
            said.append((statement, parameters))

    event.listen(store.engine, "before_cursor_execute", note)
    with store.session(scope) as session:
        assert claim_task(session, Claimer("ada"), lease=dt.timedelta(minutes=5)) is not None
    event.remove(store.engine, "before_cursor_execute", note)
    with raw(store, scope) as connection:
        return [
            line
            for statement, parameters in said
            for line in connection.exec_driver_sql(f"EXPLAIN ANALYZE {statement}", parameters).scalars()
        ]


def test_words_are_found_by_their_index_under_the_policies(store: Store, tmp_path: Path) -> None:
    desk = desk_on(store, tmp_path)
    definition = process_of(desk)
    new_document(desk, definition)
    search = "EXPLAIN SELECT d.id FROM documents d JOIN searchable s ON s.document_id = d.id WHERE s.words @@ 'word'"
    with store.read(ACME) as session:
        session.execute(text("SET LOCAL enable_seqscan = off"))
        assert "search_entries_words" in "\n".join(session.scalars(text(search)))
        with pytest.raises(DBAPIError, match=REFUSED):
            enter_words(session, "doc_other", "umbra", ["word"])


def test_every_index_still_helps_under_the_policies(store: Store) -> None:
    """PostgreSQL asks an index only by operators that it knows as leakproof; words have a view instead."""
    others = """
        SELECT DISTINCT indrelid::regclass::text FROM pg_index CROSS JOIN unnest(indclass) AS used (class)
        JOIN pg_opclass ON pg_opclass.oid = used.class
        JOIN pg_amop ON amopfamily = opcfamily AND amoplefttype = opcintype AND (amoprighttype = opcintype OR opckeytype <> 0)
        JOIN pg_operator ON pg_operator.oid = amopopr JOIN pg_proc ON pg_proc.oid = oprcode
        JOIN pg_class ON pg_class.oid = indrelid AND relrowsecurity WHERE NOT proleakproof"""
    with store.read(ACME) as session:
        assert session.scalars(text(others)).all() == ["search_entries"]
        session.execute(text("SET LOCAL enable_seqscan = off"))
        asked = "EXPLAIN SELECT id FROM documents WHERE gross_total BETWEEN 1 AND 2"
        assert "Index Cond: ((gross_total" in "\n".join(session.scalars(text(asked)))


def test_the_application_may_not_change_the_schema(store: Store) -> None:
    for statement in (
        "ALTER TABLE documents DISABLE ROW LEVEL SECURITY",
        "DROP POLICY own_clients ON documents",
        "CREATE TABLE mine (id TEXT)",
        "UPDATE alembic_version SET version_num = '0001'",
        "CREATE FUNCTION f() RETURNS INT LANGUAGE sql AS 'SELECT 1'",
    ):
        with store.engine.connect() as connection, pytest.raises(ProgrammingError):
            connection.execute(text(statement))
    migrate(store)  # nothing is missing, so nothing is refused


def test_a_database_of_one_role_is_held_to_its_policies_too(postgresql_server: str, store: Store) -> None:
    name = f"single_{store.url.rpartition('/')[2]}"
    new_database(postgresql_server, name)
    single = Store(signed_in_as(OWNER, f"{postgresql_server}/{name}"))
    with single.session(EVERYBODY) as session:
        session.add(Client(id="acme", name="Acme", yaml="", created_at=now()))
    with single.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM clients")) == 0
    single.close()
    as_superuser(store, f"DROP DATABASE {name} WITH (FORCE)")
