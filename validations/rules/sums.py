"""What must add up. Amounts are Decimal; a difference within the tolerance is rounding."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from pydantic import Field

from schemas.values import Severity, Value
from validations.facts import Facts, FieldName, number_in
from validations.rule_book import Breach, Parameters, breach, canonical, rule

CENTS = Decimal("0.02")


class SumEquals(Parameters):
    """`parts` are added and compared with `total`; the difference may be `tolerance` in the document's currency."""

    parts: tuple[FieldName, ...] = Field(default=(FieldName("net"), FieldName("tax")), min_length=1)
    total: FieldName = FieldName("total")
    tolerance: Decimal = Field(default=CENTS, ge=0)


@rule(SumEquals, severity=Severity.ERROR)
def sum_equals(facts: Facts, parameters: SumEquals) -> Iterator[Breach]:
    """The parts add up to the total. Silent where one of them has no value."""
    total = facts.amount(parameters.total)
    parts = {part: facts.amount(part) for part in parameters.parts}
    known = {part: amount for part, amount in parts.items() if amount is not None}
    if total is None or len(known) < len(parts):
        return
    expected = sum(known.values(), Decimal())
    if abs(total - expected) > parameters.tolerance:
        yield breach(
            [*map(facts.address, parts), facts.address(parameters.total)],
            case="too_much" if total > expected else "too_little",
            parts=" ".join(f"{facts.resolve(part)}={canonical(amount)}" for part, amount in known.items()),
            expected=expected,
            total=facts.resolve(parameters.total),
            printed=total,
            difference=abs(total - expected),
        )


class ColumnSum(Parameters):
    """The `column` of a table is added; the sum must be one of the `totals` (line items may be net or gross)."""

    column: FieldName = FieldName("line_items.line_total")
    totals: tuple[FieldName, ...] = Field(default=(FieldName("net"), FieldName("total")), min_length=1)
    tolerance: Decimal = Field(default=CENTS, ge=0)


@rule(ColumnSum, severity=Severity.ERROR)
def column_sum(facts: Facts, parameters: ColumnSum) -> Iterator[Breach]:
    """A table's column adds up to one of the totals. Silent where there are no rows or no total."""
    values = facts.values(parameters.column)
    amounts = [amount for v in values if (amount := number_in(v.text)) is not None]
    found = {total: facts.amount(total) for total in parameters.totals}
    totals = {total: amount for total, amount in found.items() if amount is not None}
    if not amounts or not totals:
        return
    added = sum(amounts, Decimal())
    nearest, printed = min(totals.items(), key=lambda item: abs(item[1] - added))
    if abs(printed - added) > parameters.tolerance:
        yield breach(
            [*(v.address for v in values), facts.address(nearest)],
            case="too_much" if added > printed else "too_little",
            column=parameters.column,
            added=added,
            total=facts.resolve(nearest),
            printed=printed,
            difference=abs(printed - added),
        )


class LineTotals(Parameters):
    """The difference may be `tolerance`, and what rounding the printed unit price can explain."""

    quantity: FieldName = FieldName("line_items.quantity")
    unit_price: FieldName = FieldName("line_items.unit_price")
    line_total: FieldName = FieldName("line_items.line_total")
    discount: FieldName = FieldName("line_items.discount_percent")
    tolerance: Decimal = Field(default=CENTS, ge=0)


@rule(LineTotals, severity=Severity.ERROR)
def line_totals(facts: Facts, parameters: LineTotals) -> Iterator[Breach]:
    """On each line, quantity times unit price, less its discount, is the line's total. Silent where one has no value."""
    discounts = {
        v.row: percent for v in facts.values(parameters.discount) if (percent := number_in(v.text)) is not None
    }
    for row, values in _complete_lines(facts, parameters):
        quantity, price, printed = (Decimal(v.text) for v in values)
        expected = quantity * price * (100 - discounts.get(row, Decimal())) / 100
        if abs(printed - expected) > parameters.tolerance + abs(quantity) * half_unit(price):
            yield breach(
                [v.address for v in values],
                row=row,
                quantity=quantity,
                unit_price=price,
                expected=expected.quantize(Decimal("0.01")),
                printed=printed,
            )


def _complete_lines(facts: Facts, parameters: LineTotals) -> Iterator[tuple[int, tuple[Value, Value, Value]]]:
    """The rows where quantity, unit price and total are all numbers."""
    columns = [
        {v.row: v for v in facts.values(field) if number_in(v.text) is not None}
        for field in (parameters.quantity, parameters.unit_price, parameters.line_total)
    ]
    quantities, prices, totals = columns
    for row in quantities.keys() & prices.keys() & totals.keys():
        yield row, (quantities[row], prices[row], totals[row])


def half_unit(price: Decimal) -> Decimal:
    """Half a unit of the last printed digit: a printed 0.12 may stand for anything from 0.115 to 0.125."""
    exponent = price.as_tuple().exponent
    return Decimal(5).scaleb(min(int(exponent), 0) - 1)
