"""Read a corpus with several readers at once and say what it cost: CPU seconds a page, memory over many pages.

What each document cost when it was read is kept beside its cached reading; memory is known of what is read in this run.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks.corpus import CachedReader, Labelled, Setting
from benchmarks.process_tree import MIB, ProcessTree
from reading.limits import Limits
from reading.pool import ReaderPool
from schemas.errors import CleardeskError
from schemas.reading import Reading

SETTLED_PAGES = 20  # after which a reader's memory should grow no more
NEVER = 2**62  # readers are not replaced while their memory is measured


@dataclass
class Cost:
    """What reading took: pages and CPU seconds, and per reader its resident bytes after each page."""

    pages: int = 0
    cpu_s: float = 0.0
    resident: list[list[int]] = field(default_factory=list)

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.pages + other.pages, self.cpu_s + other.cpu_s, self.resident + other.resident)

    def figures(self) -> dict[str, float | int | None]:
        """The benchmark's figures; the worst reader counts for memory, None where it read too few pages to tell."""
        told = [steps for steps in self.resident if len(steps) >= 2 * SETTLED_PAGES]
        growth = max((steps[-1] / steps[SETTLED_PAGES - 1] for steps in told), default=None)
        peak = max((max(steps) for steps in self.resident if steps), default=None)
        return {
            "read_cpu_s_per_page": round(self.cpu_s / self.pages, 3) if self.pages else None,
            "rss_ratio": round(growth, 3) if growth else None,
            "rss_pages": max(map(len, told), default=0),
            "rss_mb": round(peak / MIB) if peak else None,
        }


class MeteredReader(CachedReader):
    """A cached reader with one child of its own, whose CPU time and memory it watches."""

    def __init__(self, corpus: Path, cache: Path, profile: str) -> None:
        pool = ReaderPool(1, limits=replace(Limits(), jobs_per_child=NEVER, resident_bytes=NEVER))
        super().__init__(corpus, pool, cache, profile)
        self.resident: list[int] = []
        self._tree = ProcessTree()

    def fresh(self, path: Path, languages: list[str], key: str) -> Reading:
        """See `CachedReader`."""
        before = self._cpu()
        reading = super().fresh(path, languages, key)
        cost = {"pages": len(reading.pages), "cpu_s": round(self._cpu() - before, 4)}
        (self.cache / f"{key}.cost.json").write_text(json.dumps(cost), encoding="utf-8")
        self.resident += [max(map(self._tree.resident_below, self.pool.pids), default=0)] * len(reading.pages)
        return reading

    def read_all(self, documents: Sequence[Labelled], setting: Setting) -> list[Reading | None]:
        """One reading a document; None for what cannot be read."""
        return [self._read_if_possible(document, setting) for document in documents]

    def _read_if_possible(self, document: Labelled, setting: Setting) -> Reading | None:
        try:
            return self.read(document, setting)
        except CleardeskError:
            return None

    def _cpu(self) -> float:
        return sum(map(self._tree.below, self.pool.pids))


def read_corpus(
    corpus: Path, documents: Sequence[Labelled], setting: Setting, *, profile: str, cache: Path, readers: int
) -> tuple[list[Reading | None], Cost]:
    """All documents in order, and what reading them cost (now or when they were put into the cache)."""
    metered = [MeteredReader(corpus, cache, profile) for _ in range(readers)]
    try:
        with ThreadPoolExecutor(readers) as threads:
            parts = [documents[start::readers] for start in range(readers)]
            found = list(threads.map(lambda reader, part: reader.read_all(part, setting), metered, parts))
    finally:
        for reader in metered:
            reader.pool.close()
    readings = [found[number % readers][number // readers] for number in range(len(documents))]
    return readings, _cost(metered)


def _cost(metered: Sequence[MeteredReader]) -> Cost:
    cost = Cost(resident=[reader.resident for reader in metered])
    for reader in metered:
        for key in dict.fromkeys(reader.used):
            path = reader.cache / f"{key}.cost.json"
            if path.exists():
                known = json.loads(path.read_text(encoding="utf-8"))
                cost.pages += known["pages"]
                cost.cpu_s += known["cpu_s"]
    return cost
