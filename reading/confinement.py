"""How a child binds itself before it sees a stranger's bytes: resource limits, and death with its owner.

Platforms that lack a limit (macOS has no address space limit that holds) go without it; the pool's wall clock remains.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import shutil
import signal
import sys
import threading
import time
from pathlib import Path

from reading.limits import Limits

if sys.platform != "win32":
    import resource


def confine(limits: Limits) -> None:
    """Set the limits of this process and of every program that it starts."""
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_AS, limits.memory_bytes)
    _limit(resource.RLIMIT_FSIZE, limits.written_file_bytes)
    _limit(resource.RLIMIT_NOFILE, limits.open_files)


def allow_cpu(seconds: float) -> None:
    """Let the process use `seconds` more CPU time than it has used so far; beyond, the system kills it (SIGXCPU).

    CPU limits count from the birth of the process, so a warm child raises its soft limit with every job and page.
    """
    used = int(time.process_time())
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (used + int(seconds) + 1, hard))


def _limit(kind: int, value: int) -> None:
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(kind, (value, value))


def resident_bytes() -> int:
    """Memory that this process holds now (its peak where the system does not say)."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def give_back_memory() -> None:
    """Return freed memory to the system (glibc): the sandbox lets a process keep it within a job."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def die_with_owner(descriptor: int, folder: Path) -> None:
    """Leave as soon as the other end of the pipe `descriptor` closes, even in the middle of a job."""

    def wait() -> None:
        poll = select.poll()
        poll.register(descriptor, 0)  # hang-up and errors are always reported
        poll.poll()
        leave(folder)

    threading.Thread(target=wait, daemon=True).start()


def leave(folder: Path) -> None:
    """Empty the private folder, so that no document stays behind, and kill the whole process group."""
    shutil.rmtree(folder, ignore_errors=True)
    os.killpg(0, signal.SIGKILL)
