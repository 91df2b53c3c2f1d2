"""Where the lines of text are: the detector of PP-OCR, a network that marks text pixels (differentiable binarization,
Liao et al. 2020), and the boxes around what it marks.
"""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from reading.frame import straightened
from reading.source import Gray

MARKED = 0.3  # from this probability on a pixel is text
LEAST_MEAN = 0.5  # of the pixels in a box
GROWTH = 1.6  # the network marks the core of a line; boxes grow by this times area : circumference
LEAST_SIDE = 3  # pixels of the copy
MOST_LINES = 1000
STEP = 32  # the network wants sides that are multiples of this

Quad = npt.NDArray[np.float32]  # four corners in pixels: top left of the text, then clockwise


def find_lines(session: Any, page: Gray, longest_side: int, skew: float) -> list[Quad]:
    """Lines of text in reading order: rows from top to bottom, from left to right within a row, once the page is straightened
    by `skew` degrees.

    `session` is the detector (ONNX Runtime). It looks at a copy of at most `longest_side` pixels.
    """
    height, width = page.shape
    scale = min(1.0, longest_side / max(height, width))
    columns, rows = (max(STEP, round(side * scale / STEP) * STEP) for side in (width, height))
    copy = cv2.resize(page, (columns, rows), interpolation=cv2.INTER_LINEAR).astype(np.float32) / 127.5 - 1
    (marks,) = session.run(None, {"x": np.broadcast_to(copy, (1, 3, rows, columns))})
    quads = _boxes(marks[0, 0]) * np.array([width / columns, height / rows], dtype=np.float32)
    return _in_reading_order([_clockwise(quad) for quad in quads], page.shape, skew)


def _boxes(marks: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Corners (n x 4 x 2) of the grown boxes around what is marked, in pixels of the copy."""
    text = cv2.dilate((marks > MARKED).astype(np.uint8), np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(text, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    boxes = []
    for contour in contours[:MOST_LINES]:
        centre, (width, height), angle = cv2.minAreaRect(contour)
        if min(width, height) < LEAST_SIDE or _mean(marks, (centre, (width, height), angle)) < LEAST_MEAN:
            continue
        growth = GROWTH * width * height / (width + height)  # of each side: twice the distance to the new edge
        boxes.append(cv2.boxPoints((centre, (width + growth, height + growth), angle)))
    return np.array(boxes, dtype=np.float32).reshape(-1, 4, 2)


def _mean(marks: npt.NDArray[np.float32], box: Any) -> float:
    """The mean probability inside a box."""
    corners = cv2.boxPoints(box)
    left, top = np.clip(np.floor(corners.min(axis=0)).astype(int), 0, None)
    right, bottom = np.ceil(corners.max(axis=0)).astype(int) + 1
    part = marks[top:bottom, left:right]
    inside = np.zeros(part.shape, np.uint8)
    cv2.fillPoly(inside, [(corners - (left, top)).astype(np.int32)], (1,))
    return float(cv2.mean(part, inside)[0])


def _clockwise(quad: Quad) -> Quad:
    """Top left first, then clockwise."""
    by_x = quad[np.argsort(quad[:, 0], kind="stable")]
    top_left, bottom_left = by_x[:2][np.argsort(by_x[:2, 1], kind="stable")]
    top_right, bottom_right = by_x[2:][np.argsort(by_x[2:, 1], kind="stable")]
    return np.array([top_left, top_right, bottom_right, bottom_left], dtype=np.float32)


def _in_reading_order(quads: list[Quad], shape: tuple[int, ...], skew: float) -> list[Quad]:
    """On the straightened page, a box belongs to a row while its middle lies less than half a line's height below that of the
    box before."""
    rows: list[list[tuple[Quad, Quad]]] = []
    last = -math.inf
    straight = [straightened(quad, shape, skew) for quad in quads]
    for quad, level in sorted(zip(quads, straight, strict=True), key=lambda pair: _middle(pair[1])):
        if _middle(level) - last > 0.5 * min(_height(level), _height(rows[-1][-1][1])) if rows else True:
            rows.append([])
        rows[-1].append((quad, level))
        last = _middle(level)
    return [quad for row in rows for quad, _ in sorted(row, key=lambda pair: float(pair[1][0, 0]))]


def _middle(quad: Quad) -> float:
    return float(quad[:, 1].mean())


def _height(quad: Quad) -> float:
    return float(np.linalg.norm(quad[3] - quad[0]))
