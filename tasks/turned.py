"""Pages that a person turned: each is read once more as they turned it, kept in the cache, and stands in for the reader's own."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from extraction.splitting import PagePlace
from reading.pool import ReaderPool
from schemas.reading import PageReading, Reading
from store.definitions import Definition
from store.tables import Document
from tasks.desk import Desk


def with_turned(
    desk: Desk,
    pool: ReaderPool,
    document: Document,
    definition: Definition,
    whole: Reading,
    places: Sequence[PagePlace],
) -> Reading:
    """The file's reading, with the turned pages among `places` read as they were turned.

    Raises:
        DocumentError: a page cannot be read. ReaderCrashedError: the reader overran.
    """
    turned = {
        place.number: _known(desk, document, whole.reader, place)
        or _read(desk, pool, document, definition, whole, place)
        for place in _turned(whole, places)
    }
    return _replaced(whole, turned)


def with_known_turned(desk: Desk, document: Document, whole: Reading, places: Sequence[PagePlace]) -> Reading | None:
    """The same from the cache; None where a turned page is not there any more. Nothing is read."""
    turned = {place.number: _known(desk, document, whole.reader, place) for place in _turned(whole, places)}
    known = {number: page for number, page in turned.items() if page is not None}
    return _replaced(whole, known) if len(known) == len(turned) else None


def _turned(whole: Reading, places: Sequence[PagePlace]) -> list[PagePlace]:
    """Places whose page lies otherwise than the reader found it."""
    found = {page.number: page.rotation for page in whole.pages}
    return [place for place in places if place.rotation is not None and place.rotation != found.get(place.number)]


def _replaced(whole: Reading, turned: dict[int, PageReading]) -> Reading:
    """Ruled tables of a turned page were found as it lay before: they go."""
    if not turned:
        return whole
    tables = whole.tables and [table for table in whole.tables if table.page not in turned]
    return whole.model_copy(update={"pages": [turned.get(page.number, page) for page in whole.pages], "tables": tables})


def _known(desk: Desk, document: Document, reader: str, place: PagePlace) -> PageReading | None:
    kept = desk.blobs.get_derived(document.client_id, _name(document, reader, place))
    return PageReading.model_validate_json(kept) if kept is not None else None


def _read(
    desk: Desk, pool: ReaderPool, document: Document, definition: Definition, whole: Reading, place: PagePlace
) -> PageReading:
    process = definition.process
    with desk.blobs.as_file(document.client_id, document.sha256) as path:
        read = pool.read_turned(
            path,
            media_type=document.media_type,
            page=place.number,
            rotation=place.rotation or 0,
            profile=process.profile,
            languages=process.languages,
        )
    desk.blobs.put_derived(document.client_id, _name(document, whole.reader, place), read.model_dump_json().encode())
    return read


def _name(document: Document, reader: str, place: PagePlace) -> str:
    """Beside the reading of the whole file, by the same reader."""
    key = hashlib.sha256(reader.encode()).hexdigest()[:16]
    return f"readings/{document.sha256}.{key}.{place.number}-{place.rotation}.json"
