"""PostgreSQL's own guard over clients' rows, beneath the store's filter: what no session may see, no SQL of it sees.

Every table that carries `client_id`, and `clients`, has a policy that reads the setting `cleardesk.clients`. The store sets it in
each transaction, with which it ends: the clients' ids with commas between them, or `*` for all. Where it is not set
there is no row to see, and none can be written. Policies bind every role but superusers, roles with BYPASSRLS, and an owner who
takes them off: so the application signs in as a role that is none of these (`ways_around`). SQLite has no roles and no policies.

A policy's condition asks two sub-selects, which PostgreSQL evaluates once a query, not once a row, and then whether a CASE is
not NULL, which PostgreSQL expects of nearly every row: so the plans are those of the store's own filter, whoever asks. A plain OR
is expected to hold for hardly any row.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, text

SETTING = "cleardesk.clients"
EVERY = "*"
DESK = ""  # the desk's own chain of events (`store.users`)
APPENDED_ONLY = ("events",)  # nobody changes or deletes these
READ_ONLY = ("alembic_version",)
OPEN_TO_OWNER = ("search_entries",)  # its owner reads it for the view `searchable`, which holds the same condition

SPEAK = text(f"SELECT set_config('{SETTING}', :clients, true)")
_OF_CLIENTS = (
    "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')"
    " AND (relname = 'clients' OR EXISTS (SELECT FROM pg_attribute WHERE attrelid = pg_class.oid AND attname = 'client_id'))"
)
TENANTS = text(f"{_OF_CLIENTS} ORDER BY relname")
UNPROTECTED = text(f"{_OF_CLIENTS} AND NOT relrowsecurity ORDER BY relname")
OWNED = text(
    "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tableowner = current_user ORDER BY 1"
)
SUPERIOR = text(
    "SELECT EXISTS (SELECT FROM pg_roles WHERE (rolsuper OR rolbypassrls) AND pg_has_role(current_user, oid, 'MEMBER'))"
)
OWNER = text(
    "SELECT EXISTS (SELECT FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'"
    " AND relrowsecurity AND pg_has_role(current_user, relowner, 'MEMBER'))"
)
OWNED_VIEWS = text("SELECT viewname FROM pg_views WHERE schemaname = current_schema() AND viewowner = current_user")


def speak_for(connection: Connection, client_ids: frozenset[str] | None) -> None:
    """Until this transaction ends, its statements reach these clients' rows (None: all clients').

    Raises:
        ValueError: an id that no client has, because it would be read as several, or as all.
    """
    if client_ids is not None and any("," in each or each == EVERY for each in client_ids):
        raise ValueError("a client's id has neither commas nor stars")
    connection.execute(SPEAK, {"clients": EVERY if client_ids is None else ",".join(sorted(client_ids))})


def own(column: str = "client_id") -> str:
    """The condition: the row is of a client that the transaction speaks for."""
    every = f"(SELECT current_setting('{SETTING}', true) = '{EVERY}')"
    named = f"(SELECT string_to_array(current_setting('{SETTING}', true), ','))::text[]"
    return f"CASE WHEN {every} OR {column} = ANY ({named}) THEN 1 END IS NOT NULL"


def protect(connection: Connection) -> None:
    """Give every table of clients' rows its policy; those that have one keep it."""
    for table in connection.scalars(TENANTS).all():
        policies = connection.scalar(
            text("SELECT count(*) FROM pg_policies WHERE schemaname = current_schema() AND tablename = :table"),
            {"table": table},
        )
        for statement in () if policies else _protection(table):
            connection.execute(text(statement))


def _protection(table: str) -> Iterator[str]:
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    if table not in OPEN_TO_OWNER:
        yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
    if table == "events":  # who acts for some clients also leaves traces in the desk's chain, but does not read it
        yield f"CREATE POLICY own_clients ON {table} FOR SELECT USING ({own()})"
        yield f"CREATE POLICY traces ON {table} FOR INSERT WITH CHECK (client_id = '{DESK}' OR {own()})"
    elif table == "chain_heads":  # number and hash of the chain's last event
        yield f"CREATE POLICY own_clients ON {table} USING (client_id = '{DESK}' OR {own()})"
    else:
        yield f"CREATE POLICY own_clients ON {table} USING ({own('id' if table == 'clients' else 'client_id')})"


def grant(connection: Connection, role: str) -> None:
    """Let the application's role work with the tables that the connected role owns: no more than it needs."""
    name = connection.dialect.identifier_preparer.quote_identifier(role)
    for table in connection.scalars(OWNED).all():
        rights = "SELECT, INSERT, UPDATE, DELETE"
        if table in APPENDED_ONLY:
            rights = "SELECT, INSERT"
        elif table in READ_ONLY:
            rights = "SELECT"
        connection.execute(text(f'REVOKE ALL ON "{table}" FROM {name}'))
        connection.execute(text(f'GRANT {rights} ON "{table}" TO {name}'))
    for view in connection.scalars(OWNED_VIEWS).all():
        connection.execute(text(f'GRANT SELECT ON "{view}" TO {name}'))
    connection.execute(text(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {_schema(connection)} TO {name}"))


def _schema(connection: Connection) -> str:
    schema = connection.scalar(text("SELECT current_schema()"))
    return connection.dialect.identifier_preparer.quote_identifier(str(schema))


def ways_around(connection: Connection) -> list[str]:
    """Why the policies do not bind the connected role, and which tables lack one; empty: all is well."""
    role = connection.scalar(text("SELECT current_user"))
    if connection.scalar(SUPERIOR):
        return [f"the role {role} is a superuser or has BYPASSRLS"]
    reasons = [f"the role {role} owns the tables and may take the policies off"] if connection.scalar(OWNER) else []
    return reasons + [f"{table} has no policy" for table in connection.scalars(UNPROTECTED)]
