"""The blob store: bytes by content, `client/shelf/ab/sha256`, never changed. A first byte names the codec, for later encryption.

Originals and models have a shelf each. Local folders are written with fsync and rename before anything refers to them; other
stores go through fsspec. Derived data (readings, previews) lives beside the originals under `client/derived/`, per client, so
that erasing a client's document leaves nothing behind.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import fsspec
from fsspec.implementations.local import LocalFileSystem

from schemas.clock import now
from schemas.errors import StoreUnavailableError

CHUNK = 1 << 20
PLAIN = b"\x00"
ORIGINALS, MODELS = "originals", "models"


@dataclass(frozen=True)
class Blob:
    """What was stored: content hash (hex SHA-256 of the bytes as they came) and size in bytes."""

    sha256: str
    size: int


class BlobStore:
    """Originals and derived data of all clients under one address."""

    def __init__(self, url: str, scratch: Path) -> None:
        self.filesystem, self.root = fsspec.core.url_to_fs(url)
        self.is_local = isinstance(self.filesystem, LocalFileSystem)
        self.scratch = scratch
        scratch.mkdir(parents=True, exist_ok=True)

    def put(self, client_id: str, source: BinaryIO, *, limit: int | None = None, shelf: str = ORIGINALS) -> Blob:
        """Stream bytes in while hashing; durable when this returns. The same bytes twice are stored once.

        Raises:
            StoreUnavailableError: disk full or store away; nothing half-written stays visible.
            ValueError: more than `limit` bytes came.
        """
        digest, size = hashlib.sha256(), 0
        try:
            with self._temporary() as temp:
                temp.write(PLAIN)
                while chunk := source.read(CHUNK):
                    size += len(chunk)
                    if limit is not None and size > limit:
                        raise ValueError(f"over {limit} bytes")
                    digest.update(chunk)
                    temp.write(chunk)
                temp.flush()
                os.fsync(temp.fileno())
                sha256 = digest.hexdigest()
                self._place(Path(temp.name), self.key(client_id, sha256, shelf))
        except OSError as error:
            raise StoreUnavailableError(f"the blob store took no bytes: {error.strerror}") from error
        return Blob(sha256, size)

    def open(self, client_id: str, sha256: str, *, shelf: str = ORIGINALS) -> BinaryIO:
        """The bytes as they came. Raises StoreUnavailableError where they are not there."""
        try:
            stream: BinaryIO = self.filesystem.open(self.key(client_id, sha256, shelf), "rb")
        except OSError as error:
            raise StoreUnavailableError(f"blob {sha256[:12]} is not there") from error
        stream.read(1)
        return stream

    @contextmanager
    def as_file(self, client_id: str, sha256: str) -> Iterator[Path]:
        """A private local copy without the codec byte, for a reader process; gone afterwards."""
        with self._temporary() as temp, self.open(client_id, sha256) as stream:
            shutil.copyfileobj(stream, temp, CHUNK)
            temp.flush()
            yield Path(temp.name)

    def exists(self, client_id: str, sha256: str) -> bool:
        return bool(self.filesystem.exists(self.key(client_id, sha256)))

    def intact(self, client_id: str, sha256: str, *, shelf: str = ORIGINALS) -> bool:
        """Whether the stored bytes still hash to their name."""
        digest = hashlib.sha256()
        with self.open(client_id, sha256, shelf=shelf) as stream:
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
        return digest.hexdigest() == sha256

    def inventory(self, client_id: str) -> set[str]:
        """The content hashes of all originals of a client, read from the store itself."""
        root = f"{self.root}/{client_id}/{ORIGINALS}"
        if not self.filesystem.exists(root):
            return set()
        return {path.rsplit("/", 1)[-1] for path in self.filesystem.find(root)}

    def age(self, client_id: str, sha256: str) -> dt.timedelta | None:
        """How long ago the original was stored; None where it is gone."""
        try:
            stored: dt.datetime = self.filesystem.modified(self.key(client_id, sha256))
        except FileNotFoundError:
            return None
        return now() - (stored if stored.tzinfo else stored.replace(tzinfo=dt.UTC))

    def put_derived(self, client_id: str, name: str, data: bytes) -> None:
        """Keep derived data under a name that contains the content hash and the maker's version; it can be made again."""
        key = self._derived(client_id, name)
        self.filesystem.makedirs(key.rpartition("/")[0], exist_ok=True)
        temp = f"{key}.{os.getpid()}.{threading.get_ident()}"
        self.filesystem.pipe_file(temp, data)
        self.filesystem.mv(temp, key)

    def get_derived(self, client_id: str, name: str) -> bytes | None:
        """Derived data, or None where it was not made yet."""
        try:
            return bytes(self.filesystem.cat_file(self._derived(client_id, name)))
        except FileNotFoundError:
            return None

    def key(self, client_id: str, sha256: str, shelf: str = ORIGINALS) -> str:
        return f"{self.root}/{client_id}/{shelf}/{sha256[:2]}/{sha256}"

    def _derived(self, client_id: str, name: str) -> str:
        return f"{self.root}/{client_id}/derived/{name}"

    def _temporary(self) -> tempfile._TemporaryFileWrapper[bytes]:
        return tempfile.NamedTemporaryFile(dir=self.scratch)

    def _place(self, temp: Path, key: str) -> None:
        """Make the temp file visible under its key: link and fsync locally, upload elsewhere; never overwrite."""
        if self.filesystem.exists(key):
            return
        if not self.is_local:
            self.filesystem.put_file(str(temp), key)
            return
        target = Path(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):  # another worker stored the same bytes just now
            os.link(temp, target)
        fsync_folder(target.parent)


def fsync_folder(folder: Path) -> None:
    """Make a rename or link in this folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
