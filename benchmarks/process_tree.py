"""CPU time and memory of this process and everything below it, also of children that are killed. Linux only (`/proc`)."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

EVERY_SECONDS = 0.25
TICKS = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
MIB = 1024 * 1024


@dataclass(frozen=True)
class Process:
    """One process as last seen: CPU seconds of itself and of children that it waited for, resident bytes."""

    parent: int
    cpu: float
    rss: int


class ProcessTree:
    """Watches this process and its descendants while its `watching` block runs.

    A process that its parent waited for is in the parent's figure. One whose parent died with it is kept as last seen, so what
    is killed loses at most `EVERY_SECONDS` of its time. What the watching itself costs is left out.
    """

    def __init__(self) -> None:
        self.root = os.getpid()
        self.peak_rss = 0  # bytes, of any one process
        self._seen: dict[int, Process] = {}
        self._gone = 0.0
        self._watching = 0.0
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def watching(self) -> Iterator[ProcessTree]:
        """Look at the tree again and again until the block ends."""
        stop = threading.Event()

        def watch() -> None:
            while not stop.wait(EVERY_SECONDS):
                self._look()

        thread = threading.Thread(target=watch, name="process-tree", daemon=True)
        thread.start()
        try:
            yield self
        finally:
            stop.set()
            thread.join()

    def cpu_seconds(self) -> float:
        """User and system time so far, of this process and of all that it ever started in the block."""
        with self._lock:
            self._look_now()
            children = sum(process.cpu for process in self._seen.values())
            return time.process_time() - self._watching + sum(os.times()[2:4]) + children + self._gone

    def own_cpu_seconds(self) -> float:
        """Of this process alone."""
        return time.process_time() - self._watching

    def children(self) -> set[int]:
        """Process ids of what this process has started and not waited for."""
        return set(_children(self.root))

    def below(self, pid: int) -> float:
        """CPU seconds of one child and everything below it, as of now."""
        return sum(process.cpu for process in descendants(pid).values()) + _process(pid).cpu

    def resident_below(self, pid: int) -> int:
        """Resident bytes of the largest process among one child and everything below it, as of now."""
        return max(process.rss for process in (_process(pid), *descendants(pid).values()))

    def _look(self) -> None:
        with self._lock:
            self._look_now()

    def _look_now(self) -> None:
        started = time.thread_time()
        now = descendants(self.root)
        for pid, process in self._seen.items():
            if pid not in now and process.parent != self.root and process.parent not in now:
                self._gone += process.cpu
        self._seen = now
        self.peak_rss = max([self.peak_rss, own_rss(), *(process.rss for process in now.values())])
        self._watching += time.thread_time() - started


def own_rss() -> int:
    """Resident bytes of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_BYTES


def descendants(pid: int) -> dict[int, Process]:
    """Everything below a process, without itself."""
    found: dict[int, Process] = {}
    for child in _children(pid):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            found[child] = _process(child)
            found |= descendants(child)
    return found


def _children(pid: int) -> list[int]:
    children: list[int] = []
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for thread in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208 (many times a second)
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                children += map(int, Path(f"/proc/{pid}/task/{thread}/children").read_text().split())
    return children


def _process(pid: int) -> Process:
    """From `/proc/PID/stat`: 4 parent, 14 to 17 times in ticks, 24 resident pages (proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return Process(int(fields[1]), sum(map(int, fields[11:15])) / TICKS, int(fields[21]) * PAGE_BYTES)
