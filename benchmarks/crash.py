"""Kill workers at random while documents flow; what the client gets must be the same as from an undisturbed run.

    python -m benchmarks.crash [--kills N] [--documents N] [--seed N] [--json FILE]

On SQLite and on a PostgreSQL of its own: `--kills` workers are killed on each, and every fourth time another is stopped past its
lease and resumed. Figures are sums over both; `databases` has each one's.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import select

from benchmarks.bench_desk import drop, new_desk
from benchmarks.invoices import made_invoices
from benchmarks.outbox import Delivered, delivered, difference
from benchmarks.postgresql import cluster, new_database
from schemas.lifecycle import DeliveryState, DocumentState, ReceiptState
from store.database import system
from store.tables import Delivery, Document, Receipt
from tasks.desk import Desk
from tasks.reconcile import reconcile

ACTOR = system("benchmark")
LEASE_SECONDS = 2.0
STOPPED_SECONDS = 1.5 * LEASE_SECONDS
WORKERS = 3
STOP_EVERY = 4  # kills
SETTLE_SECONDS = 120.0
START_SECONDS = 60.0
OPEN_STATES = {DocumentState.RECEIVED, DocumentState.IN_WORK, DocumentState.READY}
Database = Callable[[], AbstractContextManager[str]]


class Worker:
    """A worker process and everything that it ever started."""

    def __init__(self, desk: Desk, log: Path) -> None:
        settings = {
            "CLEARDESK_DESK": str(desk.folder),
            "CLEARDESK_DATABASE_URL": desk.settings.database_url,
            "CLEARDESK_LEASE_SECONDS": str(LEASE_SECONDS),
            "CLEARDESK_INBOX_STABLE_SECONDS": "0",
            "CLEARDESK_RETRY_SECONDS": "0.5",
        }
        self._log = log.open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.crash_worker"],
            env={**os.environ, **settings},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log,
        )
        assert self.process.stdout is not None
        os.set_blocking(self.process.stdout.fileno(), False)
        self._ready = False
        self.started: list[psutil.Process] = []

    def is_ready(self) -> bool:
        """Whether it has begun to work. Raises RuntimeError where it ended by itself."""
        assert self.process.stdout is not None
        if self.process.poll() is not None:
            raise RuntimeError("a worker ended by itself; see its log")
        self._ready = self._ready or b"ready" in (self.process.stdout.read() or b"")
        return self._ready

    def end(self, how: signal.Signals) -> None:
        """Send a signal that ends it, and wait."""
        with contextlib.suppress(psutil.NoSuchProcess):
            self.started = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(how)
        self.process.wait(60)
        self._log.close()


class Crew:
    """The workers of one run: killed ones are replaced."""

    def __init__(self, desk: Desk, log: Path) -> None:
        self.desk, self.log = desk, log
        self.workers: list[Worker] = []
        self.orphans: list[psutil.Process] = []

    def hire(self) -> Worker:
        """Start one more."""
        worker = Worker(self.desk, self.log)
        self.workers.append(worker)
        return worker

    def wait_for(self, count: int) -> list[Worker]:
        """The workers that are at work, as soon as there are so many."""
        deadline = time.monotonic() + START_SECONDS
        while len(ready := [worker for worker in self.workers if worker.is_ready()]) < count:
            if time.monotonic() > deadline:
                raise RuntimeError("the workers did not start; see their log")
            time.sleep(0.02)
        return ready

    def lose(self, worker: Worker, how: signal.Signals) -> None:
        """End one, and remember what it had started."""
        worker.end(how)
        self.workers.remove(worker)
        self.orphans += worker.started

    def leftovers(self) -> int:
        """Processes that outlived the worker that started them, a few seconds after the end."""
        _, alive = psutil.wait_procs(self.orphans, timeout=10)
        return len(alive)


def main() -> None:
    """Run the benchmark and print its figures."""
    options = _options()
    documents = list(made_invoices(options.documents))
    databases = {"sqlite": on_sqlite, "postgresql": on_postgresql}
    found = {name: measure(database, documents, options.kills, options.seed) for name, database in databases.items()}
    sums = {key: sum(one[key] for one in found.values()) for key in next(iter(found.values()))}
    text = json.dumps(sums | {"seconds": round(sums["seconds"], 1), "databases": found}, indent=2)
    print(text)
    if options.json:
        options.json.write_text(text + "\n", encoding="utf-8")


def measure(database: Database, documents: Sequence[tuple[str, bytes]], kills: int, seed: int) -> dict[str, Any]:
    """The figures of one database: an undisturbed run, then the disturbed one."""
    started = time.monotonic()
    with _desk(database) as desk:
        wanted, _ = _run(desk, documents, _let_flow)
    with _desk(database) as desk:
        killer = Killer(kills, random.Random(seed))
        got, crew = _run(desk, documents, killer.disturb)
        lost, duplicated = difference(wanted, got)
        return {
            "documents": len(documents),
            "delivered": len(got),
            "lost": lost,
            "duplicated": duplicated,
            "kills": killer.killed,
            "stops": killer.stopped,
            "unsettled": _open_things(desk, documents),
            "receipts_wrong": _wrong_receipts(desk, documents),
            "documents_failed": _failed(desk),
            "ledger_residual": reconcile(desk).residual,
            "leftover_processes": crew.leftovers(),
            "seconds": round(time.monotonic() - started, 1),
        }


def _run(
    desk: Desk, documents: Sequence[tuple[str, bytes]], flow: Callable[[Crew, Sequence[tuple[str, bytes]]], None]
) -> tuple[Delivered, Crew]:
    """All documents through a crew of workers, until everything has settled. What the client then has."""
    crew = Crew(desk, desk.folder / "workers.log")
    try:
        for _ in range(WORKERS):
            crew.hire()
        crew.wait_for(WORKERS)
        flow(crew, documents)
        _settle(desk, documents)
        for worker in list(crew.workers):
            crew.lose(worker, signal.SIGTERM)
    finally:
        for worker in list(crew.workers):
            crew.lose(worker, signal.SIGKILL)
    return delivered(desk.folder / "outbox"), crew


def _let_flow(crew: Crew, documents: Sequence[tuple[str, bytes]]) -> None:
    drop(crew.desk, documents)


class Killer:
    """Drops the documents in portions, and kills a worker after each."""

    def __init__(self, kills: int, chance: random.Random) -> None:
        self.kills, self.chance = kills, chance
        self.killed = self.stopped = 0

    def disturb(self, crew: Crew, documents: Sequence[tuple[str, bytes]]) -> None:
        """Everything is dropped, and as many workers are killed as wanted, while there is work."""
        portions = max(1, self.kills)
        for number in range(portions):
            drop(crew.desk, documents[number::portions])
            if self.killed < self.kills:
                time.sleep(self.chance.uniform(0.2, 1.5))
                if number % STOP_EVERY == STOP_EVERY - 1:
                    self._stop_one(crew)
                self._kill_one(crew)

    def _kill_one(self, crew: Crew) -> None:
        crew.lose(self.chance.choice(crew.wait_for(1)), signal.SIGKILL)
        self.killed += 1
        crew.hire()

    def _stop_one(self, crew: Crew) -> None:
        """Past its lease: what it holds is taken over, and what it does afterwards must do no harm."""
        worker = self.chance.choice(crew.wait_for(1))
        worker.process.send_signal(signal.SIGSTOP)
        time.sleep(STOPPED_SECONDS)
        worker.process.send_signal(signal.SIGCONT)
        self.stopped += 1


def _settle(desk: Desk, documents: Sequence[tuple[str, bytes]]) -> None:
    deadline = time.monotonic() + SETTLE_SECONDS
    while _open_things(desk, documents) and time.monotonic() < deadline:
        time.sleep(0.5)


def _open_things(desk: Desk, documents: Sequence[tuple[str, bytes]]) -> int:
    """Files without a receipt, receipts not looked at, documents not at rest, deliveries not sent."""
    with desk.store.read(ACTOR) as session:
        receipts = session.scalars(select(Receipt.state)).all()
        states = session.scalars(select(Document.state)).all()
        deliveries = session.scalars(select(Delivery.state)).all()
    return (
        max(0, len(documents) - len(receipts))
        + receipts.count(ReceiptState.RECEIVED)
        + sum(state in OPEN_STATES for state in states)
        + sum(state != DeliveryState.SENT for state in deliveries)
    )


def _wrong_receipts(desk: Desk, documents: Sequence[tuple[str, bytes]]) -> int:
    """Inputs that do not have exactly one receipt, and receipts of nothing that was dropped."""
    with desk.store.read(ACTOR) as session:
        counted = Counter(session.scalars(select(Receipt.sha256)).all())
    counted.subtract(hashlib.sha256(content).hexdigest() for _, content in documents)
    return sum(abs(count) for count in counted.values())


def _failed(desk: Desk) -> int:
    with desk.store.read(ACTOR) as session:
        return list(session.scalars(select(Document.state))).count(DocumentState.FAILED)


@contextmanager
def _desk(database: Database) -> Iterator[Desk]:
    with tempfile.TemporaryDirectory(prefix="cleardesk-bench-") as folder, database() as url:
        desk = new_desk(Path(folder), database_url=url)
        try:
            yield desk
        finally:
            desk.close()


@contextmanager
def on_sqlite() -> Iterator[str]:
    yield ""


@contextmanager
def on_postgresql() -> Iterator[str]:
    with cluster() as address:
        yield new_database(address, "desk")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20, help="workers killed on each database")
    parser.add_argument("--documents", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1, help="of the killer's choices")
    parser.add_argument("--json", type=Path, help="write the figures here")
    return parser.parse_args()


if __name__ == "__main__":
    main()
