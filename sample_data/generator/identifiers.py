"""Bank, VAT and tax numbers that do not exist but whose check digits hold.

IBAN by ISO 13616 (schwifty computes the check digits); VAT numbers are drawn until the country's own rule accepts one.
"""

from __future__ import annotations

import random

from schwifty import IBAN

from schemas.identifiers import is_valid_vat_id

_VAT_SHAPES = {
    "DE": "DE#########",
    "GB": "GB#########",
    "NL": "NL#########B01",
    "FR": "FR###########",
    "AT": "ATU########",
}
_BANKS = {  # country -> bank code, branch code, digits of the account, BIC; none of these banks exists
    "DE": ("23050799", "", 10, "HBKODEH2XXX"),
    "GB": ("AVNB", "309071", 8, "AVNBGB2BXXX"),
    "NL": ("WAAL", "", 10, "WAALNL2RXXX"),
    "FR": ("30998", "01206", 11, "BQRHFRL1XXX"),
    "AT": ("36099", "", 11, "TRLBAT2IXXX"),
}


def vat_id(rng: random.Random, country: str) -> str:
    """A VAT number with the country's prefix and valid check digits."""
    while True:
        number = digits(rng, _VAT_SHAPES[country])
        if is_valid_vat_id(number):
            return number


def bank_account(rng: random.Random, country: str) -> tuple[str, str]:
    """A valid IBAN, compact, and the BIC of its bank."""
    bank, branch, length, bic = _BANKS[country]
    return str(IBAN.generate(country, bank, digits(rng, "#" * length), branch)), bic


def wrong_iban(iban: str) -> str:
    """The same IBAN with two digits swapped at its end, as a hasty typist leaves it."""
    for at in range(len(iban) - 1, 5, -1):
        if iban[at] != iban[at - 1]:
            return iban[: at - 1] + iban[at] + iban[at - 1] + iban[at + 1 :]
    raise ValueError("all digits are equal")


def tax_number(rng: random.Random) -> str:
    """A German tax number in its printed shape."""
    return digits(rng, "2#/###/#####")


def digits(rng: random.Random, shape: str) -> str:
    """The shape with every `#` replaced by a digit, the first never 0."""
    drawn = "".join(str(rng.randrange(1, 10)) if mark == "#" else mark for mark in shape[:3])
    return drawn + "".join(str(rng.randrange(10)) if mark == "#" else mark for mark in shape[3:])


def grouped_iban(iban: str) -> str:
    """`DE12 3456 …`, as it is printed."""
    return " ".join(iban[at : at + 4] for at in range(0, len(iban), 4))
