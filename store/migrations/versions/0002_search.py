"""Words to search by: a full-text index beside the documents, FTS5 on SQLite, tsvector with GIN on PostgreSQL."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.orm import Session

from schemas.search_query import words_in
from store.search import enter_words

revision = "0002"
down_revision = "0001"

ENTRIES_ON_SQLITE = """
CREATE TABLE search_entries (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id TEXT NOT NULL UNIQUE REFERENCES documents(id) DEFERRABLE INITIALLY DEFERRED
)"""
WORDS_ON_SQLITE = "CREATE VIRTUAL TABLE search_words USING fts5(supplier, facts, pages, tokenize = 'ascii')"
ENTRIES_ON_POSTGRESQL = """
CREATE TABLE search_entries (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    document_id VARCHAR NOT NULL UNIQUE REFERENCES documents(id) DEFERRABLE INITIALLY DEFERRED,
    client_id VARCHAR NOT NULL REFERENCES clients(id),
    facts TSVECTOR NOT NULL,
    pages TSVECTOR NOT NULL,
    words TSVECTOR GENERATED ALWAYS AS (facts || pages) STORED
)"""
EARLIER = sa.text("SELECT id, client_id, name, number, supplier_key FROM documents ORDER BY id")
INDEX_ON_POSTGRESQL = "CREATE INDEX search_entries_words ON search_entries USING gin (words)"


def upgrade() -> None:
    connection = op.get_bind()
    on_sqlite = connection.dialect.name == "sqlite"
    statements = [ENTRIES_ON_SQLITE, WORDS_ON_SQLITE] if on_sqlite else [ENTRIES_ON_POSTGRESQL, INDEX_ON_POSTGRESQL]
    for statement in statements:
        connection.execute(sa.text(statement))
    with Session(connection) as session:  # documents that are there already are found by name, number and supplier
        for known in session.execute(EARLIER):
            words = words_in(f"{known.name} {known.number or ''} {known.supplier_key or ''}")
            enter_words(session, known.id, known.client_id, words)
        session.commit()
