"""What happened: suppliers, buyers, and the invoices between them, before anything is printed."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

from sample_data.generator import identifiers
from sample_data.generator.printing import Style, load

CENT = Decimal("0.01")
_PHONES = {
    "DE": "+49 4## ######",
    "GB": "+44 117 4### ###",
    "NL": "+31 10 ### ####",
    "FR": "+33 4 7# ## ## ##",
    "AT": "+43 512 ######",
}


@dataclass(frozen=True)
class Party:
    """A company with its address."""

    name: str
    street: str
    postcode: str
    city: str
    country: str

    @property
    def town(self) -> str:
        """City and postcode in the order of the country."""
        return f"{self.city} {self.postcode}" if self.country == "GB" else f"{self.postcode} {self.city}"


@dataclass(frozen=True)
class Supplier(Party):
    """A seller: its numbers, its bank, how its paper looks and writes."""

    key: str
    number: str
    vat_id: str
    tax_number: str
    iban: str
    bic: str
    phone: str
    register: str  # entry in the commercial register, as printed
    customer_number: str  # under which the supplier keeps our client
    trade: str
    style: Style
    layouts: tuple[str, ...]
    accent: str
    numbering: str
    first_number: int
    currency: str
    known: bool
    reverse_charge: bool
    discount: tuple[int, int] | None  # percent, days


@dataclass(frozen=True)
class Line:
    """One billed thing. `total` = quantity x unit price, rounded half up to cents."""

    article: str
    description: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    rate: Decimal
    total: Decimal


@dataclass(frozen=True)
class Tax:
    """The tax of one rate, in percent."""

    rate: Decimal
    net: Decimal
    tax: Decimal


@dataclass(frozen=True)
class Invoice:
    """An invoice or a credit note, complete."""

    kind: str  # invoice | credit_note
    supplier: Supplier
    buyer: Party
    number: str | None
    date: dt.date
    lines: tuple[Line, ...]
    taxes: tuple[Tax, ...]
    net: Decimal
    tax: Decimal
    gross: Decimal
    iban: str
    due: dt.date | None = None
    service: dt.date | None = None
    order: str | None = None
    customer_number: str | None = None
    supplier_number: str | None = None
    reference: str | None = None  # of a credit note: the invoice it corrects
    discount: tuple[int, int] | None = None

    @property
    def currency(self) -> str:
        return self.supplier.currency


@dataclass
class Books:
    """One client's suppliers, and the next number of each."""

    client: str
    buyer: Party
    seed: int
    issued: dict[str, int] = field(default_factory=dict)

    def suppliers(self) -> dict[str, Supplier]:
        return suppliers_of(self.client, self.seed)

    def invoice(self, key: str, date: dt.date, *, lines: int = 0, kind: str = "invoice", scale: int = 1) -> Invoice:
        """Invent the supplier's next invoice. `scale` multiplies quantities, `lines` 0 lets chance decide."""
        supplier = self.suppliers()[key]
        count = self.issued[key] = self.issued.get(key, 0) + 1
        rng = random.Random(f"{self.seed}/{self.client}/{key}/{count}")
        number = supplier.numbering.format(n=supplier.first_number + 7 * count + rng.randrange(5))
        drawn = _lines(rng, supplier, lines, scale)
        base = _totalled(supplier, kind, self.buyer, number, date, drawn)
        if kind == "credit_note":
            earlier = supplier.numbering.format(n=supplier.first_number + 7 * count - 9)
            return replace(base, reference=earlier, **_terms(rng, supplier, date, paid=False))
        return replace(base, **_terms(rng, supplier, date, paid=True))


@cache
def suppliers_of(client: str, seed: int) -> dict[str, Supplier]:
    """The client's suppliers by key, with identifiers drawn from the seed."""
    return {
        key: _supplier(key, row, 70010 + 13 * at, random.Random(f"{seed}/{client}/{key}"))
        for at, (key, row) in enumerate(load("suppliers")[client].items())
    }


def _supplier(key: str, row: dict[str, Any], number: int, rng: random.Random) -> Supplier:
    text = {name: str(value) for name, value in row.items()}
    country = text["country"]
    iban, bic = identifiers.bank_account(rng, country)
    discount = row.get("discount")
    return Supplier(
        name=text["name"],
        street=text["street"],
        postcode=text["postcode"],
        city=text["city"],
        country=country,
        key=key,
        number=str(number),
        vat_id=identifiers.vat_id(rng, country),
        tax_number=identifiers.tax_number(rng) if country == "DE" else "",
        iban=iban,
        bic=bic,
        phone=identifiers.digits(rng, _PHONES[country]),
        register=identifiers.digits(rng, "HRB #####" if country == "DE" else "Reg. No. ########"),
        customer_number=identifiers.digits(rng, "#####"),
        trade=text["trade"],
        style=_style(text),
        layouts=tuple(row["layouts"]),
        accent=text["accent"],
        numbering=text["numbers"],
        first_number=int(text["first"]),
        currency=text.get("currency", "GBP" if country == "GB" else "EUR"),
        known=row.get("known", True) is True,
        reverse_charge=row.get("reverse_charge") is True,
        discount=(discount[0], discount[1]) if isinstance(discount, list) else None,
    )


def _style(text: dict[str, str]) -> Style:
    language = text["language"]
    return Style(
        language=language,
        decimal=text.get("decimal", "comma" if language == "de" else "point"),
        dates=text.get("dates", "dots" if language == "de" else "long"),
        money=text.get("money", "code_after"),
        variant=int(text.get("variant", 0)),
    )


def _lines(rng: random.Random, supplier: Supplier, count: int, scale: int) -> tuple[Line, ...]:
    goods = load("products")[supplier.trade]
    count = count or rng.randint(2, min(6, len(goods)))
    picked = rng.sample(goods, min(count, len(goods)))
    picked += [rng.choice(goods) for _ in range(count - len(picked))]
    return tuple(_line(rng, good, scale) for good in picked)


def _line(rng: random.Random, good: list[Any], scale: int) -> Line:
    article, description, unit, low, high, rate, most = good
    dearest = float(str(high))
    price = Decimal(f"{rng.uniform(float(str(low)), dearest):.{3 if dearest < 1 else 2}f}")
    quantity = Decimal(rng.randint(max(1, int(str(most)) // 12), int(str(most))) * scale)
    if unit in ("Std", "hour", "kg") and rng.random() < 0.5:
        quantity += Decimal("0.5")
    total = (quantity * price).quantize(CENT, ROUND_HALF_UP)
    return Line(str(article), str(description), quantity, str(unit), price, Decimal(str(rate)), total)


def _sums(lines: tuple[Line, ...]) -> tuple[Decimal, Decimal, Decimal, tuple[Tax, ...]]:
    """Net, tax, gross, and the taxes per rate, highest rate first."""
    taxes = []
    for rate in sorted({line.rate for line in lines}, reverse=True):
        net = sum((line.total for line in lines if line.rate == rate), Decimal("0.00"))
        taxes.append(Tax(rate, net, (net * rate / 100).quantize(CENT, ROUND_HALF_UP)))
    net = sum((each.net for each in taxes), Decimal("0.00"))
    tax = sum((each.tax for each in taxes), Decimal("0.00"))
    return net, tax, net + tax, tuple(taxes)


def _totalled(
    supplier: Supplier, kind: str, buyer: Party, number: str, date: dt.date, lines: tuple[Line, ...]
) -> Invoice:
    net, tax, gross, taxes = _sums(lines)
    return Invoice(kind, supplier, buyer, number, date, lines, taxes, net, tax, gross, supplier.iban)


def _terms(rng: random.Random, supplier: Supplier, date: dt.date, *, paid: bool) -> dict[str, Any]:
    """References and payment terms; a credit note has no due date and no discount."""
    shared: dict[str, Any] = {
        "order": rng.choice(["45", "PO-", "B26-"]) + f"{rng.randrange(10000, 99999)}" if rng.random() < 0.8 else None,
        "customer_number": supplier.customer_number,
        "supplier_number": supplier.number if rng.random() < 0.35 else None,
    }
    if not paid:
        return shared
    return shared | {
        "due": date + dt.timedelta(days=rng.choice([14, 21, 30, 30])),
        "service": date - dt.timedelta(days=rng.randint(1, 9)) if rng.random() < 0.75 else None,
        "discount": supplier.discount,
    }
