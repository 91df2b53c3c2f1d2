"""Words with boxes from a PDF page's own text, through pdfium's characters.

Words end only at the white space that pdfium itself finds or inserts: splitting on gaps as well cuts 10 to 26 % of words in
two. Boxes use the font's ascent and descent, so that words of one line have one height.
"""

from __future__ import annotations

import ctypes
import math
from collections import Counter
from dataclasses import dataclass, field

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from reading.limits import Limits
from schemas.errors import LimitExceededError
from schemas.reading import Box, Word

LINE_ENDS = (0x0A, 0x0D)
HYPHEN = 0x02  # pdfium's mark for a hyphen at a line's end
ANGLE_STEP = 16  # every how many characters the direction of the text is looked at


@dataclass(frozen=True)
class TextLayer:
    """Words in the frame of the upright page, the clockwise turn (0, 90, 180, 270) that it takes beyond the page's own
    /Rotate, and how many characters have no meaning (unmapped, private use, control)."""

    words: list[Word]
    rotation: int
    characters: int
    meaningless: int


@dataclass
class _Span:
    """A word in the making, in page units with the origin at the bottom left."""

    line: int
    letters: list[str] = field(default_factory=list)
    left: float = math.inf
    bottom: float = math.inf
    right: float = -math.inf
    top: float = -math.inf


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
        spans, meaningless = _spans(textpage, count)
        turn = _direction(textpage, count, page.get_rotation())
    finally:
        textpage.close()
    frame = _Frame.of(page, turn)
    words = [word for span in spans if (word := frame.word(span)) is not None]
    return TextLayer(words, (turn - page.get_rotation()) % 360, sum(len(s.letters) for s in spans), meaningless)


def _spans(textpage: pdfium.PdfTextPage, count: int) -> tuple[list[_Span], int]:
    """The words as pdfium splits them; and the number of meaningless characters. The hot loop: 1 to 2 us a character."""
    unicode_of, box_of = raw.FPDFText_GetUnicode, raw.FPDFText_GetLooseCharBox
    handle = textpage.raw
    rectangle = raw.FS_RECTF()
    pointer = ctypes.byref(rectangle)
    spans: list[_Span] = []
    span: _Span | None = None
    line = meaningless = 0
    for index in range(count):
        code = unicode_of(handle, index)
        letter = "-" if code == HYPHEN else chr(code) if 0x20 <= code < 0x110000 else ""
        if not letter or letter.isspace():
            line += code == LINE_ENDS[0]
            meaningless += not letter and code not in (0, 9, *LINE_ENDS)
            span = None
            continue
        meaningless += 0xE000 <= code <= 0xF8FF or code == 0xFFFD or 0x7F <= code < 0xA0
        if not box_of(handle, index, pointer):
            continue
        if span is None:
            span = _Span(line)
            spans.append(span)
        span.letters.append(letter)
        span.left, span.right = min(span.left, rectangle.left), max(span.right, rectangle.right)
        span.bottom, span.top = min(span.bottom, rectangle.bottom), max(span.top, rectangle.top)
    return spans, meaningless


def _direction(textpage: pdfium.PdfTextPage, count: int, default: int) -> int:
    """The clockwise quarter turn that brings most of the text upright, seen from the page's own axes (before /Rotate)."""
    angles: Counter[int] = Counter()
    for index in range(0, count, ANGLE_STEP):
        angle = raw.FPDFText_GetCharAngle(textpage, index)
        if angle >= 0 and raw.FPDFText_GetUnicode(textpage, index) > 0x20:
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

    def word(self, span: _Span) -> Word | None:
        """None for what stands outside the visible page."""
        x0, x1 = (span.left - self.left) / self.width, (span.right - self.left) / self.width
        y0, y1 = 1 - (span.top - self.bottom) / self.height, 1 - (span.bottom - self.bottom) / self.height
        if x1 <= 0 or y1 <= 0 or x0 >= 1 or y0 >= 1:
            return None
        box = turned(Box(max(x0, 0.0), max(y0, 0.0), min(x1, 1.0), min(y1, 1.0)), self.turn)
        return Word(_text(span.letters), Box(*(round(share, 5) for share in box)), 1.0, span.line)


def _text(letters: list[str]) -> str:
    """Joined; pdfium gives letters beyond the basic plane as two halves."""
    text = "".join(letters)
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


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
