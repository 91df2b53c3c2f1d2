"""The canonical form of every field type, and when two texts are one value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.amounts import Convention
from schemas.dates import DateOrder
from schemas.document_type import FieldType
from schemas.normalisation import fold, normalise, same_value


@pytest.mark.parametrize(
    ("text", "field_type", "canonical"),
    [
        ("1.234,5 EUR", FieldType.AMOUNT, "1234.50"),
        ("2,00", FieldType.QUANTITY, "2.00"),
        ("19,0 %", FieldType.PERCENT, "19"),
        ("03. November 2026", FieldType.DATE, "2026-11-03"),
        ("3.", FieldType.INTEGER, "3"),
        ("2,5", FieldType.INTEGER, None),
        ("€", FieldType.CURRENCY, "EUR"),
        ("DE89 3704 0044 0532 0130 00", FieldType.IBAN, "DE89370400440532013000"),
        ("de 136 695 976", FieldType.VAT_ID, "DE136695976"),
        ("COBADEFF XXX", FieldType.BIC, "COBADEFFXXX"),
        ("Bankhaus Nord", FieldType.BIC, None),
        ("  Muster   GmbH ", FieldType.NAME, "Muster GmbH"),
        ("", FieldType.TEXT, None),
    ],
)
def test_canonical_forms(text: str, field_type: FieldType, canonical: str | None) -> None:
    assert normalise(text, field_type) == canonical


def test_the_document_decides_what_is_ambiguous() -> None:
    assert normalise("1.234", FieldType.AMOUNT, convention=Convention.POINT) == "1.234"
    assert normalise("03/11/2026", FieldType.DATE, order=DateOrder.MONTH_FIRST) == "2026-03-11"


@given(st.text(min_size=1, max_size=20), st.sampled_from(FieldType))
def test_a_value_is_the_same_as_itself(text: str, field_type: FieldType) -> None:
    assert same_value(text, text, field_type)


@given(st.text(max_size=20), st.sampled_from(FieldType))
def test_normalising_twice_changes_nothing(text: str, field_type: FieldType) -> None:
    once = normalise(text, field_type, convention=Convention.POINT)
    if once is not None:
        assert normalise(once, field_type, convention=Convention.POINT) == once


def test_comparison_folds_what_does_not_matter() -> None:
    assert same_value("Müller & Söhne, Straße 5", "MUELLER SOEHNE STRASSE 5", FieldType.NAME)
    assert same_value("1.234,50 €", "1234.50", FieldType.AMOUNT)
    assert same_value("03/11/2026", "2026-11-03", FieldType.DATE)
    assert same_value("RE 2026-0815", "RE2026/0815", FieldType.IDENTIFIER)
    assert not same_value("1234.50", "1234.05", FieldType.AMOUNT)
    assert not same_value("Muster GmbH", "Muster AG", FieldType.NAME)


def test_folding() -> None:
    assert fold("Rechnungs-Nr.: Ü") == "rechnungsnrue"
