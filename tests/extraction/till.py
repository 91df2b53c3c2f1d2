"""A street of shops, each with its own till receipt: made-up documents to learn from. The same seed gives the same receipts."""

from __future__ import annotations

import random
from decimal import Decimal

from schemas.learning import Example
from schemas.reading import Reading
from tests.extraction.paper import Line, reading_of

SHOPS = {
    "Blue Anchor Fish Bar": ("14 Harbour Lane", "Dover CT16 1AB"),
    "Penny Lane Stationers": ("3 Penny Lane", "Leeds LS1 4DL"),
    "Oak & Elm Furniture Ltd": ("Unit 7, Mill Yard", "Derby DE1 2QS"),
    "Corner Café Milano": ("88 Station Road", "Bath BA1 1HE"),
    "Hillside Garden Centre": ("Old Quarry Road", "Truro TR1 3HH"),
    "Fast Lube Garage": ("2 Ring Road", "Hull HU1 2AA"),
    "Moonrise Bakery": ("51 High Street", "York YO1 8QP"),
    "Tall Ships Chandlery Ltd": ("Dock Gate 4", "Bristol BS1 5TT"),
}
TOTAL_LABELS = ("ALL TOGETHER", "IN THE END", "YOUR SHARE", "YOU OWE US")  # no labels that the document type knows
SLOGANS = ("Fresh Every Day Since 1911", "Friends of the Town", "Open on Sundays")


def receipt(shop: str, number: int, *, misread: str = "") -> Example:
    """One receipt; with `misread` its supplier's name is printed so."""
    chance = random.Random(f"{shop}{number}")
    street, town = SHOPS[shop]
    prices = [Decimal(chance.randint(100, 2500)) / 100 for _ in range(chance.randint(2, 5))]
    total, given = sum(prices, Decimal(0)), Decimal(100)
    day, month = chance.randint(1, 28), chance.randint(1, 12)
    style = list(SHOPS).index(shop) % len(TOTAL_LABELS)
    items: list[Line] = [[(60, f"ARTICLE {chance.randint(10, 99)}"), (300, f"{price}")] for price in prices]
    lines: list[Line] = [
        [(60, "RECEIPT")],
        [(60, SLOGANS[style % len(SLOGANS)])],
        [(60, misread or shop)],
        [(60, f"{street},")],
        [(60, town)],
        [(60, f"TEL 0{list(SHOPS).index(shop)}23 4567 8{style}0")],
        [(60, "Served"), (200, f"{day:02}/{month:02}/2025")],
        *items,
        [(60, TOTAL_LABELS[style]), (300, f"{total}")],
        [(60, "FROM YOU"), (300, f"{given}")],
        [(60, "BACK TO YOU"), (300, f"{given - total}")],
        [(60, "THANK YOU")],
    ]
    return Example(
        key=f"{shop}-{number}",
        document_type="receipt",
        reading=reading_of(lines, confidence=0.98),
        fields={
            "supplier_name": shop,
            "supplier_address": f"{street}, {town}",
            "receipt_date": f"2025-{month:02}-{day:02}",
            "gross_total": f"{total}",
        },
    )


def street(each: int, shops: int = len(SHOPS), first: int = 0) -> list[Example]:
    """So many receipts of each of the first shops, shop by shop in turn."""
    return [receipt(shop, number) for number in range(first, first + each) for shop in list(SHOPS)[:shops]]


def blank() -> Reading:
    """A page with nothing on it."""
    return reading_of([])
