"""Run flows in this process, against the desk's running Prefect server or one that lives as long as the command."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from flows.environment import flush_logs, prepare_environment
from flows.prefect_server import is_healthy, prefect_server
from schemas.settings import Settings
from tasks.desk import require_desk

FLOWS = ("intake", "process", "deliver", "audit", "learn", "report")
ONE_LOOK = ("audit", "learn", "report")  # they do not sweep


@contextmanager
def prefect_api(settings: Settings) -> Iterator[str]:
    """Address of a Prefect API: the one named in the environment, this desk's own, or a new one for this block."""
    require_desk(settings)
    prepare_environment(settings)
    named = os.environ.get("PREFECT_API_URL")
    if named:
        yield named
    elif settings.prefect_port and is_healthy(settings.prefect_port):
        yield f"http://127.0.0.1:{settings.prefect_port}/api"
    else:
        with prefect_server(0, settings.desk / "prefect" / "server.log") as api:
            yield api


def run_flows(settings: Settings, names: Sequence[str], *, once: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    """Run these flows one after the other; yields each one's counts. `once`: one round each."""
    with prefect_api(settings) as api:
        prepare_environment(settings, api_url=api)
        for name in names:
            yield name, run_flow(name, seconds=0 if once else settings.sweep_seconds)
        flush_logs()


def run_flow(name: str, *, seconds: float) -> dict[str, Any]:
    """Run one flow in this process; the environment is prepared already."""
    flow = getattr(importlib.import_module(f"flows.{name}"), name)
    return dict(flow() if name in ONE_LOOK else flow(seconds=seconds))
