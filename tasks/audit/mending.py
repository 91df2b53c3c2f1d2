"""Mending: what a third person found wrong is put right, in a new version; a delivery that stands is superseded.

What a lot or a random audit found goes through judge and route's rules once more; where they object, a person looks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from schemas.lifecycle import DocumentState, TaskKind
from schemas.quality import SampleState, Stream
from schemas.values import Address, Extraction, Finding, Severity, Value, ValueState
from store.database import Session
from store.definitions import Definition
from store.documents import load_extraction, load_findings, save_version
from store.outbox import cancel_deliveries
from store.review import add_correction, open_tasks
from store.tables import Document, Sample
from store.transitions import move_document
from tasks.accept import accept
from tasks.back_to_review import ask_person
from tasks.judge import judge

AUDIT_CORRECTED = "AUDIT_CORRECTED"
OF_VALUES = frozenset({Stream.LOT, Stream.CERTIFICATE, Stream.DOCUMENT, Stream.DOUBLE_KEY, Stream.PERSON})


def mend(
    session: Session,
    document: Document,
    samples: Sequence[Sample],
    definition: Definition,
    *,
    by: str = "",
    task_id: str | None = None,
) -> None:
    """Carry out what was decided of these values: nothing where they were right, else a new version by `by`."""
    wrong = {
        Address(s.name, s.table_name, s.row): (s.truth or "", ValueState(s.truth_state or ValueState.PRESENT))
        for s in samples
        if s.state == SampleState.DECIDED and not s.right and s.stream in OF_VALUES
    }
    if wrong:
        put_right(session, document, definition, wrong, by=by, task_id=task_id)
    elif _waits_for_second_keys(session, document):
        extraction = load_extraction(session, document.id, document.version)
        if extraction is not None:
            accept(session, document, extraction, definition)


def put_right(
    session: Session,
    document: Document,
    definition: Definition,
    truths: Mapping[Address, tuple[str, ValueState]],
    *,
    by: str,
    task_id: str | None = None,
    reason: str = AUDIT_CORRECTED,
) -> None:
    """A new version with the true values, by `by`; what was delivered is superseded. Nothing where the document has ended."""
    extraction = load_extraction(session, document.id, document.version)
    if extraction is None or not _stands(document):
        return
    extraction = _with_truths(session, document, extraction, truths, by=by, task_id=task_id, reason=reason)
    _send_on(session, document, extraction, definition, reason)


def _stands(document: Document) -> bool:
    """Whether the document rests on its values: finished, or waiting for second keys alone."""
    return document.state in (DocumentState.READY, DocumentState.DELIVERED, DocumentState.IN_REVIEW)


def _waits_for_second_keys(session: Session, document: Document) -> bool:
    return document.state == DocumentState.IN_REVIEW and not open_tasks(session, document.id)


def _with_truths(
    session: Session,
    document: Document,
    extraction: Extraction,
    truths: Mapping[Address, tuple[str, ValueState]],
    *,
    by: str,
    task_id: str | None,
    reason: str,
) -> Extraction:
    """The values with the true ones in place; a correction each."""
    old = {value.address: value for value in extraction.values}
    new = dict(old)
    for address, (text, state) in truths.items():
        previous = old.get(address)
        new[address] = Value(
            **address._asdict(),
            state=state,
            text=text,
            page=previous.page if previous else None,
            source="person",
            probability=1.0,
        )
        add_correction(session, document, previous, new[address], task_id=task_id, by=by, reason=reason)
    kept = [value for value in new.values() if value.text or value.state is not ValueState.PRESENT]
    return extraction.model_copy(update={"values": kept, "extractor": "person"})


def _send_on(session: Session, document: Document, extraction: Extraction, definition: Definition, reason: str) -> None:
    if document.state == DocumentState.READY:
        cancel_deliveries(session, document)
    if document.state != DocumentState.IN_REVIEW:
        move_document(session, document, DocumentState.IN_REVIEW, reason=reason)
    accepted_before = _errors(load_findings(session, document.id, document.version))
    judgement = judge(session, document, extraction, definition)
    save_version(session, document, extraction, judgement.findings)
    document.touched = True
    waiting = [task for task in open_tasks(session, document.id) if task.kind in (TaskKind.EXCEPTION, TaskKind.OPS)]
    if waiting:
        return  # a reviewer has it anyhow, and sees the true value
    if _errors(judgement.findings) - accepted_before:
        ask_person(session, document, [reason])
    else:
        accept(session, document, extraction, definition)


def _errors(findings: Sequence[Finding]) -> set[tuple[str, tuple[Address, ...]]]:
    """Broken rules by name and place: those that somebody has let pass need no second look."""
    return {(f.rule, tuple(f.fields)) for f in findings if f.severity is Severity.ERROR}
