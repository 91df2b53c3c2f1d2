"""What people call document types and fields, and how they read values: functions that every template can call."""

from __future__ import annotations

from schemas.document_type import FieldType, document_types
from schemas.messages import field_title
from schemas.reasons import REASONS
from workbench.shown_values import shown
from workbench.words import Words


def type_title(t: Words, document_type: str | None) -> str:
    """`Invoice`; a dash where there is no type yet."""
    kind = document_types().get(document_type or "")
    return (kind.title.get(t.language) if kind else "") or t.maybe(f"type.{document_type}", document_type or "–")


def field_name(t: Words, document_type: str | None, name: str, table: str = "", row: int = 0) -> str:
    """`Due date`; a table's cell with its row: `Line items: Quantity 2`."""
    kind = document_types().get(document_type or "")
    title = field_title(f"{table}.{name}" if table else name, kind, t.language) if kind else name.replace("_", " ")
    return f"{title} {row}" if table and row else title


def table_title(t: Words, name: str) -> str:
    """`Line items`, whatever the document is."""
    tables = (kind.tables[name] for kind in document_types().values() if name in kind.tables)
    return next((table.title.get(t.language, name) for table in tables), name)


def value_shown(t: Words, document_type: str | None, name: str, text: str | None, table: str = "") -> str:
    """A value in the reader's language; a dash where there is none."""
    kind = document_types().get(document_type or "")
    field = kind.definition(name, table) if kind else None
    return shown(text or "", field.type if field else FieldType.TEXT, t.language) or "–"


def reason_words(t: Words, document_type: str | None, code: str) -> str:
    """Why a document does not simply go through: `Machine in doubt: Due date`; a code that has no words as it is."""
    name, _, field = code.partition(":")
    known = REASONS.get(name)
    said = known.text[t.language] if known else t.maybe(f"rule.{name}", t.maybe(f"audit.decision.{name}", name))
    table, _, column = field.rpartition(".")
    return f"{said}: {field_name(t, document_type, column, table)}" if field else said
