"""Documents to judge: a faultless invoice, and small changes to it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

from schemas.document_type import document_types
from schemas.process import Process
from schemas.values import Address, Extraction, Value
from validations.facts import Facts, Supplier

TODAY = dt.date(2026, 11, 20)
ACME = Supplier("70010", "Acme Kabel GmbH", "DE136695976", ("DE89370400440532013000",), "DE")
HEADER = {
    "supplier_name": "Acme Kabel GmbH",
    "supplier_vat_id": "DE136695976",
    "recipient_name": "Northwind Großhandel GmbH",
    "invoice_number": "RE-2026-0815",
    "invoice_date": "2026-11-03",
    "due_date": "2026-12-03",
    "order_number": "4500012345",
    "currency": "EUR",
    "net_total": "300.00",
    "tax_total": "43.00",
    "gross_total": "343.00",
    "iban": "DE89370400440532013000",
    "bic": "COBADEFFXXX",
}
LINES = {
    "line_items": [
        {"quantity": "10", "unit_price": "12.50", "tax_rate": "19", "line_total": "125.00"},
        {"quantity": "3", "unit_price": "25.00", "tax_rate": "19", "line_total": "75.00"},
        {"quantity": "1000", "unit_price": "0.10", "tax_rate": "7", "line_total": "100.30"},
        {"quantity": "1", "unit_price": "-0.30", "tax_rate": "7", "line_total": "-0.30"},
    ],
    "taxes": [
        {"rate": "19", "net": "200.00", "tax": "38.00"},
        {"rate": "7", "net": "100.00", "tax": "7.00"},
    ],
}
PROCESS = Process(process="supplier-invoices", client="northwind", document_types=["invoice", "credit_note"])
CLEAN_TAX = {"tax_total": "45.00", "gross_total": "345.00"}


def invoice(*, facts: dict[str, Any] | None = None, without: tuple[str, ...] = (), **changes: str) -> Facts:
    """A faultless invoice from a known supplier, with changes: `gross_total="1.00"`, `line_items__2__quantity="4"`."""
    return document("invoice", facts=facts, without=without, **{**HEADER, **CLEAN_TAX, **changes})


def document(kind: str, *, facts: dict[str, Any] | None = None, without: tuple[str, ...] = (), **fields: str) -> Facts:
    """Any document: header fields as named, with the invoice's lines."""
    texts = {
        Address(name, table, number): text
        for table, rows in LINES.items()
        for number, row in enumerate(rows, start=1)
        for name, text in row.items()
    }
    for name, text in fields.items():
        table, row, column = name.split("__") if "__" in name else ("", "0", name)
        texts[Address(column, table, int(row))] = text
    values = [
        Value(name=a.name, table=a.table, row=a.row, text=text, probability=0.99)
        for a, text in texts.items()
        if a.name not in without and a.table not in without
    ]
    extraction = Extraction(document_type=kind, type_probability=1.0, language="de", values=values)
    known = Facts(
        extraction,
        document_types()[kind],
        TODAY,
        client_names=("Northwind Grosshandel GmbH",),
        supplier=ACME,
        has_supplier_master=True,
        history=tuple(Decimal(n) for n in (310, 295, 350, 402, 288, 330)),
    )
    return replace(known, **(facts or {}))
