"""The walls around a child: which the system offers, and the command that starts a child inside them.

Tiers, best first. Every tier adds the resource limits of `reading.confinement`, an empty environment, its own process group
and a private folder.

- `bwrap`: bubblewrap. No network, no other processes, and of the file system only the libraries and the private folder.
- `unshare`: no network; the file system as the user sees it.
- `rlimits`: resource limits only.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from enum import StrEnum
from functools import cache
from pathlib import Path

PACKAGES = [Path(__file__).parent, Path(__file__).parent.parent / "schemas"]
SYSTEM_FOLDERS = ["/usr", "/lib", "/lib64", "/bin", "/etc/alternatives", "/etc/ld.so.cache", "/etc/fonts"]


class Tier(StrEnum):
    """How well a child is walled in."""

    BWRAP = "bwrap"
    UNSHARE = "unshare"
    RLIMITS = "rlimits"


@cache
def best_tier() -> Tier:
    """The best tier that works here, found by trying each once."""
    return next(tier for tier in Tier if tier == Tier.RLIMITS or _works(tier))


def _works(tier: Tier) -> bool:
    if not shutil.which(tier.value):
        return False
    command = [*_prefix(tier, Path("/nonexistent")), sys.executable, "-c", "import encodings"]
    try:
        done = subprocess.run(command, env=environment(Path("/")), capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def command(tier: Tier, folder: Path, *, rehearsal: bool = False) -> list[str]:
    """The command line that starts a child which may write to `folder` only."""
    child = [sys.executable, "-m", "reading.child", *(["--rehearsal"] if rehearsal else [])]
    return [*_prefix(tier, folder), *child]


def environment(folder: Path) -> dict[str, str]:
    """All that a child gets to know. One thread per process: parallelism comes from processes, and Tesseract's own
    threads cost 3.6 times the CPU on a busy machine."""
    passed_on = {name: os.environ[name] for name in ("PATH", "TESSDATA_PREFIX") if name in os.environ}
    return passed_on | {
        "PYTHONPATH": str(PACKAGES[0].parent),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "LC_ALL": "C.UTF-8",
        "TMPDIR": str(folder),
        "HOME": str(folder),
        "OMP_THREAD_LIMIT": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        # glibc: freed blocks are used again within a job instead of being fetched anew; saves a fifth of line finding
        "MALLOC_MMAP_THRESHOLD_": str(1 << 30),
        "MALLOC_TRIM_THRESHOLD_": str(1 << 32),
    }


def _prefix(tier: Tier, folder: Path) -> list[str]:
    if tier == Tier.BWRAP:
        return _bubblewrap(folder)
    if tier == Tier.UNSHARE:
        return ["unshare", "--user", "--map-root-user", "--net"]
    return []


def _bubblewrap(folder: Path) -> list[str]:
    """No `--die-with-parent`: it fires when the starting *thread* ends. The pool kills the process group, and a child whose
    owner died kills its own."""
    arguments = ["bwrap", "--unshare-all", "--cap-drop", "ALL", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]  # noqa: S108 (its own)
    for path in _readable():
        arguments += ["--ro-bind", path, path]
    if folder.exists():
        arguments += ["--bind", str(folder), str(folder), "--chdir", str(folder)]
    return arguments


def _readable() -> list[str]:
    """What a child may read: the system's libraries, Python with its packages, Tesseract with its data, and our two packages."""
    wanted = [*map(Path, SYSTEM_FOLDERS), Path(sys.base_prefix), Path(sys.prefix), *PACKAGES]
    if tesseract := shutil.which("tesseract"):
        wanted.append(Path(tesseract).resolve().parent.parent)
    if data := os.environ.get("TESSDATA_PREFIX"):
        wanted.append(Path(data).resolve())
    readable: list[str] = []
    for path in wanted:
        if path.exists() and path != Path("/") and not any(path.is_relative_to(parent) for parent in readable):
            readable.append(str(path))
    return readable
