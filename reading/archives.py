"""Unpack ZIP and tar archives. Nothing that an archive says about itself is believed: names are checked, bytes are counted
while they come out, and every member is written under a name of our own.

Nested archives are members like any others; whoever unpacks them counts the depth.
"""

from __future__ import annotations

import gzip
import lzma
import re
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, cast

from reading.limits import MIB, Limits
from schemas.errors import NeedsPasswordError, UnreadableError, UnsafeArchiveError
from schemas.inspection import Member

CHUNK = 64 * 1024
ENCRYPTED = 0x1
DRIVE = re.compile(r"^[A-Za-z]:")
DAMAGE = (
    *(zipfile.BadZipFile, tarfile.TarError, gzip.BadGzipFile, zlib.error, lzma.LZMAError),
    *(OSError, EOFError, ValueError, NotImplementedError, RuntimeError),
)


class _Budget:
    """Counts the bytes that really come out of an archive.

    The ratio counts against the whole archive file, after the first MiB, so that small files of zeros pass.
    """

    def __init__(self, packed: int, limits: Limits) -> None:
        self._packed = max(1, packed)
        self._limits = limits
        self._total = 0

    def take(self, size: int, of_member: int) -> None:
        """Raises UnsafeArchiveError once a limit is passed."""
        self._total += size
        limits = self._limits
        if of_member > limits.archive_entry_bytes or self._total > limits.archive_bytes:
            raise UnsafeArchiveError("the archive grows too large", reason="ARCHIVE_BOMB")
        if self._total > MIB and self._total > limits.archive_ratio * self._packed:
            raise UnsafeArchiveError("the archive is packed too densely", reason="ARCHIVE_BOMB")


def unpack_archive(path: Path, media_type: str, into: Path, limits: Limits) -> list[Member]:
    """Write all files of an archive into the folder `into`; folders and the archive's own bookkeeping are left out.

    Raises:
        UnsafeArchiveError: a bomb, an unsafe name, a link or a device. Files written so far stay for the caller to remove.
        NeedsPasswordError: a member is encrypted.
        UnreadableError: the archive is damaged.
    """
    members: list[Member] = []
    budget = _Budget(path.stat().st_size, limits)
    with _translated():
        for name, stream in _members(path, media_type, limits):
            target = into / f"{len(members) + 1:04d}{_safe_suffix(name)}"
            members.append(Member(name=name, path=target, size=_copy(stream, target, budget)))
            if len(members) > limits.archive_entries:
                raise UnsafeArchiveError("the archive has too many entries", reason="ARCHIVE_BOMB")
    return members


def check_archive(path: Path, media_type: str, limits: Limits) -> None:
    """Look at a ZIP's table of contents without unpacking; a tar has none, its names are checked as they come.

    Raises:
        DocumentError: it cannot be opened, or is unsafe.
    """
    if media_type == "application/zip":
        with _translated(), zipfile.ZipFile(path) as archive:
            _check_zip(archive, limits)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (NeedsPasswordError, UnsafeArchiveError):
        raise
    except DAMAGE as error:
        raise UnreadableError(f"the archive is damaged ({type(error).__name__})") from error


def _members(path: Path, media_type: str, limits: Limits) -> Iterator[tuple[str, IO[bytes]]]:
    if media_type == "application/zip":
        yield from _zip_members(path, limits)
    elif media_type in ("application/x-tar", "application/gzip") and _is_tar(path):
        yield from _tar_members(path)
    else:
        with gzip.open(path) as unpacked:
            yield "content", cast(IO[bytes], unpacked)


def _zip_members(path: Path, limits: Limits) -> Iterator[tuple[str, IO[bytes]]]:
    with zipfile.ZipFile(path) as archive:
        for entry in _check_zip(archive, limits):
            with archive.open(entry) as stream:
                yield entry.filename, stream


def _check_zip(archive: zipfile.ZipFile, limits: Limits) -> list[zipfile.ZipInfo]:
    """The files of a ZIP, after all that can be said without unpacking."""
    entries = [entry for entry in archive.infolist() if not entry.filename.endswith("/")]
    if len(archive.infolist()) > limits.archive_entries:
        raise UnsafeArchiveError("the archive has too many entries", reason="ARCHIVE_BOMB")
    for entry in archive.infolist():
        _check_name(entry.orig_filename)
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise UnsafeArchiveError("the archive holds a link or a device")
    _check_overlap(entries)
    if any(entry.flag_bits & ENCRYPTED for entry in entries):
        raise NeedsPasswordError()
    return entries


def _check_overlap(entries: list[zipfile.ZipInfo]) -> None:
    """Entries that share packed bytes multiply them: the densest bombs (Fifield, WOOT 2019) are built so."""
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise UnsafeArchiveError("entries of the archive overlap", reason="ARCHIVE_BOMB")
        end = entry.header_offset + 30 + entry.compress_size


def _is_tar(path: Path) -> bool:
    try:
        with tarfile.open(path, "r:*"):
            return True
    except DAMAGE:
        return False


def _tar_members(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Names are checked as they stream by: nothing leaves the child's folder before the whole archive has passed."""
    with tarfile.open(path, "r|*") as archive:
        for entry in archive:
            _check_name(entry.name)
            if entry.isdir():
                continue
            if not entry.isfile() or entry.issparse():
                raise UnsafeArchiveError("the archive holds a link, a device or a sparse file")
            stream = archive.extractfile(entry)
            if stream is not None:
                yield entry.name, stream


def _check_name(name: str) -> None:
    plain = name.replace("\\", "/")
    if "\x00" in name or plain.startswith("/") or DRIVE.match(plain) or ".." in PurePosixPath(plain).parts:
        raise UnsafeArchiveError("a name in the archive leads outside its folder")


def _safe_suffix(name: str) -> str:
    suffix = PurePosixPath(name.replace("\\", "/")).suffix.lower()
    return suffix if re.fullmatch(r"\.[a-z0-9]{1,8}", suffix) else ""


def _copy(stream: IO[bytes], target: Path, budget: _Budget) -> int:
    """Stream a member to disk, chunk by chunk against the budget; returns its size in bytes."""
    size = 0
    with target.open("xb") as file:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            budget.take(len(chunk), size)
            file.write(chunk)
    return size
