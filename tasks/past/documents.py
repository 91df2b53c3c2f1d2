"""Past documents: every file of a folder, looked at in the sandbox and read once; readings are kept beside the report."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from reading.pool import ReaderPool
from schemas.errors import DocumentError, ReaderCrashedError
from schemas.inspection import Kind
from schemas.reading import Reading

READABLE = frozenset({Kind.PDF, Kind.IMAGE})
COPY = "the same bytes as another file"


@dataclass(frozen=True)
class PastDocument:
    """One document on disk. `names` are its paths inside the folder, copies included; `kept` is where its reading lies."""

    path: Path
    names: tuple[str, ...]
    media_type: str
    kept: Path

    @property
    def name(self) -> str:
        return self.names[0]

    def reading(self) -> Reading:
        """Its words; loaded anew each time, so that a large past does not have to fit in memory."""
        return Reading.model_validate_json(self.kept.read_bytes())


@dataclass(frozen=True)
class Unread:
    """A file that cannot be learned from, and why (a reason code)."""

    name: str
    reason: str


@dataclass(frozen=True)
class HowToRead:
    """The reader's settings: profile and languages, and where readings are kept."""

    profile: str
    languages: Sequence[str]
    cache: Path


def files_in(folder: Path, *, without: Sequence[Path] = ()) -> list[Path]:
    """The files of a folder at any depth, in order; hidden ones and what lies under `without` are passed over."""
    apart = [path.resolve() for path in without]
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and not any(path.resolve().is_relative_to(each) for each in apart)
    ]


def read_past(
    folder: Path, files: Sequence[Path], pool: ReaderPool, how: HowToRead, advance: Callable[[], None]
) -> tuple[list[PastDocument], list[Unread]]:
    """Read every file, as many at a time as the pool has readers; `advance` is called after each."""
    how.cache.mkdir(parents=True, exist_ok=True)
    reader = pool.reader_name(how.profile, how.languages)

    def read(same: list[Path]) -> PastDocument | Unread:
        names = tuple(str(path.relative_to(folder)) for path in same)
        try:
            return _read(same[0], names, pool, how, reader)
        except (DocumentError, ReaderCrashedError) as error:
            return Unread(names[0], error.reason)
        finally:
            for _ in same:
                advance()

    with ThreadPoolExecutor(pool.size) as threads:
        found = list(threads.map(read, _by_content(files)))
    documents = [each for each in found if isinstance(each, PastDocument)]
    copies = [Unread(name, COPY) for each in documents for name in each.names[1:]]
    return documents, [each for each in found if isinstance(each, Unread)] + copies


def _by_content(files: Sequence[Path]) -> Iterator[list[Path]]:
    """Files with the same bytes together: a copy in training would make the held-out figures too good."""
    same: dict[str, list[Path]] = {}
    for path in files:
        with path.open("rb") as stream:
            same.setdefault(hashlib.file_digest(stream, "sha256").hexdigest(), []).append(path)
    yield from same.values()


def _read(path: Path, names: tuple[str, ...], pool: ReaderPool, how: HowToRead, reader: str) -> PastDocument | Unread:
    looked = pool.inspect(path, path.name)
    if looked.reason is not None:
        return Unread(names[0], looked.reason)
    if looked.kind not in READABLE:
        return Unread(names[0], "UNSUPPORTED_TYPE")
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256")
    digest.update(reader.encode())
    kept = how.cache / f"{digest.hexdigest()}.json"
    if not kept.exists():
        reading = pool.read(path, media_type=looked.media_type, profile=how.profile, languages=how.languages)
        temporary = kept.with_suffix(".part")
        temporary.write_text(reading.model_dump_json(), encoding="utf-8")
        temporary.replace(kept)
    return PastDocument(path, names, looked.media_type, kept)
