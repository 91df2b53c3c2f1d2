"""Accept: the one way to ready. Second keys first where a field needs them, then the lot, then the outbox; one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.document_type import DocumentType
from schemas.lifecycle import DocumentState
from schemas.narrowing import type_in_process
from schemas.process import Process
from schemas.quality import Stream
from schemas.values import Extraction, Value
from store.database import Session
from store.definitions import Definition
from store.outbox import freeze_deliveries
from store.samples import Draw, add_samples, keys_agreeing
from store.tables import Document
from store.transitions import move_document
from tasks.audit.drawing import absent_value, ask_blind
from tasks.audit.lots import enter_lot, waits_for

DOUBLE_KEY = "DOUBLE_KEY"
MEMORY = "memory:"  # begins the evidence of a value that earlier documents of its supplier taught
READ = ("machine", "derived")


def accept(session: Session, document: Document, extraction: Extraction, definition: Definition) -> None:
    """Ready: the outbox entries are frozen in the same transaction. The trail says which model, rules or person had it so.

    Where fields are always keyed twice and have not been, a second person is asked instead, and the document waits in review.
    """
    kind = type_in_process(definition.process, extraction.document_type)
    missing = _without_second_key(session, document, extraction, definition.process, kind) if kind else []
    if missing:
        if document.state != DocumentState.IN_REVIEW:
            move_document(session, document, DocumentState.IN_REVIEW, reason=DOUBLE_KEY, extractor=extraction.extractor)
        samples = add_samples(session, document, missing, Stream.DOUBLE_KEY)
        ask_blind(session, document, samples, definition.process.audit, due_at=document.due_at)
        return
    move_document(session, document, DocumentState.READY, extractor=extraction.extractor)
    lot = enter_lot(session, document, definition)
    freeze_deliveries(session, document, extraction, definition, lot_id=waits_for(lot))


def is_independent(value: Value) -> bool:
    """Whether a value came about without what the same people said before: a person's own key, or the page as it was read."""
    recalled = any(each.startswith(MEMORY) for each in value.evidence)
    return value.source == "person" or (value.source in READ and not recalled)


def _without_second_key(
    session: Session, document: Document, extraction: Extraction, process: Process, kind: DocumentType
) -> Sequence[Draw]:
    """The header fields that are always keyed twice, but for values that enough blind keys, or a third person, have had so.

    A value that was read from the page counts as a key itself: one blind key more is enough. One that comes from what people
    taught or chose (supplier memory, master data) or from a language model is no key of its own: two people key it.
    """
    twice = [name for name, setting in process.fields.items() if setting.double_key and name in kind.fields]
    if not twice:
        return []
    draws = []
    for name in twice:
        value = extraction.get(name) or absent_value(extraction, name)
        if keys_agreeing(session, document.id, value) < (1 if is_independent(value) else 2):
            draws.append(Draw(value, kind.fields[name].critical))
    return draws
