"""Bring a database to this program's schema version with Alembic: by itself on SQLite, by `cleardesk migrate` on PostgreSQL."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from schemas.errors import ConfigurationError, MigrationNeededError
from store.database import Store
from store.row_security import grant, speak_for

NOT_PERMITTED = "42501"  # PostgreSQL's insufficient_privilege
MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(store: Store, *, role: str | None = None) -> None:
    """Apply every migration that is missing. On PostgreSQL `role` is then let work with the tables, where it does not own them.

    Raises:
        ConfigurationError: the store's own role may not change the schema.
    """
    with store.engine.begin() as connection:
        if not store.is_sqlite:
            speak_for(connection, None)
        configuration = _configuration()
        configuration.attributes["connection"] = connection
        try:
            command.upgrade(configuration, "head")
            if role is not None and role != connection.scalar(text("SELECT current_user")):
                grant(connection, role)
        except ProgrammingError as error:
            if getattr(error.orig, "sqlstate", None) != NOT_PERMITTED:
                raise
            raise ConfigurationError(
                "this role may not change the schema: name the schema's owner in CLEARDESK_DATABASE_OWNER_URL"
            ) from error


def role_of(store: Store) -> str | None:
    """Who a PostgreSQL store signs in as; None on SQLite."""
    if store.is_sqlite:
        return None
    with store.engine.connect() as connection:
        return str(connection.scalar(text("SELECT current_user")))


def check_schema(store: Store) -> None:
    """Raise MigrationNeededError unless the database is at this program's version."""
    newest = ScriptDirectory.from_config(_configuration()).get_current_head()
    with store.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current != newest:
        raise MigrationNeededError(f"the database is at version {current or 'none'}, this program needs {newest}")


def _configuration() -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(MIGRATIONS))
    return configuration
