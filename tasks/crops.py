"""Crops: what stands inside a box that a person drew on a page, as a value of the field that they are at.

The words of the stored reading are taken where they are good; else the lines in the box are read once more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from extraction.page_layout import layouts
from extraction.spans import Notation, notation_of
from reading.pool import ReaderPool
from schemas.document_type import FieldType
from schemas.errors import NotFoundError
from schemas.lifecycle import DocumentState
from schemas.narrowing import type_in_process
from schemas.normalisation import normalise
from schemas.reading import Box, PageReading, Reading, Reread, Source, Word, union
from store.database import Scope
from store.definitions import load_definition
from store.documents import load_pages
from store.queue import Lease
from store.story import find_document
from tasks.desk import Desk
from tasks.read import known_reading
from tasks.review import Person, TaskView, load_task

LEAST_CONFIDENCE = 0.6  # of a word that is taken as it was read
ONE_LINE = 0.02  # of the page's height: a box up to this holds one line
CROP_DPI = 300
A4_WIDTH = 595.0  # points


@dataclass(frozen=True)
class Spot:
    """A box on a page (from 1, in shares), and the field that it is drawn for; `rows`: each line is a value of its own."""

    page: int
    box: Box
    name: str
    table: str = ""
    rows: bool = False


@dataclass(frozen=True)
class Found:
    """What stands there: as printed, and canonical where it is a value of the field's type (else None)."""

    raw: str
    text: str | None
    type: FieldType
    page: int
    box: Box


def page_words(desk: Desk, scope: Scope, document_id: str, number: int, *, quarantine: bool) -> PageReading:
    """A page (from 1) with its words as last read; without words where the reading is not kept any more.

    Raises:
        NotFoundError: no such page for this scope; `quarantine`: also those of quarantined documents are shown.
    """
    with desk.store.read(scope) as session:
        document = find_document(session, document_id)
        row = next((page for page in load_pages(session, document_id) if page.number == number), None)
        if document is None or row is None or (document.state == DocumentState.QUARANTINED and not quarantine):
            raise NotFoundError(f"page {number} of {document_id}")
        definition = load_definition(session, document.definition_id)
    reading = known_reading(desk, document, definition)
    return _page_of(reading, number) or PageReading(
        number=number, width=row.width, height=row.height, source=Source.NONE, words=[]
    )


def read_box(desk: Desk, pool: ReaderPool, lease: Lease, person: Person, spot: Spot) -> list[Found]:
    """The value in the box; with `rows` one for each line, from top to bottom. Empty where nothing is read.

    Raises:
        LeaseLostError: somebody else has the task. NotFoundError: the document has no such page or field.
        DocumentError, ReaderCrashedError: the page cannot be read again.
    """
    view = load_task(desk, person, lease)
    kind = _type_of(view, spot)
    reading = known_reading(desk, view.document, view.definition)
    page = _page_of(reading, spot.page)
    lines = _read_lines(desk, pool, view, page, spot)
    if lines and not spot.rows:
        lines = [(" ".join(text for text, _ in lines), union([box for _, box in lines]))]
    notation = _notation(reading, view)
    return [Found(raw, _canonical(raw, kind, notation), kind, spot.page, box) for raw, box in lines]


def _page_of(reading: Reading | None, number: int) -> PageReading | None:
    return next((page for page in reading.pages if page.number == number), None) if reading else None


def _type_of(view: TaskView, spot: Spot) -> FieldType:
    """By the document's type, or by any other of its process that has the field: a person may be changing the type."""
    process = view.definition.process
    others = [type_in_process(process, name) for name in process.document_types]
    for kind in (view.kind, *others):
        definition = kind.definition(spot.name, spot.table) if kind else None
        if definition:
            return definition.type
    raise NotFoundError(f"{view.document.id} has no such field")


def _notation(reading: Reading | None, view: TaskView) -> Notation:
    pages = layouts(reading) if reading else []
    return notation_of(pages, view.definition.client.country, view.extraction.language)


def _canonical(raw: str, kind: FieldType, notation: Notation) -> str | None:
    """The whole text as a value, or the one word of it that is one (`Total: 119.00`)."""
    words = raw.split()
    for pieces in ([raw], words if len(words) > 1 else []):
        found = [normalise(piece, kind, convention=notation.convention, order=notation.order) for piece in pieces]
        values = [text for text in found if text]
        if len(values) == 1:
            return values[0]
    return None


def _read_lines(
    desk: Desk, pool: ReaderPool, view: TaskView, page: PageReading | None, spot: Spot
) -> list[tuple[str, Box]]:
    """Text and box of each line in the box."""
    words = [word for word in page.words if _holds(spot.box, word)] if page else []
    if not words and spot.box.height > ONE_LINE:
        words = _words_in_crop(desk, pool, view, spot)
    lines = list(_lines(words))
    if lines and all(word.confidence >= LEAST_CONFIDENCE for word in words):
        return [(_text(line), _around(line)) for line in lines]
    boxes = [_around(line) for line in lines] or [spot.box]
    again = _reread(desk, pool, view, spot.page, boxes)
    return [(text, box) for text, box in zip(again, boxes, strict=True) if text]


def _holds(box: Box, word: Word) -> bool:
    x, y = word.box.middle
    return box.x0 <= x <= box.x1 and box.y0 <= y <= box.y1


def _lines(words: Sequence[Word]) -> Iterator[list[Word]]:
    """Words that stand beside each other, from top to bottom, each line from left to right."""
    line: list[Word] = []
    for word in sorted(words, key=lambda each: each.box.middle[1]):
        if line and word.box.middle[1] > max(each.box.y1 for each in line):
            yield sorted(line, key=lambda each: each.box.x0)
            line = []
        line.append(word)
    if line:
        yield sorted(line, key=lambda each: each.box.x0)


def _text(line: Sequence[Word]) -> str:
    return " ".join(word.text for word in line)


def _around(line: Sequence[Word]) -> Box:
    return union([word.box for word in line])


def _reread(desk: Desk, pool: ReaderPool, view: TaskView, number: int, boxes: Sequence[Box]) -> list[str]:
    """Each line read anew: what most of the variations say, weighted by how sure they are."""
    document = view.document
    with desk.blobs.as_file(document.client_id, document.sha256) as path:
        lines = pool.reread(
            path,
            media_type=document.media_type,
            boxes=boxes,
            languages=view.definition.process.languages,
            **_as_it_lies(view, number),
        )
    return [_most_said(line) for line in lines]


def _most_said(looks: Sequence[Reread]) -> str:
    said: dict[str, float] = defaultdict(float)
    for look in looks:
        said[look.text.strip()] += look.confidence
    return max(said, key=lambda text: said[text], default="")


def _words_in_crop(desk: Desk, pool: ReaderPool, view: TaskView, spot: Spot) -> list[Word]:
    """The words of several lines that no reading has, read from a picture of the box, in shares of the page."""
    document = view.document
    out = desk.blobs.scratch / f"{uuid4().hex}.jpg"
    try:
        with desk.blobs.as_file(document.client_id, document.sha256) as path:
            pool.render(
                path,
                media_type=document.media_type,
                width_px=_pixels(view, spot),
                crop=spot.box,
                out=out,
                **_as_it_lies(view, spot.page),
            )
        read = pool.read_turned(
            out, media_type="image/jpeg", page=1, rotation=0, languages=view.definition.process.languages
        )
    finally:
        out.unlink(missing_ok=True)
    return [word._replace(box=_on_page(word.box, spot.box)) for word in read.words]


def _pixels(view: TaskView, spot: Spot) -> int:
    """The width of the box at 300 dpi."""
    points = next((page.width for page in view.pages if page.number == spot.page), A4_WIDTH)
    return max(200, round(spot.box.width * points / 72 * CROP_DPI))


def _as_it_lies(view: TaskView, number: int) -> dict[str, Any]:
    """Where a page is in the file, and what makes it upright; raises NotFoundError where the document has no such page."""
    row = next((page for page in view.pages if page.number == number), None)
    if row is None and (view.pages or number != 1):  # the first page of an unread document can be looked at
        raise NotFoundError(f"page {number} of {view.document.id}")
    if row is None:
        return {"page": number}
    outline = tuple((x, y) for x, y in row.outline) if row.outline else None
    return {"page": row.file_page, "rotation": row.rotation, "skew": row.skew, "outline": outline}


def _on_page(inner: Box, outer: Box) -> Box:
    return Box(
        outer.x0 + inner.x0 * outer.width,
        outer.y0 + inner.y0 * outer.height,
        outer.x0 + inner.x1 * outer.width,
        outer.y0 + inner.y1 * outer.height,
    )
