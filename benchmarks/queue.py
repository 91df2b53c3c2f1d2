"""What a claim costs in a long review queue, and whether a task is ever given to two people.

    python -m benchmarks.queue [--tasks 1000000] [--claimers 50] [--rate 20] [--seconds 60] [--db URL] [--json FILE]

Open loop: claims are due at a fixed rate whether or not the last one was answered, and are timed from when they were due. Each
claimed task is finished and leaves the queue. Claimers differ in queues, skills and clients. `--db` names an empty database
(PostgreSQL or SQLite); without it a PostgreSQL cluster is made, which keeps every commit on disk.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.postgresql import cluster, new_database
from benchmarks.queue_seed import CLIENTS, QUEUES, seed
from schemas.errors import CleardeskError
from schemas.lifecycle import TaskState
from store.claiming import Claimer, Runs, claim_task
from store.database import Scope, Store
from store.migrate import migrate
from store.queue import Lease
from store.review import hold_task
from store.transitions import close_task

LEASE = dt.timedelta(minutes=15)


@dataclass
class Tally:
    """What the claimers saw. Lists are only appended to, which threads may do at once."""

    waits: list[float] = field(default_factory=list)  # seconds from when a claim was due until it was answered
    claimed: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)


def main() -> None:
    """Run the benchmark and print its figures."""
    options = _options()
    with _database(options.db) as url:
        store = Store(url)
        migrate(store)
        began = time.monotonic()
        seed(store, options.tasks, min(options.tasks, options.documents))
        seeding = time.monotonic() - began
        report = {"tasks": options.tasks, "seeding_s": round(seeding, 1), **measure(store, options)}
        store.close()
    text = json.dumps(report, indent=2)
    print(text)
    if options.json:
        options.json.write_text(text + "\n", encoding="utf-8")


def measure(store: Store, options: argparse.Namespace) -> dict[str, Any]:
    """Claim at the given rate for so many seconds."""
    tally, start = Tally(), time.monotonic()
    claimers = [_claimer(number) for number in range(options.claimers)]
    with ThreadPoolExecutor(options.claimers) as threads:
        for number, (claimer, scope) in enumerate(claimers):
            dues = [
                start + at / options.rate for at in range(number, int(options.rate * options.seconds), len(claimers))
            ]
            threads.submit(_work, store, claimer, scope, dues, tally)
    twice = sum(count - 1 for count in Counter(tally.claimed).values())
    return {
        "claimers": options.claimers,
        "claims_per_s": options.rate,
        "claims": len(tally.claimed),
        "claim_p50_ms": percentile(tally.waits, 50),
        "claim_p95_ms": percentile(tally.waits, 95),
        "claim_p99_ms": percentile(tally.waits, 99),
        "claim_max_ms": percentile(tally.waits, 100),
        "double_claims": twice,
        "nothing_found": len(tally.empty),
        "errors": len(tally.errors),
        "error_names": sorted(set(tally.errors)),
    }


def percentile(seconds: list[float], percent: int) -> float:
    """So many percent of the values are no longer than this many milliseconds."""
    if not seconds:
        return 0.0
    ranked = sorted(seconds)
    return round(ranked[min(len(ranked) - 1, len(ranked) * percent // 100)] * 1000, 1)


def _claimer(number: int) -> tuple[Claimer, Scope]:
    """Half serve every queue, half one; a third have a skill; every fifth sees three clients only."""
    chance = random.Random(number)
    queues = () if number % 2 else (chance.choice(QUEUES),)
    skills = ("french",) if number % 3 == 0 else ()
    clients = frozenset(chance.sample(CLIENTS, 3)) if number % 5 == 0 else None
    name = f"person-{number}"
    return Claimer(name, queues, skills), Scope(name, clients)


def _work(store: Store, claimer: Claimer, scope: Scope, dues: list[float], tally: Tally) -> None:
    for due in dues:
        time.sleep(max(0.0, due - time.monotonic()))
        try:
            lease = _claim(store, claimer, scope)
            tally.waits.append(time.monotonic() - due)
            if lease is None:
                tally.empty.append(claimer.name)
                continue
            tally.claimed.append(lease.id)
            with store.session(scope) as session:
                close_task(session, hold_task(session, lease), TaskState.DONE, by=claimer.name, result="submitted")
        except CleardeskError as error:
            tally.errors.append(error.code)


def _claim(store: Store, claimer: Claimer, scope: Scope) -> Lease | None:
    with store.session(scope) as session:
        task = claim_task(session, claimer, lease=LEASE, runs=Runs())
        return Lease(task.id, task.lease_epoch, claimer.name) if task else None


@contextmanager
def _database(url: str | None) -> Iterator[str]:
    if url:
        yield url
        return
    with cluster(durable=True) as address:
        yield new_database(address, "queue")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=1_000_000, help="open tasks")
    parser.add_argument("--documents", type=int, default=50_000, help="documents that the tasks are about, at most")
    parser.add_argument("--claimers", type=int, default=50)
    parser.add_argument("--rate", type=float, default=20.0, help="claims a second, of all together")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--db", help="address of an empty database")
    parser.add_argument("--json", type=Path, help="write the figures here")
    return parser.parse_args()


if __name__ == "__main__":
    main()
