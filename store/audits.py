"""Kept audits: which shipments have none yet, their documents' values, and writing a result."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from schemas.clock import now
from schemas.ids import new_id
from schemas.lifecycle import ShipmentState
from store.events import record
from store.tables import Audit, Shipment


def shipments_without_audit(session: Session) -> list[str]:
    """Sent shipments that no audit has looked at, oldest first."""
    audited = select(Audit.subject).where(Audit.kind == "shipment")
    return list(
        session.scalars(
            select(Shipment.id)
            .where(Shipment.state == ShipmentState.SENT, Shipment.id.not_in(audited))
            .order_by(Shipment.id)
        )
    )


def save_audit(
    session: Session, shipment: Shipment, document_type: str, *, passed: bool, documents: int, result: dict[str, Any]
) -> Audit:
    """Keep a suite's result over one shipment."""
    audit = Audit(
        id=new_id("aud"),
        client_id=shipment.client_id,
        process=shipment.process,
        document_type=document_type,
        kind="shipment",
        subject=shipment.id,
        passed=passed,
        documents=documents,
        result=result,
        created_at=now(),
    )
    session.add(audit)
    record(session, shipment.client_id, "audit.kept", audit.id, shipment=shipment.id, passed=passed)
    return audit
