"""Claims: what clients say is wrong with delivered values, and the verdicts."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from schemas.clock import now
from schemas.errors import NotFoundError
from schemas.ids import new_id
from schemas.values import Address, Value
from store.blind_claims import given_blind
from store.events import record
from store.tables import Claim, Correction, Document, Instruction

MOST = 500


def add_claim(
    session: Session, document: Document, delivered: Value | None, address: Address, text: str, note: str, *, by: str
) -> Claim:
    """Keep what a client says a delivered value should be."""
    claim = Claim(
        id=new_id("clm"),
        client_id=document.client_id,
        process=document.process,
        document_id=document.id,
        version=document.version,
        table_name=address.table,
        row=address.row,
        name=address.name,
        delivered=delivered.text if delivered else "",
        claimed=text,
        note=note.strip(),
        raised_by=by,
        raised_at=now(),
    )
    session.add(claim)
    record(session, document.client_id, "claim.raised", claim.id, document=document.id, field=address.name)
    return claim


def find_claim(session: Session, claim_id: str) -> Claim:
    """A claim of the clients in scope. Raises NotFoundError."""
    claim = session.scalars(select(Claim).where(Claim.id == claim_id).with_for_update()).one_or_none()
    if claim is None:
        raise NotFoundError(claim_id)
    return claim


def set_verdict(session: Session, claim: Claim, verdict: str, note: str, *, by: str) -> None:
    """Who was right, and why."""
    claim.verdict, claim.verdict_note, claim.decided_by, claim.decided_at = verdict, note.strip(), by, now()
    record(session, claim.client_id, "claim.decided", claim.id, document=claim.document_id, verdict=verdict)


def claims_seen(session: Session) -> Sequence[tuple[Claim, Document]]:
    """The claims of the clients in scope: open ones first, then the newest; at most 500.

    Those of documents that the person was given to key blind are left out.
    """
    blind = given_blind(session.info["scope"].actor)
    rows = session.execute(
        select(Claim, Document)
        .join(Document, Document.id == Claim.document_id)
        .where(Claim.document_id.not_in(blind))
        .order_by(Claim.decided_at.is_not(None), Claim.id.desc())
        .limit(MOST)
    )
    return [(claim, document) for claim, document in rows]


def history(session: Session, claim: Claim) -> Sequence[Correction]:
    """Who changed the claimed value, and when, the oldest first."""
    return session.scalars(
        select(Correction)
        .where(
            Correction.document_id == claim.document_id,
            Correction.name == claim.name,
            Correction.table_name == claim.table_name,
            Correction.row == claim.row,
        )
        .order_by(Correction.id)
    ).all()


def instruction_then(session: Session, claim: Claim, document: Document) -> Instruction | None:
    """How the field was to be keyed on the day when the document was finished; else how the whole process was."""
    then = document.ready_at or claim.raised_at
    field = f"{claim.table_name}.{claim.name}" if claim.table_name else claim.name
    return session.scalars(
        select(Instruction)
        .where(
            Instruction.client_id == claim.client_id,
            Instruction.process == claim.process,
            Instruction.field.in_((field, "")),
            Instruction.at <= then,
        )
        .order_by((Instruction.field == "").asc(), Instruction.id.desc())
        .limit(1)
    ).one_or_none()
