"""Business keys: the same business is recognised however it is printed; different business is kept apart."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.validations.documents import invoice
from validations.business_key import Stage, business_keys, normal_name, normal_number, normal_total, shared_stage
from validations.facts import Facts


@pytest.mark.parametrize("printed", ["RE-000123", "Rechnung Nr. 123", "re 123", "Invoice No. 0123", "#123", "l23"])
def test_one_number_in_many_prints(printed: str) -> None:
    assert normal_number(printed) == "123"


@pytest.mark.parametrize(("one", "other"), [("2026-11", "2026-12"), ("A-100", "B-100"), ("100-1", "100-2")])
def test_different_numbers_stay_different(one: str, other: str) -> None:
    assert normal_number(one) != normal_number(other)


@given(st.text(alphabet="ABC0123456789-/. ", min_size=1, max_size=20))
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normal_number(normal_number(text)) == normal_number(text)


def test_legal_form_accents_and_case_do_not_make_another_company() -> None:
    assert normal_name("Müller & Söhne GmbH & Co. KG") == normal_name("MULLER SOHNE GMBH")
    assert normal_name("Müller GmbH") != normal_name("Meyer GmbH")
    assert normal_name("AG") == "ag"


def test_a_credit_note_with_and_without_minus_has_one_total() -> None:
    assert normal_total(Decimal("-12.5")) == normal_total(Decimal("12.50")) == "12.50"


def stage(one: Facts, other: Facts) -> Stage | None:
    return shared_stage(business_keys(one), business_keys(other))


def test_the_same_invoice_scanned_twice_shares_its_number() -> None:
    assert stage(invoice(), invoice(invoice_number="RE 2026 O8l5", gross_total="1.00")) is Stage.NUMBER


def test_a_misread_number_still_shares_date_and_total() -> None:
    assert stage(invoice(), invoice(invoice_number="RE-2026-0816")) is Stage.DATE_AND_TOTAL


def test_a_supplier_is_recognised_by_its_bank_account_alone() -> None:
    unmatched = invoice(facts={"supplier": None}, without=("supplier_vat_id",), supplier_name="Acme Kabe1")
    assert stage(invoice(), unmatched) is Stage.NUMBER


def test_other_suppliers_and_other_business_share_nothing() -> None:
    stranger = invoice(
        facts={"supplier": None}, supplier_name="Zeta", supplier_vat_id="DE811569869", iban="DE02120300000000202051"
    )
    assert stage(invoice(), stranger) is None
    assert stage(invoice(), invoice(invoice_number="1", invoice_date="2026-11-04")) is None


def test_without_supplier_or_number_and_total_there_are_no_keys() -> None:
    nobody = ("supplier_name", "supplier_vat_id", "iban")
    assert business_keys(invoice(facts={"supplier": None}, without=nobody)) == []
    assert business_keys(invoice(without=("invoice_number", "invoice_date"))) == []
