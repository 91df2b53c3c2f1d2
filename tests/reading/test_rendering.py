"""What a reviewer sees lies where the words' boxes say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from reading.pool import ReaderPool
from schemas.errors import UnreadableError
from schemas.reading import Box
from tests.reading import papers

PDF = "application/pdf"


def ink_in(picture: Path, box: Box) -> float:
    """Share of dark pixels in a box."""
    pixels = np.asarray(Image.open(picture).convert("L"))
    height, width = pixels.shape
    part = pixels[round(box.y0 * height) : round(box.y1 * height), round(box.x0 * width) : round(box.x1 * width)]
    return float((part < 128).mean())


@pytest.mark.parametrize("made", ["digital", "shown turned", "tilted scan", "scan on its head", "photo"])
def test_boxes_lie_on_their_words(pool: ReaderPool, tmp_path: Path, made: str) -> None:
    path = papers.letter(tmp_path / "letter.pdf")
    picture = papers.picture_of(path)
    if made == "shown turned":
        path = papers.shown_turned(path, tmp_path / "turned.pdf", 90)
    elif made == "tilted scan":
        path = papers.scanned_pdf(tmp_path / "scan.pdf", [papers.tilted(picture, -3)])
    elif made == "scan on its head":
        path = papers.scanned_pdf(tmp_path / "scan.pdf", [np.ascontiguousarray(picture[::-1, ::-1])])
    elif made == "photo":
        path = papers.scanned_pdf(tmp_path / "photo.pdf", [papers.on_a_table(picture)])
    page = pool.read(path, media_type=PDF).pages[0]
    number = next(w.box for w in page.words if w.text == papers.NUMBER)

    out = tmp_path / "page.jpg"
    made_upright = {"rotation": page.rotation, "skew": page.skew, "outline": page.outline}
    pool.render(path, media_type=PDF, page=1, width_px=1000, out=out, **made_upright)

    assert Image.open(out).width == pytest.approx(1000, abs=2)
    assert ink_in(out, number) > 0.08
    above = Box(number.x0, number.y0 - 1.2 * number.height, number.x1, number.y0 - 0.2 * number.height)
    assert ink_in(out, above) < 0.02


def test_a_crop_shows_one_word(pool: ReaderPool, tmp_path: Path) -> None:
    path = papers.letter(tmp_path / "letter.pdf")
    number = next(w.box for w in pool.read(path, media_type=PDF).pages[0].words if w.text == papers.NUMBER)

    pool.render(path, media_type=PDF, page=1, width_px=400, crop=number, out=tmp_path / "crop.jpg")

    crop = Image.open(tmp_path / "crop.jpg")
    assert crop.width == pytest.approx(400, abs=4)
    assert crop.width / crop.height == pytest.approx(number.width * 595 / (number.height * 842), rel=0.1)


def test_what_is_hidden_is_painted_over_and_nothing_else(pool: ReaderPool, tmp_path: Path) -> None:
    path, whole, part = papers.letter(tmp_path / "a.pdf"), tmp_path / "whole.jpg", tmp_path / "part.jpg"
    pool.render(path, media_type=PDF, page=1, width_px=400, out=whole)
    pool.render(path, media_type=PDF, page=1, width_px=400, hidden=[Box(0.0, 0.0, 1.0, 0.5)], out=part)
    before, after = (np.asarray(Image.open(each).convert("L"), dtype=float) for each in (whole, part))
    half = before.shape[0] // 2
    assert before[: half - 8].std() > 1 > after[: half - 8].std()
    assert np.abs(before[half + 8 :] - after[half + 8 :]).mean() < 1


def test_a_page_that_is_not_there(pool: ReaderPool, tmp_path: Path) -> None:
    with pytest.raises(UnreadableError):
        pool.render(papers.letter(tmp_path / "a.pdf"), media_type=PDF, page=2, width_px=100, out=tmp_path / "b.jpg")


def test_the_prepared_image_is_what_the_engine_reads(pool: ReaderPool, tmp_path: Path) -> None:
    picture = papers.picture_of(papers.letter(tmp_path / "letter.pdf"))
    Image.fromarray(picture).save(tmp_path / "scan.png")

    options = pool.prepare(tmp_path / "scan.png", media_type="image/png", page=1, out=tmp_path / "prepared.pgm")

    assert options == ["-l", "deu+eng", "--psm", "3"]
    assert Image.open(tmp_path / "prepared.pgm").mode == "L"
