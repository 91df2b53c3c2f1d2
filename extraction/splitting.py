"""A file of several documents, such as a batch scan, is taken apart: separator sheets, first pages, blank pages, page order.

Every page of the file is in exactly one part; a dropped one (`SEPARATOR`, `BLANK`) stays counted, with its reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from extraction.learning.first_pages import FirstPageModel
from extraction.page_signs import Glance, belong_together, glance
from schemas.normalisation import fold
from schemas.reading import PageReading, Reading, Source

SEPARATOR, BLANK = "SEPARATOR", "BLANK"
SHEET_WORDS = 25  # a page with a separator's code and more words is a document that somebody put a label on: kept
CUT = 0.5
SURE = 0.97  # of the order that "page 2 of 3" tells
FORGOTTEN_SHEET = 0.9  # between separator sheets a page must look this much like a first one to raise a doubt


class PagePlace(NamedTuple):
    """A page of a part: its number in the file, why it is not part of the data (None: it is), and its clockwise rotation where a
    person set it (None: as the reader found it)."""

    number: int
    dropped: str | None = None
    rotation: int | None = None


@dataclass(frozen=True)
class Part:
    """One document of the file: kept pages in reading order, then the dropped ones.

    `probability` that these pages are one whole document: that of its least sure boundary, inside or at its ends.
    """

    pages: tuple[PagePlace, ...]
    probability: float

    @property
    def kept(self) -> tuple[int, ...]:
        """File numbers of the pages that hold its data."""
        return tuple(page.number for page in self.pages if page.dropped is None)


@dataclass
class _Draft:
    """A part that is being gathered; `sure` are the probabilities of its boundaries."""

    kept: list[Glance] = field(default_factory=list)
    dropped: list[PagePlace] = field(default_factory=list)
    sure: list[float] = field(default_factory=list)

    def finished(self) -> Part:
        pages = (*(PagePlace(page.number) for page in self.kept), *self.dropped)
        return Part(pages, round(min(self.sure, default=1.0), 4))


def split_pages(
    reading: Reading, *, separators: Sequence[str] = (), first_pages: bool = True, model: FirstPageModel | None = None
) -> list[Part]:
    """The documents of a file, in the order in which they begin.

    Args:
        reading: all pages of the file.
        separators: what the codes, or the few words, of separator sheets say. Where such sheets are in the file, they alone
            cut; a page between them that looks very much like a first one makes its part doubtful.
        first_pages: cut where a page looks like a first one, in a file without sheets.
        model: what tells first pages; None: with hand-set weights.
    """
    model = model or FirstPageModel()
    marks = {page.number: _mark(page, separators) for page in reading.pages}
    by_sheets = any(mark in (SEPARATOR, _LABELLED) for mark in marks.values())
    drafts: list[_Draft] = []
    for pages in _sections(reading.pages, marks):
        if by_sheets or not first_pages:
            drafts.append(_whole(pages, marks, model if by_sheets else None))
        else:
            drafts += _at_first_pages(pages, marks, model)
    if not any(draft.kept for draft in drafts):
        return [Part(tuple(PagePlace(page.number) for page in reading.pages), 1.0)]
    return [draft.finished() for draft in _without_empty(drafts)]


def part_reading(reading: Reading, pages: Sequence[PagePlace]) -> Reading:
    """The reading of one part: its pages in its order, numbered from 1, and its tables."""
    place = {page.number: position for position, page in enumerate(pages, start=1)}
    known = {page.number: page for page in reading.pages}
    tables = reading.tables and [
        table.model_copy(update={"page": place[table.page]}) for table in reading.tables if table.page in place
    ]
    own = [known[number].model_copy(update={"number": position}) for number, position in place.items()]
    return reading.model_copy(update={"pages": own, "tables": tables})


def without_dropped(reading: Reading, pages: Sequence[PagePlace]) -> Reading:
    """A part's reading with only the pages that hold its data, for whoever looks for values."""
    own = [page for page, place in zip(reading.pages, pages, strict=True) if place.dropped is None]
    return reading.model_copy(update={"pages": own})


_LABELLED = "LABELLED"  # a first page that carries the separator's code itself


def _mark(page: PageReading, separators: Sequence[str]) -> str | None:
    """What a page is beside a page of a document."""
    wanted = {fold(text) for text in separators}
    if any(fold(code.text) in wanted for code in page.codes):
        return SEPARATOR if len(page.words) <= SHEET_WORDS else _LABELLED
    said = fold(" ".join(word.text for word in page.words)) if len(page.words) <= SHEET_WORDS else ""
    if any(text in said for text in wanted):
        return SEPARATOR
    return BLANK if page.source is Source.NONE else None


def _sections(pages: Sequence[PageReading], marks: dict[int, str | None]) -> Iterator[list[PageReading]]:
    """Runs of pages from one separator (sheet or label) to the next."""
    section: list[PageReading] = []
    for page in pages:
        if marks[page.number] in (SEPARATOR, _LABELLED) and section:
            yield section
            section = []
        section.append(page)
    if section:
        yield section


def _whole(pages: Sequence[PageReading], marks: dict[int, str | None], model: FirstPageModel | None) -> _Draft:
    """All pages of a section as one document; with a model, a page that looks like a first one raises a doubt."""
    kept = [glance(page) for page in pages if marks[page.number] in (None, _LABELLED)]
    draft = _Draft([page for block in _blocks(kept) for page in block] if kept else [])
    for position in range(1, len(kept) if model else 0):
        first = model.probability(kept[position], kept[:position]) if model else 0.0
        draft.sure += [1.0 - first] if first >= FORGOTTEN_SHEET else []
    draft.sure += [SURE] if draft.kept != kept else []
    _drop(pages, marks, [draft])
    return draft


def _at_first_pages(pages: Sequence[PageReading], marks: dict[int, str | None], model: FirstPageModel) -> list[_Draft]:
    """Cut where a page looks like a first one, compared with the document before it."""
    drafts = [_Draft()]
    for block in _blocks([glance(page) for page in pages if marks[page.number] is None]):
        first = model.probability(block[0], drafts[-1].kept)
        if first >= CUT and drafts[-1].kept:
            drafts[-1].sure.append(first)
            drafts.append(_Draft())
        drafts[-1].sure.append(max(first, 1.0 - first))
        drafts[-1].sure += [SURE] if len(block) > 1 else []
        drafts[-1].kept += block
    _drop(pages, marks, drafts)
    return drafts


def _blocks(pages: Sequence[Glance]) -> Iterator[list[Glance]]:
    """Pages that count themselves ("1 of 3", "2 of 3", "3 of 3") together, in that order, however they lie; others alone."""
    position = 0
    while position < len(pages):
        counted = pages[position].counted
        run = list(pages[position : position + ((counted[1] or 1) if counted else 1)])
        in_order = sorted(run, key=lambda page: page.counted[0] if page.counted else 0)
        complete = [page.counted for page in in_order] == [(n, len(run)) for n in range(1, len(run) + 1)]
        if not complete or (run != in_order and not belong_together(run)):
            in_order = run[:1]
        yield in_order
        position += len(in_order)


def _drop(pages: Sequence[PageReading], marks: dict[int, str | None], drafts: Sequence[_Draft]) -> None:
    """Give each dropped page to the document that it lies behind, or to the first one."""
    owners = {page.number: draft for draft in drafts for page in draft.kept}
    owner = drafts[0]
    for page in pages:
        owner = owners.get(page.number, owner)
        if page.number not in owners:
            owner.dropped.append(PagePlace(page.number, marks[page.number]))


def _without_empty(drafts: Sequence[_Draft]) -> list[_Draft]:
    """Sheets and blank pages without a document go with the next one, or with the last."""
    full: list[_Draft] = []
    waiting: list[PagePlace] = []
    for draft in drafts:
        if draft.kept:
            draft.dropped = [*waiting, *draft.dropped]
            waiting = []
            full.append(draft)
        else:
            waiting += draft.dropped
    full[-1].dropped += waiting
    return full
