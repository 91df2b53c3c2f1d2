"""A transcript laid out as pages, so that words have boxes and people see what was read. A `reading.source.Source`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from reading.limits import Limits
from reading.source import Gray, Picture
from reading.transcripts import MEDIA_TYPES, parse_transcript
from schemas.errors import LimitExceededError
from schemas.reading import Box, PageReading, Word
from schemas.reading import Source as WordSource

TITLE = "Contact transcript"
WIDTH, HEIGHT, MARGIN, SIZE, LEADING = 595.0, 842.0, 48.0, 10.0, 15.0  # points
ROWS = int((HEIGHT - 2 * MARGIN) / LEADING)
DRAWN_AT = 2  # pixels a point


class TranscriptFile:
    """A parsed transcript; its words stand where `picture` draws them. `Word.line` is the transcript's line, from 1.

    The title is line 0. Lines are broken at the page's width; their number stays the same.
    """

    def __init__(self, path: Path, media_type: str, limits: Limits) -> None:
        """Raises UnreadableError or LimitExceededError."""
        self.flags: list[str] = []
        lines = [TITLE, *parse_transcript(path.read_bytes(), media_type).lines]
        rows = [(number, row) for number, line in enumerate(lines) for row in _broken(line)]
        self._sheets = [rows[start : start + ROWS] for start in range(0, len(rows), ROWS)]
        if len(self._sheets) > limits.pdf_pages:
            raise LimitExceededError("the transcript has too many pages")

    @property
    def pages(self) -> int:
        return len(self._sheets)

    def close(self) -> None:
        """Nothing is kept open."""

    def size(self, number: int) -> tuple[float, float]:
        return WIDTH, HEIGHT

    def gray(self, number: int) -> Gray:
        return np.asarray(self._drawn(number))

    def picture(self, number: int, width_px: int) -> Picture:
        height = max(1, round(width_px * HEIGHT / WIDTH))
        return np.asarray(cv2.resize(self.gray(number), (width_px, height), interpolation=cv2.INTER_AREA))

    def read(self, number: int) -> PageReading:
        """The page's words, each where it is drawn."""
        words = [word for at, (line, row) in enumerate(self._sheets[number - 1]) for word in _words(at, line, row)]
        return PageReading(number=number, width=WIDTH, height=HEIGHT, source=WordSource.TEXT_LAYER, words=words)

    def _drawn(self, number: int) -> Image.Image:
        sheet = Image.new("L", (round(WIDTH * DRAWN_AT), round(HEIGHT * DRAWN_AT)), 255)
        pen = ImageDraw.Draw(sheet)
        for at, (_, row) in enumerate(self._sheets[number - 1]):
            left = MARGIN
            for word in row.split():
                place = (left * DRAWN_AT, (MARGIN + at * LEADING) * DRAWN_AT)
                pen.text(place, word, fill=20, font=_font())
                left += _width(f"{word} ")
        return sheet


def is_transcript(media_type: str) -> bool:
    """Whether `TranscriptFile` reads it."""
    return media_type in MEDIA_TYPES.values()


@cache
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(SIZE * DRAWN_AT)


def _width(text: str) -> float:
    """In points."""
    return float(_font().getlength(text)) / DRAWN_AT


def _broken(line: str) -> list[str]:
    """A line as rows that fit the page; a word that is wider than the page is cut."""
    rows, row, used, room = [], list[str](), 0.0, WIDTH - 2 * MARGIN
    for word in (part for whole in line.split() for part in _cut(whole)):
        width = _width(f"{word} ")
        if row and used + width > room:
            rows.append(" ".join(row))
            row, used = [], 0.0
        row.append(word)
        used += width
    return [*rows, " ".join(row)]


def _cut(word: str) -> list[str]:
    return [word[at : at + 50] for at in range(0, len(word), 50)]


def _words(at: int, line: int, row: str) -> list[Word]:
    found, left, top = [], MARGIN, MARGIN + at * LEADING
    for word in row.split():
        right = left + _width(word)
        box = Box(left / WIDTH, top / HEIGHT, min(right / WIDTH, 1.0), (top + SIZE * 1.3) / HEIGHT)
        found.append(Word(word, box, 1.0, line))
        left += _width(f"{word} ")
    return found
