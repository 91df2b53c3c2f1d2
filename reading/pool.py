"""The way into this room: a pool of warm, sandboxed reader processes.

    with ReaderPool(size=2) as pool:
        if pool.inspect(path, "invoice.pdf").reason is None:
            reading = pool.read(path, media_type="application/pdf")

Threads may share a pool; each call has one child to itself. A child that overruns, dies or wears out is replaced, and the
other children go on.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self, TypeVar

from reading.limits import Limits
from reading.sandbox import Tier, best_tier
from reading.worker import Worker
from schemas.errors import DocumentError, ReaderCrashedError
from schemas.inspection import Inspection, Member
from schemas.reading import Box, PageReading, Reading, Reread, Table

LANGUAGES = ("de", "en")
Answer = TypeVar("Answer")


class ReaderPool:
    """`size` reader processes, started when first needed.

    `tier` names the walls around them (`reading.sandbox.Tier`); "auto" takes the best that works here.
    `rehearsal` allows operations that misbehave on purpose, for tests.
    """

    def __init__(
        self, size: int, *, limits: Limits | None = None, tier: Tier | str = "auto", rehearsal: bool = False
    ) -> None:
        self.size = size
        self.limits = limits or Limits()
        self.tier = best_tier() if tier == "auto" else Tier(tier)
        self._rehearsal = rehearsal
        self._names: dict[tuple[str, ...], str] = {}
        self._reset()

    def _reset(self) -> None:
        self._owner = os.getpid()
        self._closed = False
        self._warming = threading.Lock()  # two that each wait for all places would wait for ever
        self._workers: set[Worker] = set()
        self._idle: queue.LifoQueue[Worker | None] = queue.LifoQueue()
        for _ in range(self.size):
            self._idle.put(None)  # a place whose child is not started yet

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Kill the children; a job that still runs in another thread ends with ReaderCrashedError."""
        self._closed = True
        for worker in list(self._workers):
            worker.stop()
        places = [self._idle.get() for _ in range(self._idle.qsize())]
        for place in places:
            if place:
                place.kill()
            self._idle.put(None)

    def warm(self) -> None:
        """Start all children now instead of at their first job."""
        with self._warming, ExitStack() as all_places:
            for _ in range(self.size):
                all_places.enter_context(self._lend())

    @property
    def pids(self) -> list[int]:
        """Process ids of the children that are up."""
        return [worker.pid for worker in list(self._workers)]

    def inspect(self, path: Path, name: str, *, transcripts: bool = False) -> Inspection:
        """Say what a file is and whether it may go on. `name` is the sender's file name: its ending is compared.

        `transcripts`: text and mail are taken for transcripts of contacts; else they are not supported.

        A bad file is no error here: its reason is in the result.

        Raises:
            ReaderCrashedError: the child died or hung over it.
        """
        try:
            return self._run(
                "inspect", path, {"name": name, "transcripts": transcripts}, Inspection.model_validate_json
            )
        except DocumentError as error:
            return Inspection(reason=error.reason)

    def read(
        self, path: Path, *, media_type: str, profile: str = "fast", languages: Sequence[str] = LANGUAGES
    ) -> Reading:
        """All pages of a PDF or image as words with boxes.

        Raises:
            DocumentError: it cannot be read, with the reason.
            ReaderCrashedError: the child died or hung over it.
        """
        arguments = {"media_type": media_type, "profile": profile, "languages": list(languages)}
        return self._run("read", path, arguments, Reading.model_validate_json)

    def read_turned(
        self,
        path: Path,
        *,
        media_type: str,
        page: int,
        rotation: int,
        profile: str = "fast",
        languages: Sequence[str] = LANGUAGES,
    ) -> PageReading:
        """One page (from 1) as a person turned it: clockwise by `rotation` (0, 90, 180, 270). Errors as `read`."""
        arguments = {
            "media_type": media_type,
            "page": page,
            "rotation": rotation,
            "profile": profile,
            "languages": list(languages),
        }
        return self._run("read_turned", path, arguments, PageReading.model_validate_json)

    def reader_name(self, profile: str = "fast", languages: Sequence[str] = LANGUAGES) -> str:
        """What `Reading.reader` will say: the cache key beside the content hash, known before anything is read."""
        key = (profile, *languages)
        if key not in self._names:
            arguments = {"profile": profile, "languages": list(languages)}
            self._names[key] = self._run("name", None, arguments, json.loads)
        return self._names[key]

    def reread(
        self,
        path: Path,
        *,
        media_type: str,
        page: int,
        boxes: Sequence[Box],
        rotation: int = 0,
        skew: float = 0.0,
        outline: Sequence[tuple[float, float]] | None = None,
        languages: Sequence[str] = LANGUAGES,
    ) -> list[list[Reread]]:
        """For each box what the accurate reader reads in it in four variations of the picture, and what Tesseract reads.

        Boxes are shares of the upright page, and hold one line of text each: pass the lines of an address one by one.
        `rotation`, `skew` and `outline` are those of the page's reading. Errors as `read`.
        """
        arguments = {
            "media_type": media_type,
            "page": page,
            "boxes": [list(box) for box in boxes],
            "rotation": rotation,
            "skew": skew,
            "outline": outline,
            "languages": list(languages),
        }

        def parse(raw: bytes) -> list[list[Reread]]:
            return [[Reread(**row) for row in line] for line in json.loads(raw)]

        return self._run("reread", path, arguments, parse)

    def tables(self, path: Path, pages: Sequence[int]) -> list[Table]:
        """The ruled tables on these pages (from 1) of a PDF that has its own text. Errors as `read`."""
        return self._run("tables", path, {"pages": list(pages)}, lambda raw: [Table(**row) for row in json.loads(raw)])

    def unpack(self, path: Path, into: Path) -> list[Member]:
        """Write an archive's members into the folder `into` under names of our own, within the archive limits.

        Raises:
            UnsafeArchiveError: a bomb, a path that leaves its folder, a link; then nothing is written to `into`.
            DocumentError: it cannot be opened.
        """

        def fetch(raw: bytes, folder: Path) -> list[Member]:
            members = [Member(**row) for row in json.loads(raw)]
            return [m.model_copy(update={"path": _move(folder, m.path, into / m.path.name)}) for m in members]

        return self._fetch("unpack", path, {}, fetch)

    def render(
        self,
        path: Path,
        *,
        media_type: str,
        page: int,
        width_px: int,
        rotation: int = 0,
        skew: float = 0.0,
        outline: Sequence[tuple[float, float]] | None = None,
        crop: Box | None = None,
        hidden: Sequence[Box] = (),
        out: Path,
    ) -> None:
        """Write a page (from 1) as JPEG, upright as its boxes are when given its reading's `rotation`, `skew`
        and `outline`.

        `width_px` is the width of the result, also of a `crop` of the upright page; `hidden` parts are painted over. Errors as
        `read`.
        """
        arguments = {
            "media_type": media_type,
            "page": page,
            "width_px": width_px,
            "rotation": rotation,
            "skew": skew,
            "outline": outline,
            "crop": crop,
            "hidden": hidden,
        }
        self._fetch("render", path, arguments, lambda raw, folder: _move(folder, Path(json.loads(raw)), out))

    def prepare(
        self, path: Path, *, media_type: str, page: int, languages: Sequence[str] = LANGUAGES, out: Path
    ) -> list[str]:
        """Write the cleaned-up grey image (PNM) that OCR of this page starts from; returns the engine's own arguments.

        For benchmarks: the bare engine on the same image is the yardstick. Errors as `read`.
        """
        arguments = {"media_type": media_type, "page": page, "languages": list(languages)}

        def fetch(raw: bytes, folder: Path) -> list[str]:
            answer = json.loads(raw)
            _move(folder, Path(answer["image"]), out)
            return [str(part) for part in answer["options"]]

        return self._fetch("prepare", path, arguments, fetch)

    def misbehave(self, how: str) -> str:
        """Make a child misbehave (`reading.rehearsal`); only where the pool was made with `rehearsal`."""
        return self._run("misbehave", None, {"how": how}, lambda raw: str(json.loads(raw)))

    def _run(
        self, operation: str, path: Path | None, arguments: Mapping[str, Any], parse: Callable[[bytes], Answer]
    ) -> Answer:
        return self._fetch(operation, path, arguments, lambda raw, _: parse(raw))

    def _fetch(
        self,
        operation: str,
        path: Path | None,
        arguments: Mapping[str, Any],
        fetch: Callable[[bytes, Path], Answer],
    ) -> Answer:
        """Run a job and take its result while the child is still ours."""
        with self._lend() as worker:
            return fetch(worker.run(operation, path, arguments), worker.folder)

    @contextmanager
    def _lend(self) -> Iterator[Worker]:
        """One child for one job; a child that failed or is worn out leaves an empty place behind."""
        if os.getpid() != self._owner:
            self._after_fork()
        worker = self._idle.get()
        try:
            worker = worker or self._start()
            yield worker
        finally:
            if worker is not None and not worker.reusable:
                worker.kill()
                self._workers.discard(worker)
                worker = None
            self._idle.put(worker)

    def _start(self) -> Worker:
        if not self._closed:
            worker = Worker(self.limits, self.tier, rehearsal=self._rehearsal)
            self._workers.add(worker)
            if not self._closed:
                return worker
            worker.kill()
        raise ReaderCrashedError("the reader pool is closed")

    def _after_fork(self) -> None:
        """A forked copy must not talk to its parent's children: it lets go of them and starts its own."""
        for worker in self._workers:
            worker.abandon()
        self._reset()


def _move(folder: Path, source: Path, target: Path) -> Path:
    """Take a file out of a child's folder. What the child names is not trusted: it must be a plain file inside."""
    inside = folder / source.relative_to(folder) if source.is_relative_to(folder) else folder
    if inside.is_symlink() or not inside.is_file() or not inside.resolve().is_relative_to(folder.resolve()):
        raise ReaderCrashedError("the reader named a file that is not there")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(inside, target)
    return target
