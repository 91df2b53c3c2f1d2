"""What a first look at a byte stream says: what it is, whether it may be read, and what an archive holds."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict


class Kind(StrEnum):
    """The families of files that Cleardesk tells apart."""

    PDF = "pdf"
    IMAGE = "image"
    ARCHIVE = "archive"
    XML = "xml"
    TEXT = "text"
    MAIL = "mail"
    OFFICE = "office"
    UNKNOWN = "unknown"


class Inspection(BaseModel):
    """Facts found without reading the pages.

    `reason` is the reason code that stops the file here (see `schemas.reasons`), or None when it may be read or unpacked.
    `flags` are facts that go on with it: RESTRICTED, SIGNED, ACTIVE_CONTENT, EMBEDDED_FILES, DAMAGED_REPAIRED, TYPE_MISMATCH.
    `pages` is None for what has no pages.
    """

    model_config = ConfigDict(frozen=True)

    kind: Kind = Kind.UNKNOWN
    media_type: str = "application/octet-stream"
    pages: int | None = None
    flags: list[str] = []
    reason: str | None = None


class Member(BaseModel):
    """One file of an archive: its name inside, where its bytes were written, and how many (really counted) bytes it has."""

    model_config = ConfigDict(frozen=True)

    name: str
    path: Path
    size: int
