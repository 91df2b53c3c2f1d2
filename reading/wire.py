"""Frames between the pool and a child: four bytes of length, big-endian, then that many bytes of JSON."""

from __future__ import annotations

import struct
from typing import BinaryIO

HEADER = struct.Struct(">I")


def frame(body: bytes) -> bytes:
    """The body with its length in front."""
    return HEADER.pack(len(body)) + body


def send(stream: BinaryIO, body: bytes) -> None:
    """Write one frame and flush it."""
    stream.write(frame(body))
    stream.flush()


def receive(stream: BinaryIO) -> bytes | None:
    """Read one frame; None when the other side has closed."""
    header = stream.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    (length,) = HEADER.unpack(header)
    body = stream.read(length)
    return body if len(body) == length else None
