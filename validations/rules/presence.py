"""What must be there, and must be what its field says it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from schemas.document_type import FieldType
from schemas.values import Address, Severity
from validations.facts import Facts, FieldName, day_in, number_in
from validations.rule_book import Breach, Parameters, breach, rule


class Required(Parameters):
    """`fields`: further fields that must be there, beside those that the document type or the process requires."""

    fields: tuple[FieldName, ...] = ()


@rule(Required, severity=Severity.ERROR)
def required(facts: Facts, parameters: Required) -> Iterator[Breach]:
    """Every required field has a value, or a person has said that it is absent or cannot be read."""
    by_type = [name for name, definition in facts.document_type.fields.items() if definition.required]
    named = [facts.resolve(field) for field in parameters.fields]
    decided = {v.address for v in facts.extraction.values if v.source == "person"}
    for name in dict.fromkeys([*by_type, *filter(None, named)]):
        if not facts.values(FieldName(name)) and Address(name) not in decided:
            yield breach([Address(name)], field=name)


class WellFormed(Parameters):
    """No parameters."""


_READABLE: dict[FieldType, Callable[[str], object | None]] = {
    FieldType.AMOUNT: number_in,
    FieldType.QUANTITY: number_in,
    FieldType.PERCENT: number_in,
    FieldType.DATE: day_in,
    FieldType.INTEGER: lambda text: text if text.removeprefix("-").isdecimal() else None,
}


@rule(WellFormed, severity=Severity.ERROR)
def well_formed(facts: Facts, parameters: WellFormed) -> Iterator[Breach]:
    """Amounts and quantities are numbers, dates are days of the calendar."""
    for value in facts.present():
        definition = facts.definition(value.address)
        readable = _READABLE.get(definition.type) if definition else None
        if readable and readable(value.text) is None:
            yield breach([value.address], field=field_path(value.address), text=value.text, row=value.row)


def field_path(address: Address) -> str:
    """`due_date` or `line_items.quantity`: how messages name the field at an address."""
    return f"{address.table}.{address.name}" if address.table else address.name
