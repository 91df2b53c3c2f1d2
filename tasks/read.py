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
    cache_name = _cache_name(document.sha256, pool.reader_name(process.profile, process.languages), process)
    cached = desk.blobs.get_derived(document.client_id, cache_name)
    if cached is not None:
        reading = Reading.model_validate_json(cached)
    else:
        reading = _read(desk, pool, document, definition)
        desk.blobs.put_derived(document.client_id, cache_name, reading.model_dump_json().encode())
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
