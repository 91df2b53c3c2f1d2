"""The upright frame of a page: how the stored page was flattened, turned and straightened.

Any drawing of the stored page goes through the same steps, so that the words' boxes fit it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from reading.source import Picture
from schemas.reading import Box

QUARTER_TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
WHITE = (255, 255, 255)
Corners = tuple[tuple[float, float], ...]  # four points in shares of the stored page: top left, then clockwise


@dataclass(frozen=True)
class Frame:
    """Three steps, in this order: cut out and flatten the paper (`outline`, None for the whole page), turn clockwise by
    `rotation` (0, 90, 180, 270 degrees), rotate clockwise by `skew` degrees about the centre."""

    rotation: int = 0
    skew: float = 0.0
    outline: Corners | None = None

    def apply(self, picture: Picture) -> Picture:
        """The stored page, made upright."""
        return straighten(turn(flatten(picture, self.outline), self.rotation), self.skew)

    def size(self, width: float, height: float) -> tuple[float, float]:
        """Width and height of the upright page, in the unit of the stored page's."""
        if self.outline:
            width, height = _flat_size(_scaled(self.outline, width, height))
        return (height, width) if self.rotation in (90, 270) else (width, height)


def flatten(picture: Picture, outline: Corners | None) -> Picture:
    """The quadrilateral inside the outline as a rectangle."""
    if outline is None:
        return picture
    corners = _scaled(outline, picture.shape[1], picture.shape[0])
    width, height = (max(1, round(side)) for side in _flat_size(corners))
    target = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(corners, target)
    return np.asarray(cv2.warpPerspective(picture, matrix, (width, height), borderValue=WHITE), dtype=np.uint8)


def turn(picture: Picture, degrees: int) -> Picture:
    """Turn clockwise by 0, 90, 180 or 270 degrees."""
    return np.asarray(cv2.rotate(picture, QUARTER_TURNS[degrees]), dtype=np.uint8) if degrees else picture


def straighten(picture: Picture, angle: float) -> Picture:
    """Rotate clockwise by a small angle about the centre; the corners that appear are white."""
    if not angle:
        return picture
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -angle, 1.0)
    rotated = cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=WHITE)
    return np.asarray(rotated, dtype=np.uint8)


def straightened(points: npt.NDArray[np.float32], shape: tuple[int, ...], angle: float) -> npt.NDArray[np.float32]:
    """Where points (n x 2 pixels) of a picture of this shape lie after `straighten`."""
    if not angle:
        return points
    matrix = cv2.getRotationMatrix2D((shape[1] / 2, shape[0] / 2), -angle, 1.0)
    return (points @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)


def box_around(points: npt.NDArray[np.float32], shape: tuple[int, ...], skew: float = 0.0) -> Box:
    """The box, in shares of the picture straightened by `skew` degrees, around points of the picture as it is."""
    shares = np.clip(straightened(points, shape, skew) / np.array([shape[1], shape[0]]), 0, 1)
    return Box(*(round(float(share), 5) for share in (*shares.min(axis=0), *shares.max(axis=0))))


def _scaled(outline: Sequence[tuple[float, float]], width: float, height: float) -> npt.NDArray[np.float32]:
    return np.array(outline, dtype=np.float32) * np.array([width, height], dtype=np.float32)


def _flat_size(corners: npt.NDArray[np.float32]) -> tuple[float, float]:
    """Width and height: the longer of each two opposite sides."""
    sides = [math.dist(corners[i], corners[(i + 1) % 4]) for i in range(4)]
    return max(sides[0], sides[2]), max(sides[1], sides[3])
