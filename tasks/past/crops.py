"""Crops: the place of a value on its page, with some of its surroundings, as a small picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from reading.pool import ReaderPool
from schemas.errors import DocumentError, ReaderCrashedError
from schemas.reading import Box
from tasks.past.documents import PastDocument
from tasks.past.suspicions import Suspicion

FOLDER = "crops"
WIDTH = 640  # pixels
AROUND_X, AROUND_Y = 0.22, 0.025  # shares of the page that are shown around the value
MOST = 200


def draw_crops(
    suspicions: Sequence[Suspicion],
    documents: Mapping[str, PastDocument],
    pool: ReaderPool,
    out: Path,
    advance: Callable[[], None],
) -> list[Suspicion]:
    """The suspicions with the names of their pictures under `out`; what cannot be drawn stays without one."""
    drawn = []
    for number, each in enumerate(suspicions, 1):
        name = f"{FOLDER}/{number:04d}.jpg"
        made = number <= MOST and _draw(each, documents[each.file], pool, out / name)
        drawn.append(each.model_copy(update={"crop": name if made else ""}))
        advance()
    return drawn


def _draw(suspicion: Suspicion, document: PastDocument, pool: ReaderPool, out: Path) -> bool:
    if suspicion.page is None or suspicion.box is None:
        return False
    page = next(each for each in document.reading().pages if each.number == suspicion.page)
    try:
        pool.render(
            document.path,
            media_type=document.media_type,
            page=page.number,
            width_px=WIDTH,
            rotation=page.rotation,
            skew=page.skew,
            outline=page.outline,
            crop=_around(suspicion.box),
            out=out,
        )
    except (DocumentError, ReaderCrashedError):
        return False
    return True


def _around(box: Box) -> Box:
    return Box(
        max(0.0, box.x0 - AROUND_X),
        max(0.0, box.y0 - AROUND_Y),
        min(1.0, box.x1 + AROUND_X),
        min(1.0, box.y1 + AROUND_Y),
    )
