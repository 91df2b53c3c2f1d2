"""A file as a row of page pictures, whatever its format: what PDF and image files have in common for the reader."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from reading.limits import Limits
from schemas.errors import UnsupportedTypeError

Gray = npt.NDArray[np.uint8]  # height x width, 0 black to 255 white
Picture = npt.NDArray[np.uint8]  # gray, or height x width x 3 as BGR
DPI = 200  # enough for OCR: 300 dpi bought no recall at up to 1.4 times the cost


class Source(Protocol):
    """Pages are numbered from 1 and come upright as the file says (PDF /Rotate, EXIF)."""

    flags: list[str]

    @property
    def pages(self) -> int: ...

    def size(self, number: int) -> tuple[float, float]:
        """Width and height in points."""
        ...

    def gray(self, number: int) -> Gray:
        """The page at `DPI`, or smaller where the limits say so."""
        ...

    def picture(self, number: int, width_px: int) -> Picture:
        """The page about `width_px` wide, in colour where it has any."""
        ...


@contextmanager
def open_source(path: Path, media_type: str, limits: Limits) -> Iterator[Source]:
    """Open a PDF, an image file or a transcript.

    Raises:
        DocumentError: it cannot be opened, with the reason.
    """
    # imported here: these import this module for its types
    from reading.images import ImageFile
    from reading.pdf import PdfFile
    from reading.transcript_pages import TranscriptFile, is_transcript

    source: Any
    if media_type == "application/pdf":
        source = PdfFile(path, limits)
    elif media_type.startswith("image/"):
        source = ImageFile(path, limits)
    elif is_transcript(media_type):
        source = TranscriptFile(path, media_type, limits)
    else:
        raise UnsupportedTypeError()
    try:
        yield source
    finally:
        source.close()
