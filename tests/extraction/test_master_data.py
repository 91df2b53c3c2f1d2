"""Which of the client's suppliers is it? Codes first, then the likeness of names."""

from __future__ import annotations

from extraction.master_data import MasterData

ROWS = [
    {
        "supplier_number": "1",
        "name": "Baltic Verpackungen KG",
        "vat_id": "DE136695976",
        "iban": "DE89370400440532013000",
    },
    {
        "supplier_number": "2",
        "name": "Sonnenhof Molkerei eG",
        "vat_id": "DE111111125",
        "iban": "GB82WEST12345698765432;AT611904300234573201",
    },
    {"supplier_number": "3", "name": "Baltic Verpackung GmbH", "vat_id": "", "iban": "", "tax_number": "12/345/67890"},
]


def test_a_code_names_the_supplier_whatever_the_blanks() -> None:
    found = MasterData(ROWS).match({"vat_id": ["DE 136 695 976"]}, [])
    assert found is not None and (found.supplier_number, found.how, found.score) == ("1", "vat_id", 1.0)


def test_any_of_several_accounts_names_its_supplier() -> None:
    found = MasterData(ROWS).match({"iban": ["AT61 1904 3002 3457 3201"]}, [])
    assert found is not None and found.supplier_number == "2"


def test_a_tax_number_and_a_supplier_number_do_too() -> None:
    master = MasterData(ROWS)
    for printed in ({"tax_number": ["12 345 67890"]}, {"supplier_number": ["3"]}):
        found = master.match(printed, [])
        assert found is not None and found.supplier_number == "3"


def test_a_misread_name_is_still_like_its_own() -> None:
    found = MasterData(ROWS).match({}, ["Sonnenhof Molkerel eG"])
    assert found is not None and (found.supplier_number, found.how) == ("2", "name") and found.score < 1


def test_namesakes_lower_the_score() -> None:
    found = MasterData(ROWS).match({}, ["Baltic Verpackunge"])
    assert found is not None and found.score < 0.9


def test_codes_that_disagree_lower_the_score() -> None:
    found = MasterData(ROWS).match({"vat_id": ["DE136695976"], "iban": ["GB82WEST12345698765432"]}, [])
    assert found is not None and found.supplier_number == "1" and found.score < 1


def test_a_stranger_is_nobody() -> None:
    assert MasterData(ROWS).match({"vat_id": ["DE999999999"]}, ["Fremde Firma AG"]) is None
    assert MasterData([]).match({}, ["Fremde Firma AG"]) is None


def test_the_row_behind_a_match() -> None:
    master = MasterData(ROWS)
    found = master.match({"vat_id": ["DE136695976"]}, [])
    assert found is not None and master.row_of(found)["name"] == "Baltic Verpackungen KG"
