"""One invoice on its way to paper: the pen, what to say, and how this supplier says it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from sample_data.generator import printing
from sample_data.generator.business import Invoice
from sample_data.generator.pen import Colour, Pen, Tag
from sample_data.generator.printing import Style

COLOURS: dict[str, Colour] = {
    "black": (0.1, 0.1, 0.1),
    "navy": (0.08, 0.16, 0.38),
    "teal": (0.0, 0.42, 0.45),
    "red": (0.65, 0.1, 0.12),
    "green": (0.13, 0.43, 0.2),
    "blue": (0.1, 0.35, 0.65),
    "brown": (0.42, 0.27, 0.13),
    "orange": (0.8, 0.38, 0.05),
}
BOTTOM = 262.0  # the body ends here, the foot begins


class Fact(NamedTuple):
    """A label, the field it labels, and the printed value."""

    label: str
    tag: str
    text: str


@dataclass
class Sheet:
    """What every block of a layout draws with. `foot` is drawn again on each page."""

    pen: Pen
    invoice: Invoice
    style: Style
    foot: Callable[[Sheet], None]
    shift: float = 0.0  # millimetres that this copy's body stands lower than the layout's usual place

    @property
    def accent(self) -> Colour:
        return COLOURS[self.invoice.supplier.accent]

    def word(self, key: str, **values: str) -> str:
        return printing.word(self.style, key, **values)

    def date(self, day: dt.date) -> str:
        return printing.date(day, self.style)

    def amount(self, value: Decimal) -> str:
        return printing.amount(value, self.style)

    def number(self, value: Decimal) -> str:
        return printing.number(value, self.style)

    def money(
        self, x: float, y: float, value: Decimal, tag: Tag, *, size: float | None = None, bold: bool = False
    ) -> None:
        """Print an amount, right aligned at x, with its currency; amount and currency are labelled."""
        if self.style.money != "none":
            self.pen.truth.note("currency", self.invoice.currency)
        text = printing.money(value, self.invoice.currency, self.style)
        self.pen.text(x, y, text, tag, size=size, bold=bold, align="right", value=self.amount(value))

    def facts(self, *, due: bool = True) -> list[Fact]:
        """The references that this invoice has, in the order in which suppliers print them."""
        of, kind = self.invoice, self.invoice.kind
        found = [
            (f"{kind}_number", f"{kind}_number", of.number),
            (f"{kind}_date", f"{kind}_date", self.date(of.date)),
            ("customer_number", "customer_number", of.customer_number),
            ("order_number", "order_number", of.order),
            ("supplier_number", "supplier_number", of.supplier_number),
            ("referenced_invoice", "referenced_invoice", of.reference),
            ("service_date", "service_date", of.service and self.date(of.service)),
            ("due_date", "due_date", of.due and due and self.date(of.due)),
        ]
        return [Fact(self.word(key), tag, text) for key, tag, text in found if text]

    def turn_page(self) -> float:
        """Start the next page; returns where its body begins."""
        self.pen.turn_page()
        self.foot(self)
        self.pen.text(190, 15, f"{self.word('page')} {self.pen.pages}", align="right", size=8)
        return 25.0

    def room(self, y: float, needed: float) -> float:
        """y, or the top of a new page where `needed` millimetres do not fit."""
        return y if y + needed <= BOTTOM else self.turn_page()
