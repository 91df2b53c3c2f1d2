"""Image files: an allow-list of formats, limits checked before a pixel is decoded, upright by EXIF."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps
from PIL import ImageFile as PillowFile

from reading.limits import Limits
from reading.source import DPI, Gray, Picture
from schemas.errors import DocumentError, LimitExceededError, UnreadableError

FORMATS = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",  # what some phones write; Pillow opens it as JPEG
    "PNG": "image/png",
    "TIFF": "image/tiff",
    "BMP": "image/bmp",
    "GIF": "image/gif",
    "WEBP": "image/webp",
}
PAGED = ("TIFF",)  # frames of the other formats are animation: the first one is the page
# Pillow's decoders answer damaged files with any of these
DAMAGE = (
    *(OSError, EOFError, ValueError, TypeError, SyntaxError, IndexError, KeyError, AttributeError, AssertionError),
    *(OverflowError, ZeroDivisionError, NotImplementedError, struct.error),
)


@contextmanager
def _translated() -> Iterator[None]:
    """Pillow's errors as ours."""
    try:
        yield
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise LimitExceededError("too many pixels", reason="IMAGE_TOO_LARGE") from error
    except DAMAGE as error:
        raise UnreadableError(f"the picture is damaged ({type(error).__name__})") from error


class ImageFile:
    """An open image file; a multi-page TIFF has several pages. A `reading.source.Source`."""

    def __init__(self, path: Path, limits: Limits) -> None:
        """Read the header only.

        Raises:
            UnreadableError: not an image of an allowed format.
            LimitExceededError: too many pixels or frames.
        """
        self.flags: list[str] = []
        self._limits = limits
        Image.MAX_IMAGE_PIXELS = limits.pixels
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with _translated():
            self._image = Image.open(path, formats=[name for name in FORMATS if name != "MPO"])
            frames = int(getattr(self._image, "n_frames", 1)) if self._image.format in PAGED else 1
        if frames > limits.frames:
            raise LimitExceededError("too many frames", reason="IMAGE_TOO_LARGE")
        self.pages = frames
        self._check_size()

    @property
    def media_type(self) -> str:
        return FORMATS[str(self._image.format)]

    def close(self) -> None:
        self._image.close()

    def size(self, number: int) -> tuple[float, float]:
        """In points, by the file's resolution where that is believable, else as if scanned at `DPI`."""
        with _translated():
            self._image.seek(number - 1)
            turned = self._image.getexif().get(0x0112, 1) in (5, 6, 7, 8)
        width, height = self._image.size
        dpi = self._dpi()
        if turned:
            width, height = height, width
        return width * 72 / dpi, height * 72 / dpi

    def gray(self, number: int) -> Gray:
        image = self._decoded(number, colour=False)
        return np.asarray(image)

    def picture(self, number: int, width_px: int) -> Picture:
        image = self._decoded(number, colour=True)
        pixels = np.asarray(image)
        height = max(1, round(pixels.shape[0] * width_px / pixels.shape[1]))
        way = cv2.INTER_AREA if width_px < pixels.shape[1] else cv2.INTER_LINEAR
        resized = cv2.resize(pixels, (width_px, min(height, self._limits.side_pixels)), interpolation=way)
        return np.asarray(resized if resized.ndim == 2 else cv2.cvtColor(resized, cv2.COLOR_RGB2BGR), dtype=np.uint8)

    def _dpi(self) -> float:
        try:
            dpi = float(self._image.info.get("dpi", (0, 0))[0])
        except DAMAGE:
            dpi = 0.0
        return dpi if 50 <= dpi <= 1200 else DPI

    def _check_size(self) -> None:
        width, height = self._image.size
        if width * height > self._limits.pixels:
            raise LimitExceededError("too many pixels", reason="IMAGE_TOO_LARGE")
        if width < 1 or height < 1:
            raise UnreadableError("the picture has no pixels")

    def _decoded(self, number: int, *, colour: bool) -> Image.Image:
        """One upright frame as L or RGB. What a damaged file still gives is taken, and the file flagged."""
        with _translated():
            self._image.seek(number - 1)
        self._check_size()
        try:
            return self._upright(colour)
        except DocumentError:
            self.flags = sorted({*self.flags, "DAMAGED_REPAIRED"})
        PillowFile.LOAD_TRUNCATED_IMAGES = True
        try:
            with _translated():
                self._image.seek(number - 1)
            return self._upright(colour)
        finally:
            PillowFile.LOAD_TRUNCATED_IMAGES = False

    def _upright(self, colour: bool) -> Image.Image:
        with _translated():
            image = ImageOps.exif_transpose(self._image)
            if image.mode.startswith(("I", "F")):
                return _eight_bits(image)
            if "A" in image.getbands() or "transparency" in image.info:
                image = image.convert("RGBA")
                image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
            gray = not colour or image.mode in ("L", "1", "LA")
            return image.convert("L" if gray else "RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    """16-bit and floating point greys, stretched to 0..255."""
    pixels = np.nan_to_num(np.asarray(image, dtype=np.float32))
    low, high = float(pixels.min()), float(pixels.max())
    return Image.fromarray(((pixels - low) * (255 / (high - low or 1))).astype(np.uint8))
