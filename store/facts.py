"""`fact(name)`: what an event's data says under a name, as text inside SQL, on SQLite and PostgreSQL alike.

Data that was tampered with may be no JSON any more: then a fact is NULL, and no query fails.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, String, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from store.tables import Event


class _Fact(FunctionElement[str]):
    type = String()
    inherit_cache = True


def fact(name: str, event: Any = Event) -> ColumnElement[str]:
    """The top-level value of an event's canonical data, as text; NULL where it is null or not there."""
    return _Fact(event.data, literal(name))


@compiles(_Fact, "sqlite")
def _on_sqlite(element: _Fact, compiler: Any, **options: Any) -> str:
    data, name = (compiler.process(clause, **options) for clause in element.clauses)
    return f"CASE WHEN json_valid({data}) THEN CAST(json_extract({data}, '$.' || {name}) AS TEXT) END"


@compiles(_Fact, "postgresql")
def _on_postgresql(element: _Fact, compiler: Any, **options: Any) -> str:
    """By pattern: canonical JSON has no blanks, and a cast would fail on what is no JSON."""
    data, name = (compiler.process(clause, **options) for clause in element.clauses)
    pattern = f"""'"' || {name} || '":("[^"]*"|[^,}}]*)'"""
    return f"NULLIF(TRIM(BOTH '\"' FROM SUBSTRING({data} FROM {pattern})), 'null')"
