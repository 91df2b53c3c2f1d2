"""The interface's languages say the same things, and figures survive being shown and typed."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from pathlib import Path
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.dates import FIRST_YEAR, LAST_YEAR
from schemas.document_type import FieldType
from schemas.lifecycle import DeliveryState, DocumentState, ReceiptState
from schemas.roles import Role
from validations.rules import RULES
from workbench.document_words import reason_words
from workbench.pages import HERE
from workbench.shown_values import canonical, shown
from workbench.words import LOCALES, Words, texts

LANGUAGE = st.sampled_from(sorted(LOCALES))


def parameters(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_language_has_the_same_texts_with_the_same_parameters() -> None:
    english = texts("en")
    for language in LOCALES:
        other = texts(language)
        assert other.keys() == english.keys()
        assert all(parameters(other[key]) == parameters(english[key]) for key in english)


def test_every_text_that_a_template_names_is_there() -> None:
    names = {
        name
        for path in (HERE / "templates").glob("*.html")
        for name in re.findall(r"""\bt\(['"]([a-z_.A-Z0-9]+[a-z])['"][,)]""", path.read_text(encoding="utf-8"))
    }
    assert len(names) > 100
    assert names <= texts("en").keys()


def test_every_rule_and_doubt_has_words() -> None:
    english, german = Words("en"), Words("de")
    assert {f"rule.{name}" for name in RULES} <= texts("en").keys()
    assert reason_words(english, "invoice", "LOW_CONFIDENCE:due_date") == "Machine in doubt: Due date"
    assert reason_words(german, None, "column_sum") == "Positionen und Summe weichen ab"
    assert "password" in reason_words(english, None, "NEEDS_PASSWORD")
    assert reason_words(english, None, "NEW_CODE") == "NEW_CODE"


def test_texts_that_count_say_one_thing_of_one() -> None:
    words = Words("en")
    assert (
        words.counted("audit.documents", 1) == "1 document"
        and words.counted("audit.documents", 1234) == "1,234 documents"
    )
    many = {key: text for key, text in texts("en").items() if f"{key}_one" in texts("en") and "{count}" in text}
    assert all(parameters(text) - {"count"} == parameters(texts("en")[f"{key}_one"]) for key, text in many.items())


@pytest.mark.parametrize("kind", [DocumentState, ReceiptState])
def test_every_state_and_role_has_a_name(kind: type[DocumentState]) -> None:
    assert {f"state.{each}" for each in kind if each != ReceiptState.RECEIVED} <= texts("en").keys()
    assert {f"delivery.{each}" for each in DeliveryState} | {f"role.{each}" for each in Role} <= texts("en").keys()


@given(LANGUAGE, st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**9), max_value=10**9))
def test_an_amount_survives_being_shown_and_typed(language: str, amount: Decimal) -> None:
    text = f"{amount + 0:f}"
    assert canonical(shown(text, FieldType.AMOUNT, language), FieldType.AMOUNT, language) == text


@given(LANGUAGE, st.integers(0, 10**7), st.integers(0, 4))
def test_a_quantity_keeps_its_digits(language: str, digits: int, places: int) -> None:
    text = f"{Decimal(digits).scaleb(-places):f}"
    assert canonical(shown(text, FieldType.QUANTITY, language), FieldType.QUANTITY, language) == text


@given(LANGUAGE, st.dates(dt.date(FIRST_YEAR, 1, 1), dt.date(LAST_YEAR, 12, 31)))
def test_a_date_survives_being_shown_and_typed(language: str, day: dt.date) -> None:
    text = day.isoformat()
    assert canonical(shown(text, FieldType.DATE, language), FieldType.DATE, language) == text


def test_an_iban_is_shown_in_fours() -> None:
    assert shown("DE89370400440532013000", FieldType.IBAN, "de") == "DE89 3704 0044 0532 0130 00"
    assert canonical("de89 3704 0044 0532 0130 00", FieldType.IBAN, "de") == "DE89370400440532013000"


def test_templates_never_switch_escaping_off() -> None:
    for path in Path(HERE / "templates").glob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert "|safe" not in text.replace(" ", "") and "autoescape" not in text, path.name


def test_scripts_never_write_markup() -> None:
    for path in (HERE / "static" / "review").glob("*.js"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b", text), path.name
