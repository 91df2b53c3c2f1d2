"""Document types: what is defined once is inherited, and a wrong file is refused with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas import document_type
from schemas.document_type import document_types, other_kinds
from schemas.errors import DefinitionError


def test_a_credit_note_is_an_invoice_with_its_own_number_and_date() -> None:
    invoice, credit_note = document_types()["invoice"], document_types()["credit_note"]
    assert "invoice_number" not in credit_note.fields
    assert {"credit_note_number", "credit_note_date", "referenced_invoice"} <= credit_note.fields.keys()
    assert credit_note.fields["gross_total"] == invoice.fields["gross_total"]
    assert credit_note.tables == invoice.tables


def test_a_receipt_has_no_line_items_but_taxes() -> None:
    receipt = document_types()["receipt"]
    assert "line_items" not in receipt.tables and "taxes" in receipt.tables
    assert {"supplier_address", "payment_method"} <= receipt.fields.keys() and "iban" not in receipt.fields


@pytest.mark.parametrize("name", sorted(document_types()))
def test_roles_name_fields_that_exist_and_every_field_has_both_titles(name: str) -> None:
    kind = document_types()[name]
    assert {field for field in kind.roles.model_dump().values() if field} <= kind.fields.keys()
    tables = [definition for table in kind.tables.values() for definition in table.columns.values()]
    assert all({"en", "de"} <= each.title.keys() for each in (*kind.fields.values(), *tables))


def test_other_papers_have_titles_and_keywords_in_both_languages() -> None:
    assert {"reminder", "statement", "delivery_note", "advert"} <= other_kinds().keys()
    assert all({"en", "de"} <= each.title.keys() & each.keywords.keys() for each in other_kinds().values())


def test_an_unknown_parent_is_refused_with_a_mend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bill.yaml").write_text("name: bill\nextends: invoise\ntitle: {en: Bill}\nkeywords: {}\n")
    monkeypatch.setattr(document_type, "HERE", tmp_path)
    document_types.cache_clear()
    try:
        with pytest.raises(DefinitionError, match="invoise"):
            document_types()
    finally:
        document_types.cache_clear()
