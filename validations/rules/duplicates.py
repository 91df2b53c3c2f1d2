"""What must not come twice: a document that is already here, a number that is really another field's."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.values import Severity
from validations.business_key import Stage, business_keys, shared_stage
from validations.facts import Facts, FieldName
from validations.rule_book import Breach, Parameters, breach, rule

NUMBER, DATE, TOTAL = FieldName("number"), FieldName("date"), FieldName("total")


class DuplicateBusinessKey(Parameters):
    """`stages`: what counts as the same: supplier and number; supplier, date and total."""

    stages: tuple[Stage, ...] = (Stage.NUMBER, Stage.DATE_AND_TOTAL)


@rule(DuplicateBusinessKey, severity=Severity.ERROR)
def duplicate_business_key(facts: Facts, parameters: DuplicateBusinessKey) -> Iterator[Breach]:
    """No earlier document of the client is the same business (`validations.business_key`)."""
    keys = business_keys(facts)
    for earlier in facts.earlier:
        stage = shared_stage(keys, earlier.keys)
        if stage not in parameters.stages:
            continue
        fields = [NUMBER] if stage is Stage.NUMBER else [DATE, TOTAL]
        yield breach(map(facts.address, fields), case=stage, document=earlier.document_id)


class NumberRepeats(Parameters):
    """`field` must differ from each of `others`."""

    field: FieldName = NUMBER
    others: tuple[FieldName, ...] = (
        FieldName("order_number"),
        FieldName("customer_number"),
        FieldName("supplier_number"),
        FieldName("supplier_tax_number"),
        FieldName("reference"),
    )


@rule(NumberRepeats, severity=Severity.WARNING)
def number_repeats(facts: Facts, parameters: NumberRepeats) -> Iterator[Breach]:
    """The document's number is not also one of its other numbers, which mostly means that one was misread."""
    number = facts.text(parameters.field)
    for other in parameters.others:
        if number and facts.text(other) == number:
            fields = [facts.address(parameters.field), facts.address(other)]
            yield breach(fields, text=number, field=facts.resolve(parameters.field), other=facts.resolve(other))
