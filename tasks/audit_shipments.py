"""Audit shipments: Great Expectations looks at every delivered batch as a table; the results are kept and shown."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from schemas.clock import now
from schemas.narrowing import type_in_process
from store.audits import save_audit, shipments_without_audit
from store.database import system
from store.definitions import load_definition
from store.shipments import shipment_values
from store.tables import Shipment
from tasks.desk import Desk
from validations.frames import frame_of, lines_of
from validations.suites import audit_batch

ACTOR = system("flow:deliver")


def unaudited_shipments(desk: Desk) -> list[str]:
    """Shipments that left and were not audited yet."""
    with desk.store.read(ACTOR) as session:
        return shipments_without_audit(session)


def audit_shipment(desk: Desk, shipment_id: str) -> list[str]:
    """Run the suite of every document type in a shipment. Returns the ids of the kept audits."""
    with desk.store.read(ACTOR) as session:
        shipment = session.get_one(Shipment, shipment_id)
        definition = load_definition(session, shipment.definition_id)
        by_type = shipment_values(session, shipment_id)
    today = now().astimezone(ZoneInfo(definition.client.time_zone)).date()
    results = []
    for name, values in by_type.items():
        kind = type_in_process(definition.process, name)
        if kind is None:  # the process's newest version has dropped the type
            continue
        results.append((name, len(values), audit_batch(frame_of(values, kind), lines_of(values, kind), kind, today)))
    with desk.store.session(ACTOR) as session:
        return [
            save_audit(
                session,
                shipment,
                name,
                passed=result.success,
                documents=count,
                result=result.model_dump(mode="json"),
            ).id
            for name, count, result in results
        ]
