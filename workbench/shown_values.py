"""Values between their canonical text and what a person reads and types in their own language."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation

from babel.numbers import format_decimal

from schemas.amounts import Convention
from schemas.document_type import FieldType
from schemas.normalisation import normalise
from workbench.words import LOCALES

CONVENTIONS = {"en": Convention.POINT, "de": Convention.COMMA}
DATES = {"en": "%d/%m/%Y", "de": "%d.%m.%Y"}
MARKS = {"en": ".", "de": ","}


def shown(text: str, kind: FieldType, language: str) -> str:
    """Canonical text as this language writes it; text that is not canonical stays as it is.

    `canonical(shown(text)) == text` for every canonical text.
    """
    match kind:
        case FieldType.AMOUNT:
            return _amount(text, language)
        case FieldType.QUANTITY | FieldType.PERCENT:
            return text.replace(".", MARKS[language]) if _is_number(text) else text
        case FieldType.DATE:
            return _date(text, language)
        case FieldType.IBAN:
            return " ".join(text[at : at + 4] for at in range(0, len(text), 4))
        case _:
            return text


def canonical(typed: str, kind: FieldType, language: str) -> str | None:
    """Typed text in canonical form; None where it is not a value of this type. Nothing typed is nothing: ""."""
    if not typed.strip():
        return ""
    return normalise(typed, kind, convention=CONVENTIONS[language])


def _amount(text: str, language: str) -> str:
    if not _is_number(text):
        return text
    return format_decimal(Decimal(text), "#,##0.00##########", locale=LOCALES[language], decimal_quantization=False)


def _date(text: str, language: str) -> str:
    try:
        return dt.date.fromisoformat(text).strftime(DATES[language])
    except ValueError:
        return text


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False
