"""Which engine a profile reads with. A process loads only what it is asked for, once."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from reading.limits import Limits
from reading.protocol import Reader
from schemas.errors import SettingsError

if TYPE_CHECKING:
    from reading.ppocr import PPOCRReader
    from reading.tesseract import TesseractReader

PAGE_SHARE = 0.8  # of a job's time: Tesseract gives up a page before the owner of this process gives up the process


def engine(profile: str, languages: tuple[str, ...], folder: Path, limits: Limits) -> Reader:
    """The engine of a profile: `fast`, `accurate`, or `double` (reads as `accurate`; chosen values are then read again).

    Raises:
        SettingsError: no such profile, or its engine is not installed.
    """
    if profile == "fast":
        return tesseract(languages, folder, limits)
    if profile in ("accurate", "double"):
        return ppocr()
    raise SettingsError(f"there is no reading profile named {profile}")


@cache
def tesseract(languages: tuple[str, ...], folder: Path, limits: Limits) -> TesseractReader:
    """Tesseract for some languages (ISO 639-1). Errors as `engine`."""
    from reading.tesseract import TesseractReader

    return TesseractReader(languages, PAGE_SHARE * limits.job_seconds, folder)


@cache
def ppocr() -> PPOCRReader:
    """PP-OCR. Errors as `engine`."""
    from reading.ppocr import PPOCRReader

    return PPOCRReader()
