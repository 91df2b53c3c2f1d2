"""Read: from a document's bytes to a reading (cached by content and reader version) and an extraction. No transaction is open."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from extraction.extract import classify, extract, pages_with_tables
from reading.pool import ReaderPool
from schemas.document_type import document_types
from schemas.process import Process
from schemas.reading import Reading
from schemas.values import Extraction
from store.definitions import Definition
from store.tables import Document
from tasks.desk import Desk
from tasks.judge import master_data


@dataclass(frozen=True)
class Read:
    """What was seen and what was made of it."""

    reading: Reading
    extraction: Extraction


def read_document(desk: Desk, pool: ReaderPool, document: Document, definition: Definition) -> Read:
    """Read and extract one document.

    Raises:
        DocumentError: the bytes are the problem. ReaderCrashedError: the reader overran. StoreUnavailableError.
    """
    process = definition.process
    reading = reading_of(desk, pool, document, definition)
    extraction = extract(
        reading,
        types=process.document_types,
        languages=process.languages,
        country=definition.client.country,
        master=master_data(definition),
        tables=reading.tables,
        recipients=(definition.client.name,),
    )
    return Read(reading, extraction)


def reading_of(desk: Desk, pool: ReaderPool, document: Document, definition: Definition) -> Reading:
    """The document's words, from the cache where they are known. Raises as `read_document`."""
    process = definition.process
    reader = pool.reader_name(process.profile, process.languages)
    known = _cached(desk, document, reader, process)
    if known is not None:
        return known
    reading = _read(desk, pool, document, definition)
    name = _cache_name(document.sha256, reader, process)
    desk.blobs.put_derived(document.client_id, name, reading.model_dump_json().encode())
    return reading


def known_reading(desk: Desk, document: Document, definition: Definition) -> Reading | None:
    """What the document's own reader saw, where it is still in the cache; nothing is read."""
    return _cached(desk, document, document.reader, definition.process) if document.reader else None


def _cached(desk: Desk, document: Document, reader: str, process: Process) -> Reading | None:
    kept = desk.blobs.get_derived(document.client_id, _cache_name(document.sha256, reader, process))
    return Reading.model_validate_json(kept) if kept is not None else None


def _read(desk: Desk, pool: ReaderPool, document: Document, definition: Definition) -> Reading:
    """Words first; then ruled tables, only on the pages of a type that has line items."""
    process = definition.process
    with desk.blobs.as_file(document.client_id, document.sha256) as path:
        reading = pool.read(path, media_type=document.media_type, profile=process.profile, languages=process.languages)
        found = classify(reading, process.document_types, process.languages)
        kind = document_types().get(found.document_type)
        pages = pages_with_tables(reading, kind) if kind is not None else []
        return reading.model_copy(update={"tables": pool.tables(path, pages) if pages else []})


def _cache_name(sha256: str, reader: str, process: Process) -> str:
    """Which tables were looked for depends on the process's document types, so they are part of the key."""
    key = "|".join([reader, *process.document_types])
    return f"readings/{sha256}.{hashlib.sha256(key.encode()).hexdigest()[:16]}.json"
