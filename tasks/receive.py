"""Receive: from a file in an inbox to stored bytes and a committed receipt; only then is the file moved away.

Killed at any moment, a file is in the inbox, or claimed and found again by the next sweep, or fully registered.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schemas.clock import now
from schemas.errors import TransientError
from schemas.ids import new_id
from schemas.lifecycle import ReceiptState
from store.blobs import Blob
from store.database import Session, system
from store.definitions import Definition, current_definitions
from store.pauses import is_paused
from store.queue import serialise_on
from store.receipts import earlier_receipts, existing_receipts
from store.tables import Receipt
from store.transitions import create_receipt
from tasks import batches, inboxes
from tasks.acknowledge import acknowledge
from tasks.desk import Desk
from tasks.inboxes import Claimed, Waiting

log = logging.getLogger(__name__)

ACTOR = system("flow:intake")
MAX_FILE_BYTES = 200 * 1024 * 1024
FILES_PER_COMMIT = 50
ORPHAN_SECONDS = 60.0  # a claim untouched for so long belongs to a dead worker


@dataclass(frozen=True)
class Stored:
    """A claimed file whose bytes are safe: `blob` is None where it was refused unread, for `refused` (a reason code)."""

    claimed: Claimed
    blob: Blob | None
    refused: str | None = None
    claim: str = ""  # what makes it the same file when it is sent again; empty: its receipt's id


def _watched(desk: Desk) -> list[Definition]:
    """Processes that have a folder inbox and are not paused."""
    with desk.store.read(ACTOR) as session:
        return [
            d
            for d in current_definitions(session)
            if d.process.intake.folder and not is_paused(session, "intake", d.process.client, d.process.process)
        ]


def files_waiting(desk: Desk) -> bool:
    """Whether any inbox has something to take, or something that a dead worker left claimed."""
    for definition in _watched(desk):
        inbox = desk.inbox(definition.process.client, definition.process.process)
        if inboxes.waiting_files(inbox, _stable_seconds(desk, definition)) or inboxes.claimed_files(inbox):
            return True
    return False


def _stable_seconds(desk: Desk, definition: Definition) -> float:
    return max(desk.settings.inbox_stable_seconds, definition.process.intake.stable_for.total_seconds())


def sweep_inboxes(desk: Desk, *, orphan_seconds: float = ORPHAN_SECONDS) -> list[str]:
    """Take every complete file of every folder inbox. Returns the new receipts' ids.

    Raises:
        StoreUnavailableError: database or disk refused; nothing was acknowledged, the files are taken by the next sweep.
    """
    taken: list[str] = []
    for definition in _watched(desk):
        taken += _resume(desk, definition, orphan_seconds)
        taken += _sweep_inbox(desk, definition)
    return taken


def _resume(desk: Desk, definition: Definition, orphan_seconds: float) -> list[str]:
    """Finish what a dead worker had claimed."""
    inbox = desk.inbox(definition.process.client, definition.process.process)
    orphans = [c for c in inboxes.claimed_files(inbox) if _age(c) >= orphan_seconds]
    return _register_all(desk, definition, orphans)


def _age(claimed: Claimed) -> float:
    try:
        return time.time() - claimed.path.parent.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _sweep_inbox(desk: Desk, definition: Definition) -> list[str]:
    process = definition.process
    inbox = desk.inbox(process.client, process.process)
    stable = _stable_seconds(desk, definition)
    waiting = inboxes.waiting_files(inbox, stable)
    taken: list[str] = []
    for name in dict.fromkeys(w.batch for w in waiting):
        files = [w for w in waiting if w.batch == name]
        with desk.store.session(ACTOR) as session:
            batch_id = batches.open_batch(session, definition, name)
        claims = _claim_all(desk, definition, files, batch_id)
        taken += _register_all(desk, definition, claims)
        batches.close_batch(desk, batch_id)
    inboxes.drop_empty_batches(inbox, stable)
    return taken


def _claim_all(desk: Desk, definition: Definition, files: Sequence[Waiting], batch_id: str) -> list[Claimed]:
    inbox = desk.inbox(definition.process.client, definition.process.process)
    claims = (inboxes.claim(inbox, waiting, new_id("rcp"), batch_id) for waiting in files)
    return [claimed for claimed in claims if claimed is not None]


def _register_all(desk: Desk, definition: Definition, claims: Sequence[Claimed]) -> list[str]:
    """Store, commit and acknowledge, some files a transaction."""
    taken: list[str] = []
    for start in range(0, len(claims), FILES_PER_COMMIT):
        stored = [s for s in (_store(desk, definition, c) for c in claims[start : start + FILES_PER_COMMIT]) if s]
        with desk.store.session(ACTOR) as session:
            new = register(session, definition, stored)
        acknowledge(desk, *(one.claimed.receipt_id for one in stored))
        for one in stored:
            inboxes.put_away(one.claimed, desk.taken(definition.process.client, definition.process.process))
        taken += new
    return taken


def _store(desk: Desk, definition: Definition, claimed: Claimed) -> Stored | None:
    """Stream the bytes into the blob store; links, pipes and giants are refused unread."""
    try:
        if not inboxes.is_regular(claimed.path):
            return Stored(claimed, None, refused="NOT_A_FILE")
        if claimed.path.stat().st_size > MAX_FILE_BYTES:
            return Stored(claimed, None, refused="FILE_TOO_LARGE")
        with claimed.path.open("rb") as stream:
            return Stored(claimed, desk.blobs.put(definition.process.client, stream))
    except FileNotFoundError:
        return None  # the worker that we thought dead has put it away
    except OSError as error:
        raise TransientError(f"{claimed.receipt_id} could not be read: {error.strerror}") from error


def register(session: Session, definition: Definition, stored: Iterable[Stored]) -> list[str]:
    """One receipt per file, in one transaction; files that were registered before a crash are left alone."""
    process = definition.process
    serialise_on(session, f"intake:{process.client}:{process.process}")
    stored = list(stored)
    known = existing_receipts(session, [s.claimed.receipt_id for s in stored])
    new = [s for s in stored if s.claimed.receipt_id not in known]
    earlier = earlier_receipts(session, process.client, process.process, [s.blob.sha256 for s in new if s.blob])
    for one in new:
        receipt = _receipt(definition, one, earlier)
        create_receipt(session, receipt)
        if one.blob and receipt.state != ReceiptState.REJECTED:
            earlier.setdefault(one.blob.sha256, receipt.id)
    return [s.claimed.receipt_id for s in new]


def _receipt(definition: Definition, stored: Stored, earlier: dict[str, str]) -> Receipt:
    claimed, blob = stored.claimed, stored.blob
    original = earlier.get(blob.sha256) if blob and blob.size else None
    state, reason = _first_state(definition, stored, original)
    return Receipt(
        id=claimed.receipt_id,
        client_id=definition.process.client,
        process=definition.process.process,
        definition_id=definition.id,
        batch_id=claimed.batch_id,
        claim=stored.claim or claimed.receipt_id,
        name=claimed.name,
        sha256=blob.sha256 if blob else "",
        size=blob.size if blob else 0,
        state=state,
        reason=reason,
        duplicate_of=original,
        urgent=claimed.urgent,
        received_at=now(),
    )


def _first_state(definition: Definition, stored: Stored, original: str | None) -> tuple[ReceiptState, str | None]:
    """Where a receipt begins: waiting to be looked at, unless its fate is plain from outside."""
    if stored.refused:
        return ReceiptState.REJECTED, stored.refused
    if stored.blob is not None and stored.blob.size == 0:
        return ReceiptState.REJECTED, "EMPTY_FILE"
    if batches.is_control_sheet(stored.claimed.name):
        return ReceiptState.CONTROL, None
    return duplicate_state(definition, original)


def duplicate_state(definition: Definition, original: str | None) -> tuple[ReceiptState, str | None]:
    """What the process's policy says of bytes that came before (`original`: the earlier receipt)."""
    policy = definition.process.intake.duplicates
    if original is None or policy == "accept":
        return ReceiptState.RECEIVED, None
    if policy == "suppress":
        return ReceiptState.SUPPRESSED, "DUPLICATE_BYTES"
    return ReceiptState.HELD, "DUPLICATE_BYTES"
