"""Every rule of the book: a faultless invoice keeps them all, and each way of breaking one is found where it is."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.messages import render, texts
from schemas.process import Process, RuleSetting
from schemas.values import Finding, Severity, Value, ValueState
from tests.validations.documents import HEADER, PROCESS, document, invoice
from tests.validations.faults import FAULTS, Fault
from validations.rules import RULES
from validations.validate import validate


def broken(facts_of: Fault) -> list[Finding]:
    process = PROCESS.model_copy(update={"rules": facts_of.rules})
    return validate(facts_of.facts, process)


def test_a_faultless_invoice_has_no_findings() -> None:
    assert validate(invoice(), PROCESS) == []


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_broken_rule_is_found_on_its_fields(fault: Fault) -> None:
    found = [f for f in broken(fault) if (f.rule, f.parameters.get("case")) == (fault.rule, fault.case)]
    assert found, f"{fault} was not found"
    assert {address.name for address in found[0].fields} >= set(fault.fields)


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_single_fault_is_not_blamed_on_other_rules(fault: Fault) -> None:
    others = {f.rule for f in broken(fault)} - {fault.rule} - set(fault.also)
    assert not others


def test_every_rule_and_case_is_broken_by_some_fault() -> None:
    written = {
        (rule, case) for rule, text in texts("en").items() for case in (text if isinstance(text, dict) else [None])
    }
    assert {(fault.rule, fault.case) for fault in FAULTS} == written
    assert {rule for rule, _ in written} == set(RULES)


def test_rounding_of_a_printed_unit_price_is_no_fault() -> None:
    """1,000 pieces at a printed 0.10 may come to anything from 95 to 105."""
    assert not validate(invoice(line_items__3__line_total="100.30"), PROCESS)


def test_a_discount_belongs_to_its_line() -> None:
    discounted = invoice(line_items__1__unit_price="13.88888", line_items__1__discount_percent="10")
    assert not [each for each in validate(discounted, PROCESS) if each.rule == "line_totals"]
    forgotten = invoice(line_items__1__discount_percent="10")
    assert [each.rule for each in validate(forgotten, PROCESS)] == ["line_totals"]


@pytest.mark.parametrize("text", ["0.02", "-0.02"])
def test_rounding_within_the_tolerance_is_no_fault(text: str) -> None:
    gross = Decimal("345.00") + Decimal(text)
    assert "sum_equals" not in {f.rule for f in validate(invoice(gross_total=str(gross)), PROCESS)}


@given(
    net=st.decimals("0.01", "999999", places=2), rate=st.sampled_from([7, 19]), slip=st.decimals("0.03", "99", places=2)
)
def test_any_slip_in_a_total_is_found_and_measured(net: Decimal, rate: int, slip: Decimal) -> None:
    tax = (net * rate / 100).quantize(Decimal("0.01"))
    facts = invoice(
        without=("line_items", "taxes"), net_total=str(net), tax_total=str(tax), gross_total=str(net + tax + slip)
    )
    [finding] = [f for f in validate(facts, PROCESS) if f.rule == "sum_equals"]
    assert Decimal(finding.parameters["difference"]) == slip


def test_german_rates_of_late_2020_were_lower() -> None:
    then = invoice(without=("taxes", "line_items"), invoice_date="2020-10-01", due_date="2020-11-01")
    with_rate = [*then.extraction.values, Value(name="rate", table="taxes", row=1, text="16")]
    facts = replace(then, extraction=then.extraction.model_copy(update={"values": with_rate}))
    assert "tax_rates" not in {f.rule for f in validate(facts, PROCESS)}


def test_a_british_supplier_is_judged_by_british_rates() -> None:
    facts = invoice(supplier_vat_id="GB980780684", taxes__1__rate="20", taxes__1__tax="40.00")
    rates = [f.parameters["rate"] for f in validate(facts, PROCESS) if f.rule == "tax_rates"]
    assert rates == ["7", "19"], "the lines still say 7 and 19 per cent"


def test_what_a_person_calls_absent_is_no_longer_missing() -> None:
    facts = invoice(without=("invoice_number",))
    absent = Value(name="invoice_number", state=ValueState.ABSENT, source="person")
    decided = facts.extraction.model_copy(update={"values": [*facts.extraction.values, absent]})
    assert "required" in {f.rule for f in validate(facts, PROCESS)}
    assert validate(replace(facts, extraction=decided), PROCESS) == []


def test_what_the_machine_calls_absent_is_missing() -> None:
    facts = invoice(without=("invoice_number",))
    absent = Value(name="invoice_number", state=ValueState.ABSENT)
    decided = facts.extraction.model_copy(update={"values": [*facts.extraction.values, absent]})
    assert "required" in {f.rule for f in validate(replace(facts, extraction=decided), PROCESS)}


def test_a_process_may_require_ignore_and_soften() -> None:
    process = Process.model_validate(
        {
            **PROCESS.model_dump(include={"process", "client", "document_types"}),
            "fields": {"service_date": {"required": True}, "iban": {"ignore": True}},
            "rules": [{"rule": "sum_equals", "severity": "warning"}, {"rule": "column_sum", "enabled": False}],
        }
    )
    findings = validate(invoice(gross_total="346.00", iban="DE00"), process)
    assert {(f.rule, f.severity) for f in findings} == {("required", Severity.ERROR), ("sum_equals", Severity.WARNING)}


def test_a_process_replaces_a_default_only_on_the_same_fields() -> None:
    own = RuleSetting.model_validate({"rule": "not_before", "field": "service_date", "other": "date"})
    process = PROCESS.model_copy(update={"rules": [own]})
    findings = validate(invoice(due_date="2026-11-01", service_date="2026-11-02"), process)
    assert [f.parameters["field"] for f in findings if f.rule == "not_before"] == ["due_date", "service_date"]


def test_a_flight_does_not_end_before_it_begins() -> None:
    dates = {"flight_from": "2026-02-13", "flight_to": "2026-02-07"}
    bought = document("ad_buy", without=("line_items", "taxes"), contract_num="1344601", **dates)
    process = PROCESS.model_copy(update={"document_types": ["ad_buy"]})
    found = [f for f in validate(bought, process) if f.rule == "not_before"]
    assert {address.name for f in found for address in f.fields} == {"flight_from", "flight_to"}


texts_of_all_kinds = st.one_of(
    st.text("aZ09.,-+/€äß{}:%\n\0 ", max_size=30),
    st.sampled_from(["1E+999999", "NaN", "-0", "9" * 40, "0001-01-01", "9999-12-31", "{0}", "=1+1"]),
)
places = st.sampled_from([*HEADER, "line_items__1__quantity", "line_items__2__line_total", "taxes__1__rate"])


@given(st.dictionaries(places, texts_of_all_kinds, max_size=6))
def test_whatever_is_read_is_judged_and_told_without_an_error(read: dict[str, str]) -> None:
    changes: dict[str, Any] = read
    facts = invoice(**changes)
    for finding in validate(facts, PROCESS):
        assert render(finding, facts.document_type, "de")


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_every_fault_is_told_in_plain_words(fault: Fault, language: str) -> None:
    for finding in broken(fault):
        told = render(finding, fault.facts.document_type, language)
        assert not set("{}_") & set(told), told
