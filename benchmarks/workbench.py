"""What people wait for at a workbench with a long queue: claims, pages, and from submit to the next task.

    python -m benchmarks.workbench [--tasks 100000] [--reviewers 20] [--minutes 3] [--databases sqlite postgresql] [--json FILE]

The workbench is a process of its own (the one that `cleardesk serve` starts), on a desk full of documents in review. Reviewers
think 3 to 8 seconds between two actions and do not wait for each other; two leads look at the desk page. Figures at the top
are the worse of both databases. The first 20 seconds and page images are left out.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select

from benchmarks.desk_seed import fill, sign_people_in
from benchmarks.postgresql import cluster, new_database
from benchmarks.queue import percentile
from benchmarks.queue_seed import ACTOR
from benchmarks.reviewers import Lead, Reviewer, Tally, Visitor
from schemas.roles import Role
from schemas.settings import load_settings
from store.tables import Draft, FieldValue, ReviewTask
from tasks.desk import Desk, open_desk

LEADS = 2
PAGES = ("queue", "search", "desk")
STARTS_WITHIN = 60.0


def main() -> None:
    """Run the benchmark and print its figures."""
    options = _options()
    databases = {name: _measured(name, options) for name in options.databases}
    worst = {
        key: max(each[key] for each in databases.values()) for key in next(iter(databases.values())) if _is_figure(key)
    }
    report = {"tasks": options.tasks, "reviewers": options.reviewers, **worst, "databases": databases}
    text = json.dumps(report, indent=2)
    print(text)
    if options.json:
        options.json.write_text(text + "\n", encoding="utf-8")


def _is_figure(key: str) -> bool:
    return key.endswith("_p95_ms") or key in ("double_claims", "lost_edits", "errors")


def _measured(database: str, options: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="cleardesk-bench-") as folder, _address(database) as url:
        desk = open_desk(load_settings(desk=Path(folder) / "desk", database_url=url), create=True)
        began = time.monotonic()
        fill(desk, options.tasks)
        reviewers = sign_people_in(desk, Role.REVIEWER, [f"reviewer-{n}" for n in range(options.reviewers)])
        leads = sign_people_in(desk, Role.SUPERVISOR, [f"lead-{n}" for n in range(LEADS)])
        seeding = time.monotonic() - began
        with served(desk) as address:
            tally, think = Tally(time.monotonic() + options.warm_up), (options.think[0], options.think[1])
            people: list[Visitor] = [
                Reviewer(address, token, f"reviewer-{n}", tally, think) for n, token in enumerate(reviewers)
            ]
            people += [Lead(address, token, f"lead-{n}", tally, think) for n, token in enumerate(leads)]
            _work(people, options.warm_up + 60 * options.minutes)
        figures = _figures(tally, _lost_edits(desk, tally))
        desk.close()
        return {"seeding_s": round(seeding, 1), **figures}


def _work(people: list[Visitor], seconds: float) -> None:
    end = time.monotonic() + seconds
    threads = [threading.Thread(target=person.work_until, args=(end,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _figures(tally: Tally, lost: int) -> dict[str, Any]:
    pages = [wait for kind in PAGES for wait in tally.waits[kind]]
    return {
        "claim_p95_ms": percentile(tally.waits["claim"], 95),
        "page_p95_ms": percentile(pages, 95),
        "submit_to_next_p95_ms": percentile(tally.waits["submit_to_next"], 95),
        "double_claims": tally.double_claims,
        "lost_edits": lost,
        "errors": len(tally.errors),
        "error_names": sorted(set(tally.errors)),
        "submitted": len(tally.submitted),
        "detail": {
            kind: {
                "count": len(waits),
                **{f"p{share}_ms": percentile(waits, share) for share in (50, 95, 100)},
            }
            for kind, waits in sorted(tally.waits.items())
        },
    }


def _lost_edits(desk: Desk, tally: Tally) -> int:
    """What was typed and is neither in the document it was submitted for, nor kept as a draft for the next holder."""
    lost = tally.lost_drafts
    with desk.store.read(ACTOR) as session:
        for task, text in tally.submitted.items():
            kept = select(FieldValue.text).join(ReviewTask, ReviewTask.document_id == FieldValue.document_id)
            lost += text not in session.scalars(kept.where(ReviewTask.id == task, FieldValue.name == "order_number"))
        for task, text in tally.drafts.items():
            draft = session.get(Draft, task)
            lost += draft is None or text not in json.dumps(draft.values)
    return lost


@contextmanager
def served(desk: Desk) -> Iterator[str]:
    """The workbench in a process of its own; yields its address."""
    port = _free_port()
    settings = {
        "CLEARDESK_DESK": str(desk.folder),
        "CLEARDESK_DATABASE_URL": desk.settings.database_url,
        "CLEARDESK_WORKBENCH_PORT": str(port),
    }
    command = [sys.executable, "-m", "workbench.serve"]
    server = subprocess.Popen(command, env=os.environ | settings, stdin=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address)
        yield address
    finally:
        server.terminate()
        server.wait(30)


def _wait_for(address: str) -> None:
    end = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            httpx.get(f"{address}/sign-in").raise_for_status()
            return
        except httpx.HTTPError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


@contextmanager
def _address(database: str) -> Iterator[str]:
    if database == "sqlite":
        yield ""
        return
    with cluster(durable=True) as address:
        yield new_database(address, "desk")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=100_000, help="documents in review, each with its task")
    parser.add_argument("--reviewers", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=3.0, help="how long they work, on each database")
    parser.add_argument("--think", type=float, nargs=2, default=(3.0, 8.0), help="seconds between two actions")
    parser.add_argument("--warm-up", type=float, default=20.0, help="seconds before that in which nothing is counted")
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"], choices=["sqlite", "postgresql"])
    parser.add_argument("--json", type=Path, help="write the figures here")
    return parser.parse_args()


if __name__ == "__main__":
    main()
