"""The accurate reader meets what comes from scanners: pages that lie wrong, sheets with codes, old text behind pictures."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import cv2
import numpy as np
import pytest
import zxingcpp
from PIL import Image

from reading import scans
from reading.pool import ReaderPool
from reading.ppocr import PPOCRReader
from schemas.errors import SettingsError
from schemas.reading import Box, PageReading, Source
from tests.reading import papers

PDF = "application/pdf"
FORMATS = {
    "QRCode": (zxingcpp.BarcodeFormat.QRCode, 140),
    "DataMatrix": (zxingcpp.BarcodeFormat.DataMatrix, 120),
    "Code128": (zxingcpp.BarcodeFormat.Code128, 460),
    "Code39": (zxingcpp.BarcodeFormat.Code39, 560),
}


@pytest.fixture
def picture(tmp_path: Path) -> papers.Gray:
    return papers.picture_of(papers.letter(tmp_path / "letter.pdf"))


def read(pool: ReaderPool, path: Path, profile: str = "accurate") -> PageReading:
    media_type = PDF if path.suffix == ".pdf" else "image/png"
    return pool.read(path, media_type=media_type, profile=profile).pages[0]


def saved(picture: papers.Gray, path: Path) -> Path:
    Image.fromarray(np.ascontiguousarray(picture)).save(path, dpi=(150, 150))
    return path


def box_of(page: PageReading, text: str) -> Box:
    return next(word.box for word in page.words if word.text == text)


def lines_of(page: PageReading) -> list[str]:
    """Line by line; a blank may be missed."""
    return ["".join(word.text for word in line) for _, line in groupby(page.words, key=lambda word: word.line)]


def test_each_profile_has_a_name_of_its_own_for_the_cache(pool: ReaderPool) -> None:
    fast, accurate, double = (pool.reader_name(profile) for profile in ("fast", "accurate", "double"))

    assert "tesseract" in fast and "ppocr6" in accurate
    assert len({fast, accurate, double}) == 3
    with pytest.raises(SettingsError):
        pool.reader_name("careful")


def test_a_tilted_scan_is_read_line_by_line(pool: ReaderPool, tmp_path: Path, picture: papers.Gray) -> None:
    path = papers.scanned_pdf(tmp_path / "scan.pdf", [papers.tilted(picture, 2.0)])
    digital = pool.read(papers.letter(tmp_path / "letter.pdf"), media_type=PDF).pages[0]

    page = read(pool, path)

    assert page.source is Source.OCR and page.quality > 0.9
    assert page.skew == pytest.approx(2.0, abs=0.3)
    assert lines_of(page) == lines_of(digital)
    assert box_of(page, papers.NUMBER) == pytest.approx(box_of(digital, papers.NUMBER), abs=0.015)


def test_a_page_that_was_turned_by_mistake_is_turned_back(
    picture: papers.Gray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scans, "lines_run_down", lambda marks: True)  # as sparse slips with rules make it believe

    scan = scans.read_scan(picture, PPOCRReader(), picture.size)

    assert scan.frame.rotation == 0
    assert next(word.box for word in scan.words if word.text == papers.NUMBER).x0 == pytest.approx(0.26, abs=0.02)


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_scan_that_lies_wrong_is_set_upright(
    pool: ReaderPool, tmp_path: Path, picture: papers.Gray, quarters: int
) -> None:
    page = read(pool, saved(np.rot90(picture, quarters), tmp_path / "scan.png"))

    assert page.rotation == 90 * quarters
    assert box_of(page, papers.NUMBER).x0 == pytest.approx(0.26, abs=0.02)
    assert page.quality > 0.9


def sheet_with(name: str) -> papers.Gray:
    """An empty sheet with one code, 400 pixels from the left and 300 from the top."""
    code_format, width = FORMATS[name]
    code = np.array(zxingcpp.create_barcode("SEPARATOR-1", code_format).to_image(scale=4))
    code = cv2.resize(code, (width, max(width // 8, round(code.shape[0] * width / code.shape[1]))))
    sheet = np.full((1754, 1240), 255, np.uint8)
    sheet[300 : 300 + code.shape[0], 400 : 400 + width] = code
    return sheet


@pytest.mark.parametrize("name", FORMATS)
def test_codes_on_a_sheet_are_found_where_they_stand(pool: ReaderPool, tmp_path: Path, name: str) -> None:
    page = read(pool, saved(sheet_with(name), tmp_path / "sheet.png"))

    (found,) = page.codes
    assert (found.text, found.format) == ("SEPARATOR-1", name)
    assert found.box.x0 == pytest.approx(400 / 1240, abs=0.05)
    assert 300 / 1754 <= found.box.middle[1] <= 500 / 1754
    assert "BLANK" not in page.notes  # though there is no word on it


def test_a_code_upside_down_on_a_page_of_text_is_found(pool: ReaderPool, tmp_path: Path, picture: papers.Gray) -> None:
    sheet = np.vstack([sheet_with("QRCode")[:600, : picture.shape[1]], picture[:, :1240]])

    page = read(pool, saved(np.rot90(sheet, 2), tmp_path / "sheet.png"), "fast")

    assert page.rotation == 180
    assert [found.text for found in page.codes] == ["SEPARATOR-1"]
    assert page.codes[0].box.y0 == pytest.approx(300 / sheet.shape[0], abs=0.03)


def hidden(tmp_path: Path, picture: papers.Gray, lines: list[str]) -> Path:
    """A scan with these lines behind it, each where it is printed."""
    return papers.searchable_scan(tmp_path / "searchable.pdf", picture, lines)


def test_a_good_text_layer_behind_a_scan_is_kept(pool: ReaderPool, tmp_path: Path, picture: papers.Gray) -> None:
    page = read(pool, hidden(tmp_path, picture, papers.LINES))

    assert (page.source, page.notes) == (Source.TEXT_LAYER, [])


def test_an_old_text_layer_with_misread_words_is_read_again(
    pool: ReaderPool, tmp_path: Path, picture: papers.Gray
) -> None:
    misread = [line.replace("Muster", "uster").replace("2026", "2O26").replace("bet", "hel") for line in papers.LINES]

    page = read(pool, hidden(tmp_path, picture, misread))

    assert (page.source, page.notes) == (Source.OCR, ["BAD_TEXT_LAYER"])
    assert papers.NUMBER in [word.text for word in page.words]


def test_a_chosen_line_is_read_again_in_variations(pool: ReaderPool, tmp_path: Path, picture: papers.Gray) -> None:
    path = saved(np.rot90(papers.tilted(picture, 1.0), 2), tmp_path / "scan.png")
    page = read(pool, path)
    boxes = [box_of(page, papers.NUMBER), box_of(page, "1.231,00")]

    number, amount = pool.reread(
        path, media_type="image/png", page=1, boxes=boxes, rotation=page.rotation, skew=page.skew
    )

    assert {each.text for each in number} == {papers.NUMBER}
    assert {each.text for each in amount[:4]} == {"1.231,00"}
    assert amount[4].text.startswith("1.231,00")  # Tesseract may see the edge of the next word
    assert [each.reader.split("-")[0] for each in number] == ["ppocr6"] * 4 + ["tesseract"]
    assert len({(each.reader, each.variation) for each in number}) == 5
