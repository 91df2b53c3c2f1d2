"""Process: claimed documents are read, extracted, judged and routed, chunk by chunk, clients in turn."""

from __future__ import annotations

import time
from typing import Any

from prefect import flow, task
from prefect.futures import PrefectFuture, as_completed
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from flows import opened
from flows.naming import run_name
from flows.summary import publish_summary
from schemas.settings import Settings, load_settings
from store.queue import Lease
from tasks.chunks import Chunks
from tasks.marks import marked, rounds
from tasks.work import work_on


def task_runner(settings: Settings) -> TaskRunner[Any]:
    """Threads over this process's readers, or Dask workers with readers of their own, as the settings say."""
    if settings.task_runner == "dask":
        from prefect_dask.task_runners import DaskTaskRunner

        return DaskTaskRunner(cluster_kwargs={"n_workers": settings.readers or 2, "threads_per_worker": 1})
    return ThreadPoolTaskRunner(max_workers=opened.reader_count())


@task(name="work", task_run_name="work on {count} documents")
def work(leases: list[tuple[str, int, str]], count: int) -> tuple[int, float]:
    """Finish one chunk; a retry is the queue's business, not Prefect's. Returns how many ended well, and the seconds."""
    started = time.monotonic()
    done = work_on(opened.desk(), opened.readers(), [Lease(*lease) for lease in leases])
    return done, time.monotonic() - started


def run_chunks(chunks: Chunks) -> int:
    """Keep every reader busy until nothing is left to claim; returns how many documents ended well."""
    running: list[PrefectFuture[tuple[int, float]]] = []
    done = 0
    while True:
        while len(running) < opened.reader_count() and (leases := chunks.take()):
            running.append(work.submit([(x.id, x.epoch, x.owner) for x in leases], count=len(leases)))
        if not running:
            return done
        finished = next(as_completed(running))
        running.remove(finished)
        documents, seconds = finished.result()
        chunks.finished(documents, seconds)
        done += documents


@flow(name="process", flow_run_name=run_name)
def process(seconds: float = 0) -> dict[str, int]:
    """Sweep the queue for so long; one round for 0."""
    desk = opened.desk()
    counts = {"documents": 0}
    with marked(desk, "process"):
        chunks = Chunks(desk, opened.owner())
        for _ in rounds(desk, "process", seconds=seconds, every=desk.settings.process_every):
            counts["documents"] += run_chunks(chunks)
    publish_summary("process", counts)
    return counts


process = process.with_options(task_runner=task_runner(load_settings()))
