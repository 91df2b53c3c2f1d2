"""What must have the right sign."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.values import Severity
from validations.facts import Facts, FieldName
from validations.rule_book import Breach, Parameters, breach, rule


class PositiveTotal(Parameters):
    """`field` must be greater than 0."""

    field: FieldName = FieldName("total")


@rule(PositiveTotal, severity=Severity.ERROR)
def positive_total(facts: Facts, parameters: PositiveTotal) -> Iterator[Breach]:
    """The total is greater than zero; a document that gives money back is a credit note."""
    amount = facts.amount(parameters.field)
    if amount is not None and amount <= 0:
        yield breach([facts.address(parameters.field)], field=facts.resolve(parameters.field), amount=amount)


class CreditNoteSign(Parameters):
    """`fields` are printed all with a minus or all without."""

    fields: tuple[FieldName, ...] = (FieldName("net"), FieldName("tax"), FieldName("total"))


@rule(CreditNoteSign, severity=Severity.ERROR)
def credit_note_sign(facts: Facts, parameters: CreditNoteSign) -> Iterator[Breach]:
    """A credit note's amounts are all negative or all positive, and its total is not zero."""
    amounts = {field: amount for field in parameters.fields if (amount := facts.amount(field)) is not None}
    fields = [facts.address(field) for field in amounts]
    if {amount > 0 for amount in amounts.values() if amount} == {True, False}:
        yield breach(fields, case="mixed")
    elif amounts and not any(amounts.values()):
        yield breach(fields, case="zero")
