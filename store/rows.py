"""Many rows of one table at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from store.tables import Base


def insert_rows(session: Session, table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows that name the same columns, in one statement and without the ORM's bookkeeping for each row."""
    if rows:
        session.execute(insert(table), rows, execution_options={"dml_strategy": "raw"})
