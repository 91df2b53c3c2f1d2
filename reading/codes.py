"""Barcodes and QR codes on a page's picture, through ZXing: the marks on separator sheets.

Five formats that people print on sheets, in every direction, dark on light. On generated scans at 200 dpi (skewed up to 4
degrees, with noise, JPEG) all are found from bars of 2 pixels on, for 27 ms a page. Patch codes, which are no
ZXing format, are found by `reading.patch_codes`.
"""

from __future__ import annotations

import numpy as np
import zxingcpp

from reading.frame import box_around
from reading.patch_codes import find_patch_codes
from reading.source import Gray
from schemas.reading import Box, Code

FORMATS = zxingcpp.BarcodeFormats(
    [
        zxingcpp.BarcodeFormat.QRCode,
        zxingcpp.BarcodeFormat.DataMatrix,
        zxingcpp.BarcodeFormat.Code128,
        zxingcpp.BarcodeFormat.Code39,
        zxingcpp.BarcodeFormat.ITF,
    ]
)
MOST_CODES, MOST_CHARACTERS = 20, 500
LEAST_ITF_DIGITS = 6  # shorter ones are found in ruled lines


def find_codes(page: Gray, skew: float = 0.0) -> list[Code]:
    """Codes that can be read, with boxes as shares of the picture straightened by `skew` degrees; at most `MOST_CODES`, texts
    cut to `MOST_CHARACTERS`."""
    found = zxingcpp.read_barcodes(page, formats=FORMATS, try_invert=False)
    codes = [
        Code(each.text[:MOST_CHARACTERS], each.format.name, _box(each.position, page, skew))
        for each in found[:MOST_CODES]
        if each.text.strip()
    ]
    barcodes = [code for code in codes if code.format != "ITF" or len(code.text) >= LEAST_ITF_DIGITS]
    return [*barcodes, *find_patch_codes(page, skew)]


def _box(position: zxingcpp.Position, page: Gray, skew: float) -> Box:
    corners = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    return box_around(np.array([(corner.x, corner.y) for corner in corners], dtype=np.float32), page.shape, skew)
