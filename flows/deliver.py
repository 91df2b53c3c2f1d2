"""Deliver: what is ready leaves for the clients' targets, and every shipment is audited as a table."""

from __future__ import annotations

from prefect import flow, task

from flows import opened
from flows.naming import run_name
from flows.summary import publish_summary
from tasks.audit_shipments import audit_shipment, unaudited_shipments
from tasks.deliver import deliver as deliver_due
from tasks.deliver import departures_waiting
from tasks.marks import marked, rounds


@task(name="ship", retries=2, retry_delay_seconds=[2, 10])
def ship() -> int:
    """Finish what a dead worker began, then ship what is due; returns how many shipments left."""
    return len(deliver_due(opened.desk(), opened.owner()))


@task(name="audit", task_run_name="audit {shipment_id}")
def audit(shipment_id: str) -> int:
    """Run the Great Expectations suites over one shipment; the result is kept."""
    return len(audit_shipment(opened.desk(), shipment_id))


@flow(name="deliver", flow_run_name=run_name)
def deliver(seconds: float = 0) -> dict[str, int]:
    """Sweep the outbox for so long; one round for 0."""
    desk = opened.desk()
    counts = {"shipments": 0, "audits": 0}
    with marked(desk, "deliver"):
        for _ in rounds(desk, "deliver", seconds=seconds, every=desk.settings.deliver_every):
            if departures_waiting(desk):
                counts["shipments"] += ship()
            counts["audits"] += sum(audit(shipment_id) for shipment_id in unaudited_shipments(desk))
    publish_summary("deliver", counts)
    return counts
