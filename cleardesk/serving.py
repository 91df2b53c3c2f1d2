"""Serve: Prefect's server, the runner of scheduled flows and the workbench as children of one process that also watches."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from flows.environment import prepare_environment
from flows.prefect_server import is_healthy, prefect_server, stop
from schemas.errors import ConfigurationError
from schemas.settings import Settings
from tasks.alerts import check_alerts
from tasks.desk import open_desk, require_desk

WATCH_SECONDS = 60.0


def serve(settings: Settings, *, announce: str = "") -> None:
    """Run everything until SIGINT or SIGTERM, then stop it in order.

    Raises:
        ConfigurationError: this desk, or the port, is served already.
    """
    stopping = threading.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda _sign, _frame: stopping.set())
    require_desk(settings)
    with ExitStack() as stack:
        stack.enter_context(only_server(settings))
        if settings.prefect_port and is_healthy(settings.prefect_port):
            raise ConfigurationError(f"port {settings.prefect_port} is taken: set CLEARDESK_PREFECT_PORT")
        prepare_environment(settings)
        api = stack.enter_context(prefect_server(settings.prefect_port, settings.desk / "prefect" / "server.log"))
        prepare_environment(settings, api_url=api)
        children = [
            stack.enter_context(_child(["-m", "flows.runner"], settings.desk / "prefect" / "runner.log")),
            stack.enter_context(_child(["-m", "workbench.serve"], settings.desk / "workbench.log")),
        ]
        workbench = f"http://{settings.workbench_host}:{settings.workbench_port}"
        print(
            f"\nWorkbench   {workbench}\nPrefect     {api.removesuffix('/api')}\n{announce}\nCtrl-C stops everything."
        )
        sys.stdout.flush()
        _watch(settings, children, stopping)
        print("Stopping …")


def _watch(settings: Settings, children: list[subprocess.Popen[bytes]], stopping: threading.Event) -> None:
    """Alert every minute; end when told to, or when a child has died."""
    desk = open_desk(settings)
    try:
        while not stopping.wait(WATCH_SECONDS if _all_alive(children) else 0):
            check_alerts(desk)
            if not _all_alive(children):
                raise ConfigurationError(f"a part of the desk stopped by itself; see the logs in {settings.desk}")
    finally:
        desk.close()


def _all_alive(children: list[subprocess.Popen[bytes]]) -> bool:
    return all(child.poll() is None for child in children)


@contextmanager
def _child(arguments: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            stop(process)


@contextmanager
def only_server(settings: Settings) -> Iterator[None]:
    """Hold the desk's serving lock; a desk is served by one process at a time.

    Raises:
        ConfigurationError: another process serves it.
    """
    path = settings.desk / "serving.json"
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ConfigurationError(f"the desk in {settings.desk} is served already, by another process") from error
        lock.truncate(0)
        json.dump({"pid": os.getpid()}, lock)
        lock.flush()
        yield


def is_served(settings: Settings) -> bool:
    """Whether another process serves this desk now."""
    try:
        with only_server(settings):
            return False
    except ConfigurationError:
        return True
