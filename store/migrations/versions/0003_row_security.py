"""Rows bound to their clients by PostgreSQL itself, and a view on the index of words that stays fast under that."""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

from store.row_security import own, protect

revision = "0003"
down_revision = "0002"

# Under a policy PostgreSQL uses no index for `@@`, as it does not know the operator as leakproof. The view belongs to the owner
# of `search_entries`, whom that table's policy does not bind, and holds the same condition without this order of work.
SEARCHABLE = f"""
CREATE VIEW searchable AS
SELECT number, document_id, client_id, words FROM search_entries WHERE {own()}"""  # noqa: S608 - our own words


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    protect(connection)
    connection.execute(text(SEARCHABLE))
