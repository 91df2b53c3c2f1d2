"""What a phone makes of a receipt: perspective, uneven light, a table around it, a tag for how it was held."""

from __future__ import annotations

import io
import random

import cv2
import numpy as np
import numpy.typing as npt
import pypdfium2 as pdfium
from PIL import Image

Colour = npt.NDArray[np.float32]
PICTURE = (1200, 1600)  # width and height in pixels
TURNS = {1: 0, 6: 1, 8: 3, 3: 2}  # EXIF orientation -> quarter turns (counter-clockwise) of the stored pixels
LARGEST = 170_000


def photograph(pdf: bytes, rng: random.Random, *, orientation: int = 1, effort: float = 1.0) -> bytes:
    """A JPEG of the first page lying on a table. `effort`: 0 flat and in good light, 1 usual, 2 in haste."""
    chance = np.random.default_rng(rng.getrandbits(32))
    sheet = _curled(_paper(pdf), rng.uniform(-14, 14) * effort)
    table = _table(chance, rng)
    picture = _laid(sheet, table, rng, effort)
    picture *= _light(rng, effort)[:, :, None]
    picture = cv2.GaussianBlur(picture, (0, 0), 0.5 + 0.35 * effort).astype(np.float32)
    picture += chance.normal(0, 2 + 2 * effort, picture.shape).astype(np.float32)
    return _jpeg(np.rot90(np.clip(picture, 0, 255).astype(np.uint8), TURNS[orientation]), orientation)


def _paper(pdf: bytes) -> Colour:
    """The page in colour, slightly warm, at about 1,300 pixels height or 900 width."""
    page = pdfium.PdfDocument(pdf)[0]
    width, height = page.get_size()
    scale = min(1350 / height, 960 / width)
    pixels = np.array(page.render(scale=scale).to_pil().convert("RGB"), np.float32)
    return pixels * np.array([0.97, 0.96, 0.93], np.float32)


def _curled(sheet: Colour, height: float) -> Colour:
    """Paper that does not lie flat: its lines bow by so many pixels in the middle."""
    high, wide = sheet.shape[:2]
    x, y = np.meshgrid(np.arange(wide, dtype=np.float32), np.arange(high, dtype=np.float32))
    bow = height * np.sin(np.pi * x / wide) * (0.4 + 0.6 * y / high)
    bent = cv2.remap(sheet, x, (y + bow).astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    shade = 1 - 0.004 * height * np.cos(np.pi * x / wide)
    return np.asarray(bent * shade[:, :, None], np.float32)


def _table(chance: np.random.Generator, rng: random.Random) -> Colour:
    """A wooden, stone or cloth surface: a colour with streaks or grain."""
    width, height = PICTURE
    base = np.array(rng.choice([(120, 86, 58), (88, 90, 96), (64, 74, 66), (150, 128, 102)]), np.float32)
    stretch = rng.choice([(width // 8, 12), (width // 40, height // 40)])
    grain = cv2.resize(
        chance.normal(0, 14, (stretch[1] * 6, stretch[0])).astype(np.float32), PICTURE, interpolation=cv2.INTER_CUBIC
    )
    return np.asarray(np.clip(base[None, None, :] + grain[:, :, None], 0, 255), np.float32)


def _laid(sheet: Colour, table: Colour, rng: random.Random, effort: float) -> Colour:
    """The sheet warped onto the table, with a soft shadow around it."""
    width, height = PICTURE
    high, wide = sheet.shape[:2]
    left, top = (width - wide) / 2, (height - high) / 2
    corners = np.array([[left, top], [left + wide, top], [left + wide, top + high], [left, top + high]], np.float32)
    corners = _turned(corners, rng.uniform(-3, 3) * effort)
    corners += np.array([[rng.uniform(-26, 26) * effort for _ in "xy"] for _ in range(4)], np.float32)
    flat = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    matrix = cv2.getPerspectiveTransform(flat, corners)
    mask = cv2.warpPerspective(np.ones((high, wide), np.float32), matrix, PICTURE)
    shadow = cv2.GaussianBlur(np.roll(mask, (8, 10), (0, 1)), (0, 0), 14)
    warped = cv2.warpPerspective(sheet.astype(np.float32), matrix, PICTURE, flags=cv2.INTER_AREA)
    ground = table * (1 - 0.45 * shadow)[:, :, None]
    return np.asarray(ground * (1 - mask[:, :, None]) + warped * mask[:, :, None], np.float32)


def _turned(corners: npt.NDArray[np.float32], degrees: float) -> npt.NDArray[np.float32]:
    angle, centre = np.deg2rad(degrees), corners.mean(axis=0)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.asarray((corners - centre) @ turn.T + centre, np.float32)


def _light(rng: random.Random, effort: float) -> npt.NDArray[np.float32]:
    """A lamp at one side and, in haste, the shadow of a hand."""
    width, height = PICTURE
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    angle = rng.uniform(0, 2 * np.pi)
    light = 0.95 + 0.13 * effort * (x * np.cos(angle) + y * np.sin(angle))
    if effort > 1.2:
        far = (x - rng.uniform(-0.5, 0.5)) ** 2 + (y - rng.choice([-0.8, 0.8])) ** 2
        light -= 0.3 * np.exp(-far / 0.35)
    return np.asarray(light, np.float32)


def _jpeg(pixels: npt.NDArray[np.uint8], orientation: int) -> bytes:
    image = Image.fromarray(np.ascontiguousarray(pixels))
    exif = image.getexif()
    if orientation != 1:
        exif[0x0112] = orientation
    for quality in (80, 70, 60, 50, 40):
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality, exif=exif)
        if buffer.tell() <= LARGEST:
            break
    return buffer.getvalue()
