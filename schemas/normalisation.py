"""From printed to canonical text, by field type, and whether two texts mean the same value.

Canonical forms are those of `schemas.values`. `same_value` is the comparison of every accuracy figure: case, blanks and
punctuation folded, amounts and dates parsed, the whole value right or wrong.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Hashable
from datetime import date
from decimal import Decimal
from functools import lru_cache

from schemas.amounts import Convention, canonical_amount, canonical_number, parse_amount
from schemas.dates import DateOrder, parse_date
from schemas.document_type import FieldType
from schemas.identifiers import compact, is_bic_shaped, parse_currency

NUMBERS = frozenset({FieldType.AMOUNT, FieldType.QUANTITY, FieldType.PERCENT, FieldType.INTEGER})
CODES = frozenset({FieldType.IBAN, FieldType.BIC, FieldType.VAT_ID})


def normalise(
    text: str,
    field_type: FieldType,
    *,
    convention: Convention | None = None,
    order: DateOrder = DateOrder.DAY_FIRST,
) -> str | None:
    """The canonical text of a printed or typed value; None where it is not of this type.

    `convention` and `order` are the document's; they decide `1.234` and `03/11/2026`. Check digits are not asked
    for here: a wrong IBAN is still the IBAN that is printed.
    """
    if field_type in NUMBERS:
        return _normalise_number(text, field_type, convention)
    if field_type is FieldType.DATE:
        parsed = parse_date(text, order)
        return parsed.isoformat() if parsed else None
    if field_type is FieldType.CURRENCY:
        return parse_currency(text)
    if field_type is FieldType.BIC:
        return compact(text) if is_bic_shaped(text) else None
    if field_type in CODES:
        return compact(text) if re.fullmatch(r"[A-Z]{2}[A-Z0-9]{6,32}", compact(text)) else None
    return " ".join(text.split()) or None


def same_value(left: str, right: str, field_type: FieldType) -> bool:
    """Whether two texts, printed or canonical, mean the same value of this type."""
    return bool(_meanings(left, field_type) & _meanings(right, field_type))


def fold(text: str) -> str:
    """Lower-case letters and digits alone, umlauts and accents folded (`Straße` -> `strasse`, `Ö` -> `oe`)."""
    text = text.casefold().translate(_UMLAUTS)
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKD", text)))


_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


def _normalise_number(text: str, field_type: FieldType, convention: Convention | None) -> str | None:
    value = parse_amount(_bare_number(text, field_type), convention)
    if value is None:
        return None
    if field_type is FieldType.AMOUNT:
        return canonical_amount(value)
    if field_type is FieldType.INTEGER:
        return str(int(value)) if value == int(value) else None
    return canonical_number(value) if field_type is FieldType.PERCENT else f"{value:f}"


def _bare_number(text: str, field_type: FieldType) -> str:
    if field_type is FieldType.PERCENT:
        return text.replace("%", " ").strip()
    return text.strip(" .") if field_type is FieldType.INTEGER else text


@lru_cache(maxsize=8192)  # the same few texts are compared with every word of a page
def _meanings(text: str, field_type: FieldType) -> frozenset[Hashable]:
    """All that the text can mean: `1.234` is two numbers, `03/11/2026` two dates; other text is its folded self."""
    meanings: set[Hashable | None] = set()
    if field_type in NUMBERS:
        meanings = {_number(text, field_type, each) for each in (None, *Convention)}
    elif field_type is FieldType.DATE:
        meanings = {_date(text, each) for each in DateOrder}
    elif field_type is FieldType.CURRENCY:
        meanings = {parse_currency(text)}
    found: frozenset[Hashable] = frozenset(each for each in meanings if each is not None)
    return found or frozenset({fold(text) or text.strip()})


def _number(text: str, field_type: FieldType, convention: Convention | None) -> Decimal | None:
    normal = normalise(text, field_type, convention=convention)
    return Decimal(normal) if normal is not None else None


def _date(text: str, order: DateOrder) -> date | None:
    return parse_date(text, order)
