"""Audit: lots are closed and judged, certificates follow what blind audits found, and contacts are drawn for scorecards."""

from __future__ import annotations

from prefect import flow, task

from flows import opened
from flows.naming import run_name
from flows.summary import publish_summary
from tasks.audit.certifying import certify_all
from tasks.audit.decisions import draw_duplicates
from tasks.audit.lots import close_lots, decide_lots
from tasks.evaluate import draw_contacts
from tasks.marks import marked
from tasks.training import refresh


@task(name="lots", retries=2, retry_delay_seconds=[2, 10])
def judge_lots() -> tuple[int, int]:
    """Close what is due and judge what is inspected; returns how many of each."""
    return close_lots(opened.desk()), decide_lots(opened.desk())


@task(name="duplicates", retries=2, retry_delay_seconds=[2, 10])
def check_duplicates() -> int:
    """Draw some of the files that were set aside as duplicates; returns how many."""
    return draw_duplicates(opened.desk())


@task(name="certify", retries=2, retry_delay_seconds=[2, 10])
def certify() -> int:
    """Watch and renew certificates; returns how many were issued or revoked."""
    return certify_all(opened.desk())


@task(name="contacts", retries=2, retry_delay_seconds=[2, 10])
def draw() -> int:
    """Draw the contacts that are due for scorecards; returns how many."""
    return draw_contacts(opened.desk())


@task(name="refreshers", retries=2, retry_delay_seconds=[2, 10])
def send_back_to_training() -> int:
    """Take skills away that later work does not bear out; returns how many."""
    return refresh(opened.desk())


@flow(name="audit", flow_run_name=run_name)
def audit() -> dict[str, int]:
    """One look over all processes."""
    with marked(opened.desk(), "audit"):
        closed, judged = judge_lots()
        duplicates = check_duplicates()
        certificates = certify()
        contacts = draw()
        skills = send_back_to_training()
    counts = {
        "lots closed": closed,
        "lots judged": judged,
        "duplicates drawn": duplicates,
        "certificates": certificates,
        "contacts drawn": contacts,
        "skills taken": skills,
    }
    publish_summary("audit", counts)
    return counts
