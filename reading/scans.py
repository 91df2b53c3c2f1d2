"""Read a page's picture: clean it, read it, and look again where the result looks wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from reading.cleanup import (
    even_light,
    ink,
    is_blank,
    lines_run_down,
    skew_of,
    small_copy,
)
from reading.codes import find_codes
from reading.frame import Corners, Frame, flatten, straighten, turn
from reading.outline import paper_outline
from reading.protocol import Layout, Reader
from reading.source import Gray
from schemas.reading import Code, Word

NARROW = 1.6  # the inked part of a receipt is at least so many times as high as wide
BAND = 4  # a fourth of the page is enough to see whether another turn reads better
CLEARLY, A_WORD = 1.5, 5.0  # what the turned band must read more: a real page on its head reads many times as much
LONG_WORD, FEW_WORDS = 4, 5  # letters that make a word wider than high, and how many such words tell how a page lies
LEAST_PIXELS = 20  # of either side


@dataclass(frozen=True)
class Prepared:
    """A page ready for OCR: its picture, not straightened yet, what makes it upright, and how its text stands."""

    image: Gray
    frame: Frame
    layout: Layout

    @property
    def upright(self) -> Gray:
        """The picture, straightened."""
        return straighten(self.image, self.frame.skew)


@dataclass(frozen=True)
class ScanReading:
    """Words and codes in the upright frame; none for a blank page."""

    words: list[Word]
    frame: Frame
    quality: float
    codes: list[Code]


def prepare_scan(page: Gray, rotation: int | None = None) -> Prepared | None:
    """Clean a page for the first reading; None when it is blank, or too small to hold a word. `rotation`: as a person set it."""
    if min(page.shape) < LEAST_PIXELS:
        return None
    small = small_copy(page)
    outline = paper_outline(small)
    if outline:
        page, small = flatten(page, outline), flatten(small, outline)
    even = even_light(page, small)
    marks = ink(small if even is page else small_copy(even))
    if is_blank(marks):
        return None
    if rotation is None:
        rotation = 90 if lines_run_down(marks) else 0
    marks = turn(marks, rotation)
    frame = Frame(rotation, skew_of(marks), outline)
    return Prepared(turn(even, rotation), frame, _layout(_straight(marks, frame.skew), outline))


def read_scan(page: Gray, reader: Reader, most_pixels: int, rotation: int | None = None) -> ScanReading:
    """Read a page's picture. A doubtful result is compared with the page turned by 180 degrees, on a band first; not where a
    person set the `rotation`.

    Raises:
        ReaderCrashedError: the engine failed.
    """
    prepared = prepare_scan(page, rotation)
    if prepared is None:
        return ScanReading([], Frame(rotation or 0), 1.0, [])
    picture, image, skew, words = _read(prepared, reader, most_pixels)
    if rotation is None and _run_down(words, image):
        prepared = prepare_scan(page, 90 - prepared.frame.rotation) or prepared
        picture, image, skew, words = _read(prepared, reader, most_pixels)
    frame, layout = prepared.frame, prepared.layout
    doubtful = rotation is None and quality_of(words) < reader.doubtful
    if doubtful and _better_upside_down(image, layout, words, reader):
        again = reader.read_page(turn(image, 180), layout, skew)
        if _score(again) > _score(words):
            words, frame = again, replace(frame, rotation=(frame.rotation + 180) % 360)
    codes = find_codes(turn(picture, (frame.rotation - prepared.frame.rotation) % 360), skew)
    return ScanReading(words, frame, quality_of(words), codes)


def _read(prepared: Prepared, reader: Reader, most_pixels: int) -> tuple[Gray, Gray, float, list[Word]]:
    """The page's picture, the size of it that was read, the skew that was left in both, and the words."""
    skew = prepared.frame.skew if abs(prepared.frame.skew) <= reader.steady else 0.0
    picture = prepared.image if skew else prepared.upright
    image = reader.suited(picture, most_pixels)
    return picture, image, skew, reader.read_page(image, prepared.layout, skew)


def _run_down(words: list[Word], image: Gray) -> bool:
    """Whether the words stand on their side. Sparse marks and rules can fool `lines_run_down`; words that were read do not."""
    height, width = image.shape
    long = [word.box for word in words if len(word.text) >= LONG_WORD]
    down = sum(box.height * height > box.width * width for box in long)
    return len(long) >= FEW_WORDS and down > len(long) / 2


def quality_of(words: list[Word]) -> float:
    """Mean confidence, weighted by length; 0 without words."""
    letters = sum(len(word.text) for word in words)
    return round(sum(word.confidence * len(word.text) for word in words) / letters, 3) if letters else 0.0


def _better_upside_down(image: Gray, layout: Layout, words: list[Word], reader: Reader) -> bool:
    """Whether the band with the most ink reads better turned by 180 degrees than it did."""
    height = image.shape[0]
    dark = (255 - image).sum(axis=1, dtype=np.int64)
    step = max(1, height // BAND)
    start = max(range(0, height - step + 1, max(1, step // 2)), key=lambda top: int(dark[top : top + step].sum()))
    so_far = [word for word in words if start <= word.box.middle[1] * height < start + step]
    turned = reader.read_page(turn(image[start : start + step], 180), layout)
    return _score(turned) > CLEARLY * _score(so_far) + A_WORD


def _score(words: list[Word]) -> float:
    """How much was read: letters and digits, weighted by how sure the engine is beyond a coin's toss."""
    return sum(max(0.0, w.confidence - 0.5) * sum(c.isalnum() for c in w.text) for w in words if len(w.text) > 1)


def _straight(marks: Gray, skew: float) -> Gray:
    """Ink marks (0 or 1) rotated like the page."""
    return (straighten(255 * (1 - marks), skew) < 128).astype(np.uint8)


def _layout(marks: Gray, outline: Corners | None) -> Layout:
    """A narrow column of ink is read as one block, and so is a photographed sheet: mostly a receipt."""
    rows, columns = np.flatnonzero(marks.any(axis=1)), np.flatnonzero(marks.sum(axis=0) > 2)
    if not rows.size or not columns.size:
        return Layout.PAGE
    height, width = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
    return Layout.COLUMN if outline or height >= NARROW * width else Layout.PAGE
