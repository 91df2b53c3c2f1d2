"""Decisions are audited like values: types, page splits, line counts, rejections, and duplicates that nobody worked on.

Somebody who does not know what was decided answers the same question; a third person decides where the answers differ.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from hashlib import sha256

from schemas.clock import now
from schemas.document_type import DocumentType
from schemas.lifecycle import ReceiptState
from schemas.process import AuditSetting
from schemas.quality import DECISION_STREAMS, SampleState, Stream
from schemas.values import Extraction, Value
from store.database import Scope, Session, system
from store.definitions import load_definition
from store.samples import Draw, add_samples, decisions_counted, duplicates_not_drawn
from store.tables import Document, Receipt, Sample
from store.transitions import move_receipt
from tasks.audit.drawing import CHANCE, ask_blind
from tasks.desk import Desk
from validations.audit.bounds import Share, share

ACTOR = system("flow:audit")
LATELY = dt.timedelta(days=30)
YES, NO = "yes", "no"


@dataclass(frozen=True)
class DecisionFigure:
    """How often one kind of decision was right in a process, with its exact 95 % interval."""

    client_id: str
    process: str
    stream: Stream
    right: Share


def draw_decisions(
    session: Session, document: Document, extraction: Extraction, kind: DocumentType, audit: AuditSetting
) -> None:
    """By chance: the document's type, whether its pages belong together, and how many lines each of its tables has."""
    if CHANCE.random() >= audit.decisions_rate:
        return
    typed = Draw(_decision("#type", extraction.document_type, extraction.type_probability), critical=True)
    _ask(session, document, [typed], Stream.TYPE, audit)
    if document.file_pages or (document.page_count or 1) > 1:
        _ask(session, document, [Draw(_decision("#split", YES), critical=True)], Stream.SPLIT, audit)
    lines = [
        Draw(_decision(f"#{table}", str(len({v.row for v in extraction.values if v.table == table}))), critical=False)
        for table in kind.tables
    ]
    if lines:
        _ask(session, document, lines, Stream.LINES, audit)


def draw_rejection(session: Session, document: Document, reason: str, audit: AuditSetting) -> None:
    """By chance: whether rejecting a document was right is decided by somebody who does not know that it was."""
    if CHANCE.random() < audit.decisions_rate:
        stream = Stream.DUPLICATE if reason.startswith("DUPLICATE") else Stream.REJECT
        _ask(session, document, [Draw(_decision("#reject", YES), critical=True)], stream, audit)


def draw_duplicates(desk: Desk) -> int:
    """Files that got no document because their bytes had come before: of some, somebody says whether that was right.

    They are asked on the document of the file that came first. Returns how many were drawn. A hash of the receipt's id, which
    is random, decides whether it is drawn, so that looking twice draws nothing more.
    """
    with desk.store.session(ACTOR) as session:
        drawn = 0
        for receipt, original in duplicates_not_drawn(session, since=now() - LATELY):
            audit = load_definition(session, receipt.definition_id).process.audit
            if _chance_of(receipt) < audit.decisions_rate:
                draw = Draw(_decision("#duplicate", YES), critical=True)
                _ask(session, original, [draw], Stream.DUPLICATE, audit, receipt_id=receipt.id)
                drawn += 1
        return drawn


def _chance_of(receipt: Receipt) -> float:
    return int.from_bytes(sha256(f"audit {receipt.id}".encode()).digest()[:8], "big") / 2**64


def take_up(session: Session, samples: list[Sample]) -> None:
    """Files that should not have been set aside as duplicates are worked on after all; a person's own refusal stays."""
    for sample in samples:
        if sample.receipt_id and sample.state == SampleState.DECIDED and not sample.right:
            receipt = session.get_one(Receipt, sample.receipt_id, with_for_update=True)
            if receipt.state == ReceiptState.SUPPRESSED:
                move_receipt(session, receipt, ReceiptState.RECEIVED, reason="AUDIT_CORRECTED")


def decision_figures(desk: Desk, scope: Scope) -> list[DecisionFigure]:
    """How right decisions were, of the clients in scope, process by process; none where none was audited."""
    with desk.store.read(scope) as session:
        counted = decisions_counted(session)
    order = {stream: at for at, stream in enumerate(DECISION_STREAMS)}
    figures = [DecisionFigure(c, p, Stream(s), share(right, total)) for (c, p, s), (right, total) in counted.items()]
    return sorted(figures, key=lambda each: (each.client_id, each.process, order[each.stream]))


def _ask(
    session: Session,
    document: Document,
    draws: list[Draw],
    stream: Stream,
    audit: AuditSetting,
    *,
    receipt_id: str | None = None,
) -> None:
    samples = add_samples(session, document, draws, stream, receipt_id=receipt_id)
    ask_blind(session, document, samples, audit, due_at=max(document.due_at, now()))


def _decision(name: str, text: str, probability: float = 1.0) -> Value:
    return Value(name=name, text=text, probability=probability)
