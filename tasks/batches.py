"""Batches: files that arrived together, checked against their control sheet; a batch dropped again is one decision."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from schemas.amounts import MOST_DIGITS, parse_amount
from schemas.clock import now
from schemas.ids import new_id
from schemas.lifecycle import ReceiptState
from store.database import Scope, Session, system
from store.definitions import Definition
from store.events import record
from store.receipts import batch_receipts, open_batch_named
from store.tables import Batch, Receipt
from store.transitions import move_receipt
from tasks.acknowledge import acknowledge
from tasks.desk import Desk

ACTOR = system("flow:intake")
CONTROL_NAMES = ("control.csv", "control.json")
MAX_CONTROL_BYTES = 1024 * 1024


@dataclass(frozen=True)
class ControlSheet:
    """What the client announced: file names with amounts (None where not given), and how many."""

    lines: list[tuple[str, Decimal | None]]

    @property
    def amount(self) -> Decimal | None:
        """All of them together; None without any, and where that is more than an amount can be."""
        amounts = [amount for _, amount in self.lines if amount is not None]
        total = sum(amounts, Decimal(0))
        return total if amounts and abs(total) < 10**MOST_DIGITS else None


def is_control_sheet(name: str) -> bool:
    """Whether a file is the batch's control sheet, by its name."""
    return name.lower() in CONTROL_NAMES


def open_batch(session: Session, definition: Definition, name: str) -> str:
    """The batch that these files belong to: a waiting one of that name, or a new one."""
    process = definition.process
    waiting = open_batch_named(session, process.client, process.process, name) if name else None
    if waiting is not None:
        return waiting.id
    batch = Batch(
        id=new_id("bat"),
        client_id=process.client,
        process=process.process,
        name=name or now().strftime("%Y-%m-%d %H:%M:%S"),
        received_at=now(),
    )
    session.add(batch)
    record(session, process.client, "batch.opened", batch.id, process=process.process)
    return batch.id


def close_batch(desk: Desk, batch_id: str) -> None:
    """Check what came against what was announced; hold a batch whose every file came before, as one decision."""
    with desk.store.read(ACTOR) as session:
        receipts = batch_receipts(session, batch_id)
    sheet = _control_sheet(desk, receipts)
    with desk.store.session(ACTOR) as session:
        batch = session.get_one(Batch, batch_id, with_for_update=True)
        _compare(batch, sheet, [r.name for r in receipts if r.parent_id is None and r.state != ReceiptState.CONTROL])
        batch.repeat_of = _repeated(session, receipts)
        if not batch.missing:
            batch.closed_at = now()
        record(
            session,
            batch.client_id,
            "batch.checked",
            batch.id,
            files=len(receipts),
            announced=batch.announced_count,
            missing=len(batch.missing),
            repeat_of=batch.repeat_of,
        )


def _control_sheet(desk: Desk, receipts: Any) -> ControlSheet | None:
    sheet = next((r for r in receipts if r.state == ReceiptState.CONTROL and r.size <= MAX_CONTROL_BYTES), None)
    if sheet is None:
        return None
    with desk.blobs.open(sheet.client_id, sheet.sha256) as stream:
        return read_control_sheet(sheet.name, stream.read().decode("utf-8-sig", errors="replace"))


def read_control_sheet(name: str, text: str) -> ControlSheet:
    """Parse `control.csv` (columns file, amount) or `control.json` ({"files": [{"file", "amount"}]})."""
    if name.lower().endswith(".json"):
        try:
            entries = json.loads(text).get("files", [])
        except (ValueError, AttributeError):
            return ControlSheet([])
    else:
        entries = list(csv.DictReader(io.StringIO(text)))
    lines = [(str(e.get("file", "")).strip(), parse_amount(str(e.get("amount") or ""))) for e in entries]
    return ControlSheet([(file, amount) for file, amount in lines if file])


def _compare(batch: Batch, sheet: ControlSheet | None, names: list[str]) -> None:
    if sheet is not None:
        batch.announced = [[file, str(amount) if amount is not None else None] for file, amount in sheet.lines]
        batch.announced_count, batch.announced_amount = len(sheet.lines), sheet.amount
    announced = [file for file, _ in batch.announced]
    batch.missing = sorted(set(announced) - set(names))
    batch.unannounced = sorted(set(names) - set(announced)) if announced else []


def _repeated(session: Session, receipts: Any) -> str | None:
    """The earlier batch whose bytes these are, every one; its receipts then wait for one decision together."""
    files = [r for r in receipts if r.parent_id is None and r.state != ReceiptState.CONTROL]
    if len(files) < 2 or any(r.duplicate_of is None or r.state != ReceiptState.HELD for r in files):
        return None
    earlier = {session.get_one(Receipt, r.duplicate_of).batch_id for r in files}
    return earlier.pop() if len(earlier) == 1 else None


def decide_batch(desk: Desk, batch_id: str, *, accept: bool, by: Scope) -> int:
    """Answer for a repeated batch: work on all its held files, or reject them all. Returns how many."""
    with desk.store.session(by) as session:
        batch = session.get_one(Batch, batch_id, with_for_update=True)
        batch.decision = "accept" if accept else "reject"
        held = [r for r in batch_receipts(session, batch_id) if r.state == ReceiptState.HELD]
        for receipt in held:
            _decide(session, receipt, accept=accept)
        record(session, batch.client_id, "batch.decided", batch.id, decision=batch.decision, files=len(held))
    acknowledge(desk, *(receipt.id for receipt in held))
    return len(held)


def decide_receipt(desk: Desk, receipt_id: str, *, accept: bool, by: Scope) -> None:
    """Answer for one held file: work on it, or reject it."""
    with desk.store.session(by) as session:
        _decide(session, session.get_one(Receipt, receipt_id, with_for_update=True), accept=accept)
    acknowledge(desk, receipt_id)


def _decide(session: Session, receipt: Receipt, *, accept: bool) -> None:
    if accept:
        move_receipt(session, receipt, ReceiptState.RECEIVED)
    else:
        move_receipt(session, receipt, ReceiptState.REJECTED, reason=receipt.reason)


def close_incomplete(desk: Desk, batch_id: str, *, by: Scope) -> None:
    """Ops decide that the missing files will not come: the batch counts as complete without them."""
    with desk.store.session(by) as session:
        batch = session.get_one(Batch, batch_id, with_for_update=True)
        batch.closed_at = batch.closed_at or now()
        record(session, batch.client_id, "batch.closed", batch.id, missing=len(batch.missing))
