"""What a PDF carries beside its pages, and whether it is built as a bomb. Read with pikepdf, without running anything."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf

from reading.limits import Limits
from schemas.errors import LimitExceededError

ACTIONS = ("/JavaScript", "/Launch", "/ImportData", "/SubmitForm")
INFLATE_MOST = 1032  # deflate cannot pack more densely than so many to one
MOST_OBJECTS = 1_000_000
UNOPENED = (pikepdf.PdfError, pikepdf.PasswordError, ValueError, TypeError, KeyError, RuntimeError, OSError)


def pdf_features(path: Path, limits: Limits) -> list[str]:
    """SIGNED, ACTIVE_CONTENT, EMBEDDED_FILES where they hold. A file that pikepdf cannot open has none.

    Raises:
        LimitExceededError: a stream unpacks beyond the limit, or there are too many objects.
    """
    try:
        with pikepdf.open(path, suppress_warnings=True) as document:
            return _features(document, limits)
    except UNOPENED:
        return []


def _features(document: pikepdf.Pdf, limits: Limits) -> list[str]:
    flags: set[str] = set()
    if len(document.objects) > MOST_OBJECTS:
        raise LimitExceededError("too many objects", reason="PDF_RESOURCE_LIMIT")
    for item in document.objects:
        if isinstance(item, pikepdf.Stream):
            _check_stream(item, limits)
        elif isinstance(item, pikepdf.Dictionary):
            flags.update(_facts(item))
    return sorted(flags)


def _facts(item: pikepdf.Dictionary) -> Iterator[str]:
    """What one dictionary tells. Actions and files are dictionaries of their own or sit directly in their owner's."""
    if item.get("/S") in ACTIONS or "/JS" in item:
        yield "ACTIVE_CONTENT"
    for key in ("/OpenAction", "/A"):
        action = item.get(key)
        if isinstance(action, pikepdf.Dictionary) and action.get("/S") in ACTIONS:
            yield "ACTIVE_CONTENT"
    if item.get("/Type") == "/Filespec" and "/EF" in item:
        yield "EMBEDDED_FILES"
    if item.get("/Type") == "/Sig" or "/ByteRange" in item:
        yield "SIGNED"


def _check_stream(stream: pikepdf.Stream, limits: Limits) -> None:
    """Unpack a suspicious stream's deflate layers within the limit. Pictures may be larger: their pixels are limited."""
    filters = _filters(stream)
    layers = sum(1 for name in filters if name in ("/FlateDecode", "/Fl"))
    packed = int(stream.get("/Length", 0))
    most = limits.pdf_stream_bytes
    if stream.get("/Subtype") == "/Image" and layers < 2:
        if int(stream.get("/Width", 0)) * int(stream.get("/Height", 0)) > limits.pixels:
            raise LimitExceededError("a picture has too many pixels", reason="IMAGE_TOO_LARGE")
        return
    if not layers or packed * INFLATE_MOST**layers <= most:
        return
    body = stream.read_raw_bytes()
    for name in filters:
        if name not in ("/FlateDecode", "/Fl"):
            return
        body = _inflated(body, most)


def _inflated(body: bytes, most: int) -> bytes:
    """One deflate layer off, as far as it is intact.

    Raises:
        LimitExceededError: more than `most` bytes come out.
    """
    try:
        inflated = zlib.decompressobj().decompress(body, most + 1)
    except zlib.error:
        return b""
    if len(inflated) > most:
        raise LimitExceededError("a stream unpacks beyond the limit", reason="PDF_RESOURCE_LIMIT")
    return inflated


def _filters(stream: pikepdf.Stream) -> list[str]:
    found: Any = stream.get("/Filter")
    if found is None:
        return []
    return [str(name) for name in found] if isinstance(found, pikepdf.Array) else [str(found)]
