"""Many rows of one table at once, and rows of no session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import insert, inspect
from sqlalchemy.orm import Session

from store.tables import Base

Row = TypeVar("Row", bound=Base)


def insert_rows(session: Session, table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows that name the same columns, in one statement and without the ORM's bookkeeping for each row."""
    if rows:
        session.execute(insert(table), rows, execution_options={"dml_strategy": "raw"})


def detached_copy(row: Row) -> Row:
    """A row like this one that belongs to no session: nothing that is done to it is written."""
    kind = type(row)
    return kind(**{each.key: getattr(row, each.key) for each in inspect(kind).column_attrs})
