"""What a reader saw: pages, words with boxes, tables.

Boxes are `(x0, y0, x1, y1)` in shares of the page's upright width and height (0 to 1, origin top left), so that they fit
any rendering of the page. A reading is plain data: it travels as JSON from the reader process and into the cache.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict


class Box(NamedTuple):
    """A rectangle in shares of the upright page: left, top, right, bottom; 0 to 1."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def middle(self) -> tuple[float, float]:
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2


def union(boxes: list[Box]) -> Box:
    """The smallest box around one or more boxes."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return Box(min(lefts), min(tops), max(rights), max(bottoms))


class Word(NamedTuple):
    """One word as read: text, box, confidence 0 to 1 (1 for a text layer), and the reader's line number on the page."""

    text: str
    box: Box
    confidence: float = 1.0
    line: int = 0


class Source(StrEnum):
    """How a page's words were got."""

    TEXT_LAYER = "text_layer"
    OCR = "ocr"
    NONE = "none"  # a blank page


class Table(BaseModel):
    """A table found by its rules or its columns: `rows[r][c]` is cell text, `boxes[r][c]` its box or None."""

    model_config = ConfigDict(frozen=True)

    page: int
    box: Box
    rows: list[list[str]]
    boxes: list[list[Box | None]]


class Code(NamedTuple):
    """A barcode or QR code on a page: what it says, its format ("QRCode", "Code128", …), and its box."""

    text: str
    format: str
    box: Box


class Reread(BaseModel):
    """A crop of a page read once more: by which reader, in which variation of the picture, and how sure (0 to 1)."""

    model_config = ConfigDict(frozen=True)

    reader: str
    variation: str
    text: str
    confidence: float


class SecondLook(BaseModel):
    """One place of a page read again, and what each variation read there; box in shares of the page."""

    model_config = ConfigDict(frozen=True)

    page: int
    box: Box
    rereads: list[Reread]


class PageReading(BaseModel):
    """One page: number from 1, upright size in points (1/72 inch), source, and words in reading order.

    What the reader did to the stored page to make it upright, in this order: for a photographed sheet, it flattened what lies
    inside `outline` (four corners in shares of the stored page: top left, then clockwise); it turned it clockwise by
    `rotation` (0, 90, 180, 270) and rotated it clockwise by the angle `skew` in degrees. `quality` (0 to 1) is the mean word
    confidence; `notes` are reason codes such as BAD_TEXT_LAYER or BLANK; `codes` are looked for on pictures only.
    """

    model_config = ConfigDict(frozen=True)

    number: int
    width: float
    height: float
    source: Source
    words: list[Word]
    rotation: int = 0
    skew: float = 0.0
    outline: tuple[tuple[float, float], ...] | None = None
    quality: float = 1.0
    notes: list[str] = []
    codes: list[Code] = []


class Reading(BaseModel):
    """What one reader saw of one byte stream. `reader` names engine and version: the cache key beside the content hash."""

    model_config = ConfigDict(frozen=True)

    reader: str
    pages: list[PageReading]
    tables: list[Table] | None = None  # None: not looked for yet
    flags: list[str] = []  # facts about the file: RESTRICTED, SIGNED, ACTIVE_CONTENT, DAMAGED_REPAIRED

    @property
    def text(self) -> str:
        """All words, page after page; for classification, never for logs."""
        return "\n".join(" ".join(w.text for w in page.words) for page in self.pages)
