"""Find the sheet of paper in a photograph: one bright quadrilateral with the darker table all around it."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from reading.frame import Corners
from reading.source import Gray

LEAST_AREA, MOST_AREA = 0.1, 0.95  # of the picture
MOST_BRIGHT_EDGE = 0.1  # share of the picture's edge that may be as bright as the paper
LEAST_CONTRAST = 40  # gray levels between the paper and what is around it
ROUGHNESS = 0.02  # how far the paper's edge may stray from straight lines, as a share of its length


def paper_outline(small: Gray) -> Corners | None:
    """Four corners in shares of the picture, or None where no such sheet stands out (also for every plain scan)."""
    smooth = np.asarray(cv2.medianBlur(small, 9), dtype=np.uint8)
    _, bright = cv2.threshold(smooth, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    edge = np.concatenate([bright[:3].ravel(), bright[-3:].ravel(), bright[:, :3].ravel(), bright[:, -3:].ravel()])
    if edge.mean() > MOST_BRIGHT_EDGE:
        return None
    closed = cv2.morphologyEx(bright, cv2.MORPH_CLOSE, np.ones((25, 25), np.uint8))
    contours, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    sheet = max(contours, key=cv2.contourArea, default=None)
    if sheet is None or not LEAST_AREA <= cv2.contourArea(sheet) / small.size <= MOST_AREA:
        return None
    hull = cv2.convexHull(sheet)
    rough = cv2.approxPolyDP(hull, ROUGHNESS * cv2.arcLength(hull, True), True)
    corners = np.asarray(rough.reshape(-1, 2), dtype=np.int32)
    if len(corners) != 4 or not _stands_out(smooth, corners):
        return None
    return _in_order(corners.astype(np.float64) / (small.shape[1], small.shape[0]))


def _stands_out(smooth: Gray, corners: npt.NDArray[np.int32]) -> bool:
    inside = np.zeros_like(smooth)
    cv2.fillConvexPoly(inside, corners, 1)
    return float(cv2.mean(smooth, inside)[0] - cv2.mean(smooth, 1 - inside)[0]) >= LEAST_CONTRAST


def _in_order(corners: npt.NDArray[np.float64]) -> Corners:
    """Top left first, then clockwise."""
    total, difference = corners.sum(axis=1), corners[:, 1] - corners[:, 0]
    order = [total.argmin(), difference.argmin(), total.argmax(), difference.argmax()]
    return tuple((round(float(x), 5), round(float(y), 5)) for x, y in corners[order])
