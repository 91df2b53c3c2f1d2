"""What a line of text says: the recogniser of PP-OCR, a network that gives each eighth pixel column of a line a letter or
none (CTC, Graves et al. 2006).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from reading.last_layer import LastLayer, take_apart
from reading.source import Gray

HEIGHT = 48  # pixels of a line as the network wants it
LEAST_WIDTH, MOST_WIDTH = 64, 4096
DOWNWARDS = 1.5  # a box so many times as high as wide holds text that runs down the page
WIDE_GAP = 5  # columns without a letter that part two words even where the network sees no blank
NOTHING = 0  # the class that is no letter
LIKELY_BLANK = 0.3  # the network misses blanks: this much of one between two letters is one (0.3 % more words right)


@dataclass(frozen=True)
class Letters:
    """A part of a line: its text, where it starts and ends as shares of the line's length, and a confidence a letter."""

    text: str
    start: float
    end: float
    confidences: list[float]


class LineReader:
    """Reads pictures of single lines."""

    def __init__(self, model: bytes, load: Callable[[bytes], Any]) -> None:
        """`model` is the recogniser (ONNX), which carries its own alphabet; `load` makes an ONNX Runtime session of one.

        Raises:
            ValueError: this is another network.
        """
        network, weights, bias = take_apart(model)
        self._session = load(network)
        letters = self._session.get_modelmeta().custom_metadata_map["character"].splitlines()
        # the last class is the blank between words
        self._alphabet = ["", *(unicodedata.normalize("NFKC", letter) for letter in letters), " "]
        self._last_layer = LastLayer(weights, bias, self._alphabet)

    def read(self, line: Gray, squeeze: float = 1.0) -> list[Letters]:
        """The words of a line, parted at blanks and wide gaps. `squeeze` below 1 narrows it: faster, and less exact."""
        picture = _suited(line, squeeze)
        padded = np.zeros((HEIGHT, max(LEAST_WIDTH, picture.shape[1])), dtype=np.float32)
        padded[:, : picture.shape[1]] = picture.astype(np.float32) / 127.5 - 1
        (features,) = self._session.run(None, {"x": np.broadcast_to(padded, (1, 3, *padded.shape))})
        found = self._last_layer.columns(features[0])
        classes, sure = found.classes, found.sure
        classes[(classes == NOTHING) & (found.blank > LIKELY_BLANK)] = len(self._alphabet) - 1
        columns = len(classes) * picture.shape[1] / padded.shape[1]
        return [self._letters(word, classes, sure, columns) for word in self._words(classes)]

    def _words(self, classes: npt.NDArray[np.int64]) -> list[list[int]]:
        """Columns at which a letter starts, word by word."""
        starts = np.flatnonzero((classes != NOTHING) & (np.diff(classes, prepend=NOTHING) != 0))
        words: list[list[int]] = [[]]
        last = None
        for column in map(int, starts):
            blank = self._alphabet[classes[column]].isspace()
            if blank or (last is not None and column - last > WIDE_GAP):
                words.append([])
            if not blank:
                words[-1].append(column)
            last = column
        return [word for word in words if word]

    def _letters(
        self, word: list[int], classes: npt.NDArray[np.int64], sure: npt.NDArray[np.float32], columns: float
    ) -> Letters:
        steps = [after - before for before, after in pairwise(word)]
        half = 0.5 * (sum(steps) / len(steps) if steps else 2.0)
        start = min(max((word[0] + 0.5 - half) / columns, 0.0), 1.0)
        end = min(max((word[-1] + 0.5 + half) / columns, start), 1.0)
        text = "".join(self._alphabet[classes[column]] for column in word)
        return Letters(text, start, end, [round(float(sure[column]), 3) for column in word])


def cut_out(page: Gray, quad: npt.NDArray[np.float32]) -> Gray:
    """The straightened picture inside four corners; one that runs down the page is turned to lie."""
    width = max(1, round(float(max(np.linalg.norm(quad[1] - quad[0]), np.linalg.norm(quad[2] - quad[3])))))
    height = max(1, round(float(max(np.linalg.norm(quad[3] - quad[0]), np.linalg.norm(quad[2] - quad[1])))))
    target = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(quad, target)
    line = cv2.warpPerspective(page, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(np.rot90(line) if runs_down(quad) else line, dtype=np.uint8)


def runs_down(quad: npt.NDArray[np.float32]) -> bool:
    """Whether the text in a box runs down the page."""
    return bool(np.linalg.norm(quad[3] - quad[0]) >= DOWNWARDS * np.linalg.norm(quad[1] - quad[0]))


def line_width(quad: npt.NDArray[np.float32]) -> float:
    """Pixels of width that a line takes at the network's height."""
    sides = sorted((float(np.linalg.norm(quad[1] - quad[0])), float(np.linalg.norm(quad[3] - quad[0]))))
    return HEIGHT * sides[1] / max(1.0, sides[0])


def _suited(line: Gray, squeeze: float) -> Gray:
    height, width = line.shape
    columns = min(MOST_WIDTH, max(8, round(HEIGHT * width * squeeze / height)))
    return np.asarray(cv2.resize(line, (columns, HEIGHT), interpolation=cv2.INTER_AREA), dtype=np.uint8)
