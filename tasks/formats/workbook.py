"""XLSX: one sheet a table, typed cells, never a formula."""

from __future__ import annotations

import datetime as dt
import io
import re
from decimal import Decimal, InvalidOperation

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from schemas.document_type import FieldType
from tasks.formats.comma_separated import is_formula_like
from tasks.formats.sheets import Sheet

NUMBERS = {
    FieldType.AMOUNT: "0.00",
    FieldType.QUANTITY: "General",
    FieldType.PERCENT: "General",
    FieldType.INTEGER: "0",
}
SPREADSHEET_DIGITS = 15  # more are lost in a spreadsheet's floating point: such a number stays text
CELL_CHARACTERS = 32767


def workbook(sheets: list[Sheet], *, for_people: bool) -> bytes:
    """The file's bytes. For people, texts that look like a formula are marked as text, so that editing them is safe too."""
    book = Workbook(write_only=True)
    for sheet in sheets:
        page = book.create_sheet(sheet.name)
        page.freeze_panes = "A2"
        page.append([_text_cell(page, name, marked=False) for name in sheet.columns])
        for row in sheet.rows:
            page.append([_cell(page, row.get(name, ""), kind, for_people) for name, kind in sheet.columns.items()])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _cell(page: WriteOnlyWorksheet, text: str, kind: FieldType, for_people: bool) -> Cell | None:
    if not text:
        return None
    typed = _typed(text, kind)
    if typed is None:
        return _text_cell(page, text, marked=for_people and is_formula_like(text))
    cell = WriteOnlyCell(page)
    cell.value = typed
    cell.number_format = "yyyy-mm-dd" if isinstance(typed, dt.date) else NUMBERS[kind]
    return cell


def _typed(text: str, kind: FieldType) -> Decimal | dt.date | None:
    """The number or date that the text is; None where it must stay text."""
    try:
        if kind is FieldType.DATE:
            return dt.date.fromisoformat(text)
        number = Decimal(text) if kind in NUMBERS and re.fullmatch(r"-?\d+(\.\d+)?", text) else None
    except (ValueError, InvalidOperation):
        return None
    return None if number is None or len(number.as_tuple().digits) > SPREADSHEET_DIGITS else number


def _text_cell(page: WriteOnlyWorksheet, text: str, *, marked: bool) -> Cell:
    cell = WriteOnlyCell(page, value=ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", text)[:CELL_CHARACTERS])
    cell.data_type = "s"  # openpyxl would make a formula of what begins with an equals sign
    cell.quotePrefix = marked
    return cell
