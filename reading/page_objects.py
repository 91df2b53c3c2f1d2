"""What a PDF page is made of, without drawing it: how much of it pictures cover, and whether its text is hidden."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

import pypdfium2 as pdfium
import pypdfium2.raw as raw

MOST_OBJECTS = 3000
HIDDEN = 3  # text render mode: neither fill nor stroke
LEAST_COVERAGE = 0.02
FEW_DRAWINGS = 20  # letters drawn as curves are many more
GROUP = 20  # a group of objects may hold a whole page
SCANNED = 0.7  # share of a page that a scan covers at least


@dataclass(frozen=True)
class PageObjects:
    """`coverage`: share of the page under pictures (0 to 1, overlaps counted once at most); `hidden`: share of the text
    objects that are invisible; `texts` and `drawings`: how many text objects, and lines, curves, shades and groups."""

    coverage: float
    hidden: float
    texts: int
    drawings: int

    @property
    def scanned(self) -> bool:
        return self.coverage >= SCANNED

    @property
    def old_scan(self) -> bool:
        """A scan with the text of an earlier OCR behind it."""
        return self.scanned and self.hidden >= 0.5

    @property
    def only_text(self) -> bool:
        """Nothing but text, and perhaps a few lines: what the page shows is in its text layer, however short."""
        return self.coverage < LEAST_COVERAGE and self.drawings < FEW_DRAWINGS


def page_objects(page: pdfium.PdfPage) -> PageObjects:
    """Look at the first few thousand objects of a page."""
    left, bottom, right, top = page.get_bbox()
    area = max(1.0, (right - left) * (top - bottom))
    covered, texts, hidden, drawings = 0.0, 0, 0, 0
    for index in range(min(raw.FPDFPage_CountObjects(page), MOST_OBJECTS)):
        item = raw.FPDFPage_GetObject(page, index)
        kind = raw.FPDFPageObj_GetType(item)
        if kind == raw.FPDF_PAGEOBJ_TEXT:
            texts += 1
            hidden += raw.FPDFTextObj_GetTextRenderMode(item) == HIDDEN
        elif kind == raw.FPDF_PAGEOBJ_IMAGE or (kind == raw.FPDF_PAGEOBJ_FORM and _holds_picture(item)):
            covered += _overlap(item, (left, bottom, right, top))
        else:
            drawings += GROUP if kind == raw.FPDF_PAGEOBJ_FORM else 1
    return PageObjects(min(1.0, covered / area), hidden / texts if texts else 0.0, texts, drawings)


def _holds_picture(form: raw.FPDF_PAGEOBJECT) -> bool:
    count = min(raw.FPDFFormObj_CountObjects(form), 50)
    kinds = (raw.FPDFPageObj_GetType(raw.FPDFFormObj_GetObject(form, index)) for index in range(max(count, 0)))
    return any(kind == raw.FPDF_PAGEOBJ_IMAGE for kind in kinds)


def _overlap(item: raw.FPDF_PAGEOBJECT, page: tuple[float, float, float, float]) -> float:
    """Area of the object's box within the page, in square points."""
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    if not raw.FPDFPageObj_GetBounds(item, left, bottom, right, top):
        return 0.0
    width = min(right.value, page[2]) - max(left.value, page[0])
    height = min(top.value, page[3]) - max(bottom.value, page[1])
    return max(0.0, width) * max(0.0, height)
