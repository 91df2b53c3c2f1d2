"""Lessons: documents that people finished, as examples to learn from, and what each teaches about its supplier at once."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

from extraction.learning.memory import merged, remember
from reading.pool import ReaderPool
from schemas.document_type import DocumentType, document_types
from schemas.errors import DocumentError, StoreUnavailableError, TransientError
from schemas.learning import Example, RememberedSupplier
from schemas.narrowing import type_in_process
from schemas.normalisation import fold
from schemas.reading import Reading
from schemas.values import Extraction, Value, ValueState
from store.database import Scope, system
from store.definitions import Definition, load_definition
from store.documents import load_extraction
from store.memory import find_memory, has_taught, keep_lesson
from store.models import Lesson
from store.queue import serialise_on
from store.tables import Document
from tasks.desk import Desk
from tasks.read import known_reading, reading_of
from tasks.reread import known_looks

log = logging.getLogger(__name__)

ACTOR = system("flow:learn")
PERSON = "person"  # the extractor of a version that somebody submitted


def teach(desk: Desk, document_id: str, *, by: Scope) -> None:
    """Let a document that a person has just finished teach its supplier's memory, so that the next one is read right.

    A document teaches once; where its reading is not at hand, nothing is taught.
    """
    with desk.store.read(by) as session:
        document = session.get_one(Document, document_id)
        definition = load_definition(session, document.definition_id)
        extraction = load_extraction(session, document_id, document.version)
    if extraction is None or not definition.process.learning.enabled:
        return
    reading = known_reading(desk, document, definition)
    kind = type_in_process(definition.process, extraction.document_type)
    if reading is None or kind is None:
        return
    try:
        keep_in_memory(desk, example_of(document, extraction, reading, kind), definition, by=by)
    except StoreUnavailableError as error:  # the document is finished; the next training makes up for it
        log.warning("not remembered", extra={"document": document_id, "code": error.code})


def keep_in_memory(desk: Desk, example: Example, definition: Definition, *, by: Scope) -> None:
    """Add an example to its supplier's memory, unless its document is in it. What takes time is done before the transaction."""
    client_id, kind = definition.process.client, document_types()[example.document_type]
    with desk.store.read(by) as session:
        if has_taught(session, client_id, example.key):
            return
    lesson = remember([], example, kind, country=definition.client.country)
    with desk.store.session(by) as session:
        serialise_on(session, f"supplier:{client_id}:{kind.name}:{lesson.key}")
        if has_taught(session, client_id, example.key):
            return
        row = find_memory(session, client_id, kind.name, lesson.key)
        known = [RememberedSupplier.model_validate(row.memory)] if row else []
        keep_lesson(session, client_id, row, merged(known, lesson), example.key)


def gather(desk: Desk, pool: ReaderPool, lessons: Sequence[Lesson]) -> Iterator[Example]:
    """The lessons as examples, in their order; one whose bytes or values cannot be had any more is left out."""
    for lesson in lessons:
        try:
            example = _gather_one(desk, pool, lesson)
        except (DocumentError, TransientError) as error:
            log.warning("not learned from", extra={"document": lesson.document_id, "code": error.code})
            continue
        if example is not None:
            yield example.model_copy(update={"at": lesson.finished_at})


def _gather_one(desk: Desk, pool: ReaderPool, lesson: Lesson) -> Example | None:
    """The document as a person left it; None where a machine has written a version since."""
    with desk.store.read(ACTOR) as session:
        document = session.get_one(Document, lesson.document_id)
        definition = load_definition(session, document.definition_id)
        extraction = load_extraction(session, document.id, document.version)
    if extraction is None or extraction.extractor != PERSON:
        return None
    kind = type_in_process(definition.process, extraction.document_type)
    if kind is None:
        return None
    reading = known_reading(desk, document, definition) or reading_of(desk, pool, document, definition)
    example = example_of(document, extraction, reading, kind)
    return example.model_copy(update={"looks": known_looks(desk, document)})


def example_of(document: Document, extraction: Extraction, reading: Reading, kind: DocumentType) -> Example:
    """A finished document with its truth: a field that the person left empty is absent, an unreadable one unknown."""
    header = {name: _text(extraction.get(name)) for name in kind.fields}
    return Example(
        key=document.id,
        document_type=kind.name,
        reading=reading,
        fields={name: text for name, text in header.items() if text is not None},
        rows={table: _rows(extraction, table) for table in kind.tables},
        supplier=document.supplier_number or fold(document.supplier_key or ""),
    )


def _text(value: Value | None) -> str | None:
    if value is None or value.state is ValueState.ABSENT:
        return ""
    return value.text if value.state is ValueState.PRESENT else None


def _rows(extraction: Extraction, table: str) -> list[dict[str, str]]:
    rows: dict[int, dict[str, str]] = {}
    for value in extraction.values:
        if value.table == table and value.state is ValueState.PRESENT:
            rows.setdefault(value.row, {})[value.name] = value.text
    return [rows[number] for number in sorted(rows)]
