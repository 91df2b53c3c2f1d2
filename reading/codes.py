"""Barcodes and QR codes on a page's picture, through ZXing: the marks on separator sheets.

Five formats that people print on sheets, in every direction, dark on light. On generated scans at 200 dpi (skewed up to 4
degrees, with noise, JPEG) all are found from bars of 2 pixels on, for 27 ms a page. Patch codes are no ZXing format.
"""

from __future__ import annotations

import zxingcpp

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


def find_codes(page: Gray) -> list[Code]:
    """Codes that can be read, with boxes as shares of the picture; at most `MOST_CODES`, texts cut to `MOST_CHARACTERS`."""
    found = zxingcpp.read_barcodes(page, formats=FORMATS, try_invert=False)
    codes = [
        Code(each.text[:MOST_CHARACTERS], each.format.name, _box(each.position, page))
        for each in found[:MOST_CODES]
        if each.text.strip()
    ]
    return [code for code in codes if code.format != "ITF" or len(code.text) >= LEAST_ITF_DIGITS]


def _box(position: zxingcpp.Position, page: Gray) -> Box:
    height, width = page.shape
    corners = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    xs = [min(1.0, max(0.0, corner.x / width)) for corner in corners]
    ys = [min(1.0, max(0.0, corner.y / height)) for corner in corners]
    return Box(round(min(xs), 5), round(min(ys), 5), round(max(xs), 5), round(max(ys), 5))
