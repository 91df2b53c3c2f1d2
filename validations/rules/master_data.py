"""What must agree with the client's master data: the supplier, its bank account and VAT number, the recipient."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field
from rapidfuzz import fuzz
from rapidfuzz.utils import default_process

from schemas.values import Severity
from validations.facts import Facts, FieldName
from validations.rule_book import Breach, Parameters, breach, rule

SUPPLIER = FieldName("supplier")
IBAN = FieldName("iban")
VAT_ID = FieldName("supplier_vat_id")
RECIPIENT = FieldName("recipient_name")


class SupplierKnown(Parameters):
    """No parameters."""


@rule(SupplierKnown, severity=Severity.ERROR)
def supplier_known(facts: Facts, parameters: SupplierKnown) -> Iterator[Breach]:
    """The supplier is in the client's supplier master. Silent where the client has given none."""
    if facts.has_supplier_master and facts.supplier is None and facts.address(SUPPLIER):
        name = facts.text(SUPPLIER)
        yield breach([facts.address(SUPPLIER)], case="named" if name else "unnamed", name=name or "")


class SupplierBank(Parameters):
    """`field`: the printed IBAN."""

    field: FieldName = IBAN


@rule(SupplierBank, severity=Severity.ERROR)
def supplier_bank_matches_master(facts: Facts, parameters: SupplierBank) -> Iterator[Breach]:
    """The printed bank account is one that the supplier master has; a new one may be a fraud and needs a call."""
    printed, supplier = facts.text(parameters.field), facts.supplier
    if printed and supplier and supplier.ibans and printed not in supplier.ibans:
        known = ", ".join(supplier.ibans)
        yield breach([facts.address(parameters.field)], printed=printed, known=known, supplier=supplier.name)


class SupplierVatId(Parameters):
    """`field`: the printed VAT number."""

    field: FieldName = VAT_ID


@rule(SupplierVatId, severity=Severity.ERROR)
def supplier_vat_id_matches_master(facts: Facts, parameters: SupplierVatId) -> Iterator[Breach]:
    """The printed VAT number is the one in the supplier master."""
    printed, supplier = facts.text(parameters.field), facts.supplier
    if printed and supplier and supplier.vat_id and printed != supplier.vat_id:
        yield breach([facts.address(parameters.field)], printed=printed, known=supplier.vat_id, supplier=supplier.name)


class RecipientIsClient(Parameters):
    """`similarity`: how alike the names must be, 0 to 100 (rapidfuzz token_set_ratio)."""

    field: FieldName = RECIPIENT
    similarity: int = Field(default=80, ge=0, le=100)


@rule(RecipientIsClient, severity=Severity.WARNING)
def recipient_is_client(facts: Facts, parameters: RecipientIsClient) -> Iterator[Breach]:
    """The document is addressed to the client."""
    recipient = facts.text(parameters.field)
    if not recipient or not facts.client_names:
        return
    alike = max(fuzz.token_set_ratio(recipient, name, processor=default_process) for name in facts.client_names)
    if alike < parameters.similarity:
        yield breach([facts.address(parameters.field)], printed=recipient, client=facts.client_names[0])
