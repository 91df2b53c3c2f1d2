"""What goes wrong in real life: invoices with one mistake, and what a careful desk makes of each."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace
from decimal import Decimal

from sample_data.generator import identifiers
from sample_data.generator.business import Invoice
from sample_data.generator.desk import Fate

SUM = Fate("in_review", "SUM", rule="sum_equals")
LINE_SUM = Fate("in_review", "SUM", rule="column_sum")
UNKNOWN_SUPPLIER = Fate("in_review", "UNKNOWN_SUPPLIER", rule="supplier_known")
NO_NUMBER = Fate("in_review", "MISSING_NUMBER", rule="required")
WRONG_IBAN = Fate("in_review", "CHECK_DIGIT", rule="check_digit")
OTHER_ACCOUNT = Fate("in_review", "BANK_CHANGED", rule="supplier_bank_matches_master")
DUE_TOO_EARLY = Fate("in_review", "DATE_ORDER", rule="not_before")
OUTLIER = Fate("in_review", "OUTLIER", rule="amount_outlier")
SAME_BYTES_HELD = Fate("held", "DUPLICATE_BYTES")
SAME_BYTES_SUPPRESSED = Fate("duplicate", "DUPLICATE_BYTES")
SAME_INVOICE = Fate("held", "DUPLICATE_BUSINESS", rule="duplicate_business_key", tolerate="in_review")


def wrong_gross(invoice: Invoice, by: str) -> Invoice:
    """The printed total is off."""
    return replace(invoice, gross=invoice.gross + Decimal(by))


def wrong_net(invoice: Invoice, by: str) -> Invoice:
    """Net, and with it gross, do not add up from the lines."""
    return replace(invoice, net=invoice.net + Decimal(by), gross=invoice.gross + Decimal(by))


def without_number(invoice: Invoice) -> Invoice:
    return replace(invoice, number=None)


def with_wrong_iban(invoice: Invoice) -> Invoice:
    """Two digits of the IBAN are swapped: its check digits no longer hold."""
    return replace(invoice, iban=identifiers.wrong_iban(invoice.iban))


def with_other_account(invoice: Invoice, seed: int) -> Invoice:
    """A valid IBAN that is not the one in the master data: a changed bank, or a fraud."""
    iban, _ = identifiers.bank_account(random.Random(f"{seed}/other account"), invoice.supplier.country)
    return replace(invoice, iban=iban)


def due_too_early(invoice: Invoice) -> Invoice:
    return replace(invoice, due=invoice.date - dt.timedelta(days=12))


def with_formula(invoice: Invoice, formula: str) -> Invoice:
    """The first line's description begins like a spreadsheet formula."""
    first = invoice.lines[0]
    return replace(invoice, lines=(replace(first, description=formula), *invoice.lines[1:]))
