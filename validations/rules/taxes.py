"""What must be true of value-added tax: the rates are the country's, and the tax is what the rate makes of the net."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from pydantic import Field

from schemas.values import Severity
from validations.facts import Facts, FieldName, number_in
from validations.rule_book import Breach, Parameters, breach, canonical, rule
from validations.rules.sums import CENTS
from validations.tax_rates import rates_on


class TaxAmounts(Parameters):
    """`table` has the columns rate (per cent), net and tax; `tolerance` is for rounding line by line."""

    table: str = "taxes"
    tolerance: Decimal = Field(default=CENTS, ge=0)


@rule(TaxAmounts, severity=Severity.ERROR)
def tax_amounts(facts: Facts, parameters: TaxAmounts) -> Iterator[Breach]:
    """For each rate, the tax is the net amount times the rate. Silent where one of them has no value."""
    for row, values in facts.rows(parameters.table).items():
        rate, net, tax = (number_in(values[name].text) if name in values else None for name in ("rate", "net", "tax"))
        if rate is None or net is None or tax is None:
            continue
        expected = (net * rate / 100).quantize(Decimal("0.01"))
        if abs(tax - expected) > parameters.tolerance:
            fields = [values[name].address for name in ("rate", "net", "tax")]
            yield breach(fields, row=row, rate=rate, net=net, expected=expected, printed=tax)


class TaxRates(Parameters):
    """`country`: whose rates hold (ISO 3166), else the supplier's or the client's; `columns`: where rates stand."""

    country: str | None = Field(default=None, pattern="^[A-Z]{2}$")
    columns: tuple[FieldName, ...] = (FieldName("taxes.rate"), FieldName("line_items.tax_rate"))
    date: FieldName = FieldName("date")
    net: FieldName = FieldName("net")
    tax: FieldName = FieldName("tax")


@rule(TaxRates, severity=Severity.ERROR)
def tax_rates(facts: Facts, parameters: TaxRates) -> Iterator[Breach]:
    """Every tax rate was in force in the supplier's country on the document's date; the tax is within the highest."""
    country = parameters.country or supplier_country(facts)
    day = facts.day(parameters.date) or facts.today
    valid = rates_on(country, day)
    if valid is None:
        return
    yield from _unknown_rates(facts, parameters, country, day, valid)
    yield from _too_high(facts, parameters, country, max(valid))


def _unknown_rates(
    facts: Facts, parameters: TaxRates, country: str, day: dt.date, valid: frozenset[Decimal]
) -> Iterator[Breach]:
    """Each rate that is not valid, once, on every field that shows it."""
    shown = [v for column in parameters.columns for v in facts.values(column)]
    rates = {rate for v in shown if (rate := number_in(v.text)) is not None and rate not in valid}
    for rate in sorted(rates):
        yield breach(
            [v.address for v in shown if number_in(v.text) == rate],
            case="not_in_force",
            rate=rate,
            country=country,
            day=day,
            valid=" ".join(canonical(r) for r in sorted(valid, reverse=True)),
        )


def _too_high(facts: Facts, parameters: TaxRates, country: str, highest: Decimal) -> Iterator[Breach]:
    net, tax = facts.amount(parameters.net), facts.amount(parameters.tax)
    if net is not None and tax is not None and abs(tax) > abs(net) * highest / 100 + CENTS:
        fields = [facts.address(parameters.net), facts.address(parameters.tax)]
        yield breach(fields, case="too_high", tax=tax, net=net, highest=highest, country=country)


def supplier_country(facts: Facts) -> str:
    """Where the supplier is taxed: by the printed VAT number, by the master data, else where the client is."""
    vat_ids = [v.text for v in facts.present() if v.name == "supplier_vat_id"]
    prefix = vat_ids[0][:2].upper() if vat_ids else ""
    if prefix.isalpha() and len(prefix) == 2:
        return {"EL": "GR", "XI": "GB"}.get(prefix, prefix)
    return (facts.supplier.country if facts.supplier else "") or facts.country
