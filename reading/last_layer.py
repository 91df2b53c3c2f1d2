"""The last layer of PP-OCR's recogniser, done here: for each column of a line the letter that it shows.

The layer knows 18,710 letters, nearly all of them Chinese and Japanese, and takes a sixth of a line's time. So the network is
cut before it, and the letters of Europe are tried first. Only columns that none of these fits well are tried with all, and if
one of them shows another letter, so is the whole line. On 1,113 lines of receipts two came out differently from all letters at
once (a Chinese stop for a full stop, a dash for a hyphen), Chinese lines included, for a fifth of the layer's time.

The network is an ONNX file, a protobuf message: only the few fields that are needed are taken out of it and written back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FEATURES, WEIGHTS, BIAS = "p2o.pd_op.transpose.8.0", "linear_8.w_0", "linear_8.b_0"  # names in the file
GRAPH, NODE, INITIALIZER, OUTPUT = 7, 1, 5, 12  # field numbers of ONNX's messages
TENSOR_NAME, TENSOR_DATA, VALUE_NAME, NODE_OUTPUT = 8, 9, 1, 2
FIRST_OF_ASIA = 0x2100  # letters, digits, punctuation and currencies of Europe come before, as Unicode has them
FITS = 0.7  # least probability of a column that a letter of Europe fits; on Chinese lines it was 0.63 and less

Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Columns:
    """Of each column the most probable class and its probability, and the probability of the last class, a blank."""

    classes: npt.NDArray[np.int64]
    sure: Array
    blank: Array


class LastLayer:
    """Weights (features x classes) and bias of the layer; `letters` is what each class stands for."""

    def __init__(self, weights: Array, bias: Array, letters: Sequence[str]) -> None:
        self._is_european = np.array([all(ord(c) < FIRST_OF_ASIA for c in letter) for letter in letters])
        european = np.flatnonzero(self._is_european)
        self._all = weights, bias, np.arange(len(letters))
        self._european = np.ascontiguousarray(weights[:, european]), bias[european], european

    def columns(self, features: Array) -> Columns:
        """What the columns (columns x features) show."""
        found = _columns(features, *self._european)
        unsure = features[found.sure < FITS]
        if unsure.size and not self._is_european[_columns(unsure, *self._all).classes].all():
            return _columns(features, *self._all)
        return found


def take_apart(model: bytes) -> tuple[bytes, Array, Array]:
    """The network without its last layer, and that layer's weights and bias.

    Raises:
        ValueError: this is another network.
    """
    (graph,) = (content for number, content, _ in _fields(model) if number == GRAPH)
    tensors = dict(_tensor(content) for number, content, _ in _fields(graph) if number == INITIALIZER)
    if WEIGHTS not in tensors or BIAS not in tensors:
        raise ValueError("the network has no such last layer")
    bias = np.frombuffer(tensors[BIAS], dtype=np.float32)
    weights = np.frombuffer(tensors[WEIGHTS], dtype=np.float32).reshape(-1, len(bias))
    inner = b"".join(_before_last_layer(graph)) + _field(OUTPUT, _field(VALUE_NAME, FEATURES.encode()))
    outer = b"".join(whole for number, _, whole in _fields(model) if number != GRAPH)
    return outer + _field(GRAPH, inner), weights, bias


def _before_last_layer(graph: bytes) -> Iterator[bytes]:
    """The graph's fields without its output, the last layer's weights, and the nodes after the one that gives the features:
    ONNX Runtime would go on running them."""
    done = False
    for number, content, whole in _fields(graph):
        of_last_layer = number == INITIALIZER and _tensor(content)[0] in (WEIGHTS, BIAS)
        if not (number == OUTPUT or of_last_layer or (number == NODE and done)):
            yield whole
        if number == NODE:
            done |= any(part == NODE_OUTPUT and name == FEATURES.encode() for part, name, _ in _fields(content))


def _columns(features: Array, weights: Array, bias: Array, classes: npt.NDArray[np.int64]) -> Columns:
    """The most probable of some classes (softmax); the last of them is the blank."""
    scores = features @ weights + bias
    best = scores.argmax(axis=1)
    scores -= scores[np.arange(len(scores)), best][:, None]
    np.exp(scores, out=scores)
    total = scores.sum(axis=1)
    return Columns(classes[best], 1 / total, scores[:, -1] / total)


def _tensor(message: bytes) -> tuple[str, bytes]:
    """Name and raw data of a tensor."""
    parts = {number: content for number, content, _ in _fields(message)}
    return bytes(parts.get(TENSOR_NAME, b"")).decode(), parts.get(TENSOR_DATA, b"")


def _fields(message: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """The fields of a protobuf message: number, content (of those with a length, else empty), and the whole as it stands."""
    at = 0
    while at < len(message):
        start = at
        key, at = _varint(message, at)
        number, kind = key >> 3, key & 7
        if kind == 2:
            length, at = _varint(message, at)
            at += length
            yield number, message[at - length : at], message[start:at]
            continue
        at = _varint(message, at)[1] if kind == 0 else at + (8 if kind == 1 else 4)
        yield number, b"", message[start:at]


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, the lowest first, and where it ends."""
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _field(number: int, content: bytes) -> bytes:
    """A field with a length."""
    return _number(number << 3 | 2) + _number(len(content)) + content


def _number(value: int) -> bytes:
    low, high = value & 0x7F, value >> 7
    return bytes([low | 0x80]) + _number(high) if high else bytes([low])
