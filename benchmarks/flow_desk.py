"""A benchmark's desk run by the real flows, against a Prefect server of its own: what `cleardesk run` does, in this process."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy import event

from benchmarks.bench_desk import Dropped, drop, new_desk
from benchmarks.invoices import made_invoices
from benchmarks.process_tree import ProcessTree
from cleardesk.flow_runs import run_flow
from flows.environment import flush_logs, prepare_environment
from flows.prefect_server import prefect_server
from tasks.desk import Desk

FLOWS = ("intake", "process", "deliver")
STEPS = (
    "flows.intake.sweep_inboxes",
    "flows.intake.register_receipts",
    "flows.process.work_on",
    "flows.deliver.deliver_due",
    "flows.deliver.audit_shipment",
)


@dataclass
class Cost:
    """CPU seconds of runs: all of it, and the part that is Prefect's (server, and this process outside of our steps)."""

    cpu: float = 0.0
    control_plane: float = 0.0
    statements: int = 0  # sent to the database, BEGIN, COMMIT and ROLLBACK included

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.cpu + other.cpu, self.control_plane + other.control_plane, self.statements + other.statements)


@dataclass
class FlowDesk:
    """A desk whose flows run in this process; everything that is paid once has been paid."""

    desk: Desk
    tree: ProcessTree
    server: int  # process id of Prefect's server
    startup: Cost = field(default_factory=Cost)
    _in_steps: float = 0.0
    _statements: int = 0

    def run(self, files: list[Dropped]) -> Cost:
        """Drop files and run the flows once each. What it cost."""
        drop(self.desk, files)
        cpu, server, own, steps, statements = self._now()
        for name in FLOWS:
            run_flow(name, seconds=0)
        flush_logs()
        after = self._now()
        control_plane = (after[1] - server) + (after[2] - own) - (after[3] - steps)
        return Cost(after[0] - cpu, control_plane, after[4] - statements)

    def _now(self) -> tuple[float, float, float, float, int]:
        return (
            self.tree.cpu_seconds(),
            self.tree.below(self.server),
            self.tree.own_cpu_seconds(),
            self._in_steps,
            self._statements,
        )

    def timed(self, step: Callable[..., Any]) -> Callable[..., Any]:
        """The step, its thread's CPU time counted as ours rather than Prefect's."""

        def run(*arguments: Any, **named: Any) -> Any:
            started = time.thread_time()
            try:
                return step(*arguments, **named)
            finally:
                self._in_steps += time.thread_time() - started

        return run

    def count_statements(self) -> None:
        """From now on."""

        def count(*_: Any) -> None:
            self._statements += 1

        for kind in ("before_cursor_execute", "commit", "rollback"):
            event.listen(self.desk.store.engine, kind, count)


@contextmanager
def flow_desk(folder: Path, tree: ProcessTree) -> Iterator[FlowDesk]:
    """Start a server, make a desk, import the flows and run each once over one document."""
    before = tree.cpu_seconds()
    os.environ |= {
        "CLEARDESK_DESK": str(folder),
        "CLEARDESK_INBOX_STABLE_SECONDS": "0",
        "CLEARDESK_LOG_LEVEL": "WARNING",
    }
    new = new_desk(folder)
    prepare_environment(new.settings)
    children = tree.children()
    with prefect_server(0, folder / "prefect" / "server.log") as api, ExitStack() as stack:
        prepare_environment(new.settings, api_url=api)
        new.close()
        from flows import opened  # only now: Prefect reads the environment when it is imported

        (server,) = tree.children() - children
        flows = FlowDesk(opened.desk(), tree, server)
        for name in FLOWS:
            __import__(f"flows.{name}")
        for step in STEPS:
            stack.enter_context(patch(step, flows.timed(_named(step))))
        flows.count_statements()
        opened.readers().warm()
        flows.run(list(made_invoices(1, seed=9)))
        flows.startup = Cost(cpu=tree.cpu_seconds() - before)
        yield flows
        opened.readers().close()


def _named(path: str) -> Callable[..., Any]:
    module, _, name = path.rpartition(".")
    return getattr(__import__(module, fromlist=[name]), name)  # type: ignore[no-any-return]
