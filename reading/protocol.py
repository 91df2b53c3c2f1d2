"""What an OCR engine must offer to be a reader here; `reading.engines` knows those that do."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from reading.source import Gray
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

    @property
    def checks_text_layers(self) -> bool:
        """Whether it reads well enough to tell a bad text layer over a scan from a good one."""
        ...

    @property
    def doubtful(self) -> float:
        """Mean confidence below which a page may stand on its head."""
        ...

    @property
    def steady(self) -> float:
        """Degrees of skew up to which it reads a page better as it is than straightened."""
        ...

    def suited(self, page: Gray, most_pixels: int) -> Gray:
        """An upright page as this engine likes it; the frame stays, the size may change."""
        ...

    def read_page(self, page: Gray, layout: Layout, skew: float = 0.0) -> list[Word]:
        """Words of a suited page in reading order, with boxes as shares of the picture straightened by `skew` degrees
        (`reading.frame.straighten`; at most `steady`).

        Raises:
            ReaderCrashedError: the engine failed or took too long.
        """
        ...
