"""Alerts from our own loop, not from Prefect: each cause is told once, with what to do, and cleared when it is gone."""

from __future__ import annotations

import datetime as dt
import json
import logging
import shutil
import smtplib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import httpx

from schemas.calendar import open_seconds_between
from schemas.clock import now
from store import standing
from store.database import Session, system
from store.definitions import current_definitions
from store.figures import last_reconciliation
from store.marks import clear_alert, flow_marks, open_alerts, raise_alert
from tasks.desk import Desk

log = logging.getLogger(__name__)

ACTOR = system("alerts")
OUTBOX_STUCK = dt.timedelta(minutes=15)
NOBODY_WORKING = dt.timedelta(hours=1)


@dataclass(frozen=True)
class Cause:
    """Something that ops must know; `key` tells one cause from another."""

    key: str
    message: str
    remedy: str


def check_alerts(desk: Desk) -> list[Cause]:
    """Look for causes, raise new ones, clear those that are gone. Returns the new ones, already told."""
    with desk.store.read(ACTOR) as session:
        causes = {cause.key: cause for check in CHECKS for cause in check(desk, session)}
    with desk.store.session(ACTOR) as session:
        known = {alert.cause: alert for alert in open_alerts(session)}
        for key, alert in known.items():
            if key not in causes:
                clear_alert(alert)
        new = [cause for key, cause in causes.items() if key not in known]
        for cause in new:
            raise_alert(session, cause.key, cause.message, cause.remedy)
    for cause in new:
        _tell(desk, cause)
    return new


def _flows(desk: Desk, session: Session) -> Iterator[Cause]:
    settings = desk.settings
    limits = {
        "intake": settings.sweep_seconds * 2,
        "process": settings.sweep_seconds * 2,
        "deliver": settings.sweep_seconds * 2,
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
    _failed,
)


def _tell(desk: Desk, cause: Cause) -> None:
    """To the file always, to webhook and mail where they are set; a channel that fails never hides the others."""
    line = {"at": now().isoformat(timespec="seconds"), "cause": cause.key, "message": cause.message, "do": cause.remedy}
    with desk.alerts.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(line, ensure_ascii=False) + "\n")
    settings = desk.settings
    if settings.alert_webhook:
        try:
            httpx.post(settings.alert_webhook, json=line, timeout=15, follow_redirects=False).raise_for_status()
        except httpx.HTTPError as error:
            log.warning("alert webhook failed", extra={"kind": type(error).__name__})
    if settings.alert_mail_to and settings.alert_smtp:
        _mail(settings.alert_smtp, settings.alert_mail_to, cause)


def _mail(server: str, to: str, cause: Cause) -> None:
    message = EmailMessage()
    message["Subject"], message["To"], message["From"] = f"Cleardesk: {cause.key}", to, "cleardesk@localhost"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(f"{cause.message}\n\nWhat to do: {cause.remedy}\n")
    host, _, port = server.partition(":")
    try:
        with smtplib.SMTP(host, int(port or 25), timeout=15) as connection:
            connection.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        log.warning("alert mail failed", extra={"kind": type(error).__name__})
