"""Folder inboxes: which files lie there complete, in which batch, and claiming one by an atomic rename.

`inbox/<client>/<process>/` holds loose files, an `urgent` subfolder that overtakes, and one subfolder per named batch.
A claimed file rests in `.claimed/<receipt id>.<batch id>.<u|n>/<name>` on the same file system until its receipt is committed.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tasks.desk import CLAIMED, URGENT

TEMP_SUFFIXES = (".tmp", ".part", ".partial", ".filepart", ".crdownload", ".swp", "~")
TEMP_PREFIXES = (".", "~$")
ABANDONED_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Waiting:
    """A complete file in an inbox. `batch` is the subfolder's name, or "" for loose files."""

    path: Path
    batch: str
    urgent: bool


@dataclass(frozen=True)
class Claimed:
    """A file that is ours: the receipt it will get, its batch, and where it rests until then."""

    receipt_id: str
    batch_id: str
    urgent: bool
    path: Path

    @property
    def name(self) -> str:
        return self.path.name


def waiting_files(inbox: Path, stable_seconds: float) -> list[Waiting]:
    """Complete files, urgent ones first. A batch's subfolder counts as complete when nothing in it still changes."""
    loose, batches = [], []
    for entry in _entries(inbox):
        if entry.is_dir(follow_symlinks=False):
            batches.append(Path(entry.path))
        elif _is_stable(Path(entry.path), stable_seconds):
            loose.append(Waiting(Path(entry.path), "", urgent=False))
    for folder in batches:
        files = [path for path in _files_below(folder) if not is_temporary(path.name)]
        if folder.name == URGENT:
            loose = [Waiting(p, "", urgent=True) for p in files if _is_stable(p, stable_seconds)] + loose
        elif all(_is_stable(path, stable_seconds) for path in files):
            loose += [Waiting(path, folder.name, urgent=False) for path in files]
    return loose


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """Entries that are not temporary, by name; `a.pdf` comes before `a (copy).pdf`. A missing inbox is an empty one."""
    try:
        with os.scandir(folder) as entries:
            return sorted((e for e in entries if not is_temporary(e.name)), key=lambda e: (Path(e.name).stem, e.name))
    except FileNotFoundError:
        return []


def _files_below(folder: Path) -> Iterator[Path]:
    for entry in _entries(folder):
        if entry.is_dir(follow_symlinks=False):
            yield from _files_below(Path(entry.path))
        else:
            yield Path(entry.path)


def is_temporary(name: str) -> bool:
    """Whether a name says that somebody is still writing, or hides."""
    return name.startswith(TEMP_PREFIXES) or name.lower().endswith(TEMP_SUFFIXES)


def abandoned_uploads(inbox: Path, now: float) -> int:
    """How many files with a temporary name have not changed for a day: their sender gave up."""
    unfinished = (path for path in inbox.rglob("*") if CLAIMED not in path.parts and is_temporary(path.name))
    return sum(path.is_file() and now - path.lstat().st_mtime > ABANDONED_SECONDS for path in unfinished)


def _is_stable(path: Path, seconds: float) -> bool:
    """Whether neither content nor name changed for so long. The change time also moves when a finished copy is renamed."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return False
    return time.time() - max(status.st_mtime, status.st_ctime) >= seconds


def is_regular(path: Path) -> bool:
    """A plain file: no link, pipe or device, whatever it points to."""
    return stat.S_ISREG(path.lstat().st_mode)


def claim(inbox: Path, waiting: Waiting, receipt_id: str, batch_id: str) -> Claimed | None:
    """Take a file by renaming it; None where another was faster or the client took it back."""
    folder = inbox / CLAIMED / f"{receipt_id}.{batch_id}.{'u' if waiting.urgent else 'n'}"
    folder.mkdir(parents=True)
    try:
        waiting.path.rename(folder / waiting.path.name)
    except FileNotFoundError:
        folder.rmdir()
        return None
    return Claimed(receipt_id, batch_id, waiting.urgent, folder / waiting.path.name)


def claimed_files(inbox: Path) -> list[Claimed]:
    """What was claimed and not finished: by a worker that is busy now, or by one that died."""
    claims = []
    for folder in sorted((inbox / CLAIMED).glob("*.*.*")):
        receipt_id, batch_id, urgency = folder.name.split(".")
        claims += [Claimed(receipt_id, batch_id, urgency == "u", path) for path in folder.iterdir()]
    return claims


def put_away(claimed: Claimed, taken: Path) -> None:
    """Move a registered file out of the inbox; its bytes are in the blob store and its receipt is committed."""
    target = taken / claimed.receipt_id
    target.mkdir(parents=True, exist_ok=True)
    try:
        claimed.path.rename(target / claimed.name)
        claimed.path.parent.rmdir()
    except FileNotFoundError:
        return  # the worker that we thought dead has done it


def drop_empty_batches(inbox: Path, seconds: float) -> None:
    """Remove batch folders that were emptied some time ago; one that is being filled stays."""
    for entry in _entries(inbox):
        path = Path(entry.path)
        if entry.is_dir(follow_symlinks=False) and entry.name != URGENT and _is_stable(path, seconds + 60):
            for folder in sorted(path.rglob("*/"), reverse=True):
                folder.rmdir() if not any(folder.iterdir()) else None
            if not any(path.iterdir()):
                path.rmdir()
