"""Tesseract as a reader, through pytesseract.

The engine gets the path of an uncompressed image (PGM), so nothing is encoded on the way. Both languages of a process are given
at once: on German pages this finds 1.3 points more words than German alone and on receipts 1.5 points more than English
alone, for 1.3 to 1.7 times the time; the wrong single language loses 3 to 5 points.
Page segmentation: 3 (automatic) for pages, 6 (one block) for narrow columns, where it finds 1 to 3 points more than 3 and 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytesseract

from reading.cleanup import mended, reading_scale, resized, save_gray
from reading.protocol import Layout
from reading.source import Gray
from schemas.errors import ReaderCrashedError, SettingsError
from schemas.reading import Box, Word

LANGUAGES = {"de": "deu", "en": "eng", "fr": "fra", "nl": "nld", "it": "ita", "es": "spa"}
SEGMENTATION = {Layout.PAGE: "3", Layout.COLUMN: "6"}
SINGLE_LINE = "7"
WORD_LEVEL, PAGE_LEVEL = "5", "1"


class TesseractReader:
    """A `reading.protocol.Reader`."""

    checks_text_layers = False  # it misreads more words than a middling text layer has wrong
    doubtful = 0.62
    steady = 0.0

    def __init__(self, languages: Sequence[str], seconds: float, folder: Path) -> None:
        """`languages` are ISO 639-1 codes; those without data here are left out. `seconds` of wall time per page. Page
        images pass through `folder`.

        Raises:
            SettingsError: Tesseract is not installed, or has data for none of the languages.
        """
        try:
            self._version = str(pytesseract.get_tesseract_version(cached=True))
            installed = pytesseract.get_languages()
        except (pytesseract.TesseractNotFoundError, pytesseract.TesseractError, SystemExit) as error:
            raise SettingsError("Tesseract is not installed") from error
        wanted = [LANGUAGES.get(language, language) for language in languages]
        self._languages = "+".join(code for code in wanted if code in installed)
        if not self._languages:
            raise SettingsError(f"Tesseract has no data for {'+'.join(wanted)}")
        self._seconds = seconds
        self._image = folder / "page.pgm"

    @property
    def name(self) -> str:
        return f"tesseract-{self._version}-{self._languages}"

    def options(self, layout: Layout) -> list[str]:
        """The command line arguments that say how to read."""
        return ["-l", self._languages, "--psm", SEGMENTATION[layout]]

    def suited(self, page: Gray, most_pixels: int) -> Gray:
        """See `reading.protocol.Reader`. Broken print is joined, small letters are enlarged."""
        page = mended(page)
        return resized(page, reading_scale(page, most_pixels))

    def read_page(self, page: Gray, layout: Layout, skew: float = 0.0) -> list[Word]:
        """See `reading.protocol.Reader`."""
        return self._read(page, SEGMENTATION[layout])

    def read_line(self, line: Gray) -> list[Word]:
        """Words of the picture of a single line. Errors as `read_page`."""
        return self._read(line, SINGLE_LINE)

    def _read(self, image: Gray, segmentation: str) -> list[Word]:
        save_gray(image, self._image)
        try:
            table = pytesseract.image_to_data(
                str(self._image), self._languages, f"--psm {segmentation}", timeout=self._seconds
            )
        except (pytesseract.TesseractError, RuntimeError, OSError) as error:
            raise ReaderCrashedError("Tesseract failed on a page") from error
        return _words(str(table))


def _words(table: str) -> list[Word]:
    """Tesseract's TSV as words; its confidence -1 to 100 becomes 0 to 1."""
    words: list[Word] = []
    lines: dict[tuple[str, ...], int] = {}
    width = height = 1
    for row in table.splitlines()[1:]:
        level, _, block, paragraph, line, _, left, top, wide, high, confidence, text = row.split("\t", 11)
        if level == PAGE_LEVEL:
            width, height = max(1, int(wide)), max(1, int(high))
        if level != WORD_LEVEL or not text.strip():
            continue
        x0, y0, x1, y1 = int(left), int(top), int(left) + int(wide), int(top) + int(high)
        box = Box(round(x0 / width, 5), round(y0 / height, 5), round(x1 / width, 5), round(y1 / height, 5))
        number = lines.setdefault((block, paragraph, line), len(lines))
        words.append(Word(text.strip(), box, round(max(0.0, float(confidence)) / 100, 3), number))
    return words
