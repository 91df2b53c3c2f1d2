"""Causes for an alert: each check looks at one thing and yields what ops must know, with what to do about it."""

from __future__ import annotations

import datetime as dt
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from schemas.calendar import open_seconds_between, site_closures, warning_at
from schemas.clock import now
from store import standing
from store.database import Session
from store.definitions import current_definitions
from store.figures import last_reconciliation
from store.marks import flow_marks
from tasks.desk import Desk
from tasks.inboxes import abandoned_uploads

OUTBOX_STUCK = dt.timedelta(minutes=15)
NOBODY_WORKING = dt.timedelta(hours=1)
BATCH_WAITS = dt.timedelta(hours=1)
BATCH_LOOKED_AT = dt.timedelta(days=30)


@dataclass(frozen=True)
class Cause:
    """Something that ops must know; `key` tells one cause from another."""

    key: str
    message: str
    remedy: str


def _flows(desk: Desk, session: Session) -> Iterator[Cause]:
    settings = desk.settings
    limits = {
        "intake": settings.sweep_seconds * 2,
        "process": settings.sweep_seconds * 2,
        "deliver": settings.sweep_seconds * 2,
        "audit": settings.audit_every * 2,
        "learn": settings.learn_every * 2,
        "report": settings.report_every * 2,
    }
    for flow, mark in flow_marks(session).items():
        if mark.error:
            yield Cause(
                f"flow_failed:{flow}",
                f"The flow {flow} ended with {mark.error}.",
                "Look at its last run in Prefect's UI; it is started again by its schedule.",
            )
        elif mark.beat_at and now() - mark.beat_at > dt.timedelta(seconds=limits.get(flow, 3600)):
            yield Cause(
                f"flow_missed:{flow}",
                f"The flow {flow} has not run since {mark.beat_at:%Y-%m-%d %H:%M} UTC.",
                "See whether `cleardesk serve` runs and the schedule is not paused.",
            )


def _silent_inboxes(desk: Desk, session: Session) -> Iterator[Cause]:
    for definition in current_definitions(session):
        process, limit = definition.process, definition.process.intake.silent_after
        last = standing.last_receipt_at(session, process.client, process.process) if limit else None
        if limit is None or last is None:
            continue
        zone = ZoneInfo(definition.client.time_zone)
        if open_seconds_between(last, now(), process.sla.calendar, zone) > limit.total_seconds():
            yield Cause(
                f"inbox_silent:{process.client}/{process.process}",
                f"Nothing came for {process.client}/{process.process} since {last:%Y-%m-%d %H:%M} UTC.",
                "Ask the client whether the transfer works.",
            )


def _outbox(desk: Desk, session: Session) -> Iterator[Cause]:
    oldest = standing.oldest_due_delivery(session)
    if oldest is not None and now() - oldest > OUTBOX_STUCK:
        yield Cause(
            "outbox_stuck",
            f"A delivery has been due since {oldest:%Y-%m-%d %H:%M} UTC.",
            "See the deliver flow's last error, the target folder's rights, and whether delivery is paused.",
        )


def _nobody(desk: Desk, session: Session) -> Iterator[Cause]:
    overdue = standing.overdue_tasks(session)
    last = standing.last_person_at(session)
    if overdue and (last is None or now() - last > NOBODY_WORKING):
        yield Cause(
            "nobody_working", f"{overdue} review tasks are past due and nobody works on them.", "Call the reviewers in."
        )


def _disk(desk: Desk, session: Session) -> Iterator[Cause]:
    usage = shutil.disk_usage(desk.folder)
    if usage.free / usage.total < desk.settings.disk_free_share:
        yield Cause(
            "disk_full",
            f"Only {usage.free / usage.total:.0%} of the desk's disk is free.",
            "Make room; intake stops at 0.",
        )


def _ledger(desk: Desk, session: Session) -> Iterator[Cause]:
    last = last_reconciliation(session)
    if last is not None and last.residual:
        yield Cause(
            "ledger_residual",
            f"The ledger does not close: residual {last.residual}.",
            "Run `cleardesk reconcile`; it names every offending id.",
        )


def _incomplete_batches(desk: Desk, session: Session) -> Iterator[Cause]:
    for batch in standing.incomplete_batches(session, before=now() - BATCH_WAITS):
        yield Cause(
            f"batch_incomplete:{batch.id}",
            f"{len(batch.missing)} announced files of a batch of {batch.client_id}/{batch.process} did not come.",
            "Ask the client; close the batch on the held page if they will not come.",
        )


def _batch_amounts(desk: Desk, session: Session) -> Iterator[Cause]:
    for batch, amount in standing.amount_differences(session, since=now() - BATCH_LOOKED_AT):
        yield Cause(
            f"batch_amount:{batch.id}",
            f"A batch of {batch.client_id}/{batch.process} adds up to {amount:.2f}, announced were {batch.announced_amount:.2f}.",
            "Compare the batch with its control sheet before the client does.",
        )


def _abandoned_uploads(desk: Desk, session: Session) -> Iterator[Cause]:
    for definition in current_definitions(session):
        process = definition.process
        count = abandoned_uploads(desk.inbox(process.client, process.process), time.time())
        if count:
            yield Cause(
                f"abandoned_upload:{process.client}/{process.process}",
                f"{count} uploads to {process.client}/{process.process} were begun over a day ago and never finished.",
                "Ask the client to send them again; nothing is deleted by itself.",
            )


def _sla(desk: Desk, session: Session) -> Iterator[Cause]:
    closures = site_closures(desk.settings.site_closures)
    for definition in current_definitions(session):
        process, zone = definition.process, ZoneInfo(definition.client.time_zone)
        pressing = [
            due
            for received, due in standing.open_works(session, process.client, process.process)
            if now() >= warning_at(received, due, process.sla.warn_at, process.sla.calendar, zone, closures)
        ]
        if pressing:
            yield Cause(
                f"sla_at_risk:{process.client}/{process.process}",
                f"{len(pressing)} documents of {process.client}/{process.process} are near or past their due time.",
                "Put reviewers on their queue, or look for what holds them.",
            )


def _failed(desk: Desk, session: Session) -> Iterator[Cause]:
    count = standing.failed_documents(session)
    if count:
        yield Cause("documents_failed", f"{count} documents failed for good.", "They wait in the ops queue.")


CHECKS: tuple[Callable[[Desk, Session], Iterator[Cause]], ...] = (
    _flows,
    _silent_inboxes,
    _outbox,
    _nobody,
    _disk,
    _ledger,
    _incomplete_batches,
    _batch_amounts,
    _abandoned_uploads,
    _sla,
    _failed,
)
