"""CSV after RFC 4180. For machines nothing is altered; for people no cell can act as a spreadsheet formula."""

from __future__ import annotations

import csv
import io
import re

from tasks.formats.sheets import Sheet

NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
FORMULA_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")


def comma_separated(sheet: Sheet, *, for_people: bool) -> bytes:
    """A header line and one line a row, UTF-8; with a byte order mark for people, whose spreadsheets need it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(sheet.columns)
    for row in sheet.rows:
        cells = [row.get(name, "") for name in sheet.columns]
        writer.writerow([defused(cell) for cell in cells] if for_people else cells)
    return text.getvalue().encode("utf-8-sig" if for_people else "utf-8")


def is_formula_like(text: str) -> bool:
    """Whether a spreadsheet might run this text (OWASP ASVS 1.2.10); numbers such as -12.50 are none."""
    return text.startswith(FORMULA_BEGINNINGS) and not NUMBER.fullmatch(text)


def defused(text: str) -> str:
    """The text with a leading apostrophe where a spreadsheet might run it."""
    return f"'{text}" if is_formula_like(text) else text
