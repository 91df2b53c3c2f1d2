"""What a page says about being the first of a document: its title, "page 1 of 3", numbers, letterhead, totals.

A glance at each page is taken once; `signals` compares a page with those of the document that it may continue.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from extraction.classify import title_strength
from extraction.labels import LabelBook, LabelHit, find_labels
from extraction.page_layout import PageLayout, lay_out
from schemas.document_type import document_types
from schemas.reading import PageReading

SIGNALS = (
    "title",  # 0 to 1: a kind of document is named in large letters or on a line of its own
    "says_first",  # "page 1 of 3"
    "says_later",  # "page 2"
    "ended",  # the page before said "page 3 of 3"
    "other_number",  # an invoice number that the document before does not have
    "same_number",
    "letterhead",  # 0 to 1: how like the head of the document before
    "date",  # a labelled date of issue
    "total_before",  # the document before has its total already
    "continued",  # "carried forward", "continued"
    "other_size",  # the paper is another
)
TOP = 0.22  # of the page: the letterhead
SPECIFIC = 0.8  # weight of a label that says which number it is
SIZE_TOLERANCE = 0.06
_COUNTED = re.compile(
    r"\b(?:page|seite|blatt|pagina|pag|pg)\b\W*(\d{1,3})(?:\s*(?:of|von|sur|de|/|\|)\s*(\d{1,3}))?", re.I
)
_BARE_COUNT = re.compile(r"\W*(\d{1,2})\s*(?:/|of|von)\s*(\d{1,2})\W*", re.I)
_CONTINUED = re.compile(
    r"\b(?:übertrag|uebertrag|fortsetzung|carried forward|brought forward|continued|cont'd)\b", re.I
)


@dataclass(frozen=True, slots=True)
class Glance:
    """A page as far as splitting goes. `number` is its place in the file; `counted` is (2, 3) for "page 2 of 3"."""

    number: int
    counted: tuple[int, int | None] | None
    title: float
    numbers: frozenset[str]
    head: frozenset[str]
    dated: bool
    total: bool
    continued: bool
    size: tuple[float, float]


def glance(page: PageReading) -> Glance:
    """Look a page over, once."""
    layout = lay_out(page)
    hits = [(hit, _roles(hit)) for hit in find_labels(layout, _role_book())]
    return Glance(
        number=page.number,
        counted=_counted(layout),
        title=title_strength(layout),
        numbers=frozenset(filter(None, (_value_beside(layout, hit) for hit, roles in hits if "number" in roles))),
        head=_head(layout),
        dated=any("date" in roles for _, roles in hits),
        total=any("total" in roles for _, roles in hits),
        continued=any(_CONTINUED.search(line.text) for line in (*layout.lines[:8], *layout.lines[-5:])),
        size=(page.width, page.height),
    )


def signals(page: Glance, before: Sequence[Glance]) -> list[float]:
    """The values of `SIGNALS` for a page after the pages `before`, at least one, of the document that it may continue."""
    number, last = page.counted[0] if page.counted else 0, before[-1].counted
    known = frozenset().union(*(each.numbers for each in before))
    return [
        page.title,
        float(number == 1),
        float(number > 1),
        float(last is not None and last[0] == last[1]),
        float(bool(page.numbers and known) and not page.numbers & known),
        float(bool(page.numbers & known)),
        max(_alike(page.head, each.head) for each in before),
        float(page.dated),
        float(any(each.total for each in before)),
        float(page.continued),
        float(not _same_size(page.size, before[-1].size)),
    ]


def belong_together(pages: Sequence[Glance]) -> bool:
    """Whether printed numbers or letterheads say that all these pages are of one document, in whatever order they lie."""
    first, *others = pages
    for page in others:
        if page.numbers and first.numbers and not page.numbers & first.numbers:
            return False
        if not page.numbers & first.numbers and _alike(page.head, first.head) < 0.5:
            return False
    return True


def _counted(page: PageLayout) -> tuple[int, int | None] | None:
    """ "Page 2 of 3" as (2, 3), wherever it stands; a bare "2/3" only at the very top or bottom."""
    for line in page.lines:
        if found := _COUNTED.search(line.text):
            number, count = int(found[1]), int(found[2]) if found[2] else None
            if 0 < number <= (count or number):
                return number, count
    for line in (*page.lines[:2], *page.lines[-2:]):
        for segment in line.segments:
            bare = _BARE_COUNT.fullmatch(segment.text)
            if bare and 0 < int(bare[1]) <= int(bare[2]):
                return int(bare[1]), int(bare[2])
    return None


def _value_beside(page: PageLayout, hit: LabelHit) -> str:
    """The number right of its label, folded; empty where there is none."""
    right = [*hit.segment.tokens[hit.end : hit.end + 3]]
    for segment in page.lines[hit.segment.line].segments[hit.segment.index + 1 :][:1]:
        right += segment.tokens[:2]
    return next((token.key for token in right if len(token.key) >= 3 and any(c.isdigit() for c in token.key)), "")


def _head(page: PageLayout) -> frozenset[str]:
    words = {
        token.key
        for segment in page.segments()
        for token in segment.tokens
        if segment.box.y1 < TOP * page.height and len(token.key) > 2
    }
    return frozenset(words)


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0


def _same_size(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return all(abs(a - b) <= SIZE_TOLERANCE * max(a, b) for a, b in zip(one, other, strict=True))


@cache
def _role_book() -> LabelBook:
    """The labels of number, date and total of every document type, as fields `number:invoice` and so on."""
    fields = {}
    for kind in document_types().values():
        for role, name in (("number", kind.roles.number), ("date", kind.roles.date), ("total", kind.roles.total)):
            if name is not None:
                fields[f"{role}:{kind.name}"] = kind.fields[name]
    return LabelBook(fields, {})


def _roles(hit: LabelHit) -> set[str]:
    return {label.field.partition(":")[0] for label in hit.labels if label.weight >= SPECIFIC}
