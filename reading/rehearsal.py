"""Operations that misbehave on purpose, so that tests can see the sandbox hold. Enabled only by `--rehearsal`."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from schemas.errors import SettingsError


def misbehave(how: str, *, enabled: bool) -> str:
    """Do one of `WAYS`; returns what came of it, where anything does.

    Raises:
        SettingsError: not enabled.
    """
    if not enabled:
        raise SettingsError("this child does not rehearse")
    return WAYS[how]()


def _allocate() -> str:
    return str(len(bytearray(10 * 1024**3)))


def _spin() -> str:
    while True:
        pass


def _sleep() -> str:
    time.sleep(3600)
    return "woke up"


def _start_program_and_sleep() -> str:
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3599)"])
    return _sleep()


def _crash() -> str:
    os.kill(os.getpid(), signal.SIGSEGV)
    return _sleep()


def _connect() -> str:
    with socket.socket() as probe:
        probe.settimeout(2)
        try:
            probe.connect(("192.0.2.1", 80))  # TEST-NET-1, RFC 5737: nobody answers
        except OSError as error:
            return f"{type(error).__name__} {error.errno}"
    return "connected"


def _look_around() -> str:
    """Folders that it sees of those where a desk or somebody's secrets may be."""
    seen = (Path("/home"), Path("/root"), Path("/etc/passwd"), Path("/var"))
    return " ".join(str(path) for path in seen if path.exists())


def _babble() -> str:
    os.write(1, b"noise that must not reach the owner as an answer")
    return "ok"


def _write_much() -> str:
    with Path("much").open("wb") as file:
        for _ in range(4096):
            file.write(bytes(1024 * 1024))
    return "written"


WAYS: dict[str, Callable[[], str]] = {
    "allocate": _allocate,
    "spin": _spin,
    "sleep": _sleep,
    "sleep_with_program": _start_program_and_sleep,
    "crash": _crash,
    "connect": _connect,
    "look_around": _look_around,
    "babble": _babble,
    "write_much": _write_much,
}
