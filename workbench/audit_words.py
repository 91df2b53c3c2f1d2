"""An audit's expectations in the reader's words: what was looked at, what was expected, who broke it."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.audit import AuditResult, ExpectationResult, Place
from schemas.document_type import DocumentType, FieldType, document_types
from schemas.messages import field_title
from workbench.shown_values import shown
from workbench.words import Words

TABLES = {"documents": "documents_table", "lines": "lines"}
OWN_COLUMN = "_"  # columns of our own begin so; they have names of their own


@dataclass(frozen=True)
class ToldExpectation:
    """One row of the audit page."""

    subject: str
    expected: str
    success: bool
    ran: bool
    checked: int
    unexpected: int
    failures: list[Place]


def tell(result: AuditResult, words: Words) -> list[ToldExpectation]:
    """Every expectation, the broken ones first."""
    kind = document_types().get(result.document_type)
    rows = [_row(one, kind, words) for one in result.expectations]
    return sorted(rows, key=lambda row: (row.success, row.subject))


def _row(one: ExpectationResult, kind: DocumentType | None, words: Words) -> ToldExpectation:
    columns = ", ".join(_column(name, one.table, kind, words) for name in one.columns)
    bounds = "_".join(bound for bound in ("min_value", "max_value") if bound in one.limits)
    pattern = words.maybe(f"{one.name}.{bounds}", words.maybe(one.name, one.name))
    return ToldExpectation(
        subject=f"{words('audit.' + TABLES[one.table])}: {columns}",
        expected=pattern.format(**{name: _limit(limit, words) for name, limit in one.limits.items()}),
        success=one.success,
        ran=one.ran,
        checked=one.checked,
        unexpected=one.unexpected,
        failures=one.failures,
    )


def _limit(limit: str, words: Words) -> str:
    """A day or a number in the reader's language; other words as they are."""
    kind = FieldType.DATE if limit[4:5] == "-" else FieldType.QUANTITY
    return shown(limit.removesuffix(".0"), kind, words.language)


def _column(name: str, table: str, kind: DocumentType | None, words: Words) -> str:
    if name.startswith(OWN_COLUMN):
        return words.maybe(f"audit.column{name}", name)
    if kind is None:
        return name
    path = f"line_items.{name}" if table == "lines" else name
    return field_title(path, kind, words.language).rpartition(": ")[2]
