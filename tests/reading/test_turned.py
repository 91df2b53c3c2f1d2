"""A page that a person turned is read as they turned it, whatever the reader thinks."""

from __future__ import annotations

from pathlib import Path

import pytest

from reading.frame import turn
from reading.pool import ReaderPool
from schemas.reading import Source
from tests.reading.papers import letter, picture_of, scanned_pdf

PDF = "application/pdf"


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_text_layer_turns_with_its_page(pool: ReaderPool, tmp_path: Path, rotation: int) -> None:
    path = letter(tmp_path / "letter.pdf")
    (upright,) = pool.read(path, media_type=PDF).pages
    page = pool.read_turned(path, media_type=PDF, page=1, rotation=rotation)
    sideways = rotation in (90, 270)
    assert page.rotation == rotation
    assert (page.width, page.height) == (
        (upright.height, upright.width) if sideways else (upright.width, upright.height)
    )
    assert [word.text for word in page.words] == [word.text for word in upright.words]
    x, y = upright.words[0].box.middle
    assert page.words[0].box.middle == pytest.approx(
        {0: (x, y), 90: (1 - y, x), 180: (1 - x, 1 - y), 270: (y, 1 - x)}[rotation]
    )


def test_a_scan_is_read_as_it_was_turned(pool: ReaderPool, tmp_path: Path) -> None:
    upright = picture_of(letter(tmp_path / "letter.pdf"))
    path = scanned_pdf(tmp_path / "scan.pdf", [turn(upright, 90)])
    right = pool.read_turned(path, media_type=PDF, page=1, rotation=270)
    wrong = pool.read_turned(path, media_type=PDF, page=1, rotation=90)
    assert (right.rotation, right.source, wrong.rotation) == (270, Source.OCR, 90)
    assert right.quality > wrong.quality
    assert "Rechnung" in " ".join(word.text for word in right.words)
