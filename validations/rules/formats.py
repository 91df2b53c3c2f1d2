"""What values must look like: named formats, check digits, currencies."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from functools import cache

from babel.core import get_global
from babel.numbers import get_territory_currencies
from pydantic import field_validator, model_validator

from schemas.document_type import FieldType
from schemas.identifiers import is_bic_shaped, is_valid_iban, is_valid_vat_id
from schemas.values import Severity
from validations.facts import Facts, FieldName
from validations.rule_book import Breach, Parameters, breach, rule
from validations.rules.presence import field_path

NAMED_FORMATS = {
    "digits": r"\d+",
    "letters_and_digits": r"[A-Za-z0-9]+",
    "order_number": r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9/ ._-]{2,24}",
    "german_tax_number": r"\d{2,3}[/ ]?\d{3,4}[/ ]?\d{4,5}",
    "german_postcode": r"\d{5}",
    "british_postcode": r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}",
}
LONGEST = 200  # characters that a pattern is tried on, so that no pattern can take long


class Format(Parameters):
    """`field` must match, as a whole, the named `format` or the regular expression `pattern`; one of the two.

    Named formats: digits, letters_and_digits, order_number, german_tax_number, german_postcode, british_postcode.
    """

    field: FieldName
    format: str | None = None
    pattern: str | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Format:
        if (self.format is None) == (self.pattern is None):
            raise ValueError("give either format or pattern")
        if self.format is not None and self.format not in NAMED_FORMATS:
            raise ValueError(f"format must be one of {', '.join(NAMED_FORMATS)}")
        return self

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str | None) -> str | None:
        try:
            re.compile(pattern or "")
        except re.error as error:
            raise ValueError(f"pattern is not a regular expression: {error}") from error
        return pattern


@rule(Format, severity=Severity.ERROR)
def format(facts: Facts, parameters: Format) -> Iterator[Breach]:
    """A value has the agreed format."""
    pattern = NAMED_FORMATS[parameters.format] if parameters.format else parameters.pattern or ""
    for value in facts.values(parameters.field):
        if len(value.text) > LONGEST or not re.fullmatch(pattern, value.text):
            yield breach(
                [value.address],
                field=field_path(value.address),
                text=value.text,
                format=(parameters.format or pattern).replace("_", " "),
            )


class CheckDigit(Parameters):
    """`fields`: which IBANs, BICs and VAT numbers to check; by default all of them."""

    fields: tuple[FieldName, ...] = ()


_CHECKS: dict[FieldType, Callable[[str], bool]] = {
    FieldType.IBAN: is_valid_iban,
    FieldType.BIC: is_bic_shaped,
    FieldType.VAT_ID: is_valid_vat_id,
}


@rule(CheckDigit, severity=Severity.ERROR)
def check_digit(facts: Facts, parameters: CheckDigit) -> Iterator[Breach]:
    """IBANs (ISO 13616), BICs (ISO 9362) and VAT numbers (each country's rule) are valid, check digits included."""
    chosen = [v for field in parameters.fields for v in facts.values(field)] if parameters.fields else facts.present()
    for value in chosen:
        definition = facts.definition(value.address)
        check = _CHECKS.get(definition.type) if definition else None
        if check and not check(value.text):
            yield breach([value.address], field=field_path(value.address), text=value.text)


class CurrencyKnown(Parameters):
    """No parameters."""


@rule(CurrencyKnown, severity=Severity.ERROR)
def currency_known(facts: Facts, parameters: CurrencyKnown) -> Iterator[Breach]:
    """Currencies are ISO 4217 codes of money in use today."""
    for value in facts.present():
        definition = facts.definition(value.address)
        if definition and definition.type is FieldType.CURRENCY and value.text not in currencies_in_use(facts.today):
            yield breach([value.address], text=value.text)


class CurrencyAllowed(Parameters):
    """`allowed`: ISO 4217 codes."""

    allowed: tuple[str, ...]
    field: FieldName = FieldName("currency")


@rule(CurrencyAllowed, severity=Severity.ERROR)
def currency_allowed(facts: Facts, parameters: CurrencyAllowed) -> Iterator[Breach]:
    """The document is in one of the agreed currencies."""
    currency = facts.text(parameters.field)
    if currency and currency not in parameters.allowed:
        yield breach([facts.address(parameters.field)], text=currency, allowed=" ".join(parameters.allowed))


@cache
def currencies_in_use(day: dt.date) -> frozenset[str]:
    """The ISO 4217 codes that are tender somewhere on this day (Unicode CLDR)."""
    places = get_global("territory_currencies")
    return frozenset(code for place in places for code in get_territory_currencies(place, start_date=day))
