"""Bank, tax and currency identifiers: their printed shapes, their compact form, and whether their check digits hold.

IBAN and BIC by ISO 13616 and ISO 9362 (schwifty), VAT numbers by each country's own rule (python-stdnum).
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any, NamedTuple

import stdnum.exceptions
from schwifty import IBAN
from schwifty.exceptions import SchwiftyException
from stdnum import get_cc_module

# What follows the country prefix of a VAT number, blanks and dots taken out.
VAT_BODIES = {
    "AT": r"U\d{8}",
    "BE": r"[01]?\d{9}",
    "BG": r"\d{9,10}",
    "CH": r"E\d{9}",
    "CY": r"\d{8}[A-Z]",
    "CZ": r"\d{8,10}",
    "DE": r"\d{9}",
    "DK": r"\d{8}",
    "EE": r"\d{9}",
    "EL": r"\d{9}",
    "ES": r"[A-Z0-9]\d{7}[A-Z0-9]",
    "FI": r"\d{8}",
    "FR": r"[A-HJ-NP-Z0-9]{2}\d{9}",
    "GB": r"\d{12}|\d{9}",
    "HR": r"\d{11}",
    "HU": r"\d{8}",
    "IE": r"\d[A-Z0-9]\d{5}[A-Z]{1,2}",
    "IT": r"\d{11}",
    "LT": r"\d{12}|\d{9}",
    "LU": r"\d{8}",
    "LV": r"\d{11}",
    "MT": r"\d{8}",
    "NL": r"\d{9}B\d{2}",
    "NO": r"\d{9}",
    "PL": r"\d{10}",
    "PT": r"\d{9}",
    "RO": r"\d{2,10}",
    "SE": r"\d{12}",
    "SI": r"\d{8}",
    "SK": r"\d{10}",
    "XI": r"\d{12}|\d{9}",
}
VAT_LENGTHS = range(14, 7, -1)  # with the country prefix, the longest first
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


class PrintedCode(NamedTuple):
    """An identifier found in a text, from character `start` up to `end`: its compact form and whether its check holds."""

    start: int
    end: int
    text: str
    valid: bool


_CURRENCY = re.compile(
    rf"US\$|[€£¥$]|(?<![A-Za-z])(?:{'|'.join(sorted(CURRENCY_CODES))}|EURO|Euro|RM|SFr|Fr\.|zł|Kč)(?![A-Za-z])"
)
_PREFIX = re.compile(r"(?<![A-Za-z0-9])([A-Z]{2})\s?(?=[A-Za-z0-9|!])")
_DIGITS = str.maketrans("OQDIlLSBZG|!", "000111582611")  # what OCR reads where a digit stands
_LETTERS = str.maketrans("01582", "OISBZ")  # and where a letter stands


def find_ibans(text: str, *, repair: bool = False) -> list[PrintedCode]:
    """Every IBAN-shaped run, blanks or not. `repair` tries digits for look-alike letters where that makes the check hold."""
    found = []
    for match in _PREFIX.finditer(text):
        length = iban_length(match[1])
        run = _run(text, match.start(), length) if length else None
        if run is None:
            continue
        end, code = run
        repaired = _repaired(code) if repair and not is_valid_iban(code) else code
        code = repaired if is_valid_iban(repaired) else code.upper()
        if code[2:4].isdigit() and sum(each.isdigit() for each in code) >= 10:
            found.append(PrintedCode(match.start(), end, code, is_valid_iban(code)))
    return found


def find_vat_ids(text: str, *, repair: bool = False) -> list[PrintedCode]:
    """Every VAT number with its country prefix, `DE 123 456 789` or `DE123456789`; other spellings are identifiers.

    `repair` reads look-alike letters as digits where that makes the check hold.
    """
    found = []
    for match in _PREFIX.finditer(text):
        for length in VAT_LENGTHS if match[1] in VAT_BODIES else ():
            run = _run(text, match.start(), length)
            code = _vat_id(run[1], repair) if run else None
            if run and code:
                found.append(PrintedCode(match.start(), run[0], code, is_valid_vat_id(code)))
                break
    return found


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
    try:
        module.validate("CHE" + number[3:] + "MWST" if number.startswith("CHE") else number[2:])
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


def find_currencies(text: str) -> list[tuple[int, int, str]]:
    """Every currency code or mark, alone or glued to a number: start, end, ISO 4217 code."""
    return [
        (match.start(), match.end(), code)
        for match in _CURRENCY.finditer(text)
        if (code := parse_currency(match[0])) is not None
    ]


def _vat_id(code: str, repair: bool) -> str | None:
    """The code where it has its country's shape, read with digits for look-alikes where only that has, and its check holds."""
    body = VAT_BODIES[code[:2]]
    if re.fullmatch(body, code[2:]):
        return code
    repaired = code[:2] + code[2:].translate(_DIGITS)
    holds = repair and re.fullmatch(body, repaired[2:]) and is_valid_vat_id(repaired)
    return repaired if holds else None


def _repaired(code: str) -> str:
    """Look-alikes turned into what the country's IBAN has at their place: digits, letters or either."""
    spec = IBAN(code[:2] + "00", allow_invalid=True).spec.iban_spec
    kinds = "".join(kind * int(count) for count, kind in re.findall(r"(\d+)!([nac])", spec[2:]))
    tables: dict[str, dict[int, int]] = {"n": _DIGITS, "a": _LETTERS, "c": {}}
    return code[:2] + "".join(c.translate(tables[kind]) for c, kind in zip(code[2:], kinds, strict=False))


def _run(text: str, start: int, length: int) -> tuple[int, str] | None:
    """The next `length` letters and digits from `start`, blanks, dots and hyphens skipped: where they end, and they.

    None where the text ends before, or where the run would end inside a word.
    """
    code, position = "", start
    while position < len(text) and len(code) < length:
        if text[position].isalnum() or text[position] in "|!":
            code += text[position]
        elif text[position] not in " .-/":
            return None
        position += 1
    if len(code) < length or (position < len(text) and text[position].isalnum()):
        return None
    return position, code


@cache
def _vat_module(country: str) -> Any:
    """The python-stdnum module for a prefix; Greece uses EL, Northern Ireland XI follows the British rule."""
    code = {"EL": "gr", "XI": "gb"}.get(country, country.lower())
    return get_cc_module(code, "vat") if country in VAT_BODIES else None
