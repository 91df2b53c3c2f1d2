"""Re-read: the chosen values of scanned pages, line by line; whether the readings agree tells how sure a value is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from extraction.splitting import PagePlace
from reading.pool import ReaderPool
from schemas.reading import Box, PageReading, Reading, Reread, Source, union
from schemas.values import Extraction
from store.definitions import Definition
from store.tables import Document
from tasks.desk import Desk


def reread_values(
    desk: Desk,
    pool: ReaderPool,
    document: Document,
    definition: Definition,
    reading: Reading,
    extraction: Extraction,
    *,
    places: Sequence[PagePlace] | None = None,
) -> dict[str, list[Reread]]:
    """For each header field that was found on a scanned page, by its name, what each variation reads in its place.

    `places`: where the reading's pages lie in the file, if they are not all of it.

    Raises:
        DocumentError: the page cannot be drawn. ReaderCrashedError: a reader failed or overran. StoreUnavailableError.
    """
    pages = [page for page in reading.pages if page.source is Source.OCR]
    wanted = [(page, lines) for page in pages if (lines := _lines_of_values(page, extraction))]
    if not wanted:
        return {}
    found: dict[str, list[Reread]] = {}
    with desk.blobs.as_file(document.client_id, document.sha256) as path:
        for page, lines in wanted:
            number = page.number if places is None else places[page.number - 1].number
            again = _read_again(pool, path, document.media_type, page, number, lines, definition.process.languages)
            found |= {name: joined([next(again) for _ in boxes]) for name, boxes in lines.items()}
    return found


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
