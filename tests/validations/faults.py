"""Each way in which a rule can be broken, as one change to a faultless document."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from schemas.process import RuleSetting
from schemas.values import DIFFERS, NOT_ON_PAGE, UNGROUNDED
from tests.validations.documents import CLEAN_TAX, HEADER, document, invoice
from validations.facts import EarlierDocument, Facts


@dataclass(frozen=True)
class Fault:
    """A document that breaks a rule in one way, the fields it must show on, and other rules that it breaks."""

    rule: str
    case: str | None
    facts: Facts
    fields: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    rules: list[RuleSetting] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.rule}.{self.case}" if self.case else self.rule


def own(rule: str, **parameters: Any) -> list[RuleSetting]:
    """A rule that the process brings along."""
    return [RuleSetting.model_validate({"rule": rule, **parameters})]


def credit_note(**changes: str) -> Facts:
    """A credit note with the invoice's amounts."""
    renamed = {k: v for k, v in HEADER.items() if k not in ("invoice_number", "invoice_date", "due_date")}
    numbers = {"credit_note_number": "GS-77", "credit_note_date": "2026-11-03", "referenced_invoice": "RE-1"}
    fields: dict[str, Any] = {**renamed, **CLEAN_TAX, **numbers, **changes}
    return document("credit_note", **fields)


def earlier(key: str) -> dict[str, Any]:
    return {"earlier": (EarlierDocument("doc-1", frozenset({key})),)}


def remarked(name: str, remark: str) -> Facts:
    """An invoice with something said about one value."""
    facts = invoice()
    values = [v.model_copy(update={"evidence": [remark]}) if v.name == name else v for v in facts.extraction.values]
    return replace(facts, extraction=facts.extraction.model_copy(update={"values": values}))


FAULTS = [
    Fault("required", None, invoice(without=("invoice_number",)), ("invoice_number",)),
    Fault("well_formed", None, invoice(line_items__1__quantity="ten"), ("quantity",)),
    Fault("sum_equals", "too_much", invoice(gross_total="346.00"), ("net_total", "tax_total", "gross_total")),
    Fault("sum_equals", "too_little", invoice(gross_total="344.00"), ("net_total", "tax_total", "gross_total")),
    Fault("column_sum", "too_much", invoice(line_items__1__line_total="126.00"), ("line_total",), ("line_totals",)),
    Fault("column_sum", "too_little", invoice(taxes__2__tax="6.99", taxes__1__tax="37.98"), ("tax", "tax_total")),
    Fault("line_totals", None, invoice(line_items__2__quantity="4"), ("quantity", "unit_price", "line_total")),
    Fault("tax_amounts", None, invoice(taxes__1__tax="37.00", taxes__2__tax="8.00"), ("rate", "net", "tax")),
    Fault("tax_rates", "not_in_force", invoice(taxes__1__rate="18"), ("rate",), ("tax_amounts",)),
    Fault(
        "tax_rates",
        "too_high",
        invoice(without=("taxes",), tax_total="60.00", gross_total="360.00"),
        ("net_total", "tax_total"),
    ),
    Fault("not_before", None, invoice(due_date="2026-11-02"), ("due_date", "invoice_date")),
    Fault("due_date_plausible", None, invoice(due_date="2027-11-03"), ("due_date",)),
    Fault("not_in_future", None, invoice(invoice_date="2026-11-21"), ("invoice_date",)),
    Fault("not_older_than", None, invoice(invoice_date="2025-11-03", due_date="2025-12-03"), ("invoice_date",)),
    Fault(
        "format",
        None,
        invoice(order_number="PO 12"),
        ("order_number",),
        rules=own("format", field="order_number", format="digits"),
    ),
    Fault(
        "check_digit",
        None,
        invoice(iban="DE89370400440532013001", facts={"supplier": None, "has_supplier_master": False}),
        ("iban",),
    ),
    Fault("currency_known", None, invoice(currency="DEM"), ("currency",)),
    Fault(
        "currency_allowed",
        None,
        invoice(currency="USD"),
        ("currency",),
        rules=own("currency_allowed", allowed=["EUR", "GBP"]),
    ),
    Fault("supplier_known", "named", invoice(facts={"supplier": None}), ("supplier_name",)),
    Fault(
        "supplier_known",
        "unnamed",
        invoice(without=("supplier_name",), facts={"supplier": None}),
        ("supplier_name",),
        ("required",),
    ),
    Fault("supplier_bank_matches_master", None, invoice(iban="DE02120300000000202051"), ("iban",)),
    Fault("supplier_vat_id_matches_master", None, invoice(supplier_vat_id="DE811569869"), ("supplier_vat_id",)),
    Fault("recipient_is_client", None, invoice(recipient_name="Lumen Beratung GmbH"), ("recipient_name",)),
    Fault(
        "duplicate_business_key",
        "number",
        invoice(facts=earlier("invoice|supplier:70010|number:20260815")),
        ("invoice_number",),
    ),
    Fault(
        "duplicate_business_key",
        "date_and_total",
        invoice(facts=earlier("invoice|vat:DE136695976|date_and_total:2026-11-03:345.00")),
        ("invoice_date", "gross_total"),
    ),
    Fault("number_repeats", None, invoice(order_number="RE-2026-0815"), ("invoice_number", "order_number")),
    Fault("amount_outlier", "high", invoice(facts={"history": (Decimal("34.50"),) * 6}), ("gross_total",)),
    Fault("amount_outlier", "low", invoice(facts={"history": (Decimal("3450.00"),) * 6}), ("gross_total",)),
    Fault("approval_limit", None, invoice(), ("gross_total",), rules=own("approval_limit", limit=350)),
    Fault(
        "positive_total",
        None,
        invoice(without=("line_items", "taxes", "net_total", "tax_total"), gross_total="-345.00"),
        ("gross_total",),
    ),
    Fault(
        "credit_note_sign",
        "mixed",
        credit_note(tax_total="-45.00", gross_total="255.00"),
        ("tax_total",),
        ("column_sum",),
    ),
    Fault(
        "credit_note_sign",
        "zero",
        credit_note(net_total="0.00", tax_total="0.00", gross_total="0.00"),
        ("gross_total",),
        ("column_sum",),
    ),
    Fault("on_page", None, remarked("iban", UNGROUNDED), ("iban",)),
    Fault("second_opinion", "differs", remarked("net_total", f"{DIFFERS}30.00"), ("net_total",)),
    Fault("second_opinion", "not_on_page", remarked("due_date", f"{NOT_ON_PAGE}2027-01-01"), ("due_date",)),
]
