"""Register: a sandboxed first look at a stored byte stream; then it becomes a document, a folder of members, or is stopped."""

from __future__ import annotations

import datetime as dt
import logging
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from reading.pool import ReaderPool
from schemas.calendar import due_at, site_closures
from schemas.clock import now
from schemas.document_type import TRANSCRIPT
from schemas.errors import DocumentError, ReaderCrashedError, TransientError
from schemas.ids import new_id
from schemas.inspection import Inspection, Kind
from schemas.lifecycle import DocumentState, ReceiptState
from schemas.reasons import REASONS, Outcome
from store.blobs import Blob
from store.database import Session, system
from store.definitions import Definition, load_definition
from store.queue import Lease, claim_receipts, hold_receipts
from store.receipts import any_unlooked, earlier_receipts, load_receipts
from store.tables import Document, Receipt
from store.transitions import create_document, create_receipt, move_receipt
from tasks.acknowledge import acknowledge
from tasks.desk import Desk
from tasks.receive import duplicate_state

log = logging.getLogger(__name__)

ACTOR = system("flow:intake")
MAX_DEPTH = 2  # an archive in an archive is opened; one deeper is not
RECEIPTS_PER_CLAIM = 20


@dataclass(frozen=True)
class Looked:
    """What the sandbox said of a receipt, and its members where it was an archive."""

    lease: Lease
    inspection: Inspection
    members: list[tuple[str, Blob]] = field(default_factory=list)
    retry: bool = False


def receipts_waiting(desk: Desk) -> bool:
    """Whether any stored byte stream was not looked at yet."""
    with desk.store.read(ACTOR) as session:
        return any_unlooked(session)


def register_receipts(desk: Desk, pool: ReaderPool, owner: str) -> int:
    """Claim some stored receipts and decide what each is. Returns how many were claimed: 0 when there is nothing to do."""
    settings = desk.settings
    with desk.store.session(ACTOR) as session:
        leases = claim_receipts(
            session, owner, RECEIPTS_PER_CLAIM, lease=settings.lease, max_attempts=settings.max_attempts
        )
        receipts = {receipt.id: receipt for receipt in load_receipts(session, [lease.id for lease in leases])}
        talked = {r.id for r in receipts.values() if TRANSCRIPT in _types(session, r)}
    looked = [_look(desk, pool, receipts[lease.id], lease, transcripts=lease.id in talked) for lease in leases]
    if looked:
        _decide_all(desk, looked)
    return len(leases)


def _types(session: Session, receipt: Receipt) -> list[str]:
    return load_definition(session, receipt.definition_id).process.document_types


def _look(desk: Desk, pool: ReaderPool, receipt: Receipt, lease: Lease, *, transcripts: bool) -> Looked:
    try:
        with desk.blobs.as_file(receipt.client_id, receipt.sha256) as path:
            inspection = pool.inspect(path, receipt.name, transcripts=transcripts)
            if inspection.reason is None and inspection.kind is Kind.ARCHIVE:
                if receipt.depth >= MAX_DEPTH:
                    return Looked(lease, inspection.model_copy(update={"reason": "ARCHIVE_TOO_DEEP"}))
                return Looked(lease, inspection, _unpack(desk, pool, receipt, path))
        return Looked(lease, inspection)
    except DocumentError as error:
        return Looked(lease, Inspection(reason=error.reason))
    except ReaderCrashedError as error:
        # one more try in a fresh child, then it is the document's own doing
        return Looked(lease, Inspection(reason=error.reason), retry=receipt.attempts < 2)
    except TransientError:
        return Looked(lease, Inspection(), retry=True)


def _unpack(desk: Desk, pool: ReaderPool, receipt: Receipt, path: Path) -> list[tuple[str, Blob]]:
    """Members into the blob store, before anything refers to them."""
    members = []
    with tempfile.TemporaryDirectory(dir=desk.blobs.scratch) as folder:
        for member in pool.unpack(path, Path(folder)):
            with member.path.open("rb") as stream:
                members.append((member.name, desk.blobs.put(receipt.client_id, stream)))
    return members


def _decide_all(desk: Desk, looked: Sequence[Looked]) -> None:
    """Write the decisions, each under its lease; a lost lease costs that one only."""
    with desk.store.session(ACTOR) as session:
        held = hold_receipts(session, [one.lease for one in looked])
        for one in looked:
            if one.lease.id in held:
                _decide(session, desk, held[one.lease.id], one)
            else:
                log.info("lease lost", extra={"receipt": one.lease.id})
    acknowledge(desk, *held)


def _decide(session: Session, desk: Desk, receipt: Receipt, looked: Looked) -> None:
    inspection = looked.inspection
    if looked.retry:
        receipt.lease_owner = receipt.lease_expires_at = None
        receipt.not_before = now() + dt.timedelta(seconds=desk.settings.retry_seconds)
        return
    receipt.media_type, receipt.pages, receipt.flags = inspection.media_type, inspection.pages, inspection.flags
    definition = load_definition(session, receipt.definition_id)
    outcome = REASONS[inspection.reason].outcome if inspection.reason else Outcome.NOTED
    if outcome in (Outcome.REJECTED, Outcome.QUARANTINED, Outcome.HELD):
        move_receipt(session, receipt, ReceiptState(outcome.value), reason=inspection.reason)
    elif inspection.kind is Kind.ARCHIVE:
        _expand(session, definition, receipt, looked.members)
    elif inspection.kind in (Kind.PDF, Kind.IMAGE, Kind.TEXT, Kind.MAIL):  # texts: only as transcripts
        add_document(session, desk, definition, receipt)
        move_receipt(session, receipt, ReceiptState.REGISTERED, reason=inspection.reason)
    else:
        move_receipt(session, receipt, ReceiptState.REJECTED, reason=inspection.reason or "UNSUPPORTED_TYPE")


def _expand(session: Session, definition: Definition, receipt: Receipt, members: list[tuple[str, Blob]]) -> None:
    """Every member gets a receipt of its own; the archive is done."""
    process = definition.process
    earlier = earlier_receipts(session, process.client, process.process, [blob.sha256 for _, blob in members])
    move_receipt(session, receipt, ReceiptState.EXPANDED, members=len(members))
    for number, (name, blob) in enumerate(members):
        original = earlier.get(blob.sha256)
        state, reason = duplicate_state(definition, original)
        if blob.size == 0:
            state, reason = ReceiptState.REJECTED, "EMPTY_FILE"
        child = Receipt(
            id=new_id("rcp"),
            client_id=receipt.client_id,
            process=receipt.process,
            definition_id=receipt.definition_id,
            batch_id=receipt.batch_id,
            parent_id=receipt.id,
            depth=receipt.depth + 1,
            claim=f"{receipt.id}!{number}",
            name=name,
            sha256=blob.sha256,
            size=blob.size,
            state=state,
            reason=reason,
            duplicate_of=original,
            urgent=receipt.urgent,
            received_at=receipt.received_at,
        )
        create_receipt(session, child)
        earlier.setdefault(blob.sha256, child.id)


def add_document(session: Session, desk: Desk, definition: Definition, receipt: Receipt) -> Document:
    """One document per readable byte stream, due by the process's SLA from the moment of receipt."""
    sla = definition.process.sla
    return create_document(
        session,
        Document(
            id=new_id("doc"),
            client_id=receipt.client_id,
            process=receipt.process,
            definition_id=receipt.definition_id,
            receipt_id=receipt.id,
            batch_id=receipt.batch_id,
            name=receipt.name,
            sha256=receipt.sha256,
            media_type=receipt.media_type or "",
            state=DocumentState.RECEIVED,
            page_count=receipt.pages,
            urgent=receipt.urgent,
            received_at=receipt.received_at,
            due_at=due_at(
                receipt.received_at,
                sla.turnaround,
                sla.calendar,
                ZoneInfo(definition.client.time_zone),
                site_closures(desk.settings.site_closures),
            ),
            duplicate_of=receipt.duplicate_of,
        ),
    )
