"""A separator sheet must come back from the scanner: its code and its words say the same."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
import zxingcpp

from reading.pool import ReaderPool
from reading.separator_sheets import write_sheets
from schemas.reading import Source


def test_a_printed_sheet_is_read_by_its_code_and_by_its_words(tmp_path: Path, pool: ReaderPool) -> None:
    sheet = tmp_path / "sheets.pdf"
    write_sheets(sheet, "CLEARDESK-SEPARATOR", 2)
    with pypdfium2.PdfDocument(sheet) as file:
        assert len(file) == 2
        seen = zxingcpp.read_barcodes(file[1].render(scale=2).to_numpy())
    assert [code.text for code in seen] == ["CLEARDESK-SEPARATOR"]
    page = pool.read(sheet, media_type="application/pdf").pages[0]
    assert page.source is Source.OCR
    assert "CLEARDESK-SEPARATOR" in [word.text for word in page.words]
