"""Report: the ledger is reconciled, the trail anchored outside the database, and the desk's figures written down."""

from __future__ import annotations

from typing import Any

from prefect import flow, task

from flows import opened
from flows.naming import run_name
from flows.summary import publish_summary
from tasks.marks import marked
from tasks.reconcile import reconcile as reconcile_ledger
from tasks.report.write import write_due_reports
from tasks.summary import summarise, write_report
from tasks.trail import anchor


@task(name="reconcile", retries=1, retry_delay_seconds=5)
def reconcile() -> int:
    """Compare the three sources; returns the residual."""
    return reconcile_ledger(opened.desk()).residual


@task(name="anchor")
def anchor_trail() -> None:
    """Write each chain's head where the database's owner cannot quietly change it."""
    anchor(opened.desk())


@task(name="write reports", retries=1, retry_delay_seconds=5)
def write_reports() -> int:
    """Write the reports of finished days and months; returns how many."""
    return write_due_reports(opened.desk())


@flow(name="report", flow_run_name=run_name)
def report() -> dict[str, Any]:
    """One report over the whole desk."""
    desk = opened.desk()
    with marked(desk, "report"):
        residual = reconcile()
        anchor_trail()
        summary = summarise(desk)
        write_report(desk, summary)
        written = write_reports()
    counts = {"ledger_residual": residual, "receipts": summary["receipts"], "documents": summary["documents"]}
    counts["reports"] = written
    publish_summary("report", counts)
    return counts
