"""Ruled tables of digital PDF pages, through pdfplumber: 20 times the cost of the words, so only for pages that need it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pdfplumber
from pdfminer.pdfexceptions import PDFException
from pdfplumber.utils.exceptions import PdfminerException

from schemas.errors import UnreadableError
from schemas.reading import Box, Table

LEAST_ROWS, LEAST_COLUMNS = 2, 2


def find_tables(path: Path, pages: Sequence[int]) -> list[Table]:
    """Tables with at least two rows and columns on the given pages (from 1); page numbers that do not exist are skipped.

    Raises:
        UnreadableError: pdfplumber cannot open the file.
    """
    try:
        with pdfplumber.open(path, unicode_norm="NFC") as document:
            wanted = [number for number in pages if 1 <= number <= len(document.pages)]
            return [table for number in wanted for table in _tables(document.pages[number - 1], number)]
    except (PdfminerException, PDFException, ValueError, TypeError, KeyError, AssertionError, OSError) as error:
        raise UnreadableError(f"no tables can be found ({type(error).__name__})") from error


def _tables(page: Any, number: int) -> list[Table]:
    left, top, right, bottom = page.bbox

    def share(box: Sequence[float]) -> Box:
        x0, x1 = ((x - left) / (right - left) for x in (box[0], box[2]))
        y0, y1 = ((y - top) / (bottom - top) for y in (box[1], box[3]))
        return Box(*(round(min(1.0, max(0.0, part)), 5) for part in (x0, y0, x1, y1)))

    found = []
    for table in page.find_tables():
        cells = [row.cells for row in table.rows]
        if len(cells) < LEAST_ROWS or max(map(len, cells)) < LEAST_COLUMNS:
            continue
        rows = [[text or "" for text in row] for row in table.extract()]
        boxes = [[share(cell) if cell else None for cell in row] for row in cells]
        found.append(Table(page=number, box=share(table.bbox), rows=rows, boxes=boxes))
    return found
