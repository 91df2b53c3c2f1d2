"""Read: from a document's bytes to a reading (cached by content and reader version) and an extraction. No transaction is open."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from extraction.extract import classify, extract, pages_with_tables
from extraction.splitting import PagePlace, Part, part_reading, without_dropped
from reading.pool import ReaderPool
from schemas.document_type import document_types
from schemas.process import Process
from schemas.reading import Reading
from schemas.values import Extraction
from store.definitions import Definition
from store.tables import Document
from tasks.ask_language_model import second_opinion
from tasks.desk import Desk
from tasks.judge import master_data
from tasks.learned import learned_for
from tasks.reread import keep_looks, reread_values
from tasks.sorting import sorting_for
from tasks.split import own_pages, parts_of, to_be_split
from tasks.turned import with_known_turned, with_turned


@dataclass(frozen=True)
class Read:
    """What was seen and what was made of it.

    `parts`: the documents that the file turned out to hold, the first of which this is; empty where it was not split now.
    `places`: the document's pages in the file; None where it is the whole file.
    """

    whole: Reading
    extraction: Extraction
    parts: Sequence[Part] = ()
    places: Sequence[PagePlace] | None = None

    @property
    def pages(self) -> Reading:
        """All pages of the document, dropped ones too."""
        return self.whole if self.places is None else part_reading(self.whole, self.places)

    @property
    def reading(self) -> Reading:
        """The pages that hold the document's data."""
        return _data_pages(self.whole, self.places)


def read_document(desk: Desk, pool: ReaderPool, document: Document, definition: Definition) -> Read:
    """Read one document, and extract it with what its process has learned.

    Raises:
        DocumentError: the bytes are the problem. ReaderCrashedError: the reader overran. StoreUnavailableError.
        DamagedModelError: a model is not what was promoted.
    """
    process, learned, sorting = definition.process, learned_for(desk, definition), sorting_for(desk, definition)
    whole = _whole_file(desk, pool, document, definition)
    parts = parts_of(whole, process, sorting.first_pages) if to_be_split(document) else []
    places = parts[0].pages if parts else own_pages(document)
    whole = with_turned(desk, pool, document, definition, whole, places or ())
    reading = _data_pages(whole, places)
    extracted = partial(
        extract,
        reading,
        types=process.document_types,
        languages=process.languages,
        country=definition.client.country,
        master=master_data(definition),
        tables=reading.tables,
        recipients=(definition.client.name,),
        models=learned.models,
        suppliers=learned.suppliers,
        type_model=sorting.types,
    )
    extraction = extracted()
    if process.profile == "double":
        looks = reread_values(desk, pool, document, definition, reading, extraction, places=places)
        keep_looks(desk, document, looks)
        extraction = extracted(looks=looks)
    extraction = second_opinion(desk, document, definition, reading, extraction)
    return Read(whole, extraction, parts, places)


def reading_of(desk: Desk, pool: ReaderPool, document: Document, definition: Definition) -> Reading:
    """The pages that hold the document's data, from the cache where they are known. Raises as `read_document`."""
    places = own_pages(document)
    whole = _whole_file(desk, pool, document, definition)
    return _data_pages(with_turned(desk, pool, document, definition, whole, places or ()), places)


def _data_pages(whole: Reading, places: Sequence[PagePlace] | None) -> Reading:
    return whole if places is None else without_dropped(part_reading(whole, places), places)


def _whole_file(desk: Desk, pool: ReaderPool, document: Document, definition: Definition) -> Reading:
    """All pages of the document's file: the documents of a batch scan share them, and they are read once."""
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
    known = _cached(desk, document, document.reader, definition.process) if document.reader else None
    places = own_pages(document)
    whole = known and with_known_turned(desk, document, known, places or ())
    return _data_pages(whole, places) if whole else None


def _cached(desk: Desk, document: Document, reader: str, process: Process) -> Reading | None:
    kept = desk.blobs.get_derived(document.client_id, _cache_name(document.sha256, reader, process))
    return Reading.model_validate_json(kept) if kept is not None else None


def _read(desk: Desk, pool: ReaderPool, document: Document, definition: Definition) -> Reading:
    """Words first; then ruled tables, only on the pages of a type that has line items."""
    process = definition.process
    with desk.blobs.as_file(document.client_id, document.sha256) as path:
        reading = pool.read(path, media_type=document.media_type, profile=process.profile, languages=process.languages)
        pages = _pages_worth_tables(reading, process)
        return reading.model_copy(update={"tables": pool.tables(path, pages) if pages else []})


def _pages_worth_tables(reading: Reading, process: Process) -> list[int]:
    """Numbers in the file, document by document."""
    found = []
    for kept in [part.kept for part in parts_of(reading, process)] or [tuple(page.number for page in reading.pages)]:
        own = part_reading(reading, [PagePlace(number) for number in kept])
        kind = document_types().get(classify(own, process.document_types, process.languages).document_type)
        found += [kept[number - 1] for number in pages_with_tables(own, kind)] if kind is not None else []
    return found


def _cache_name(sha256: str, reader: str, process: Process) -> str:
    """Which tables were looked for depends on the process's document types, so they are part of the key."""
    key = "|".join([reader, *process.document_types])
    return f"readings/{sha256}.{hashlib.sha256(key.encode()).hexdigest()[:16]}.json"
