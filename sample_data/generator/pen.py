"""A pen that draws a PDF and keeps the truth: a value is labelled at the moment it is printed, and only then.

Positions and lengths are millimetres from the top left corner; a text's y is its base line.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import NamedTuple

from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

Colour = tuple[float, float, float]
BLACK: Colour = (0.0, 0.0, 0.0)
GREY: Colour = (0.45, 0.45, 0.45)
A4 = (210.0, 297.0)
_FONT_FOLDER = Path("/usr/share/fonts/truetype")
_FONTS = {  # family -> upright and bold; file names are looked up, others are built into every PDF reader
    "sans": ("Helvetica", "Helvetica-Bold"),
    "serif": ("Times-Roman", "Times-Bold"),
    "mono": ("Courier", "Courier-Bold"),
    "narrow": ("liberation/LiberationSansNarrow-Regular.ttf", "liberation/LiberationSansNarrow-Bold.ttf"),
    "liberation": ("liberation/LiberationSans-Regular.ttf", "liberation/LiberationSans-Bold.ttf"),
    "book": ("liberation/LiberationSerif-Regular.ttf", "liberation/LiberationSerif-Bold.ttf"),
    "dejavu": ("dejavu/DejaVuSansCondensed.ttf", "dejavu/DejaVuSansCondensed-Bold.ttf"),
    "slab": ("dejavu/DejaVuSerif.ttf", "dejavu/DejaVuSerif-Bold.ttf"),
    "till": ("dejavu/DejaVuSansMono.ttf", "dejavu/DejaVuSansMono-Bold.ttf"),
}


class Cell(NamedTuple):
    """Where a table's value is labelled."""

    table: str
    row: int
    column: str


Tag = str | Cell | None


@dataclass
class Truth:
    """What a document says: header fields and table rows, as printed."""

    fields: dict[str, str] = field(default_factory=dict)
    tables: dict[str, dict[int, dict[str, str]]] = field(default_factory=dict)

    def note(self, tag: Tag, text: str) -> None:
        """Keep a printed value; what is printed twice is kept as first printed."""
        if isinstance(tag, Cell):
            self.tables.setdefault(tag.table, {}).setdefault(tag.row, {}).setdefault(tag.column, text)
        elif tag:
            self.fields.setdefault(tag, text)

    def rows(self, table: str) -> list[dict[str, str]]:
        """A table's rows in their order."""
        kept = self.tables.get(table, {})
        return [kept[row] for row in sorted(kept)]


@cache
def font_name(family: str, bold: bool) -> str:
    """The registered name of a font; Helvetica where a free font is not installed."""
    name = _FONTS[family][bold]
    if not name.endswith(".ttf"):
        return name
    path = _FONT_FOLDER / name
    if not path.exists():
        return _FONTS["sans"][bold]
    pdfmetrics.registerFont(TTFont(path.stem, str(path)))
    return path.stem


class Pen:
    """Draws one document. `truth` holds what was printed."""

    def __init__(self, family: str = "sans", size: float = 9.5, page: tuple[float, float] = A4) -> None:
        self.family, self.size = family, size
        self.width, self.height = page
        self.truth = Truth()
        self.pages = 1
        self._buffer = io.BytesIO()
        self._canvas = Canvas(self._buffer, pagesize=(page[0] * mm, page[1] * mm), invariant=1)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        tag: Tag = None,
        *,
        size: float | None = None,
        bold: bool = False,
        align: str = "left",
        colour: Colour = BLACK,
        value: str | None = None,
    ) -> float:
        """Print a text and return its width; `value` is the labelled part of the text where that is not all of it."""
        self.truth.note(tag, text if value is None else value)
        width = self.measure(text, size=size, bold=bold)
        left = {"left": x, "right": x - width, "centre": x - width / 2}[align]
        self._canvas.setFont(font_name(self.family, bold), size or self.size)
        self._canvas.setFillColorRGB(*colour)
        self._canvas.drawString(left * mm, (self.height - y) * mm, text)
        return width

    def run(
        self, x: float, y: float, parts: Sequence[tuple[str, Tag]], *, size: float | None = None, bold: bool = False
    ) -> float:
        """Print parts one after the other on one line, each with its tag; returns the whole width."""
        width = 0.0
        for text, tag in parts:
            width += self.text(x + width, y, text, tag, size=size, bold=bold)
        return width

    def measure(self, text: str, *, size: float | None = None, bold: bool = False) -> float:
        """How wide a text is."""
        return float(pdfmetrics.stringWidth(text, font_name(self.family, bold), size or self.size)) / mm

    def wrap(self, text: str, width: float, *, size: float | None = None) -> list[str]:
        """A text in lines that fit."""
        lines, line = [], ""
        for each in text.split():
            longer = f"{line} {each}".strip()
            if line and self.measure(longer, size=size) > width:
                lines.append(line)
                longer = each
            line = longer
        return [*lines, line]

    def rule(
        self,
        x1: float,
        y1: float,
        x2: float,
        y2: float,
        *,
        weight: float = 0.5,
        colour: Colour = BLACK,
        dots: bool = False,
    ) -> None:
        """A straight line, `weight` in points."""
        self._canvas.setLineWidth(weight)
        self._canvas.setStrokeColorRGB(*colour)
        self._canvas.setDash(1 if dots else [], 2 if dots else 0)
        self._canvas.line(x1 * mm, (self.height - y1) * mm, x2 * mm, (self.height - y2) * mm)
        self._canvas.setDash([], 0)

    def box(
        self, x: float, y: float, width: float, height: float, *, fill: Colour | None = None, weight: float = 0.5
    ) -> None:
        """A rectangle from its top left corner, outlined unless it is filled."""
        self._canvas.setLineWidth(weight)
        self._canvas.setStrokeColorRGB(*BLACK)
        if fill:
            self._canvas.setFillColorRGB(*fill)
        self._canvas.rect(
            x * mm, (self.height - y - height) * mm, width * mm, height * mm, stroke=int(not fill), fill=int(bool(fill))
        )

    def disc(self, x: float, y: float, radius: float, fill: Colour) -> None:
        """A filled circle around x, y."""
        self._canvas.setFillColorRGB(*fill)
        self._canvas.circle(x * mm, (self.height - y) * mm, radius * mm, stroke=0, fill=1)

    def turn_page(self) -> None:
        """Go on on a new page."""
        self._canvas.showPage()
        self.pages += 1

    def finish(self) -> bytes:
        """The PDF."""
        self._canvas.showPage()
        self._canvas.save()
        return self._buffer.getvalue()
