"""The interface's words, numbers and times in the reader's language. Texts stand in `texts/<language>.yaml`, one key a line."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import cache
from pathlib import Path

from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal, format_percent
from pydantic import RootModel

from schemas.clock import now
from schemas.yaml_file import load_yaml

HERE = Path(__file__).parent / "texts"
LOCALES = {"en": "en_GB", "de": "de_DE"}
FALLBACK = "en"


class _Texts(RootModel[dict[str, str]]):
    pass


@cache
def texts(language: str) -> dict[str, str]:
    """All interface texts of a language. Raises DefinitionError when the file is wrong."""
    return load_yaml(HERE / f"{language}.yaml", _Texts).root


class Words:
    """One reader's language: call it with a text's key."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LOCALES else FALLBACK
        self.locale = LOCALES[self.language]
        self.texts = texts(self.language)

    def __call__(self, key: str, **parameters: object) -> str:
        """The text of a key, filled. Raises KeyError where there is none: a page with a hole is a fault."""
        return self.texts[key].format(**parameters)

    def counted(self, key: str, count: int, **parameters: object) -> str:
        """`12 documents wait`, or the text for a single one, which has a key of its own."""
        return self(f"{key}_one", **parameters) if count == 1 else self(key, count=self.number(count), **parameters)

    def maybe(self, key: str, otherwise: str) -> str:
        """The text of a key that may have none: codes that other rooms add."""
        return self.texts.get(key, otherwise)

    def of_problem(self, code: str, status: int, part: str) -> str:
        """What happened (`what`) or what to do (`do`), by code, else by status, else in general."""
        for key in (f"problem.{code}.{part}", f"problem.{status}.{part}"):
            if key in self.texts:
                return self.texts[key]
        return self.texts[f"problem.other.{part}"]

    def number(self, value: int | Decimal) -> str:
        """`12,345`."""
        return format_decimal(value, locale=self.locale)

    def amount(self, value: Decimal) -> str:
        """`1,234.50`."""
        return format_decimal(value, "#,##0.00", locale=self.locale)

    def percent(self, share: float) -> str:
        """A share of 0 to 1 as `93 %`."""
        return format_percent(share, locale=self.locale)

    def percent_tenths(self, share: float) -> str:
        """A share of 0 to 1 as `93.4 %`."""
        return format_percent(share, "#,##0.0\u00a0%", locale=self.locale)

    def percent_hundredths(self, share: float) -> str:
        """A share of 0 to 1 as `99.53 %`."""
        return format_percent(share, "#,##0.00\u00a0%", locale=self.locale)

    def probability(self, value: float) -> str:
        """A probability of 0 to 1 as `0.985`."""
        return format_decimal(value, "0.000", locale=self.locale)

    def hundredths(self, value: float) -> str:
        """A measure such as kappa as `0.87`."""
        return format_decimal(value, "0.00", locale=self.locale)

    def points(self, difference: float) -> str:
        """A difference between two shares in percentage points: `+1.5`."""
        return format_decimal(100 * difference, "+0.0;-0.0", locale=self.locale)

    def when(self, at: dt.datetime | None) -> str:
        """An instant in the server's own time zone."""
        return format_datetime(at.astimezone(), "dd MMM yyyy, HH:mm", locale=self.locale) if at else ""

    def clock(self, at: dt.datetime) -> str:
        """`15:40` in the server's own time zone."""
        return format_datetime(at.astimezone(), "HH:mm", locale=self.locale)

    def day(self, day: dt.date) -> str:
        """`22 Nov`."""
        return format_date(day, "d MMM", locale=self.locale)

    def people(self, count: float) -> str:
        """How many people, shares of one included: `2.5`."""
        return format_decimal(count, "#,##0.#", locale=self.locale)

    def until(self, at: dt.datetime) -> str:
        """`in 2 hours`, `3 days ago`."""
        return format_timedelta(at - now(), add_direction=True, locale=self.locale)

    def is_past(self, at: dt.datetime) -> bool:
        """Whether an instant is over."""
        return at < now()
