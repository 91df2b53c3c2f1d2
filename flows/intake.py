"""Intake: take complete files from the inboxes, look at each in the sandbox, make documents of them."""

from __future__ import annotations

from prefect import flow, task

from flows import opened
from flows.naming import run_name
from flows.summary import publish_summary
from tasks.marks import marked, rounds
from tasks.receive import files_waiting, sweep_inboxes
from tasks.register import receipts_waiting, register_receipts


@task(name="receive", retries=2, retry_delay_seconds=[2, 10])
def receive() -> int:
    """Stored bytes and committed receipts; returns how many."""
    return len(sweep_inboxes(opened.desk()))


@task(name="register", retries=2, retry_delay_seconds=[2, 10])
def register() -> int:
    """Decide what each stored byte stream is, some at a time, until none waits; returns how many."""
    total = 0
    while count := register_receipts(opened.desk(), opened.readers(), opened.owner()):
        total += count
    return total


@flow(name="intake", flow_run_name=run_name)
def intake(seconds: float = 0) -> dict[str, int]:
    """Sweep the inboxes for so long; one round for 0."""
    desk = opened.desk()
    counts = {"received": 0, "registered": 0}
    with marked(desk, "intake"):
        for _ in rounds(desk, "intake", seconds=seconds, every=desk.settings.inbox_every):
            if files_waiting(desk):
                counts["received"] += receive()
            if receipts_waiting(desk):
                registered = [register.submit() for _ in range(opened.reader_count())]
                counts["registered"] += sum(future.result() for future in registered)
    publish_summary("intake", counts)
    return counts
