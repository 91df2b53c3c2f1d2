"""Prefect's own server as a child process on loopback: started when needed, healthy before it is used, stopped with us."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from schemas.errors import StoreUnavailableError

START_SECONDS = 90


@contextmanager
def prefect_server(port: int, log: Path) -> Iterator[str]:
    """Run a server; yields its API address. `port` 0 takes a free one.

    Raises:
        StoreUnavailableError: it did not become healthy in time; its log says why.
    """
    port = port or free_port()
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)],
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is ours to pass on, in our order
            env={**os.environ, "PREFECT_SERVER_UI_API_URL": f"http://127.0.0.1:{port}/api"},
        )
        try:
            _wait_until_healthy(process, port, log)
            yield f"http://127.0.0.1:{port}/api"
        finally:
            stop(process)


def _wait_until_healthy(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise StoreUnavailableError(f"Prefect's server ended at once; see {log}")
        if is_healthy(port):
            return
        time.sleep(0.2)
    raise StoreUnavailableError(f"Prefect's server was not healthy in {START_SECONDS} s; see {log}")


def is_healthy(port: int) -> bool:
    """Whether a Prefect server answers on this loopback port."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def stop(process: subprocess.Popen[bytes], *, seconds: float = 15) -> None:
    """Ask a child to stop, wait, and insist."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    """A loopback port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
