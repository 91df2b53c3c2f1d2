"""Patch sheets come back from the scanner: turned, crooked, noisy; and nothing else looks like one."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pypdfium2
import pytest

from reading.codes import find_codes
from reading.patch_codes import WIDE_BARS, find_patch_codes
from reading.pool import ReaderPool
from reading.separator_sheets import write_sheets
from schemas.reading import Code
from tests.reading import papers


@pytest.fixture(scope="module")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, papers.Gray]:
    """A printed sheet of each kind, scanned at 150 dpi."""
    folder = tmp_path_factory.mktemp("sheets")
    return {name: scanned(folder / f"{name}.pdf", f"PATCH-{name}") for name in WIDE_BARS}


def scanned(path: Path, text: str) -> papers.Gray:
    write_sheets(path, text, 1)
    with pypdfium2.PdfDocument(path) as file:
        return np.ascontiguousarray(file[0].render(scale=150 / 72, grayscale=True).to_numpy().squeeze())


def single(sheet: papers.Gray) -> papers.Gray:
    """The sheet with the code along its upper edge only."""
    alone = np.full_like(sheet, 255)
    alone[:220, 300:-300] = sheet[:220, 300:-300]
    return alone


def names(codes: list[Code]) -> set[str]:
    return {code.text for code in codes}


@pytest.mark.parametrize("name", WIDE_BARS)
@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_a_sheet_says_the_same_in_any_direction(sheets: dict[str, papers.Gray], name: str, quarters: int) -> None:
    found = find_patch_codes(np.ascontiguousarray(np.rot90(sheets[name], quarters)))

    assert [code.text for code in found] == [f"PATCH-{name}"] * 4  # one along each edge


@pytest.mark.parametrize("name", WIDE_BARS)
@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_one_code_at_an_edge_is_enough(sheets: dict[str, papers.Gray], name: str, quarters: int) -> None:
    turned = np.ascontiguousarray(np.rot90(single(sheets[name]), quarters))

    assert names(find_patch_codes(turned)) == {f"PATCH-{name}"}


@pytest.mark.parametrize("name", WIDE_BARS)
@pytest.mark.parametrize("degrees", [-4.0, 1.5])
def test_a_crooked_pale_and_noisy_sheet_is_known(sheets: dict[str, papers.Gray], name: str, degrees: float) -> None:
    chance = np.random.default_rng(1)
    crooked = papers.tilted(sheets[name], degrees)
    noisy = np.clip(crooked * 0.7 + 40 + chance.normal(0, 25, crooked.shape), 0, 255).astype(np.uint8)
    specks = chance.random(crooked.shape)
    noisy[specks < 0.01], noisy[specks > 0.99] = 0, 255

    assert names(find_patch_codes(noisy)) == {f"PATCH-{name}"}


def test_its_box_is_where_it_stands(sheets: dict[str, papers.Gray]) -> None:
    (code,) = find_patch_codes(single(sheets["T"]))

    height, width = sheets["T"].shape
    inches = [code.box.x0 * width, code.box.y0 * height, code.box.x1 * width, code.box.y1 * height]
    assert code.format == "PatchCode"
    assert [each / 150 for each in inches] == pytest.approx([2.88, 0.35, 5.38, 1.15], abs=0.05)


def test_text_barcodes_and_stripes_are_no_patch_codes(tmp_path: Path) -> None:
    letter = papers.picture_of(papers.letter(tmp_path / "letter.pdf"))
    stripes = np.tile(np.repeat(np.array([255, 0], np.uint8), 12), (800, 30))
    other_sheet = scanned(tmp_path / "sheet.pdf", "CLEARDESK-SEPARATOR")
    white = np.full((500, 400), 255, np.uint8)

    for page in (letter, stripes, other_sheet, white, cv2.bitwise_not(white)):
        assert find_patch_codes(np.ascontiguousarray(page)) == []


def test_the_reader_tells_patch_codes_like_any_code(tmp_path: Path, pool: ReaderPool) -> None:
    path = tmp_path / "sheets.pdf"
    write_sheets(path, "PATCH-T", 1)

    page = pool.read(path, media_type="application/pdf", profile="fast").pages[0]

    assert names(page.codes) == {"PATCH-T"}
    assert "PATCH-T" in [word.text for word in page.words]


def test_barcodes_and_patch_codes_are_found_together(sheets: dict[str, papers.Gray], tmp_path: Path) -> None:
    both = np.minimum(sheets["2"], scanned(tmp_path / "sheet.pdf", "LOT-17"))

    assert names(find_codes(both)) == {"PATCH-2", "LOT-17"}
