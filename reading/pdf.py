"""PDF files through pdfium: opened, repaired once where damaged, and drawn."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import pypdfium2 as pdfium
import pypdfium2.raw as raw

from reading.limits import Limits
from reading.source import DPI, Gray, Picture
from schemas.errors import DocumentError, LimitExceededError, NeedsPasswordError, UnreadableError

PASSWORD = 4  # FPDF_ERR_PASSWORD
TAIL = 4096


class PdfFile:
    """An open PDF. A `reading.source.Source`; `page` gives the pdfium page for its text."""

    def __init__(self, path: Path, limits: Limits) -> None:
        """
        Raises:
            NeedsPasswordError: it opens only with a password.
            UnreadableError: damaged beyond repair.
            LimitExceededError: too many pages.
        """
        self.flags: list[str] = []
        self._limits = limits
        self.document = self._open(path)
        if len(self.document) > limits.pdf_pages:
            raise LimitExceededError("too many pages", reason="PDF_RESOURCE_LIMIT")
        with contextlib.suppress(pdfium.PdfiumError):
            self.document.init_forms()
        if raw.FPDF_GetSecurityHandlerRevision(self.document) != -1:
            self.flags.append("RESTRICTED")

    @property
    def pages(self) -> int:
        return len(self.document)

    def close(self) -> None:
        self.document.close()

    @contextmanager
    def page(self, number: int) -> Iterator[pdfium.PdfPage]:
        """A page with its form fields and stamps drawn into its content, so that their text is found.

        Raises:
            UnreadableError: this page cannot be loaded.
        """
        try:
            page = self.document[number - 1]
            if self.document.formenv and raw.FPDFPage_GetAnnotCount(page) > 0:
                with contextlib.suppress(pdfium.PdfiumError):
                    page.flatten()
                page.close()
                page = self.document[number - 1]
        except (pdfium.PdfiumError, IndexError) as error:
            raise UnreadableError("the page cannot be loaded", reason="PAGE_UNREADABLE") from error
        try:
            yield page
        finally:
            page.close()

    def size(self, number: int) -> tuple[float, float]:
        with self.page(number) as page:
            return page_size(page)

    def gray(self, number: int) -> Gray:
        with self.page(number) as page:
            return self.draw(page, DPI / 72, gray=True)

    def picture(self, number: int, width_px: int) -> Picture:
        with self.page(number) as page:
            return self.draw(page, width_px / page_size(page)[0], gray=False)

    def draw(self, page: pdfium.PdfPage, scale: float, *, gray: bool) -> Picture:
        """Draw a page at `scale` pixels per point, less where a side or the area would be too large."""
        width, height = page_size(page)
        scale = min(scale, self._limits.side_pixels / max(width, height))
        try:
            bitmap = page.render(scale=scale)  # in colour: pdfium's own gray takes three times as long on scans
        except (pdfium.PdfiumError, MemoryError) as error:
            raise UnreadableError("the page cannot be drawn", reason="PAGE_UNREADABLE") from error
        pixels = bitmap.to_numpy()
        drawn = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY) if gray else pixels.copy()
        bitmap.close()
        return np.asarray(drawn, dtype=np.uint8)

    def _open(self, path: Path) -> pdfium.PdfDocument:
        try:
            document = _load(path)
            if not _has_end(path):
                self.flags.append("DAMAGED_REPAIRED")  # pdfium has rebuilt the table of contents by itself
            return document
        except NeedsPasswordError:
            raise
        except DocumentError:
            document = _load(_repaired(path))
            self.flags.append("DAMAGED_REPAIRED")
            return document


def page_size(page: pdfium.PdfPage) -> tuple[float, float]:
    """Upright width and height in points; a page without a usable size counts as A4."""
    width, height = page.get_size()
    return (width, height) if width >= 1 and height >= 1 else (595.0, 842.0)


def _load(path: Path) -> pdfium.PdfDocument:
    try:
        document = pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        if error.err_code == PASSWORD:
            raise NeedsPasswordError() from error
        raise UnreadableError("the PDF cannot be opened") from error
    if len(document) < 1:
        document.close()
        raise UnreadableError("the PDF has no pages")
    return document


def _has_end(path: Path) -> bool:
    """Whether the file ends as a PDF does. A cut-off file does not."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL))
        tail = file.read()
    return b"startxref" in tail and b"%%EOF" in tail


def _repaired(path: Path) -> Path:
    """A copy rebuilt by qpdf, beside the original."""
    target = path.with_name("repaired.pdf")
    try:
        with pikepdf.open(path) as document:
            document.save(target)
    except pikepdf.PasswordError as error:
        raise NeedsPasswordError() from error
    except (pikepdf.PdfError, OSError, ValueError, RuntimeError, TypeError) as error:
        raise UnreadableError("the PDF is damaged beyond repair") from error
    return target
