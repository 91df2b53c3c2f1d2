"""Alerts from our own loop, not from Prefect: each cause is told once, with what to do, and cleared when it is gone."""

from __future__ import annotations

import json
import logging
import smtplib
from email.message import EmailMessage

import httpx

from schemas.clock import now
from schemas.errors import CleardeskError
from store.database import system
from store.marks import clear_alert, open_alerts, raise_alert
from tasks.causes import CHECKS, Cause
from tasks.desk import Desk
from tasks.outbound import outbound

log = logging.getLogger(__name__)

ACTOR = system("alerts")


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


def _tell(desk: Desk, cause: Cause) -> None:
    """To the file always, to webhook and mail where they are set; a channel that fails never hides the others."""
    line = {"at": now().isoformat(timespec="seconds"), "cause": cause.key, "message": cause.message, "do": cause.remedy}
    with desk.alerts.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(line, ensure_ascii=False) + "\n")
    settings = desk.settings
    if settings.alert_webhook:
        try:
            with outbound(settings) as client:
                client.post(settings.alert_webhook, json=line).raise_for_status()
        except (httpx.HTTPError, CleardeskError) as error:
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
