"""PP-OCRv6 as a reader: the models that RapidOCR's wheel carries, on ONNX Runtime.

The two networks are run directly, not through RapidOCR's own code: that pads every line to 320 pixels and to the widest of
its batch, which on receipts costs a third of the time, and it loads ten more libraries. Lines are found on a copy of at most
960 pixels (receipts) or 1,280 pixels (pages) and read one by one at their own width. One thread, no memory arena and no
memory patterns: memory stays flat over pages of all sizes.
"""

from __future__ import annotations

import importlib.metadata
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from reading.detection import Quad, find_lines
from reading.frame import box_around, straightened
from reading.protocol import Layout
from reading.recognition import Letters, LineReader, cut_out, line_width, runs_down
from reading.source import Gray
from schemas.errors import ReaderCrashedError, SettingsError
from schemas.reading import Word

DETECTOR, RECOGNISER = "PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx"
SLIM = 1.5  # a page so many times as high as wide is a till receipt
SLIM_SIDE, PAGE_SIDE = 960, 1280  # longest side of the copy on which lines are looked for
LEAST_SURE = 0.5  # mean over a line's letters below which it is noise
MOST_WIDTH = 80_000  # pixels of all lines of a page together, about seven seconds; lines of a fuller page are narrowed


class PPOCRReader:
    """A `reading.protocol.Reader`. Its models know Latin letters of all European languages, and Chinese and Japanese."""

    checks_text_layers = True
    steady = 2.0  # a page crooked by less loses more to resampling than to its skew
    doubtful = 0.75  # receipts: 0.82 and more; on their heads: 0.57 and less

    def __init__(self) -> None:
        """Load both networks.

        Raises:
            SettingsError: the models are not there.
        """
        self._version = importlib.metadata.version("rapidocr")
        try:
            self._detector = _session(_model(DETECTOR))
            self._lines = LineReader(_model(RECOGNISER), _session)
        except (OSError, ValueError, RuntimeError) as error:  # ONNX Runtime's errors are RuntimeErrors
            raise SettingsError("the PP-OCR models cannot be loaded") from error

    @property
    def name(self) -> str:
        return f"ppocr6-{self._version}"

    def suited(self, page: Gray, most_pixels: int) -> Gray:
        """See `reading.protocol.Reader`. Small letters are enlarged line by line, so only very large pages change."""
        scale = math.sqrt(most_pixels / page.size)
        if scale >= 1:
            return page
        return np.asarray(cv2.resize(page, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8)

    def read_page(self, page: Gray, layout: Layout, skew: float = 0.0) -> list[Word]:
        """See `reading.protocol.Reader`. The layout does not matter: lines are found one by one."""
        with _translated():
            quads = find_lines(self._detector, page, _side(page), skew)
            squeeze = min(1.0, MOST_WIDTH / max(1.0, sum(map(line_width, quads))))
            read = [(quad, self._lines.read(cut_out(page, quad), squeeze)) for quad in quads]
        sure = [(quad, words) for quad, words in read if _mean(words) >= LEAST_SURE]
        return [
            word
            for number, (quad, words) in enumerate(sure)
            for word in _words(straightened(quad, page.shape, skew), words, number, page)
        ]

    def read_line(self, line: Gray) -> tuple[str, float]:
        """The text of the picture of a single line, and the confidence of its least sure letter. Errors as `read_page`."""
        with _translated():
            words = self._lines.read(line)
        least = min((each for word in words for each in word.confidences), default=0.0)
        return " ".join(word.text for word in words), least


@contextmanager
def _translated() -> Iterator[None]:
    """ONNX Runtime's and OpenCV's errors as ours."""
    try:
        yield
    except (cv2.error, RuntimeError, ValueError) as error:  # ONNX Runtime's errors are RuntimeErrors
        raise ReaderCrashedError("PP-OCR failed on a page") from error


def _model(name: str) -> bytes:
    return Path(str(importlib.metadata.distribution("rapidocr").locate_file(f"rapidocr/models/{name}"))).read_bytes()


def _session(model: bytes) -> Any:
    import onnxruntime  # only processes that read with it need it

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = options.enable_mem_pattern = False
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _side(page: Gray) -> int:
    return SLIM_SIDE if max(page.shape) > SLIM * min(page.shape) else PAGE_SIDE


def _mean(words: list[Letters]) -> float:
    sure = [each for word in words for each in word.confidences]
    return sum(sure) / len(sure) if sure else 0.0


def _words(quad: Quad, words: list[Letters], number: int, page: Gray) -> Iterator[Word]:
    """The words of the line inside `quad` with their boxes as shares of the page; a word is as sure as its least letter."""
    top_left, top_right, bottom_right, bottom_left = quad[[1, 2, 3, 0]] if runs_down(quad) else quad
    for word in words:
        corners = [
            start + (end - start) * share
            for start, end in ((top_left, top_right), (bottom_left, bottom_right))
            for share in (word.start, word.end)
        ]
        box = box_around(np.array(corners, dtype=np.float32), page.shape)
        yield Word(word.text, box, min(word.confidences), number)
