"""What travellers pay for: merchants and their receipts, before anything is printed. Prices include tax."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sample_data.generator import identifiers
from sample_data.generator.business import CENT, Party, Tax
from sample_data.generator.printing import Style, load


@dataclass(frozen=True)
class Merchant(Party):
    """A shop, hotel or driver."""

    key: str
    layout: str
    style: Style
    vat_id: str
    items: list[list[Any]]

    @property
    def currency(self) -> str:
        return "GBP" if self.country == "GB" else "EUR"


@dataclass(frozen=True)
class Item:
    """One bought thing; `total` is with tax."""

    text: str
    count: int
    price: Decimal
    rate: Decimal

    @property
    def total(self) -> Decimal:
        return self.count * self.price


@dataclass(frozen=True)
class Receipt:
    """One payment."""

    merchant: Merchant
    number: str
    time: dt.datetime  # local time of the merchant; only printed
    items: tuple[Item, ...]
    taxes: tuple[Tax, ...]
    payment: str

    @property
    def gross(self) -> Decimal:
        return sum((item.total for item in self.items), Decimal("0.00"))

    @property
    def tax(self) -> Decimal:
        return sum((tax.tax for tax in self.taxes), Decimal("0.00"))


def merchants(seed: int) -> dict[str, Merchant]:
    """All merchants by key, VAT numbers drawn from the seed."""
    return {key: _merchant(key, row, random.Random(f"{seed}/{key}")) for key, row in load("merchants").items()}


def buy(merchant: Merchant, day: dt.date, rng: random.Random) -> Receipt:
    """Invent a payment on a day."""
    goods = rng.sample(merchant.items, rng.randint(min(2, len(merchant.items)), len(merchant.items)))
    if merchant.layout == "form":
        goods = goods[:1]
    items = tuple(_item(rng, good, merchant.layout) for good in goods)
    clock = dt.time(rng.randint(7, 21), rng.randrange(60))
    payment = rng.choice(["Visa", "Mastercard", "Bar" if merchant.style.language == "de" else "Cash"])
    shape = {"till": "####", "slip": "######", "form": "###", "folio": "2026-####", "mail": "B########"}[
        merchant.layout
    ]
    return Receipt(
        merchant, identifiers.digits(rng, shape), dt.datetime.combine(day, clock), items, _taxes(items), payment
    )


def _merchant(key: str, row: dict[str, Any], rng: random.Random) -> Merchant:
    country, language = str(row["country"]), str(row["language"])
    style = Style(
        language=language,
        decimal="comma" if language == "de" else "point",
        dates={"GB": "slash"}.get(country, "dots"),
        money=rng.choice(["code_before", "mark_after"]) if language == "de" else "mark_before",
        variant=rng.randrange(3),
    )
    return Merchant(
        name=row["name"],
        street=row["street"],
        postcode=row["postcode"],
        city=row["city"],
        country=country,
        key=key,
        layout=row["layout"],
        style=style,
        vat_id=identifiers.vat_id(rng, country),
        items=row["items"],
    )


def _item(rng: random.Random, good: list[Any], layout: str) -> Item:
    text, low, high, rate = good
    most = {"till": 3, "slip": 2, "folio": 3}.get(layout, 1)
    price = Decimal(f"{rng.uniform(float(str(low)), float(str(high))):.2f}")
    return Item(str(text), rng.randint(1, most), price, Decimal(str(rate)))


def _taxes(items: tuple[Item, ...]) -> tuple[Tax, ...]:
    """The tax that the prices hold, per rate: gross x rate / (100 + rate), half up to cents."""
    found = []
    for rate in sorted({item.rate for item in items}, reverse=True):
        gross = sum((item.total for item in items if item.rate == rate), Decimal("0.00"))
        tax = (gross * rate / (100 + rate)).quantize(CENT, ROUND_HALF_UP)
        found.append(Tax(rate, gross - tax, tax))
    return tuple(found)
