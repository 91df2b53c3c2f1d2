"""PP-OCRv6 as a reader: RapidOCR with the models that its wheel carries, on ONNX Runtime.

Text lines are found on a copy of at most 960 pixels (receipts) or 1,280 pixels (pages) and recognised one by one at their own
width: RapidOCR pads every line to 320 pixels and to the widest of its batch, which on receipts costs a third of the time
(measured: 1.50 against 1.06 CPU seconds a receipt, word recall 0.944 against 0.945). The angle classifier is off: pages are
upright already. One thread, and no memory arena: memory stays flat over pages of all sizes.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from reading.protocol import Layout
from schemas.errors import ReaderCrashedError, SettingsError
from schemas.reading import Box, Word

LONGEST_SIDE = {Layout.COLUMN: 960, Layout.PAGE: 1280}  # of the copy on which lines are looked for
LEAST_WIDTH = 64  # to which narrow lines are padded; lines are 48 pixels high
LEAST_SCORE = 0.5  # mean over a line's characters below which it is noise
UPRIGHT = 1.5  # a line so many times as high as wide runs down the page

Quad = npt.NDArray[np.float32]


class PPOCRReader:
    """A `reading.protocol.Reader`. Its models know Latin letters of all European languages, and Chinese and Japanese."""

    def __init__(self) -> None:
        """Load detection and recognition.

        Raises:
            SettingsError: the models are not there.
        """
        self._version = importlib.metadata.version("rapidocr")
        self._engines = {layout: _engine(side) for layout, side in LONGEST_SIDE.items()}
        recognise = self._engines[Layout.COLUMN]._load_rec_model()  # one recogniser serves both
        self._engines[Layout.PAGE].text_rec = recognise

    @property
    def name(self) -> str:
        return f"ppocr6-rapidocr-{self._version}"

    def read_page(self, image: Path, layout: Layout) -> list[Word]:
        """See `reading.protocol.Reader`."""
        picture = cv2.imread(str(image), cv2.IMREAD_COLOR)
        if picture is None:
            raise ReaderCrashedError("the page's image cannot be opened")
        height, width = picture.shape[:2]
        lines = self._lines(self._engines[layout], np.asarray(picture, dtype=np.uint8))
        shares = np.array([width, height, width, height], dtype=np.float64)
        return [
            Word(text, Box(*(round(float(share), 5) for share in np.clip(box / shares, 0, 1))), sure, number)
            for number, line in enumerate(lines)
            for text, box, sure in line
        ]

    def _lines(self, engine: Any, picture: npt.NDArray[np.uint8]) -> Iterator[list[tuple[str, Quad, float]]]:
        """Found lines from top to bottom, each as words with boxes in pixels."""
        try:
            quads = engine._load_det_model()(picture).boxes
            if quads is None:
                return
            crops = engine.crop_text_regions(picture, quads)
            found = engine.recognize_txt(crops)
        except (cv2.error, RuntimeError, ValueError) as error:
            raise ReaderCrashedError("PP-OCR failed on a page") from error
        for quad, crop, text, score, marks in zip(
            quads, crops, found.txts, found.scores, found.word_results, strict=True
        ):
            if text.strip() and score >= LEAST_SCORE:
                yield list(_words(np.asarray(quad), crop.shape[1] < crop.shape[0], text, marks))


def _engine(longest_side: int) -> Any:
    from rapidocr import RapidOCR  # takes a second to load, and only processes that read with it need it

    try:
        return RapidOCR(
            params={
                "Global.log_level": "critical",
                "Global.use_cls": False,
                "Global.return_word_box": True,
                "Det.limit_type": "max",
                "Det.limit_side_len": longest_side,
                "Rec.rec_batch_num": 1,
                "Rec.rec_img_shape": [3, 48, LEAST_WIDTH],
                "EngineConfig.onnxruntime.intra_op_num_threads": 1,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            }
        )
    except (OSError, ValueError, RuntimeError) as error:
        raise SettingsError("the PP-OCR models cannot be loaded") from error


def _words(quad: Quad, runs_down: bool, text: str, marks: Any) -> Iterator[tuple[str, Quad, float]]:
    """One line's words, cut at its blanks and at gaps as wide as a column's.

    `marks` are RapidOCR's: for each word its letters and their columns among `line_txt_len`, and a confidence for each
    letter of the line, blanks included.
    """
    sure = _confidences(text, marks.confs)
    at = 0
    for letters, columns in zip(marks.words, marks.word_cols, strict=True):
        word = "".join(letters)
        least = min(sure[at : at + len(word)], default=0.0)
        at += len(word)
        yield word, _box(quad, runs_down, columns, marks.line_txt_len), round(least, 3)


def _confidences(text: str, confidences: Sequence[float]) -> list[float]:
    """One confidence for each letter that is no blank."""
    return [float(each) for letter, each in zip(text, confidences, strict=False) if not letter.isspace()]


def _box(quad: Quad, runs_down: bool, columns: Sequence[int], length: float) -> Quad:
    """The box of the letters at `columns` of a line: left, top, right, bottom in pixels."""
    steps = [after - before for before, after in pairwise(columns)]
    half = 0.5 * (sum(steps) / len(steps) if steps else 2.0)
    start = min(max((columns[0] + 0.5 - half) / length, 0.0), 1.0)
    end = min(max((columns[-1] + 0.5 + half) / length, start), 1.0)
    top_left, top_right, bottom_right, bottom_left = quad if not runs_down else quad[[1, 2, 3, 0]]
    corners = np.array(
        [
            *(top_left + (top_right - top_left) * share for share in (start, end)),
            *(bottom_left + (bottom_right - bottom_left) * share for share in (start, end)),
        ]
    )
    return np.concatenate([corners.min(axis=0), corners.max(axis=0)])
