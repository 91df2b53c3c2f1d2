"""Tell what a file is by its first bytes; its name is never believed."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import NamedTuple

from schemas.inspection import Kind

HEAD = 4096
PDF_WITHIN = 1024  # readers accept the PDF mark within the first KiB

SIGNATURES: list[tuple[bytes, Kind, str]] = [
    (b"%PDF-", Kind.PDF, "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", Kind.IMAGE, "image/png"),
    (b"\xff\xd8\xff", Kind.IMAGE, "image/jpeg"),
    (b"II*\x00", Kind.IMAGE, "image/tiff"),
    (b"MM\x00*", Kind.IMAGE, "image/tiff"),
    (b"II+\x00", Kind.IMAGE, "image/tiff"),
    (b"MM\x00+", Kind.IMAGE, "image/tiff"),
    (b"GIF87a", Kind.IMAGE, "image/gif"),
    (b"GIF89a", Kind.IMAGE, "image/gif"),
    (b"BM", Kind.IMAGE, "image/bmp"),
    (b"PK\x03\x04", Kind.ARCHIVE, "application/zip"),
    (b"PK\x05\x06", Kind.ARCHIVE, "application/zip"),
    (b"\x1f\x8b", Kind.ARCHIVE, "application/gzip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind.OFFICE, "application/x-ole-storage"),
    (b"{\\rtf", Kind.OFFICE, "application/rtf"),
]
MAIL_HEADER = re.compile(
    rb"(?im)\A(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*?)*?(?:from|received|return-path|message-id|mime-version|delivered-to):"
)
MARKUP = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*<(?:\?xml|!--|!DOCTYPE|[A-Za-z])")
HTML = re.compile(rb"(?i)\A\s*<(?:!doctype\s+html|html)")
WIDE_XML = (b"\xff\xfe<\x00", b"\xfe\xff\x00<", b"<\x00?\x00", b"\x00<\x00?")  # UTF-16
OFFICE_TYPES = {"word/": "document", "xl/": "sheet", "ppt/": "presentation"}

ENDINGS: dict[str, str] = {
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".gif": "image/gif",
    ".bmp": "image/bmp",
    ".webp": "image/webp",
    ".zip": "application/zip",
    ".tar": "application/x-tar",
    ".tgz": "application/gzip",
    ".gz": "application/gzip",
}


class FileType(NamedTuple):
    """What a file is."""

    kind: Kind
    media_type: str


def identify(path: Path) -> FileType:
    """Kind and media type by content."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    for signature, kind, media_type in SIGNATURES:
        if head.startswith(signature):
            return _zip_type(path) if media_type == "application/zip" else FileType(kind, media_type)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return FileType(Kind.IMAGE, "image/webp")
    if head[257:262] == b"ustar":
        return FileType(Kind.ARCHIVE, "application/x-tar")
    if b"%PDF-" in head[:PDF_WITHIN]:
        return FileType(Kind.PDF, "application/pdf")
    return _text_type(head)


def name_agrees(name: str, media_type: str) -> bool:
    """Whether the sender's file name promises this type; a name without a known ending promises nothing."""
    promised = ENDINGS.get(Path(name).suffix.lower())
    return promised is None or promised == media_type


def _text_type(head: bytes) -> FileType:
    if HTML.match(head):
        return FileType(Kind.TEXT, "text/html")
    if MARKUP.match(head) or head.startswith(WIDE_XML):
        return FileType(Kind.XML, "application/xml")
    if b"\x00" in head:
        return FileType(Kind.UNKNOWN, "application/octet-stream")
    if MAIL_HEADER.match(head):
        return FileType(Kind.MAIL, "message/rfc822")
    printable = sum(byte >= 0x20 or byte in b"\t\r\n\f" for byte in head)
    if printable >= 0.97 * len(head):
        return FileType(Kind.TEXT, "text/plain")
    return FileType(Kind.UNKNOWN, "application/octet-stream")


def _zip_type(path: Path) -> FileType:
    """An office document is a ZIP with a table of contents of its own."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist()[:1000])
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        return FileType(Kind.ARCHIVE, "application/zip")
    if "[Content_Types].xml" in names:
        part = next(
            (kind for start, kind in OFFICE_TYPES.items() if any(n.startswith(start) for n in names)), "document"
        )
        return FileType(Kind.OFFICE, f"application/vnd.openxmlformats-officedocument.{part}")
    if {"mimetype", "content.xml"} <= names:
        return FileType(Kind.OFFICE, "application/vnd.oasis.opendocument")
    return FileType(Kind.ARCHIVE, "application/zip")
