"""Drawing: which values of a lot or of the day's traffic are keyed blind. Chance decides, never the look of a value."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from random import SystemRandom

from schemas.document_type import DocumentType
from schemas.lifecycle import TaskKind
from schemas.narrowing import type_in_process
from schemas.process import AuditSetting
from schemas.quality import Stream
from schemas.values import Extraction, Value, ValueState
from store.database import Session
from store.definitions import Definition
from store.documents import load_extraction
from store.lots import lot_documents
from store.samples import Draw, add_samples
from store.tables import Document, Lot, ReviewTask, Sample
from store.transitions import open_task

CHANCE = SystemRandom()
CRITICAL, OTHER = "critical", "other"


def all_values(extraction: Extraction, kind: DocumentType) -> list[Draw]:
    """Everything that a document says: every header field, found or not, and the cells that were found."""
    draws = []
    for name, definition in kind.fields.items():
        value = extraction.get(name) or absent_value(extraction, name)
        draws.append(Draw(value, definition.critical))
    for value in extraction.values:
        column = kind.definition(value.name, value.table) if value.table else None
        if column is not None:
            draws.append(Draw(value, column.critical))
    return draws


def absent_value(extraction: Extraction, name: str) -> Value:
    """What the machine says by finding nothing, with how sure it is."""
    return Value(name=name, state=ValueState.ABSENT, probability=extraction.absence(name))


def class_of(draw: Draw) -> str:
    """Critical and other fields have plans of their own."""
    return CRITICAL if draw.critical else OTHER


def population(session: Session, lot: Lot, definition: Definition) -> dict[str, list[tuple[Document, Draw]]]:
    """Every value of a lot's documents, by class of field."""
    values: dict[str, list[tuple[Document, Draw]]] = defaultdict(list)
    for entry, document in lot_documents(session, lot.id):
        extraction = load_extraction(session, document.id, entry.version)
        kind = type_in_process(definition.process, extraction.document_type) if extraction else None
        if extraction is None or kind is None or document.version != entry.version:
            continue
        for draw in all_values(extraction, kind):
            values[class_of(draw)].append((document, draw))
    return values


def draw_from_lot(
    session: Session, lot: Lot, chosen: Iterable[tuple[Document, Draw]], audit: AuditSetting, due_at: dt.datetime | None
) -> int:
    """Freeze the chosen values and ask for blind keys, one task a document. Returns how many values."""
    by_document: dict[str, tuple[Document, list[Draw]]] = {}
    for document, draw in chosen:
        by_document.setdefault(document.id, (document, []))[1].append(draw)
    for document, draws in by_document.values():
        samples = add_samples(session, document, draws, Stream.LOT, lot_id=lot.id)
        ask_blind(session, document, samples, audit, due_at=due_at or document.due_at)
    return sum(len(draws) for _, draws in by_document.values())


def choose(values: Sequence[tuple[Document, Draw]], size: int) -> list[tuple[Document, Draw]]:
    """So many of them, each as likely as any other."""
    return CHANCE.sample(values, min(size, len(values)))


def ask_blind(
    session: Session, document: Document, samples: Sequence[Sample], audit: AuditSetting, *, due_at: dt.datetime
) -> None:
    """Open the task in which somebody keys these values without seeing them."""
    task = open_task(session, document, TaskKind.BLIND_KEY, audit.queue, due_at=due_at, reasons=[samples[0].stream])
    give_to(session, task, samples)


def give_to(session: Session, task: ReviewTask, samples: Iterable[Sample]) -> None:
    """These values are asked in this task."""
    session.flush()
    for sample in samples:
        sample.task_id = task.id


def draw_for_certificates(
    session: Session, document: Document, extraction: Extraction, kind: DocumentType, audit: AuditSetting
) -> None:
    """By chance: one random header field of the machine's reading, and apart from that all critical fields of the document.

    One field a document, because errors within a document go together.
    """
    header = [draw for draw in all_values(extraction, kind) if not draw.value.table]
    if header and CHANCE.random() < audit.rate:
        samples = add_samples(session, document, [CHANCE.choice(header)], Stream.CERTIFICATE)
        ask_blind(session, document, samples, audit, due_at=document.due_at)
    critical = [draw for draw in header if draw.critical]
    if critical and CHANCE.random() < audit.document_rate:
        samples = add_samples(session, document, critical, Stream.DOCUMENT)
        ask_blind(session, document, samples, audit, due_at=document.due_at)
