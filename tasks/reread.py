"""Re-read: the chosen values of scanned pages, line by line; whether the readings agree tells how sure a value is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from pydantic import TypeAdapter

from extraction.splitting import PagePlace
from reading.pool import ReaderPool
from schemas.reading import Box, PageReading, Reading, Reread, SecondLook, Source, union
from schemas.values import Extraction
from store.definitions import Definition
from store.tables import Document
from tasks.desk import Desk

_LOOKS = TypeAdapter(dict[str, SecondLook])


def reread_values(
    desk: Desk,
    pool: ReaderPool,
    document: Document,
    definition: Definition,
    reading: Reading,
    extraction: Extraction,
    *,
    places: Sequence[PagePlace] | None = None,
) -> dict[str, SecondLook]:
    """For each header field that was found on a scanned page, by its name, its place and what each variation reads there.

    `places`: where the reading's pages lie in the file, if they are not all of it.

    Raises:
        DocumentError: the page cannot be drawn. ReaderCrashedError: a reader failed or overran. StoreUnavailableError.
    """
    pages = [page for page in reading.pages if page.source is Source.OCR]
    wanted = [(page, lines) for page in pages if (lines := _lines_of_values(page, extraction))]
    if not wanted:
        return {}
    found: dict[str, SecondLook] = {}
    with desk.blobs.as_file(document.client_id, document.sha256) as path:
        for page, lines in wanted:
            number = page.number if places is None else places[page.number - 1].number
            again = _read_again(pool, path, document.media_type, page, number, lines, definition.process.languages)
            for name, boxes in lines.items():
                value = extraction.get(name)
                assert value is not None and value.box is not None
                rereads = joined([next(again) for _ in boxes])
                found[name] = SecondLook(page=page.number, box=value.box, rereads=rereads)
    return found


def keep_looks(desk: Desk, document: Document, looks: Mapping[str, SecondLook]) -> None:
    """Keep what was read again beside the document's reading, for learning how much such agreement says."""
    content = _LOOKS.dump_json(dict(looks))
    desk.blobs.put_derived(document.client_id, _name(document), content)


def known_looks(desk: Desk, document: Document) -> dict[str, SecondLook]:
    """What was read again of a document when it was read last; empty where nothing was."""
    kept = desk.blobs.get_derived(document.client_id, _name(document))
    return _LOOKS.validate_json(kept) if kept is not None else {}


def _name(document: Document) -> str:
    """Documents of one batch scan share their file, so the document's own number is part of the key."""
    return f"rereads/{document.sha256}.{document.id}.json"


def _read_again(
    pool: ReaderPool,
    path: Path,
    media_type: str,
    page: PageReading,
    number: int,
    lines: dict[str, list[Box]],
    languages: Sequence[str],
) -> Iterator[list[Reread]]:
    """All lines of a page at once, so that it is drawn once; `number` is the page's in the file."""
    return iter(
        pool.reread(
            path,
            media_type=media_type,
            page=number,
            boxes=[box for boxes in lines.values() for box in boxes],
            rotation=page.rotation,
            skew=page.skew,
            outline=page.outline,
            languages=languages,
        )
    )


def joined(lines: list[list[Reread]]) -> list[Reread]:
    """The lines of one value put together, variation by variation; as sure as the least sure line."""
    return [
        first.model_copy(
            update={
                "text": " ".join(line[at].text for line in lines),
                "confidence": min(line[at].confidence for line in lines),
            }
        )
        for at, first in enumerate(lines[0])
    ]


def _lines_of_values(page: PageReading, extraction: Extraction) -> dict[str, list[Box]]:
    """Where the header values of a page stand, line by line."""
    here = [value for value in extraction.values if not value.table and value.page == page.number]
    lines = {value.name: _lines(page, value.box) for value in here if value.box is not None}
    return {name: boxes for name, boxes in lines.items() if boxes}


def _lines(page: PageReading, box: Box) -> list[Box]:
    """The lines of words inside a box, from top to bottom."""
    inside = [word for word in page.words if _holds(box, word.box)]
    return [union([word.box for word in line]) for _, line in groupby(inside, key=lambda word: word.line)]


def _holds(box: Box, word: Box) -> bool:
    x, y = word.middle
    return box.x0 <= x <= box.x1 and box.y0 <= y <= box.y1
