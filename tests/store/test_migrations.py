"""The migrations build exactly the tables that the code has."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from store.database import Store
from store.migrate import check_schema, migrate
from store.tables import Base


def test_a_migrated_database_has_the_tables_of_the_code(store: Store) -> None:
    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_migrating_again_changes_nothing(store: Store) -> None:
    migrate(store)
    check_schema(store)
