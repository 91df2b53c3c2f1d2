"""From the words of a paper to its values: the whole way through `extract`."""

from __future__ import annotations

import pytest

from extraction.extract import extract, pages_with_tables
from extraction.master_data import MasterData
from schemas.document_type import document_types
from schemas.reading import Reading, Table
from schemas.values import Extraction
from tests.extraction.paper import INVOICE, Line, german_invoice, reading_of

SUPPLIERS = [
    {
        "supplier_number": "70010",
        "name": "Muster Werkzeuge GmbH",
        "vat_id": "DE136695976",
        "iban": "DE89370400440532013000",
    },
    {"supplier_number": "70020", "name": "Andere Firma KG", "vat_id": "", "iban": ""},
]


def extracted(
    reading: Reading, *, types: tuple[str, ...] = ("invoice", "credit_note"), memory: MasterData | None = None
) -> Extraction:
    return extract(reading, types=types, languages=("de", "en"), country="DE", master=memory)


def test_every_field_of_a_german_letter_is_found() -> None:
    extraction = extracted(reading_of(german_invoice()))
    assert extraction.document_type == "invoice" and extraction.language == "de"
    found = {value.name: value.text for value in extraction.values if not value.table}
    assert found == INVOICE


def test_every_value_says_where_it_stands_why_it_was_taken_and_how_sure_that_is() -> None:
    for value in extracted(reading_of(german_invoice())).values:
        assert value.page == 1 and value.box is not None and value.raw and value.source == "machine"
        assert 0 <= value.box.x0 < value.box.x1 <= 1 and 0 <= value.box.y0 < value.box.y1 <= 1
        assert 0 < value.probability < 1


def test_a_clear_digital_invoice_needs_no_person() -> None:
    extraction = extracted(reading_of(german_invoice()))
    definition = document_types()["invoice"]
    judged = [
        value for value in extraction.values if (d := definition.definition(value.name)) and (d.critical or d.required)
    ]
    assert len(judged) == 6 and all(value.probability >= 0.9 for value in judged)


def test_a_poor_scan_is_read_but_not_trusted() -> None:
    extraction = extracted(reading_of(german_invoice(), confidence=0.7))
    number = extraction.get("invoice_number")
    assert number is not None and number.text == "RE-2026-0815" and number.probability < 0.9
    iban = extraction.get("iban")
    assert iban is not None and iban.probability >= 0.9, "check digits prove what the reader doubts"


def test_line_items_and_taxes() -> None:
    extraction = extracted(reading_of(german_invoice()))
    rows = {(v.table, v.row, v.name): v.text for v in extraction.values if v.table}
    assert rows["line_items", 1, "description"] == "Wasserpumpenzange 250 mm verchromt"
    assert rows["line_items", 2, "quantity"] == "4" and rows["line_items", 2, "unit"] == "Stk"
    assert rows["line_items", 2, "line_total"] == "1000.00"
    assert ("line_items", 3, "line_total") not in rows
    assert rows["taxes", 1, "rate"] == "19" and rows["taxes", 1, "tax"] == "237.50"


def test_totals_that_do_not_add_up_are_kept_as_printed_and_doubted() -> None:
    extraction = extracted(reading_of(german_invoice(gross="1.499,50")))
    values = [extraction.get(name) for name in ("net_total", "tax_total", "gross_total")]
    assert [value.text for value in values if value] == ["1250.00", "237.50", "1499.50"]
    assert all(value.probability < 0.9 for value in values if value)


def test_a_missing_number_stays_missing() -> None:
    lines = [[cell for cell in line if cell[1] not in ("Rechnungs-Nr.:", "RE-2026-0815")] for line in german_invoice()]
    assert extracted(reading_of(lines)).get("invoice_number") is None


def test_a_known_supplier_gives_name_and_number() -> None:
    extraction = extracted(reading_of(german_invoice()), memory=MasterData(SUPPLIERS))
    name, number = extraction.get("supplier_name"), extraction.get("supplier_number")
    assert name is not None and name.evidence == ["master:vat_id"] and name.source == "machine"
    assert number is not None and number.text == "70010" and number.source == "master_data"


def test_the_runners_up_are_offered_to_the_reviewer() -> None:
    dates = [each for each in extracted(reading_of(german_invoice())).candidates if each.field == "due_date"]
    assert dates and dates[0].text == "2026-12-03" and all(each.raw for each in dates)


def test_tables_are_asked_for_only_where_the_words_leave_doubt() -> None:
    invoice = document_types()["invoice"]
    good = reading_of(german_invoice())
    assert pages_with_tables(good, invoice) == []
    lines = [[(x, "26,00" if text == "25,00" else text) for x, text in line] for line in german_invoice()]
    assert pages_with_tables(reading_of(lines), invoice) == [1]
    assert pages_with_tables(reading_of(lines, confidence=0.9), invoice) == [], "tables are drawn on digital pages only"
    assert pages_with_tables(good, document_types()["receipt"]) == []


def test_a_ruled_table_that_adds_up_wins_over_words_that_do_not() -> None:
    lines = [[(x, "26,00" if text == "25,00" else text) for x, text in line] for line in german_invoice()]
    page = reading_of(lines)
    cells = [
        ["Pos.", "Bezeichnung", "Menge", "Einzelpreis", "Gesamt"],
        ["1", "Wasserpumpenzange", "10", "25,00", "250,00"],
        ["2", "Schlagbohrmaschine", "4", "250,00", "1.000,00"],
    ]
    table = Table(page=1, box=page.pages[0].words[0].box, rows=cells, boxes=[[None] * 5 for _ in cells])
    extraction = extract(page, types=("invoice",), languages=("de",), country="DE", master=None, tables=[table])
    price = extraction.get("unit_price", "line_items", 1)
    assert price is not None and price.text == "25.00"


@pytest.mark.parametrize(
    "seller",
    [
        [[(60, "Lieferant GmbH")]],
        [[(60, "Nummer:"), (200, "549910")], [(60, "Name:"), (200, "Lieferant GmbH")]],
    ],
)
def test_the_seller_is_named_in_a_part_of_its_own(seller: list[Line]) -> None:
    lines: list[Line] = [
        [(60, "Handelsrechnung Nr. 471113 vom 13.06.2026")],
        [(60, "Verkäufer")],
        *seller,
        [(60, "Lieferantenstraße 20")],
        [(60, "80333 München")],
        [(330, "Gesamtbetrag"), (480, "119,00 €")],
    ]
    found = extracted(reading_of(lines)).get("supplier_name")
    assert found is not None and found.text == "Lieferant GmbH"


def test_a_credit_note_names_its_invoice() -> None:
    lines: list[Line] = [
        [(60, "Muster Werkzeuge GmbH")],
        [(60, "GUTSCHRIFT")],
        [(60, "Gutschrift-Nr.: GS-77"), (360, "Datum: 05.11.2026")],
        [(60, "zu Rechnung Nr. RE-2026-0815 vom 03.11.2026")],
        [(330, "Nettobetrag"), (480, "100,00")],
        [(330, "19 % MwSt."), (480, "19,00")],
        [(330, "Gesamtbetrag"), (480, "119,00 €")],
    ]
    extraction = extracted(reading_of(lines))
    assert extraction.document_type == "credit_note"
    texts = {
        name: value.text for name in ("credit_note_number", "referenced_invoice") if (value := extraction.get(name))
    }
    assert texts == {"credit_note_number": "GS-77", "referenced_invoice": "RE-2026-0815"}


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        ([[(60, "2. Mahnung")], [(60, "Rechnung 4711 vom 01.02.2026 über 119,00 EUR ist noch offen.")]], "Mahnung"),
        ([[(60, "Lieferschein")], [(60, "Pos."), (120, "Bezeichnung"), (330, "Menge")]], "Lieferschein"),
        ([[(60, "Lieber Kunde, wir ziehen um und freuen uns auf Ihren Besuch.")]], ""),
    ],
)
def test_other_papers_are_named_and_never_forced_into_a_type(lines: list[Line], named: str) -> None:
    extraction = extracted(reading_of(lines))
    assert extraction.document_type == "other" and extraction.values == []
    assert extraction.type_reason == (f"other:{named}" if named else "other")


def test_an_empty_page_is_other() -> None:
    assert extracted(reading_of([])).document_type == "other"
