"""Line items in columns: descriptions of many lines, page breaks, subtotals, unknown columns."""

from __future__ import annotations

from extraction.extract import extract
from tests.extraction.paper import Line, reading_of

HEADER: Line = [(60, "Pos"), (100, "Description"), (330, "Qty"), (390, "Unit price"), (480, "Amount")]
TOP: list[Line] = [[(60, "INVOICE")], [(60, "Invoice no: A-100"), (300, "Date: 03/11/2026")], []]


def items(*pages: list[Line]) -> list[dict[str, str]]:
    extraction = extract(reading_of(*pages), types=("invoice",), languages=("en",), country="GB", master=None)
    rows: dict[int, dict[str, str]] = {}
    for value in extraction.values:
        if value.table == "line_items":
            rows.setdefault(value.row, {})[value.name] = value.text
    return [rows[number] for number in sorted(rows)]


def test_a_description_may_have_many_lines() -> None:
    page: list[Line] = [
        *TOP,
        HEADER,
        [(60, "1"), (100, "Boiler service"), (330, "2"), (390, "50.00"), (480, "100.00")],
        [(100, "with new burner seals")],
        [(100, "and a flue test")],
        [(60, "2"), (100, "Call-out"), (330, "1"), (390, "35.00"), (480, "35.00")],
    ]
    found = items(page)
    assert [row["description"] for row in found] == ["Boiler service with new burner seals and a flue test", "Call-out"]


def test_a_table_runs_over_the_page_break_and_ends_at_the_totals() -> None:
    first: list[Line] = [
        *TOP,
        HEADER,
        [(60, "1"), (100, "Gloves"), (330, "3"), (390, "10.00"), (480, "30.00")],
        [(330, "Carried forward"), (480, "30.00")],
    ]
    second: list[Line] = [
        HEADER,
        [(330, "Brought forward"), (480, "30.00")],
        [(60, "2"), (100, "Mops"), (330, "2"), (390, "8.00"), (480, "16.00")],
        [(330, "Subtotal"), (480, "46.00")],
        [(330, "VAT 20 %"), (480, "9.20")],
        [(330, "Total due"), (480, "55.20")],
    ]
    assert [(row["description"], row["line_total"]) for row in items(first, second)] == [
        ("Gloves", "30.00"),
        ("Mops", "16.00"),
    ]


def test_a_column_that_nobody_knows_keeps_its_cells_to_itself() -> None:
    page: list[Line] = [
        *TOP,
        [(60, "Description"), (220, "Colour"), (330, "Qty"), (390, "Price"), (480, "Total")],
        [(60, "Chair"), (220, "dark blue"), (330, "4"), (390, "25.00"), (480, "100.00")],
    ]
    assert items(page) == [{"description": "Chair", "quantity": "4", "unit_price": "25.00", "line_total": "100.00"}]


def test_discounts_belong_to_the_product() -> None:
    page: list[Line] = [
        *TOP,
        [(60, "Description"), (250, "Qty"), (310, "Price"), (380, "Discount %"), (480, "Total")],
        [(60, "Desk"), (250, "2"), (310, "200.00"), (380, "10"), (480, "360.00")],
    ]
    extraction = extract(reading_of(page), types=("invoice",), languages=("en",), country="GB", master=None)
    total = extraction.get("line_total", "line_items", 1)
    assert total is not None and total.evidence == ["product"] and total.probability > 0.95
