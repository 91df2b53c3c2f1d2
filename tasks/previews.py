"""Page images for people: made by the sandboxed reader when first looked at, and kept with the client's derived data."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import uuid4

from reading.pool import ReaderPool
from schemas.errors import NotFoundError
from schemas.lifecycle import DocumentState
from schemas.reading import Box
from store.database import Scope
from store.documents import load_pages
from store.story import find_document
from tasks.desk import Desk

WIDTHS = (
    1000,
    2000,
    3000,
    160,
)  # pixels: to fit the window, to look closely, as fine as a 300 dpi scan, in the page strip


MIN_CROP = 80  # pixels


@dataclass(frozen=True)
class _Drawing:
    """One page to draw, as its reading turned it; `number` is its place in the file."""

    client_id: str
    sha256: str
    media_type: str
    number: int
    width: int
    rotation: int
    skew: float
    outline: tuple[tuple[float, float], ...] | None
    crop: Box | None = None
    hidden: tuple[Box, ...] = ()

    @property
    def name(self) -> str:
        turned = hashlib.sha256(repr((self.rotation, self.skew, self.outline, *self._part)).encode()).hexdigest()[:12]
        return f"previews/{self.sha256}/{self.number}-{self.width}-{turned}.jpg"

    @property
    def _part(self) -> tuple[Box, ...]:
        return (*((self.crop,) if self.crop else ()), *self.hidden)


def page_image(
    desk: Desk,
    pool: ReaderPool,
    scope: Scope,
    document_id: str,
    number: int,
    width: int,
    *,
    quarantine: bool,
    hidden: Sequence[Box] = (),
) -> bytes:
    """A page (from 1) as upright JPEG, `width` pixels wide; `quarantine`: also of quarantined documents.

    `hidden` parts are painted over.

    Raises:
        NotFoundError: no such page or width for this scope.
        DocumentError, ReaderCrashedError: the page cannot be drawn.
    """
    whole = _drawing(desk, scope, document_id, number, width, quarantine=quarantine)
    drawing = replace(whole, hidden=tuple(hidden))
    image = desk.blobs.get_derived(drawing.client_id, drawing.name)
    return _draw(desk, pool, drawing) if image is None else image


def page_crop(desk: Desk, pool: ReaderPool, scope: Scope, document_id: str, number: int, box: Box) -> bytes:
    """A part of a page as upright JPEG; the box in shares of the page. Errors as `page_image`."""
    whole = _drawing(desk, scope, document_id, number, WIDTHS[0], quarantine=False)
    drawing = replace(whole, crop=box, width=max(MIN_CROP, round((box.x1 - box.x0) * WIDTHS[1])))
    image = desk.blobs.get_derived(drawing.client_id, drawing.name)
    return _draw(desk, pool, drawing) if image is None else image


def _drawing(desk: Desk, scope: Scope, document_id: str, number: int, width: int, *, quarantine: bool) -> _Drawing:
    with desk.store.read(scope) as session:
        document = find_document(session, document_id)
        pages = {page.number: page for page in load_pages(session, document_id)} if document else {}
    unread_first = not pages and number == 1  # a document that could not be read can still be looked at
    if document is None or width not in WIDTHS or not (number in pages or unread_first):
        raise NotFoundError(f"page {number} of {document_id}")
    if document.state == DocumentState.QUARANTINED and not quarantine:
        raise NotFoundError(f"{document_id} is quarantined")
    page = pages.get(number)
    return _Drawing(
        client_id=document.client_id,
        sha256=document.sha256,
        media_type=document.media_type,
        number=page.file_page if page else document.file_pages[0][0] if document.file_pages else number,
        width=width,
        rotation=page.rotation if page else 0,
        skew=page.skew if page else 0.0,
        outline=tuple((x, y) for x, y in page.outline) if page and page.outline else None,
    )


def _draw(desk: Desk, pool: ReaderPool, drawing: _Drawing) -> bytes:
    out = desk.blobs.scratch / f"{uuid4().hex}.jpg"
    try:
        with desk.blobs.as_file(drawing.client_id, drawing.sha256) as original:
            pool.render(
                original,
                media_type=drawing.media_type,
                page=drawing.number,
                width_px=drawing.width,
                rotation=drawing.rotation,
                skew=drawing.skew,
                outline=drawing.outline,
                crop=drawing.crop,
                hidden=drawing.hidden,
                out=out,
            )
        image = out.read_bytes()
    finally:
        out.unlink(missing_ok=True)
    desk.blobs.put_derived(drawing.client_id, drawing.name, image)
    return image
