"""Separator sheets to print, for any scanner to bring back: a QR code and the same words in large letters, or a patch code."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import numpy as np
import zxingcpp
from PIL import Image, ImageDraw, ImageFont

from reading.patch_codes import MODULE_INCHES, NARROW, PREFIX, WIDE, WIDE_BARS

DPI = 150
A4 = (1240, 1754)  # pixels at DPI
CODE_SIZE = 700
BAR_INCHES, EDGE_INCHES = 2.5, 0.35  # length of a patch code's bars, and how far from the paper's edge they stand
LARGE, SMALL = 64, 36
HINTS = ("Put this sheet before each document.", "Dieses Blatt vor jeden Beleg legen.")


def write_sheets(path: Path | BinaryIO, text: str, count: int) -> None:
    """Write a PDF of `count` equal sheets that say `text`; "PATCH-T" and the like as patch codes. Raises OSError."""
    sheets = [_sheet(text)] * count
    sheets[0].save(path, format="PDF", resolution=DPI, save_all=True, append_images=sheets[1:])


def _sheet(text: str) -> Image.Image:
    page = Image.new("L", A4, 255)
    if (patch := text.removeprefix(PREFIX)) != text and patch in WIDE_BARS:
        page = _with_patch_codes(page, patch)
    else:
        barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
        modules = np.array(zxingcpp.write_barcode_to_image(barcode), dtype=np.uint8)
        code = Image.fromarray(modules).resize((CODE_SIZE, CODE_SIZE), Image.Resampling.NEAREST)
        page.paste(code, ((A4[0] - CODE_SIZE) // 2, 300))
    pen = ImageDraw.Draw(page)
    for line, (said, size) in enumerate(((text, LARGE), *((hint, SMALL) for hint in HINTS))):
        pen.text((A4[0] / 2, 1150 + 110 * line), said, font=ImageFont.load_default(size), fill=0, anchor="mm")
    return page.convert("1")


def _with_patch_codes(page: Image.Image, patch: str) -> Image.Image:
    """One along each edge, so that the sheet may be fed in any direction."""
    for _ in range(4):
        pen, left, top = ImageDraw.Draw(page), (page.width - BAR_INCHES * DPI) / 2, EDGE_INCHES * DPI
        for bar in range(4):
            height = (WIDE if bar in WIDE_BARS[patch] else NARROW) * MODULE_INCHES * DPI
            pen.rectangle((round(left), round(top), round(left + BAR_INCHES * DPI), round(top + height) - 1), fill=0)
            top += height + NARROW * MODULE_INCHES * DPI
        page = page.transpose(Image.Transpose.ROTATE_90)
    return page
