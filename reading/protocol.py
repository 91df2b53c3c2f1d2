"""What an OCR engine must offer to be a reader here. A second one is added beside `reading.tesseract`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Protocol

from schemas.reading import Word


class Layout(StrEnum):
    """How the text stands: a page with its own arrangement, or one narrow column as on a till receipt."""

    PAGE = "page"
    COLUMN = "column"


class Reader(Protocol):
    """An OCR engine set up for some languages."""

    @property
    def name(self) -> str:
        """Engine, version and languages: part of the key under which readings are cached."""
        ...

    def read_page(self, image: Path, layout: Layout) -> list[Word]:
        """Words of an upright gray image file (PGM), in reading order, with boxes as shares of the image.

        Raises:
            ReaderCrashedError: the engine failed or took too long.
        """
        ...
