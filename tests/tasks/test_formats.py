"""The forms in which data leaves: harmless for people, unaltered for machines."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.document_type import FieldType
from tasks.formats.comma_separated import comma_separated, defused
from tasks.formats.sheets import Sheet
from tasks.formats.workbook import workbook

PAYLOADS = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3+cmd",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    '=HYPERLINK("x")',
    "-A1",
    "+49 30 1234",
]


def sheet(*texts: str, kind: FieldType = FieldType.TEXT) -> Sheet:
    return Sheet("documents", {"value": kind}, [{"value": text} for text in texts])


def cells(content: bytes) -> list[str]:
    return [row["value"] for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_for_people_no_cell_is_a_formula_and_for_machines_nothing_is_altered(payload: str) -> None:
    assert cells(comma_separated(sheet(payload), for_people=True)) == [f"'{payload}"]
    assert cells(comma_separated(sheet(payload), for_people=False)) == [payload]
    (cell,) = xlsx_cells(sheet(payload))
    assert (cell.data_type, cell.value.strip("\t\r\n")) == ("s", payload.strip("\t\r\n"))
    assert cell.quotePrefix


def test_negative_amounts_stay_numbers_for_everybody() -> None:
    assert defused("-12.50") == "-12.50"
    (cell,) = xlsx_cells(sheet("-12.50", kind=FieldType.AMOUNT))
    assert (cell.data_type, cell.value) == ("n", -12.5)


def xlsx_cells(one: Sheet) -> list[Any]:
    book = openpyxl.load_workbook(io.BytesIO(workbook([one], for_people=True)))
    return [row[0] for row in book["documents"].iter_rows(min_row=2)]


def test_spreadsheet_cells_have_types() -> None:
    def one(text: str, kind: FieldType) -> Any:
        return xlsx_cells(sheet(text, kind=kind))[0].value

    assert one("2026-11-03", FieldType.DATE) == dt.datetime(2026, 11, 3)
    assert one("1234.50", FieldType.AMOUNT) == 1234.5
    assert one("00123", FieldType.IDENTIFIER) == "00123"
    assert one("12345678901234567890", FieldType.QUANTITY) == "12345678901234567890"
    assert one("3 pcs", FieldType.QUANTITY) == "3 pcs"
    assert one("bell\a", FieldType.TEXT) == "bell\N{REPLACEMENT CHARACTER}"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1))
def test_machine_csv_comes_back_as_it_went(texts: list[str]) -> None:
    two = Sheet(
        "documents", {"value": FieldType.TEXT, "other": FieldType.TEXT}, [{"value": t, "other": "x"} for t in texts]
    )
    content = comma_separated(two, for_people=False)
    assert cells(content) == texts
    assert content.endswith(b"\r\n")
