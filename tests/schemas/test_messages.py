"""Findings in the reader's words: every rule has a text in every language, and every text gets its parameters."""

from __future__ import annotations

import re

import pytest

from schemas.document_type import document_types
from schemas.messages import LOCALES, field_title, render, texts
from schemas.values import Finding, Severity

INVOICE = document_types()["invoice"]
TOO_MUCH = Finding(
    rule="sum_equals",
    severity=Severity.ERROR,
    parameters={
        "case": "too_much",
        "parts": "net_total=1100.00 tax_total=19.00",
        "expected": "1119.00",
        "total": "gross_total",
        "printed": "1120.00",
        "difference": "1.00",
    },
)


def shape(language: str) -> dict[tuple[str, str], set[str]]:
    """(rule, case) -> the parameters with their kinds."""
    flat = {
        (rule, case): text
        for rule, entry in texts(language).items()
        for case, text in (entry.items() if isinstance(entry, dict) else [("", entry)])
    }
    return {key: set(re.findall(r"{(.*?)}", text)) for key, text in flat.items()}


def test_all_languages_say_the_same_things() -> None:
    assert shape("en") == shape("de")


def test_a_wrong_sum_in_english() -> None:
    assert render(TOO_MUCH, INVOICE, "en") == (
        "Net total 1,100.00 + Tax total 19.00 is 1,119.00, but Gross total says 1,120.00 (1.00 too much)."
    )


def test_a_wrong_sum_in_german() -> None:
    assert render(TOO_MUCH, INVOICE, "de") == (
        "Nettobetrag 1.100,00 + Steuerbetrag 19,00 ergibt 1.119,00, "
        "unter Bruttobetrag steht aber 1.120,00 (1,00 zu viel)."
    )


def test_a_language_without_texts_reads_english() -> None:
    assert "fr" not in LOCALES
    assert render(TOO_MUCH, INVOICE, "fr") == render(TOO_MUCH, INVOICE, "en")


def test_dates_and_rates_are_written_as_the_language_does() -> None:
    wrong_rate = Finding(
        rule="tax_rates",
        severity=Severity.ERROR,
        parameters={"case": "not_in_force", "rate": "16", "country": "DE", "day": "2026-01-05", "valid": "19 7 5.5 0"},
    )
    assert "16% was not a tax rate in DE on 5 Jan 2026; the rates were 19%, 7%, 5.5%, 0%" in render(
        wrong_rate, INVOICE, "en"
    )
    assert "16 % war am 05.01.2026 kein Steuersatz in DE; es galten 19 %, 7 %, 5,5 %" in render(
        wrong_rate, INVOICE, "de"
    )


def test_document_text_is_never_taken_for_a_template() -> None:
    odd = Finding(
        rule="supplier_known", severity=Severity.ERROR, parameters={"case": "named", "name": "{0.__class__} %s"}
    )
    assert "“{0.__class__} %s”" in render(odd, INVOICE, "en")


@pytest.mark.parametrize(
    ("path", "title"),
    [("due_date", "Due date"), ("line_items.quantity", "Line items: Quantity"), ("no_such_field", "no such field")],
)
def test_fields_have_the_titles_that_people_read(path: str, title: str) -> None:
    assert field_title(path, INVOICE, "en") == title
