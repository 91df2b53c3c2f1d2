"""Patch codes on a page's picture: four bars, two wide and two narrow, which part the documents of a batch scan.

Kodak, "Patch Code Information for Kodak Scanners" (A-61599, 2006): narrow bars and all gaps are 0.08 inch wide, wide bars 0.20
inch, a code 0.80 inch, and its bars at least 0.75 inch long. Pictures seldom tell their resolution, so widths are compared with
each other. Lines across a small copy of the page, and down it, are taken as runs of dark and light; a code is four fitting bars
with light around them, on as many lines as a bar is long.

Turned by 180 degrees 1 reads as 6, and 3 as T. Sheets therefore carry the code along their edges, to be read from the edge
inwards, and so it is read here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from reading.cleanup import small_copy
from reading.frame import box_around
from reading.source import Gray
from schemas.reading import Code

FORMAT, PREFIX = "PatchCode", "PATCH-"
WIDE_BARS = {
    "1": (0, 1),
    "2": (0, 3),
    "3": (0, 2),
    "4": (1, 2),
    "6": (2, 3),
    "T": (1, 3),
}  # of the four, from the edge on
NARROW, WIDE, WHOLE = 1.0, 2.5, 10.0  # widths in modules, a module being a tenth of the code
MODULE_INCHES = 0.08
DARK = 0.6  # times the paper's brightness
OFF = 0.45  # modules that a width may be off
QUIET = 1.5  # modules of light on both sides; the standard asks for 3
LEAST_MODULE = 3.0  # pixels of the small copy; on a sheet of A4 a module has 5.5
MOST_SHARE = 0.3  # of the picture's longer side
LEAST_LENGTH = 6.0  # modules of a bar's length; the standard's shortest bars have 9.4
STEADY = 0.7  # share of the lines along the bars that show the code
MOST_AT_ONCE = 20  # codes that one line can be part of
MIDDLE = 0.6  # of the way across the page: a code whose middle lies beyond is read from the other edge

Lines = npt.NDArray[np.bool_]  # a line to a row, True for dark
Wide = tuple[int, ...]  # which of the four bars are wide


@dataclass
class _Track:
    """A code on one line after the other: where it lay first and last (line, from, to), and how many lines showed it."""

    wide: Wide
    first: tuple[int, int, int]
    last: tuple[int, int, int]
    seen: int = 1

    def goes_on(self, wide: Wide, line: int, start: int, end: int) -> bool:
        """Whether a finding of a later line is the next step of this code."""
        module = (end - start) / WHOLE
        near = abs(start - self.last[1]) <= module and abs(end - self.last[2]) <= module
        return wide == self.wide and near and line - self.last[0] <= module

    @property
    def whole(self) -> bool:
        """Whether enough lines showed it."""
        lines = self.last[0] - self.first[0] + 1
        return lines >= LEAST_LENGTH * (self.first[2] - self.first[1]) / WHOLE and self.seen >= STEADY * lines


def find_patch_codes(page: Gray, skew: float = 0.0) -> list[Code]:
    """Codes "PATCH-1", -2, -3, -4, -6 and -T, with boxes as shares of the picture straightened by `skew` degrees."""
    small = np.asarray(cv2.medianBlur(small_copy(page), 3), dtype=np.uint8)  # without specks
    dark = small < DARK * np.median(small)
    codes = []
    for lines, swapped in ((dark, False), (dark.T, True)):
        for track in _tracks(lines):
            name = _name(track, lines.shape[1])
            corners = [(at, line) for line, *ends in (track.first, track.last) for at in ends]
            points = np.array([corner[::-1] if swapped else corner for corner in corners], dtype=np.float32)
            codes.append(Code(PREFIX + name, FORMAT, box_around(points, small.shape, skew)))
    return codes


def _name(track: _Track, width: int) -> str:
    """What the code is called, read from the nearest edge inwards; from the first edge on where it lies in the middle."""
    middle = (track.first[1] + track.first[2]) / 2
    wide = tuple(sorted(3 - bar for bar in track.wide)) if middle > MIDDLE * width else track.wide
    return next(name for name, bars in WIDE_BARS.items() if bars == wide)


def _tracks(lines: Lines) -> list[_Track]:
    """Codes that enough lines show."""
    tracks: list[_Track] = []
    for wide, line, start, end in _findings(lines):
        track = next((track for track in tracks[-MOST_AT_ONCE:] if track.goes_on(wide, line, start, end)), None)
        if track is None:
            tracks.append(_Track(wide, (line, start, end), (line, start, end)))
        else:
            track.last, track.seen = (line, start, end), track.seen + 1
    return [track for track in tracks if track.whole]


def _findings(lines: Lines) -> Iterator[tuple[Wide, int, int, int]]:
    """Each place on a line that looks like a code: its wide bars, the line, where it starts and where it ends."""
    width = lines.shape[1] + 2
    flat = np.pad(lines, ((0, 0), (1, 1))).ravel()  # lines end light, so that no bar goes on in the next one
    edges = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    starts, ends = edges[0::2], edges[1::2]
    if len(starts) < 4:
        return
    module = (ends[3:] - starts[:-3]) / WHOLE
    bars = [(ends - starts)[bar : len(starts) - 3 + bar] / module for bar in range(4)]
    spaces = starts[1:] - ends[:-1]
    gaps = [spaces[gap : len(starts) - 3 + gap] / module for gap in range(3)]
    around = np.concatenate([[width], spaces, [width]])
    fits = _fit(bars, gaps) & (np.minimum(around[:-4], around[4:]) >= QUIET * module)
    fits &= (module >= LEAST_MODULE) & (module * WHOLE <= MOST_SHARE * max(lines.shape))
    fits &= starts[:-3] // width == ends[3:] // width
    for at in map(int, np.flatnonzero(fits)):
        wide = tuple(bar for bar in range(4) if bars[bar][at] > (NARROW + WIDE) / 2)
        line = int(starts[at]) // width
        yield wide, line, int(starts[at]) % width - 1, int(ends[at + 3]) % width - 1


def _fit(bars: Sequence[npt.NDArray[np.float64]], gaps: Sequence[npt.NDArray[np.float64]]) -> npt.NDArray[np.bool_]:
    """Where gaps are narrow, and two of the bars narrow and two wide; widths in modules."""
    fits = np.all([np.abs(gap - NARROW) <= OFF for gap in gaps], axis=0)
    fits &= np.all([np.minimum(np.abs(bar - NARROW), np.abs(bar - WIDE)) <= OFF for bar in bars], axis=0)
    return np.asarray(fits & (np.sum([bar > (NARROW + WIDE) / 2 for bar in bars], axis=0) == 2))
