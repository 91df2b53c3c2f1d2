"""Bring a database to this program's schema version with Alembic: by itself on SQLite, by `cleardesk migrate` on PostgreSQL."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from schemas.errors import MigrationNeededError
from store.database import Store

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(store: Store) -> None:
    """Apply every migration that is missing."""
    with store.engine.begin() as connection:
        configuration = _configuration()
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, "head")


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
