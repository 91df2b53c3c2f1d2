"""What is true of a course's document, and what somebody keyed of it: header fields, those that are absent, and table rows.

A row's cell is named `line_items.2.quantity`. An absent critical field counts when it is left empty; any other absent value
counts only when somebody invents one: else a hundred empty fields would pass a course by themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.document_type import DocumentType, FieldDefinition, FieldType
from schemas.normalisation import same_value
from schemas.values import Extraction, ValueState

MOST_ROWS = 20


@dataclass(frozen=True)
class Feedback:
    """What somebody keyed for one field or cell, and what is true; both empty: it is rightly left out."""

    name: str
    kind: FieldType
    typed: str
    truth: str
    right: bool


def truth_of(extraction: Extraction, kind: DocumentType, *, lines: bool) -> dict[str, str]:
    """The true text of each header field that there is, and with `lines` of each cell of the tables' first rows, by name."""
    found = {}
    for value in extraction.values:
        definition = kind.definition(value.name, value.table)
        wanted = not value.table or (lines and value.row <= MOST_ROWS)
        if definition is not None and wanted and value.state is ValueState.PRESENT:
            found[cell(value.table, value.row, value.name)] = value.text
    return found


def cell(table: str, row: int, name: str) -> str:
    """How a value is named in a course: `gross_total`, or `line_items.2.quantity`."""
    return f"{table}.{row}.{name}" if table else name


def definition_of(name: str, kind: DocumentType | None) -> FieldDefinition | None:
    """The field or column that a name of a course stands for."""
    if kind is None:
        return None
    table, _, rest = name.partition(".")
    return kind.definition(rest.partition(".")[2], table) if rest else kind.fields.get(name)


def rows_asked(truth: Mapping[str, str], kind: DocumentType) -> dict[str, list[int]]:
    """By table, the rows to key: those that there are and one more, so that their number is not given away as an answer."""
    last: dict[str, int] = {}
    for name in truth:
        table, _, rest = name.partition(".")
        if rest and table in kind.tables:
            last[table] = max(last.get(table, 0), int(rest.partition(".")[0]))
    return {table: list(range(1, count + 2)) for table, count in last.items()}


def compare(typed: Mapping[str, str], item: Mapping[str, Any], kind: DocumentType | None) -> list[Feedback]:
    """Everything that counts of a document: what is there, what was left out rightly or not, and what was invented."""
    truth: Mapping[str, str] = item["truth"]
    names = [*truth, *_absent(typed, truth, kind)]
    return [_feedback(name, typed.get(name, "").strip(), truth.get(name, ""), kind) for name in names]


def _absent(typed: Mapping[str, str], truth: Mapping[str, str], kind: DocumentType | None) -> Iterator[str]:
    if kind is None:
        return
    for name, field in kind.fields.items():
        if name not in truth and (field.critical or typed.get(name, "").strip()):
            yield name
    for name, text in typed.items():
        if "." in name and name not in truth and text.strip() and definition_of(name, kind):
            yield name


def _feedback(name: str, typed: str, truth: str, kind: DocumentType | None) -> Feedback:
    field = definition_of(name, kind)
    type_ = field.type if field else FieldType.TEXT
    return Feedback(name, type_, typed, truth, same_value(typed, truth, type_) if typed and truth else typed == truth)
