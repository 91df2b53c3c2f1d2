"""From a scanned or photographed page to an image that an OCR engine reads well.

Everything is measured on a small copy (at most 800 pixels wide or high), so that cleaning costs a few percent of reading.
All steps keep the page's frame: a word's place in the cleaned image, as a share of its sides, is its place on the upright page.
"""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from reading.source import Gray

SMALL = 800
BLANK_SHARE = 0.0004  # share of dark pixels below which a page is blank
DARK, FAINT = 60, 40  # gray levels below the paper that count as ink, and on a page that is printed faintly
LITTLE_INK = 0.02  # share of dark pixels below which a page may be printed faintly
MOST_SKEW = 6.0  # degrees
LEAST_SKEW = 0.15  # less is not worth a rotation
EVEN = 0.8  # brightness of the darker parts of the paper : that of the brightest
DARKER = 20  # percentile that stands for the darker parts: a dark letterhead is smaller
DEEPEST_SHADOW = 0.35  # what is darker than this share of the brightest paper is no paper
ENOUGH_LETTERS, MOST_LETTER_PIXELS = 20, 200
SMALL_LETTERS, BROKEN = 18.0, 1.5  # pieces of letters are small, and so many times lower than the letters
LETTER_PIXELS = 18.0  # height of letters that the engine likes
ENLARGE_FROM, REDUCE_FROM = (
    1.45,
    0.5,
)  # scaling pays only beyond these: letters of 12 pixels and less, or of 36 and more
GAP = 5  # pixels of the small copy: more than between letters, less than between lines
UPRIGHT_MARGIN = 1.1  # how much clearer lines across must be before a page is turned


def small_copy(image: Gray) -> Gray:
    """At most `SMALL` pixels on the longer side."""
    while max(image.shape) >= 2 * SMALL:
        image = np.asarray(cv2.pyrDown(image), dtype=np.uint8)  # cheaper than one large step
    scale = SMALL / max(image.shape)
    if scale >= 1:
        return image
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def ink(small: Gray) -> Gray:
    """1 where a small copy is clearly darker than the paper around it, else 0; faint print counts where there is no other."""
    quarter = cv2.resize(small, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    paper = cv2.medianBlur(cv2.dilate(quarter, np.ones((3, 3), np.uint8)), 5)
    paper = cv2.resize(paper, (small.shape[1], small.shape[0]), interpolation=cv2.INTER_LINEAR)
    darker = cv2.subtract(paper, small)
    marks = darker > DARK
    return (marks if marks.mean() >= LITTLE_INK else darker > FAINT).astype(np.uint8)


def is_blank(marks: Gray) -> bool:
    """Whether there is next to no ink. The outermost 2 % are the scanner's edge and do not count."""
    height, width = marks.shape
    inner = marks[height // 50 : height - height // 50 or None, width // 50 : width - width // 50 or None]
    return float(inner.mean()) < BLANK_SHARE if inner.size else True


def lines_run_down(marks: Gray) -> bool:
    """Whether the lines of text run from top to bottom: the page lies on its side.

    Letters of a line stand closer together than lines do, so closing small gaps along the lines joins more of them.
    """
    marks = _without_rules(marks)
    return _pieces(marks, (1, GAP)) > UPRIGHT_MARGIN * _pieces(marks, (GAP, 1))


def skew_of(marks: Gray) -> float:
    """The clockwise angle in degrees that makes the lines horizontal; 0 where none stands out. Projection method, coarse to
    fine (Postl 1986)."""
    marks = _without_rules(marks)
    if not marks.any():
        return 0.0
    half = np.asarray(cv2.resize(marks * 255, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    best = _sharpest(half, np.arange(-MOST_SKEW, MOST_SKEW + 1))
    best = _sharpest(marks, best + np.arange(-0.75, 1, 0.25))
    best = _sharpest(marks, best + np.arange(-0.125, 0.25, 0.125))
    clear = _sharpness(_rotated(marks, best)) > 1.02 * _sharpness(marks)
    return round(best, 3) if clear and LEAST_SKEW <= abs(best) <= MOST_SKEW else 0.0


def letter_height(image: Gray) -> float:
    """Median height in pixels of what looks like letters, in the middle of the page or all over; 0 where there are few."""
    for part in (_middle(image), image):
        heights = _letter_heights(part)
        if heights.size >= ENOUGH_LETTERS:
            return float(np.median(heights))
    return 0.0


def mended(image: Gray) -> Gray:
    """Join the dots of broken print (needle and worn thermal printers), where joining makes the letters much higher.

    On such receipts this raised the share of words read from 0.50 to 0.69.
    """
    letters = letter_height(image)
    if not 0 < letters < SMALL_LETTERS or letter_height(_joined(_middle(image))) < BROKEN * letters:
        return image
    return _joined(image)


def _joined(image: Gray) -> Gray:
    """Ink spread by a pixel all round, then softened."""
    return np.asarray(cv2.GaussianBlur(cv2.erode(image, np.ones((3, 3), np.uint8)), (0, 0), 1), dtype=np.uint8)


def _middle(image: Gray) -> Gray:
    eighth = image.shape[0] // 8
    return image[3 * eighth : 5 * eighth]


def _letter_heights(image: Gray) -> npt.NDArray[np.int32]:
    if not image.size:
        return np.empty(0, np.int32)
    _, black = cv2.threshold(image, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    _, _, stats, _ = cv2.connectedComponentsWithStats(black, connectivity=8)
    width, height, area = stats[1:, cv2.CC_STAT_WIDTH], stats[1:, cv2.CC_STAT_HEIGHT], stats[1:, cv2.CC_STAT_AREA]
    letters = (height >= 5) & (height < MOST_LETTER_PIXELS) & (area > 8) & (height < 4 * width) & (width < 4 * height)
    return np.asarray(height[letters], dtype=np.int32)


def reading_scale(image: Gray, most_pixels: int) -> float:
    """The factor that brings small letters up to the engine's taste, and very large images down to `most_pixels`."""
    letters = letter_height(image)
    wanted = LETTER_PIXELS / letters if letters else 1.0
    scale = 1.0 if REDUCE_FROM < wanted < ENLARGE_FROM else min(3.0, max(0.4, wanted))
    return min(scale, math.sqrt(most_pixels / image.size))


def resized(image: Gray, scale: float) -> Gray:
    """The image at `scale`."""
    if scale == 1.0:
        return image
    way = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    return np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=way), dtype=np.uint8)


def even_light(image: Gray, small: Gray) -> Gray:
    """Take out shadows: divide by the paper's brightness where that differs much over the page; else the image as it is.

    `small` is the image's small copy.
    """
    quarter = cv2.resize(small, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    paper = cv2.medianBlur(cv2.dilate(quarter, np.ones((5, 5), np.uint8)), 11)
    dark, bright = np.percentile(paper, (DARKER, 95))
    if dark > EVEN * bright:
        return image
    paper = cv2.GaussianBlur(np.maximum(paper, np.uint8(DEEPEST_SHADOW * bright)), (0, 0), 5)
    full = cv2.resize(paper, (image.shape[1], image.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.divide(image, full, scale=255), dtype=np.uint8)


def save_gray(image: Gray, path: Path) -> None:
    """Write uncompressed (PGM): an engine then starts at once, and nothing is encoded twice."""
    cv2.imwrite(str(path), image)


def _without_rules(marks: Gray) -> Gray:
    """Ink without the long lines of tables and frames, which would drown the text."""
    across = cv2.morphologyEx(marks, cv2.MORPH_OPEN, np.ones((1, 60), np.uint8))
    down = cv2.morphologyEx(marks, cv2.MORPH_OPEN, np.ones((60, 1), np.uint8))
    return np.asarray(cv2.subtract(marks, cv2.max(across, down)), dtype=np.uint8)


def _pieces(marks: Gray, gap: tuple[int, int]) -> int:
    """How many pieces of ink are left when gaps of so many rows and columns are closed."""
    closed = cv2.morphologyEx(marks, cv2.MORPH_CLOSE, np.ones(gap, np.uint8))
    return int(cv2.connectedComponents(closed, connectivity=8)[0])


def _sharpest(marks: Gray, angles: npt.NDArray[np.float64]) -> float:
    return float(max(angles, key=lambda angle: _sharpness(_rotated(marks, float(angle)))))


def _sharpness(marks: Gray) -> float:
    """How much the ink per pixel row changes from row to row."""
    rows = marks.sum(axis=1, dtype=np.int32).astype(np.float64)
    return float(np.square(np.diff(rows)).sum())


def _rotated(marks: Gray, angle: float) -> Gray:
    height, width = marks.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -angle, 1.0)
    return np.asarray(cv2.warpAffine(marks, matrix, (width, height), flags=cv2.INTER_NEAREST), dtype=np.uint8)
