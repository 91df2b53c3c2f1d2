"""A page as a JPEG for people's eyes, in the same upright frame as the words' boxes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2

from reading.frame import Frame
from reading.limits import Limits
from reading.source import Picture, open_source
from schemas.errors import UnreadableError

JPEG_QUALITY = 80
MOST_WIDTH = 6000
PAINT = 0x60  # of what is not for everybody's eyes: gray


def render_page(
    path: Path,
    media_type: str,
    page: int,
    width_px: int,
    frame: Frame,
    crop: Sequence[float] | None,
    limits: Limits,
    hidden: Sequence[Sequence[float]] = (),
) -> bytes:
    """JPEG of a page (from 1), `width_px` wide; with `crop` (left, top, right, bottom in shares) only that part of it.

    What stands in a `hidden` box (shares of the upright page) is painted over.

    Raises:
        DocumentError: it cannot be opened or has no such page.
    """
    share = crop[2] - crop[0] if crop else 1.0
    upright_px = min(round(width_px / max(share, 0.02)), MOST_WIDTH)
    with open_source(path, media_type, limits) as source:
        if not 1 <= page <= source.pages:
            raise UnreadableError("there is no such page", reason="PAGE_UNREADABLE")
        width, height = source.size(page)
        stored_px = max(1, round(upright_px * width / frame.size(width, height)[0]))
        picture = frame.apply(source.picture(page, min(stored_px, MOST_WIDTH)))
    for box in hidden:
        _cropped(picture, box)[:] = PAINT
    picture = _cropped(picture, crop) if crop else picture
    done, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not done:
        raise UnreadableError("the page cannot be drawn", reason="PAGE_UNREADABLE")
    return encoded.tobytes()


def _cropped(picture: Picture, crop: Sequence[float]) -> Picture:
    height, width = picture.shape[:2]
    left, top = int(crop[0] * width), int(crop[1] * height)
    right, bottom = max(left + 1, round(crop[2] * width)), max(top + 1, round(crop[3] * height))
    return picture[top:bottom, left:right]
