"""Words with boxes from a PDF page's own text, through pdfium's characters.

Words end only at the white space that pdfium itself finds or inserts: splitting on gaps as well cuts 10 to 26 % of words in
two. Boxes use the font's ascent and descent, so that words of one line have one height.
"""

from __future__ import annotations

import ctypes
import math
import re
import sys
from collections import Counter
from dataclasses import dataclass

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from reading.limits import Limits
from schemas.errors import LimitExceededError
from schemas.reading import Box, Word

HYPHEN = "\x02"  # pdfium's mark for a hyphen at a line's end
WORD = re.compile(r"[^\s\x00-\x1f]+")
MEANINGLESS = re.compile("[\x03-\x08\x0e-\x1f\x7f-\x9f\ue000-\uf8ff\ufffd]")  # control, private use, unmapped
ANGLE_STEP = 16  # every how many characters the direction of the text is looked at


@dataclass(frozen=True)
class TextLayer:
    """Words in the frame of the upright page, the clockwise turn (0, 90, 180, 270) that it takes beyond the page's own
    /Rotate, and how many characters there are and how many of them have no meaning."""

    words: list[Word]
    rotation: int
    characters: int
    meaningless: int


def text_layer(page: pdfium.PdfPage, limits: Limits) -> TextLayer:
    """All words of a page.

    Raises:
        LimitExceededError: more characters than any page has.
    """
    textpage = page.get_textpage()
    try:
        count = raw.FPDFText_CountChars(textpage)
        if count > limits.characters_per_page:
            raise LimitExceededError("too many characters on a page")
        text = _characters(textpage, count)
        turn = _direction(textpage, text, page.get_rotation())
        words = _words(textpage, text, _Frame.of(page, turn))
    finally:
        textpage.close()
    meaningless = len(MEANINGLESS.findall(text))
    return TextLayer(words, (turn - page.get_rotation()) % 360, sum(len(w.text) for w in words), meaningless)


def _characters(textpage: pdfium.PdfTextPage, count: int) -> str:
    """One letter for each of pdfium's characters, so that the positions agree."""
    unicode_of, handle = raw.FPDFText_GetUnicode, textpage.raw
    codes = [unicode_of(handle, index) for index in range(count)]
    return "".join([chr(code) if code <= sys.maxunicode else "\ufffd" for code in codes]).replace(HYPHEN, "-")


def _words(textpage: pdfium.PdfTextPage, text: str, frame: _Frame) -> list[Word]:
    """The words as pdfium splits them. A word's box spans those of its first and last letter."""
    words: list[Word] = []
    line = end = 0
    for match in WORD.finditer(text):
        line += text.count("\n", end, match.start())
        end = match.end()
        first, last = _letter_box(textpage, match.start()), _letter_box(textpage, end - 1)
        box = frame.box(
            min(first.left, last.left),
            min(first.bottom, last.bottom),
            max(first.right, last.right),
            max(first.top, last.top),
        )
        if box is not None:
            words.append(Word(_whole(match.group()), box, 1.0, line))
    return words


def _letter_box(textpage: pdfium.PdfTextPage, index: int) -> raw.FS_RECTF:
    """In page units; empty at the origin where pdfium knows none."""
    box = raw.FS_RECTF()
    raw.FPDFText_GetLooseCharBox(textpage.raw, index, ctypes.byref(box))
    return box


def _whole(text: str) -> str:
    """pdfium gives letters beyond the basic plane as two halves."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _direction(textpage: pdfium.PdfTextPage, text: str, default: int) -> int:
    """The clockwise quarter turn that brings most of the text upright, seen from the page's own axes (before /Rotate)."""
    angles: Counter[int] = Counter()
    for index in range(0, len(text), ANGLE_STEP):
        angle = raw.FPDFText_GetCharAngle(textpage, index)
        if angle >= 0 and not text[index].isspace():
            angles[-round(math.degrees(angle) / 90) % 4 * 90] += 1  # pdfium counts clockwise
    return angles.most_common(1)[0][0] if angles else default


@dataclass(frozen=True)
class _Frame:
    """From page units (origin bottom left, before any turn) to shares of the upright page."""

    left: float
    bottom: float
    width: float
    height: float
    turn: int

    @classmethod
    def of(cls, page: pdfium.PdfPage, turn: int) -> _Frame:
        left, bottom, right, top = page.get_bbox()
        return cls(left, bottom, (right - left) or 595.0, (top - bottom) or 842.0, turn)

    def box(self, left: float, bottom: float, right: float, top: float) -> Box | None:
        """None for what stands outside the visible page."""
        x0, x1 = (left - self.left) / self.width, (right - self.left) / self.width
        y0, y1 = 1 - (top - self.bottom) / self.height, 1 - (bottom - self.bottom) / self.height
        if not (x1 > 0 and y1 > 0 and x0 < 1 and y0 < 1):
            return None
        box = turned(Box(max(x0, 0.0), max(y0, 0.0), min(x1, 1.0), min(y1, 1.0)), self.turn)
        return Box(*[round(share, 5) for share in box])


def turned(box: Box, turn: int) -> Box:
    """Where a box lies after the page was turned clockwise by `turn` degrees (0, 90, 180, 270)."""
    x0, y0, x1, y1 = box
    if turn == 90:
        return Box(1 - y1, x0, 1 - y0, x1)
    if turn == 180:
        return Box(1 - x1, 1 - y1, 1 - x0, 1 - y0)
    if turn == 270:
        return Box(y0, 1 - x1, y1, 1 - x0)
    return box
