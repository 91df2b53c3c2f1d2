"""A lot under inspection and a revoked certificate, as rows, for pages that show them."""

from __future__ import annotations

from schemas.clock import now
from schemas.ids import new_id
from schemas.quality import CertificateState, Gate, LotState
from store.database import Session
from store.definitions import Definition
from store.tables import Certificate, Lot


def inspected_lot(session: Session, client: str, definition: Definition) -> Lot:
    """A closed lot with its plan; nothing of it is keyed yet."""
    lot = Lot(
        id=new_id("lot"),
        client_id=client,
        process="invoices",
        definition_id=definition.id,
        number=1,
        gate=Gate.AFTER_DELIVERY,
        state=LotState.INSPECTING,
        severity="two_point",
        plans={"critical": {"sample_size": 80, "accept": 1, "reject": 2, "lot_size": 900}},
        result={},
        documents=0,
        opened_at=now(),
        closes_at=now(),
        closed_at=now(),
    )
    session.add(lot)
    return lot


def revoked_certificate(session: Session, client: str, definition: Definition) -> Certificate:
    """A field's certificate after an alarm."""
    certificate = Certificate(
        id=new_id("crt"),
        client_id=client,
        process="invoices",
        document_type="invoice",
        group="gross_total",
        extractor="model:1",
        reader="reader:1",
        definition_id=definition.id,
        state=CertificateState.REVOKED,
        target=0.01,
        delta=0.1,
        threshold=0.9,
        audits=500,
        accepted=450,
        wrong=0,
        bound=0.009,
        coverage=0.9,
        monitor={},
        good_until=now(),
        issued_at=now(),
        reason="drift after 12 audits",
    )
    session.add(certificate)
    return certificate
