"""Does the text behind a scan say what the scan shows? Old OCR layers look like text and are full of misread words.

Measured on old broadcast invoices: layers of digital pages agree with a reading of their picture by 0.97 and more, layers that an
OCR program left behind by 0.61 to 0.94.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

import numpy as np

from reading.protocol import Layout, Reader
from reading.source import Gray
from schemas.reading import Word

LEAST_AGREEMENT = 0.95
BAND = 0.15  # height of a band, as a share of the page
MARGIN = 0.02  # of the page: lines cut by the band's edges are seen whole
FEW_WORDS = 10  # fewer tell nothing
TOKEN = re.compile(r"[^\W_]+")


def layer_agrees(layer: list[Word], page: Gray, reader: Reader, most_pixels: int) -> bool:
    """Whether two bands of the upright `page` read as its text layer says: the head, where names and numbers stand, and the
    band with most of the layer's words.

    Raises:
        ReaderCrashedError: the engine failed.
    """
    head = min((word.box.y0 for word in layer), default=0.0)
    starts = np.arange(0, 1 - BAND + 1e-6, BAND / 2)
    fullest = float(max(starts, key=lambda start: len(_within(layer, start, start + BAND))))
    return all(_band_agrees(layer, page, top, reader, most_pixels) for top in (head, fullest))


def _band_agrees(layer: list[Word], page: Gray, top: float, reader: Reader, most_pixels: int) -> bool:
    said = _within(layer, top, top + BAND)
    if len(said) < FEW_WORDS:
        return True
    cut_top, cut_bottom = max(0.0, top - MARGIN), min(1.0, top + BAND + MARGIN)
    height = page.shape[0]
    band = reader.suited(page[round(cut_top * height) : round(cut_bottom * height)], most_pixels)
    seen = [_moved(word, cut_top, cut_bottom - cut_top) for word in reader.read_page(band, Layout.PAGE)]
    shown = _within(seen, top, top + BAND)
    # each side's words inside the band, among the other's inside the band and its margin
    found = _common(said, seen) + _common(shown, _within(layer, cut_top, cut_bottom))
    return found >= LEAST_AGREEMENT * (_tokens(said).total() + _tokens(shown).total())


def _within(words: Iterable[Word], top: float, bottom: float) -> list[Word]:
    return [word for word in words if top <= word.box.middle[1] < bottom]


def _moved(word: Word, top: float, height: float) -> Word:
    """A word of the band as a word of the page."""
    box = word.box
    return word._replace(box=box._replace(y0=top + box.y0 * height, y1=top + box.y1 * height))


def _common(words: Iterable[Word], others: Iterable[Word]) -> int:
    return (_tokens(words) & _tokens(others)).total()


def _tokens(words: Iterable[Word]) -> Counter[str]:
    return Counter(token for word in words for token in TOKEN.findall(word.text.casefold()))
