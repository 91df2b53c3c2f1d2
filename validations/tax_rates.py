"""Which value-added tax rates held in which country on which day."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, RootModel

from schemas.yaml_file import load_yaml

TABLE = Path(__file__).parent / "tax_rates.yaml"
ZERO = Decimal(0)


class TaxRate(BaseModel):
    """A rate in per cent and the days, both included, on which it held."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rate: Decimal
    since: dt.date = dt.date.min
    until: dt.date = dt.date.max


class _Table(RootModel[dict[str, list[TaxRate]]]):
    pass


def rates_on(country: str, day: dt.date) -> frozenset[Decimal] | None:
    """The rates that a supplier of this country could charge on this day, in per cent, always with 0.

    None for a country that the table does not have.
    """
    rates = _table().get(country)
    if rates is None:
        return None
    return frozenset({ZERO, *(r.rate for r in rates if r.since <= day <= r.until)})


@cache
def _table() -> dict[str, list[TaxRate]]:
    return load_yaml(TABLE, _Table).root
