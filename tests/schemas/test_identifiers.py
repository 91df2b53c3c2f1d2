"""IBANs and VAT numbers, found in running text, with the blanks and misreadings that paper brings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from schwifty import IBAN

from schemas.identifiers import find_ibans, find_vat_ids, is_bic_shaped, is_valid_iban, is_valid_vat_id, parse_currency

GERMAN_IBANS = st.builds(
    lambda bank, account: str(IBAN.generate("DE", bank_code=str(bank), account_code=str(account))),
    st.integers(10_000_000, 99_999_999),
    st.integers(0, 9_999_999_999),
)


def grouped(text: str) -> str:
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


@given(
    GERMAN_IBANS, st.booleans(), st.sampled_from(["{}", "IBAN: {} BIC COBADEFFXXX", "Konto {}, bitte zahlen", "({})"])
)
def test_an_iban_is_found_whole(iban: str, blanks: bool, around: str) -> None:
    found = find_ibans(around.format(grouped(iban) if blanks else iban))
    assert [(each.text, each.valid) for each in found] == [(iban, True)]


@given(GERMAN_IBANS, st.integers(0, 19), st.sampled_from("OIlSB"))
def test_look_alike_letters_are_mended_only_where_the_check_digits_prove_it(iban: str, at: int, letter: str) -> None:
    digit = {"O": "0", "I": "1", "l": "1", "S": "5", "B": "8"}[letter]
    body = iban[2:]
    misread = iban[:2] + body[:at] + letter + body[at + 1 :]
    found = find_ibans(misread, repair=True)
    if body[at] == digit:
        assert [each.text for each in found] == [iban]
    else:
        assert not any(each.valid for each in found)


@given(GERMAN_IBANS, st.integers(4, 21), st.integers(1, 9))
def test_a_wrong_digit_is_noticed(iban: str, at: int, by: int) -> None:
    wrong = iban[:at] + str((int(iban[at]) + by) % 10) + iban[at + 1 :]
    assert [(each.text, each.valid) for each in find_ibans(grouped(wrong))] == [(wrong, False)]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("VAT GB 980 7806 84", "GB980780684"),
        ("USt-IdNr. DE 136 695 976 Steuernummer 12/345", "DE136695976"),
        ("UID: ATU13585627", "ATU13585627"),
        ("FR40 303 265 045", "FR40303265045"),
        ("CHE-107.787.577 MWST", "CHE107787577"),
        ("NL 0044.95.445.B01", "NL004495445B01"),
    ],
)
def test_vat_numbers_of_many_countries(text: str, number: str) -> None:
    assert [(each.text, each.valid) for each in find_vat_ids(text)] == [(number, True)]


def test_a_vat_number_with_a_wrong_check_digit_is_still_the_one_printed() -> None:
    assert [(each.text, each.valid) for each in find_vat_ids("DE136695977")] == [("DE136695977", False)]


@given(st.integers(0, 8), st.sampled_from("OIlSB"))
def test_a_misread_vat_number_is_mended_only_where_its_check_digit_proves_it(at: int, letter: str) -> None:
    digit = {"O": "0", "I": "1", "l": "1", "S": "5", "B": "8"}[letter]
    body = "136695976"
    misread = f"DE{body[:at]}{letter}{body[at + 1 :]}"
    mended = [each.text for each in find_vat_ids(misread, repair=True) if each.valid]
    assert mended == (["DE136695976"] if body[at] == digit else [])
    assert find_vat_ids(misread) == []


def test_words_are_no_codes() -> None:
    assert find_vat_ids("RECHNUNG AN DEBITOREN") == []
    assert find_ibans("DE LUXE AUSGABE 2026") == []
    assert not is_valid_vat_id("XX123") and not is_valid_iban("US00")
    assert is_bic_shaped("COBADEFFXXX") and not is_bic_shaped("COBA")


@pytest.mark.parametrize(
    ("text", "code"), [("€", "EUR"), ("eur", "EUR"), ("£", "GBP"), ("RM", "MYR"), ("Euros?", None)]
)
def test_currencies(text: str, code: str | None) -> None:
    assert parse_currency(text) == code
