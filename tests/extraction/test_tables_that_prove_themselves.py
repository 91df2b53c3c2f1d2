"""Tables whose headers are unknown, misleading or missing: the arithmetic of their rows says what the columns are."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from extraction.extract import extract
from schemas.values import Extraction
from tests.extraction.paper import Line, reading_of

TOP: list[Line] = [[(60, "INVOICE")], [(60, "Invoice no: A-100"), (300, "Date: 03/11/2026")], []]


def extracted(*pages: list[Line], confidence: float | None = None) -> Extraction:
    reading = reading_of(*pages, confidence=confidence)
    return extract(reading, types=("invoice",), languages=("en",), country="GB", master=None)


def items(*pages: list[Line], confidence: float | None = None) -> list[dict[str, str]]:
    rows: dict[int, dict[str, str]] = {}
    for value in extracted(*pages, confidence=confidence).values:
        if value.table == "line_items":
            rows.setdefault(value.row, {})[value.name] = value.text
    return [rows[number] for number in sorted(rows)]


def test_numbers_over_a_misleading_header_are_quantities_when_they_multiply() -> None:
    page: list[Line] = [
        *TOP,
        [(60, "#"), (120, "Product"), (330, "Price"), (450, "Sum")],
        [(60, "3.00"), (120, "Boiler service"), (330, "50.00"), (450, "150.00")],
        [(60, "4.00"), (120, "Burner seal"), (330, "12.50"), (450, "50.00")],
    ]
    assert [(row["quantity"], row["unit_price"]) for row in items(page)] == [("3.00", "50.00"), ("4.00", "12.50")]


def test_compound_and_stacked_headers_name_their_columns() -> None:
    page: list[Line] = [
        [(60, "RECHNUNG")],
        [(60, "Rechnungs-Nr.: 4711"), (300, "Datum: 03.11.2026")],
        [],
        [(330, "Nettopreis"), (450, "Positions-betrag")],
        [(60, "Pos"), (100, "Artikelbeschreibung"), (260, "Menge"), (330, "je Einheit"), (450, "ohne USt.")],
        [(60, "1"), (100, "Schlagbohrmaschine"), (260, "1 Stk"), (330, "250,00"), (450, "250,00")],
        [(60, "2"), (100, "Wasserpumpenzange"), (260, "1 Stk"), (330, "25,00"), (450, "25,00")],
    ]
    extraction = extract(reading_of(page), types=("invoice",), languages=("de",), country="DE", master=None)
    first = {value.name: value.text for value in extraction.values if value.row == 1}
    assert first == {
        "position": "1",
        "description": "Schlagbohrmaschine",
        "quantity": "1",
        "unit": "Stk",
        "unit_price": "250.00",
        "line_total": "250.00",
    }


def test_amounts_that_add_up_to_the_next_one_are_items_even_without_a_header() -> None:
    page: list[Line] = [
        *TOP,
        [(60, "The following risks are insured:")],
        [(60, "Private liability"), (300, "50.00")],
        [(60, "Partner of the insured"), (300, "12.50")],
        [(60, "Contribution"), (300, "62.50")],
        [(60, "Insurance tax 12 %"), (302, " 7.50")],
        [(60, "Total due"), (300, "70.00")],
    ]
    assert [(row["description"], row["line_total"]) for row in items(page)] == [
        ("Private liability", "50.00"),
        ("Partner of the insured", "12.50"),
    ]


def test_one_item_may_be_printed_on_two_lines() -> None:
    page: list[Line] = [
        *TOP,
        [(60, "Article no"), (140, "Description"), (300, "Price"), (370, "Qty"), (480, "Amount")],
        [(60, "KR3M"), (140, "Artificial turf"), (300, "3.50"), (370, "4")],
        [(60, "4012345001235"), (480, "14.00")],
        [],
        [(60, "SFK5"), (140, "Stakes"), (300, "5.50"), (370, "5")],
        [(60, "4000050986428"), (480, "27.50")],
    ]
    assert [(row["article_number"], row["quantity"], row["line_total"]) for row in items(page)] == [
        ("KR3M", "4", "14.00"),
        ("SFK5", "5", "27.50"),
    ]


def test_a_sum_of_all_rows_above_is_a_subtotal_whatever_it_is_called() -> None:
    page: list[Line] = [
        *TOP,
        [(60, "Description"), (300, "Qty"), (370, "Price"), (480, "Amount")],
        [(60, "Gloves"), (300, "3"), (370, "10.00"), (480, "30.00")],
        [(60, "Mops"), (300, "2"), (370, "8.00"), (480, "16.00")],
        [(60, "Goods as listed"), (480, "46.00")],
        [(60, "Handling of the order"), (480, "4.99")],
    ]
    assert [row["description"] for row in items(page)] == ["Gloves", "Mops"]


def test_a_description_cut_by_the_page_goes_on_with_its_row() -> None:
    header: Line = [(60, "Description"), (300, "Qty"), (370, "Price"), (480, "Amount")]
    first: list[Line] = [*TOP, header, [(60, "Boiler service"), (300, "2"), (370, "50.00"), (480, "100.00")]]
    second: list[Line] = [
        header,
        [(60, "with new burner seals")],
        [(60, "Call-out"), (300, "1"), (370, "35.00"), (480, "35.00")],
    ]
    assert [row["description"] for row in items(first, second)] == [
        "Boiler service with new burner seals",
        "Call-out",
    ]


def test_details_of_a_price_are_no_items_and_no_description() -> None:
    page: list[Line] = [
        *TOP,
        [(60, "Description"), (300, "Qty"), (370, "Price"), (480, "Amount")],
        [(60, "Gloves"), (300, "3"), (370, "10.00"), (480, "30.00")],
        [(60, "Gross price: 12.00"), (300, "Discount: 2.00")],
        [(60, "Mops"), (300, "2"), (370, "8.00"), (480, "16.00")],
        [(300, "Net total"), (480, "46.00")],
    ]
    assert [row["description"] for row in items(page)] == ["Gloves", "Mops"]


def test_sums_and_products_make_a_row_sure_and_a_missing_row_makes_it_doubtful() -> None:
    def paper(net: str) -> list[Line]:
        return [
            *TOP,
            [(60, "Description"), (300, "Qty"), (370, "Price"), (480, "Amount")],
            [(60, "Gloves"), (300, "3"), (370, "10.00"), (480, "30.00")],
            [(60, "Assembly at the site"), (480, "16.00")],
            [(300, "Net total"), (480, net)],
        ]

    right, wrong = extracted(paper("46.00")), extracted(paper("64.00"))
    sure = [right.get("line_total", "line_items", row) for row in (1, 2)]
    assert [value.evidence for value in sure if value] == [["product", "sum"], ["sum"]]
    for address in (("line_total", 1), ("line_total", 2), ("description", 1)):
        of_right = right.get(address[0], "line_items", address[1])
        of_wrong = wrong.get(address[0], "line_items", address[1])
        assert of_right and of_wrong and of_right.probability > of_wrong.probability


def test_a_misread_header_of_a_scan_still_heads_its_columns() -> None:
    page: list[Line] = [
        *TOP,
        [(60, "Descriptlon"), (300, "Quantlty"), (370, "Unit prioe"), (480, "Amount")],
        [(60, "Gloves"), (300, "3"), (370, "10.00"), (480, "30.00")],
    ]
    assert items(page, confidence=0.93) == [
        {"description": "Gloves", "quantity": "3", "unit_price": "10.00", "line_total": "30.00"}
    ]


GOODS = st.tuples(st.integers(2, 99), st.integers(2, 90_000))


@given(st.lists(GOODS, min_size=2, max_size=6))
def test_rows_under_unknown_words_are_typed_by_their_product(goods: list[tuple[int, int]]) -> None:
    priced = [(str(count), Decimal(cents) / 100) for count, cents in goods]
    page: list[Line] = [
        *TOP,
        [(60, "Opis"), (250, "Kos"), (330, "Cena"), (450, "Znesek")],
        *(
            [(60, f"Thing {'abcdef'[i]}"), (250, count), (330, f"{price:.2f}"), (450, f"{int(count) * price:.2f}")]
            for i, (count, price) in enumerate(priced)
        ),
    ]
    assert [(row["quantity"], Decimal(row["unit_price"])) for row in items(page)] == priced


def test_net_and_tax_are_no_items_although_they_add_up() -> None:
    page: list[Line] = [
        *TOP,
        [(60, "Net total"), (300, "100.00")],
        [(60, "VAT 20 %"), (305, "20.00")],
        [(60, "Total due"), (300, "120.00")],
    ]
    assert items(page) == []


def test_a_page_sum_does_not_end_a_table_that_runs_on() -> None:
    header: Line = [(60, "Description"), (300, "Qty"), (370, "Price"), (480, "Amount")]
    first: list[Line] = [
        *TOP,
        header,
        [(60, "Gloves"), (300, "3"), (370, "10.00"), (480, "30.00")],
        [(370, "Subtotal"), (480, "30.00")],
    ]
    second: list[Line] = [
        [(60, "Mops"), (300, "2"), (370, "8.00"), (480, "16.00")],
        [(370, "Net total"), (480, "46.00")],
        [(370, "Total due"), (480, "46.00")],
    ]
    assert [row["description"] for row in items(first, second)] == ["Gloves", "Mops"]
