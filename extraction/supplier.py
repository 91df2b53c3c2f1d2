"""The supplier's identity: matched against the client's master data, and what that adds to the values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from extraction.evidence import Evidence
from extraction.master_data import MasterData, SupplierMatch
from schemas.document_type import FieldType
from schemas.values import Value

NAME_SHARE = 0.3  # of the page from the top, and as much from the bottom, where a sender's name stands


def match_supplier(evidence: Evidence, memory: MasterData | None) -> Evidence:
    """The evidence with the supplier that its codes and names point to, if the client knows that one."""
    return replace(evidence, supplier=memory.match(_printed_codes(evidence), _names(evidence))) if memory else evidence


def supplier_values(values: Sequence[Value], evidence: Evidence, memory: MasterData | None) -> list[Value]:
    """The values, and name and number from the master data where the document does not print them."""
    match = evidence.supplier
    if match is None or memory is None:
        return list(values)
    found = {value.name for value in values}
    added = [
        Value(name=name, text=text, source="master_data", probability=_sure(match), evidence=[f"master:{match.how}"])
        for name, text in (("supplier_number", match.supplier_number), ("supplier_name", match.name))
        if text and name in evidence.definition.fields and name not in found
    ]
    return [*values, *added]


def _sure(match: SupplierMatch) -> float:
    """A code with check digits names the supplier; a name alone can have a namesake."""
    return round(min(0.98 if match.how in ("vat_id", "iban") else 0.92, 0.1 + 0.88 * match.score), 3)


def _printed_codes(evidence: Evidence) -> dict[str, list[str]]:
    codes: dict[str, list[str]] = {"vat_id": [], "iban": [], "tax_number": [], "supplier_number": []}
    fields = {"supplier_tax_number": "tax_number", "supplier_number": "supplier_number"}
    for page in evidence.pages:
        for spans in page.spans.values():
            for span in spans:
                if span.kind in (FieldType.VAT_ID, FieldType.IBAN):
                    codes[span.kind.value].append(span.text)
                elif span.kind is FieldType.IDENTIFIER:
                    for hit in page.hits.get(span.segment.line, []):
                        for field in hit.fields & fields.keys():
                            codes[fields[field]].append(span.text)
    return codes


def _names(evidence: Evidence) -> list[str]:
    """Texts near the upper and lower edge of the first and last page."""
    edges = {page.layout.number: page for page in (evidence.pages[0], evidence.pages[-1])}
    return [
        part
        for page in edges.values()
        for segment in page.layout.segments()
        if not NAME_SHARE < segment.box.y0 / page.layout.height < 1 - NAME_SHARE
        for part in {segment.text, segment.text.split("·")[0], segment.text.split(",")[0], segment.text.split("|")[0]}
    ]
