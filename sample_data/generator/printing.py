"""How amounts, dates and numbers look on paper, in two languages and three decimal conventions."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, cast

import yaml
from babel.dates import get_month_names

HERE = Path(__file__).parent
_MARKS = {"comma": (".", ","), "point": (",", "."), "space": (" ", ",")}
_SIGNS = {"EUR": "€", "GBP": "£"}
_MONTHS = {language: get_month_names("wide", locale=language) for language in ("de", "en")}


class Style(NamedTuple):
    """How one supplier writes: language, decimal convention, dates, where the currency stands, label spellings."""

    language: str = "de"
    decimal: str = "comma"
    dates: str = "dots"
    money: str = "code_after"
    variant: int = 0


@cache
def load(name: str) -> dict[str, Any]:
    """One of the generator's own YAML files."""
    return cast("dict[str, Any]", yaml.safe_load((HERE / f"{name}.yaml").read_text(encoding="utf-8")))


def word(style: Style, key: str, **values: str) -> str:
    """The printed word for a key in the style's language and spelling."""
    spellings: list[str] = load("words")[style.language][key]
    return spellings[style.variant % len(spellings)].format(**values)


def amount(value: Decimal, style: Style) -> str:
    """`1.234,50`, `1,234.50` or `1 234,50`; more than two decimals stay."""
    group, mark = _MARKS[style.decimal]
    places = max(2, -cast(int, value.as_tuple().exponent))
    return f"{value:,.{places}f}".translate(str.maketrans(",.", group + mark))


def number(value: Decimal, style: Style) -> str:
    """A quantity or a rate: no needless zeros, no grouping."""
    text = f"{value.normalize():f}"
    return text.replace(".", _MARKS[style.decimal][1])


def money(value: Decimal, currency: str, style: Style) -> str:
    """An amount with its currency where the style puts it."""
    text = amount(value, style)
    sign = _SIGNS[currency]
    forms = {
        "code_after": f"{text} {currency}",
        "code_before": f"{currency} {text}",
        "mark_after": f"{text} {sign}",
        "mark_before": f"{sign}{text}" if style.language == "en" else f"{sign} {text}",
        "none": text,
    }
    return forms[style.money]


def date(day: dt.date, style: Style) -> str:
    """`03.11.2026`, `3. November 2026`, `3 November 2026`, `03/11/2026`, `2026-11-03` or `Nov 3, 2026`."""
    if style.dates == "long":
        return f"{day.day}{'.' if style.language == 'de' else ''} {_MONTHS[style.language][day.month]} {day.year}"
    if style.dates == "us":
        return f"{_MONTHS['en'][day.month][:3]} {day.day}, {day.year}"
    return {"dots": f"{day:%d.%m.%Y}", "slash": f"{day:%d/%m/%Y}", "iso": day.isoformat()}[style.dates]
