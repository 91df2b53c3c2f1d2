"""Tesseract's library and its command are the same engine: they find the same words."""

from __future__ import annotations

from pathlib import Path

import cv2
import pypdfium2
import pytest

from reading.protocol import Layout
from reading.tesseract import TesseractReader
from tests.reading.papers import NUMBER, letter


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A letter as a gray image."""
    folder = tmp_path_factory.mktemp("page")
    with pypdfium2.PdfDocument(letter(folder / "letter.pdf")) as document:
        pixels = document[0].render(scale=200 / 72).to_numpy()
    cv2.imwrite(str(folder / "page.pgm"), cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY))
    return folder / "page.pgm"


@pytest.mark.parametrize("layout", list(Layout))
def test_library_and_command_find_the_same_words(page: Path, layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    library = TesseractReader(("de", "en"), 60)
    monkeypatch.setattr("reading.tesseract.tesseract_library", lambda version: None)
    command = TesseractReader(("de", "en"), 60)

    words = library.read_page(page, layout)

    assert NUMBER in [word.text for word in words]
    assert words == command.read_page(page, layout)
    assert words == library.read_page(page, layout), "a page before leaves nothing behind"
    assert library.name == command.name


def test_the_library_is_used_where_tesseract_is_installed_with_it(page: Path) -> None:
    started: list[str] = []
    reader = TesseractReader(("de",), 60)
    reader._command = lambda *_: started.append("command") or ""  # type: ignore[method-assign, func-returns-value]

    assert reader.read_page(page, Layout.PAGE)
    assert started == []
