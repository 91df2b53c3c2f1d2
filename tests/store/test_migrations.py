"""The migrations build exactly the tables that the code has."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from store.database import Store
from store.migrate import check_schema, migrate
from store.tables import Base


def test_a_migrated_database_has_the_tables_of_the_code(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": _is_mapped})
        assert compare_metadata(context, Base.metadata) == []


def _is_mapped(_object: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
    """Whether the code has this table as rows; the index of words (`store.search`) speaks to its own in SQL."""
    return not (kind == "table" and (name or "").startswith("search_"))


def test_migrating_again_changes_nothing(store: Store) -> None:
    migrate(store)
    check_schema(store)
