"""Separator sheets to print: a QR code and the same words in large letters, for any scanner to bring back."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import numpy as np
import zxingcpp
from PIL import Image, ImageDraw, ImageFont

DPI = 150
A4 = (1240, 1754)  # pixels at DPI
CODE_SIZE = 700
LARGE, SMALL = 64, 36
HINTS = ("Put this sheet before each document.", "Dieses Blatt vor jeden Beleg legen.")


def write_sheets(path: Path | BinaryIO, text: str, count: int) -> None:
    """Write a PDF of `count` equal sheets that say `text`. Raises OSError."""
    sheets = [_sheet(text)] * count
    sheets[0].save(path, format="PDF", resolution=DPI, save_all=True, append_images=sheets[1:])


def _sheet(text: str) -> Image.Image:
    page = Image.new("L", A4, 255)
    barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    modules = np.array(zxingcpp.write_barcode_to_image(barcode), dtype=np.uint8)
    code = Image.fromarray(modules).resize((CODE_SIZE, CODE_SIZE), Image.Resampling.NEAREST)
    page.paste(code, ((A4[0] - CODE_SIZE) // 2, 300))
    pen = ImageDraw.Draw(page)
    for line, (said, size) in enumerate(((text, LARGE), *((hint, SMALL) for hint in HINTS))):
        pen.text((A4[0] / 2, 1150 + 110 * line), said, font=ImageFont.load_default(size), fill=0, anchor="mm")
    return page.convert("1")
