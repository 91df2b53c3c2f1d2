"""One reader process as its owner sees it: start it, give it a job, kill it.

A job is a file and an operation. The file is copied into the child's private folder, which is all of the desk that the child
can see; what the child writes there is fetched afterwards, and the folder is emptied.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from reading.limits import Limits
from reading.sandbox import Tier, command, environment
from reading.wire import HEADER, frame
from schemas import errors
from schemas.errors import CleardeskError, DocumentError, LimitExceededError, ReaderCrashedError, SettingsError

START_SECONDS = 60.0
INPUT = "input"


class Worker:
    """A warm child process. Not thread-safe: the pool lends it to one thread at a time."""

    def __init__(self, limits: Limits, tier: Tier, *, rehearsal: bool = False) -> None:
        """Start the child and wait until it has loaded its libraries.

        Raises:
            ReaderCrashedError: it did not come up.
        """
        self.limits = limits
        self.jobs = 0
        self.resident = 0
        self._usable = True
        self.folder = Path(tempfile.mkdtemp(prefix="cleardesk-reader-"))
        self._process = subprocess.Popen(
            command(tier, self.folder, rehearsal=rehearsal),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(self.folder),
            cwd=self.folder,
            start_new_session=True,
        )
        try:
            self._send(asdict(limits) | {"folder": str(self.folder)})
            self._receive(time.monotonic() + START_SECONDS)
        except ReaderCrashedError:
            self.kill()
            raise

    @property
    def pid(self) -> int:
        """Of the process that was started; with bubblewrap that is its outer wall."""
        return self._process.pid

    @property
    def reusable(self) -> bool:
        """Whether it may take another job: it answered the last one to the end and is not worn out."""
        worn_out = self.jobs >= self.limits.jobs_per_child or self.resident > self.limits.resident_bytes
        return self._usable and not worn_out

    def run(self, operation: str, path: Path | None, arguments: Mapping[str, Any]) -> bytes:
        """Do one job; the answer is JSON.

        Raises:
            DocumentError: the child said so.
            LimitExceededError: it used up its CPU time.
            ReaderCrashedError: it died, hung or answered nonsense. Kill the worker then.
        """
        self._usable = False
        self._clear()
        if path is not None:
            shutil.copyfile(path, self.folder / INPUT)
        self.jobs += 1
        self._send({"operation": operation, "arguments": dict(arguments)})
        message = self._outcome()
        body = self._receive(self._soon())
        self.resident = message["resident"]
        self._usable = True
        if message["error"]:
            raise _error(message, body.decode())
        return body

    def _outcome(self) -> dict[str, Any]:
        """Wait for the end of the job; each sign of life on the way gives the child another `job_seconds`."""
        last = time.monotonic() + self.limits.read_seconds
        while True:
            message: dict[str, Any] = json.loads(self._receive(min(last, self._soon())))
            if "resident" in message:
                return message

    def _soon(self) -> float:
        return time.monotonic() + self.limits.job_seconds

    def stop(self) -> None:
        """End the child with everything that it started. Any thread may call this; whoever has the worker then kills it."""
        self._usable = False
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def kill(self) -> None:
        """Stop the child, wait for its end and remove its folder. Safe to call twice."""
        self.stop()
        self._process.wait()
        self.abandon()
        shutil.rmtree(self.folder, ignore_errors=True)

    def abandon(self) -> None:
        """Close this process's ends of the pipes only: for a forked copy, whose original still uses the child."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _clear(self) -> None:
        for entry in self.folder.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()

    def _send(self, message: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(frame(json.dumps(message).encode()))
            self._process.stdin.flush()
        except OSError as error:
            raise self._crash() from error

    def _receive(self, deadline: float) -> bytes:
        (length,) = HEADER.unpack(self._read(HEADER.size, deadline))
        if length > self.limits.reply_bytes:
            raise ReaderCrashedError("the reader's answer is too long")
        return self._read(length, deadline)

    def _read(self, size: int, deadline: float) -> bytes:
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        parts: list[bytes] = []
        while size:
            if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
                raise ReaderCrashedError("the reader took too long")
            part = os.read(descriptor, min(size, 1 << 20))
            if not part:
                raise self._crash()
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def _crash(self) -> CleardeskError:
        """Why the child is gone. Bubblewrap reports a signal as exit code 128 + number."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=5)
        code = self._process.returncode
        if code in (-signal.SIGXCPU, 128 + signal.SIGXCPU):
            return LimitExceededError("the reader used up its CPU time")
        return ReaderCrashedError(f"the reader ended with {code}")


def _error(message: Mapping[str, Any], text: str) -> CleardeskError:
    """The error that a child reported, as one of ours."""
    kind = getattr(errors, str(message["error"]), None)
    if kind is SettingsError:
        return SettingsError(text)
    if isinstance(kind, type) and issubclass(kind, DocumentError | ReaderCrashedError):
        return kind(text, reason=str(message["reason"]))
    return ReaderCrashedError("the reader reported an error of an unknown kind")
