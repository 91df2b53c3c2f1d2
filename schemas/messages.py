"""Findings in plain words of the reader's language. The texts stand in `message_texts/<language>.yaml`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal
from pydantic import RootModel

from schemas.document_type import DocumentType
from schemas.values import Finding
from schemas.yaml_file import load_yaml

HERE = Path(__file__).parent / "message_texts"
LOCALES = {"en": "en_GB", "de": "de_DE"}
FALLBACK = "en"

Texts = dict[str, str | dict[str, str]]  # rule -> text, or rule -> case -> text


class _Texts(RootModel[Texts]):
    pass


def render(finding: Finding, document_type: DocumentType, language: str) -> str:
    """A sentence for a reviewer: `Net total 100.00 + Tax total 19.00 is 119.00, but Gross total says 120.00 …`.

    A language without texts falls back to English. Amounts, dates and field names appear as the language writes them.
    """
    language = language if language in LOCALES else FALLBACK
    text = template(finding.rule, finding.parameters.get("case"), language)
    return _Writer(document_type, language).vformat(text, (), finding.parameters)


def template(rule: str, case: str | None, language: str) -> str:
    """The text of a rule, of one of its cases where it has several. Raises KeyError where there is none."""
    text = texts(language)[rule]
    return text if isinstance(text, str) else text[case or ""]


@cache
def texts(language: str) -> Texts:
    """All texts of one language, by rule. Raises DefinitionError when the file is wrong."""
    return load_yaml(HERE / f"{language}.yaml", _Texts).root


def field_title(path: str, document_type: DocumentType, language: str) -> str:
    """What people call a field (`due_date`) or a table's column (`line_items.quantity`); its name without a title."""
    table, _, name = path.rpartition(".")
    definition = document_type.definition(name, table)
    titles: Mapping[str, str] = definition.title if definition else {}
    title = titles.get(language) or titles.get(FALLBACK) or name.replace("_", " ")
    if not table or table not in document_type.tables:
        return title
    table_titles = document_type.tables[table].title
    return f"{table_titles.get(language) or table_titles.get(FALLBACK) or table}: {title}"


class _Writer(Formatter):
    """Fills a text; the part after the colon says how a canonical parameter is written."""

    def __init__(self, document_type: DocumentType, language: str) -> None:
        self.document_type = document_type
        self.language = language
        self.locale = LOCALES[language]

    def format_field(self, value: Any, format_spec: str) -> str:
        match format_spec:
            case "field":
                return field_title(value, self.document_type, self.language)
            case "terms":
                return " + ".join(self._term(term) for term in value.split())
            case "amount":
                return self._number(value, "#,##0.00")
            case "number":
                return self._number(value, "#,##0.######")
            case "percent":
                return self._number(value, "#,##0.##") + ("%" if self.language == "en" else " %")
            case "percents":
                return ", ".join(self.format_field(rate, "percent") for rate in value.split())
            case "date":
                return format_date(dt.date.fromisoformat(value), format="medium", locale=self.locale)
            case _:
                return str(super().format_field(value, format_spec))

    def _term(self, term: str) -> str:
        path, _, amount = term.partition("=")
        return f"{self.format_field(path, 'field')} {self.format_field(amount, 'amount')}"

    def _number(self, value: str, pattern: str) -> str:
        return format_decimal(Decimal(value), format=pattern, locale=self.locale)
