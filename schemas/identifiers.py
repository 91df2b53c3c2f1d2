"""Bank, tax and currency identifiers: their printed shapes, their compact form, and whether their check digits hold.

IBAN and BIC by ISO 13616 and ISO 9362 (schwifty), VAT numbers by each country's own rule (python-stdnum).
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

import stdnum.exceptions
from schwifty import IBAN
from schwifty.exceptions import SchwiftyException
from stdnum import get_cc_module

IBAN_SHAPE = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]){11,30}(?![A-Z0-9])")
BIC_SHAPE = re.compile(r"(?<![A-Z0-9])[A-Z]{4}[ ]?[A-Z]{2}[ ]?[A-Z0-9]{2}(?:[ ]?[A-Z0-9]{3})?(?![A-Z0-9])")
_COUNTRIES = "AT BE BG CH CY CZ DE DK EE EL ES FI FR GB HR HU IE IT LT LU LV MT NL NO PL PT RO SE SI SK XI"
VAT_COUNTRIES = frozenset(_COUNTRIES.split())
VAT_SHAPE = re.compile(
    rf"(?<![A-Z0-9])(?:{'|'.join(sorted(VAT_COUNTRIES))})[ .]?[A-Z0-9](?:[ .-]?[A-Z0-9]){{6,12}}(?![A-Z0-9])"
)
CURRENCY_MARKS = {
    "€": "EUR",
    "EURO": "EUR",
    "£": "GBP",
    "US$": "USD",
    "$": "USD",
    "RM": "MYR",
    "SFR": "CHF",
    "FR.": "CHF",
    "¥": "JPY",
    "ZŁ": "PLN",
    "KČ": "CZK",
}
_CODES = "EUR GBP USD CHF SEK NOK DKK PLN CZK HUF RON BGN JPY CNY AUD CAD NZD MYR SGD HKD INR TRY ZAR AED MXN BRL"
CURRENCY_CODES = frozenset(_CODES.split())


def compact(text: str) -> str:
    """Upper case, letters and digits only."""
    return re.sub(r"[^A-Z0-9]", "", text.upper())


@lru_cache(maxsize=4096)
def is_valid_iban(text: str) -> bool:
    """Whether country, length and check digits hold."""
    try:
        IBAN(compact(text))
    except SchwiftyException:
        return False
    return True


@cache
def iban_length(country: str) -> int | None:
    """How many characters an IBAN of this country has; None for a country without IBANs."""
    try:
        return IBAN(f"{country}00", allow_invalid=True).spec.iban_length
    except SchwiftyException:
        return None


@lru_cache(maxsize=4096)
def is_valid_vat_id(text: str) -> bool:
    """Whether a VAT number with its country prefix follows that country's rule (check digits included)."""
    number = compact(text)
    module = _vat_module(number[:2])
    if module is None:
        return False
    body = number[2:] if number[:2] in ("GB", "XI", "NO") else number
    try:
        module.validate(body)
    except stdnum.exceptions.ValidationError:
        return False
    return True


def is_bic_shaped(text: str) -> bool:
    """Eight or eleven characters, bank, country, place (ISO 9362)."""
    return bool(re.fullmatch(r"[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?", compact(text)))


def parse_currency(text: str) -> str | None:
    """ISO 4217 code of a printed code or mark (`€`, `EUR`, `£`, `RM`); None for anything else."""
    word = text.strip().upper()
    if word in CURRENCY_MARKS:
        return CURRENCY_MARKS[word]
    return word if word in CURRENCY_CODES else None


@cache
def _vat_module(country: str) -> Any:
    """The python-stdnum module for a prefix; Greece uses EL, Northern Ireland XI follows the British rule."""
    code = {"EL": "gr", "XI": "gb"}.get(country, country.lower())
    return get_cc_module(code, "vat") if country in VAT_COUNTRIES else None
