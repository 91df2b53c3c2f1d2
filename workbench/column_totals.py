"""The last line under a table: each amount column added up, and compared with the total that the rules hold it against."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from schemas.document_type import DocumentType, FieldType
from schemas.process import Process
from schemas.values import Value
from validations.definitions import parameters_of, rules_for
from validations.facts import number_in, resolve
from validations.rules.sums import ColumnSum
from workbench.shown_values import shown


@dataclass(frozen=True)
class ColumnTotal:
    """One column's sum as the reader's language writes it; `agrees` is None where there is nothing to compare it with."""

    table: str
    column: str
    text: str
    agrees: bool | None
    missing: str = ""  # what the column lacks (or has too much: a minus) against the nearest total


def column_totals(
    kind: DocumentType, process: Process, values: Iterable[Value], language: str
) -> Iterator[ColumnTotal]:
    """The sums of all amount columns that hold a number."""
    values = list(values)
    header = {value.name: value.text for value in values if not value.table}
    checks = _checks(kind, process)
    for table, definition in kind.tables.items():
        for column, field in definition.columns.items():
            cells = [v.text for v in values if (v.table, v.name) == (table, column)] if field.type == _MONEY else []
            amounts = [amount for text in cells if (amount := number_in(text)) is not None]
            if amounts:
                added = sum(amounts, Decimal())
                agrees, missing = _compare(added, checks.get(f"{table}.{column}"), header, kind)
                yield ColumnTotal(table, column, _money(added, language), agrees, _money(missing, language))


_MONEY = FieldType.AMOUNT


def _checks(kind: DocumentType, process: Process) -> dict[str, ColumnSum]:
    """The column sums that the rules in force ask for, by `table.column`."""
    found = [parameters_of(setting) for setting in rules_for(kind.name, process) if setting.rule == "column_sum"]
    return {each.column: each for each in found if isinstance(each, ColumnSum)}


def _compare(
    added: Decimal, check: ColumnSum | None, header: dict[str, str], kind: DocumentType
) -> tuple[bool | None, Decimal]:
    names = [resolve(kind, total) for total in check.totals] if check else []
    totals = [amount for name in names if name and (amount := number_in(header.get(name, ""))) is not None]
    if check is None or not totals:
        return None, Decimal()
    nearest = min(totals, key=lambda total: abs(total - added))
    return abs(nearest - added) <= check.tolerance, nearest - added


def _money(amount: Decimal, language: str) -> str:
    return shown(str(amount), _MONEY, language) if amount else shown("0.00", _MONEY, language)
