"""Runs of words that could be a name, a free text or an address: parts of one line, or of lines under each other.

A run is a sequence of (line, segment, first token, token after the last). Where a text begins and ends inside a line is not
known, so several cuts are offered: behind a colon, before a bracket, before digits, before a word that begins contact data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from extraction.page_layout import PageLayout, Segment

Part = tuple[int, int, int, int]
Run = tuple[Part, ...]

NAME_LINES, ADDRESS_LINES = 3, 7
TOP, BOTTOM = 20, 8  # lines of a page on which runs begin
MOST_TOKENS = 14  # of a name on one line
MOST_CUTS = 5
LINE_GAP = 2.2  # line heights between two lines of one text
_STOP = re.compile(
    r"^\W*(?:tel|fax|phone|ph|h/?p|mobile|gst|vat|ust|uid|tax|reg|roc|co|company|email|e-mail|www|http|iban|bic|attn|date|datum|page|"
    r"seite|invoice|rechnung|no|nr|order|contract|contact)\b",
    re.IGNORECASE,
)


def name_runs(page: PageLayout) -> Iterator[Run]:
    """Names and short texts: up to three lines, cut in several ways."""
    for line, segment in _beginnings(page):
        for first in _starts(segment):
            for last in _ends(segment, first):
                if last - first <= MOST_TOKENS:
                    yield ((line, segment.index, first, last),)
        below = list(_below(page, segment, NAME_LINES - 1))
        for first in _starts(segment)[:2]:
            run: Run = ((line, segment.index, first, len(segment.tokens)),)
            for under in below:
                for last in _ends(under, 0)[-2:]:
                    yield (*run, (under.line, under.index, 0, last))
                run = (*run, (under.line, under.index, 0, len(under.tokens)))
        if segment.index + 1 < len(page.lines[line].segments):
            yield _rest_of_line(page, segment, 0)


def address_runs(page: PageLayout) -> Iterator[Run]:
    """Addresses: whole lines under each other; the first may begin and the last may end inside its line."""
    for line, segment in _beginnings(page):
        wide = segment.index + 1 < len(page.lines[line].segments)
        for first in _starts(segment)[:3]:
            run: Run = ()
            for under in (segment, *_below(page, segment, ADDRESS_LINES - 1)):
                begin = first if under is segment else 0
                for last in _ends(under, begin)[-3:]:
                    yield (*run, (under.line, under.index, begin, last))
                run = (*run, (under.line, under.index, begin, len(under.tokens)))
        if wide and segment.index == 0:
            yield from _whole_lines(page, line)


def _whole_lines(page: PageLayout, line: int) -> Iterator[Run]:
    """Lines with gaps inside, each read to its end."""
    run: Run = ()
    for below in page.lines[line : line + ADDRESS_LINES]:
        run = (*run, *((below.index, each.index, 0, len(each.tokens)) for each in below.segments))
        yield run


def _beginnings(page: PageLayout) -> Iterator[tuple[int, Segment]]:
    count = len(page.lines)
    for line in page.lines:
        if line.index < TOP or line.index >= count - BOTTOM:
            for segment in line.segments:
                yield line.index, segment


def _starts(segment: Segment) -> list[int]:
    """0, and behind each colon or dash; never at a run's very end."""
    found = [0]
    for index, token in enumerate(segment.tokens[:-1]):
        if token.text.endswith((":", ",")) or token.text in ("-", "|", "/", "·", "•", "–"):
            found.append(index + 1)
    return found[:MOST_CUTS]


def _ends(segment: Segment, first: int) -> list[int]:
    """The cuts after which a text may end, in order; the last is the segment's end."""
    count = len(segment.tokens)
    found = [
        index
        for index, token in enumerate(segment.tokens)
        if index > first and (_stops(token.text) or segment.tokens[index - 1].text.endswith((",", ";", "·", "|")))
    ]
    return sorted({*found[: MOST_CUTS - 1], count})


@lru_cache(maxsize=20_000)
def _stops(word: str) -> bool:
    """Whether a text may end before a word: a bracket or a mark, one that begins contact data, or one with digits."""
    return word.startswith(("(", "[", "/", "-", "*")) or bool(_STOP.match(word)) or any(map(str.isdigit, word))


def _below(page: PageLayout, segment: Segment, most: int) -> Iterator[Segment]:
    """The segments under one another in a column: each overlaps the one above, and no gap is wide."""
    above = segment
    for line in page.lines[segment.line + 1 : segment.line + 1 + most]:
        if line.top - above.box.y1 > LINE_GAP * page.line_height:
            return
        shared = [(min(each.box.x1, above.box.x1) - max(each.box.x0, above.box.x0), each) for each in line.segments]
        width, best = max(shared, key=lambda each: each[0])
        if width <= 0:
            return
        yield best
        above = best


def _rest_of_line(page: PageLayout, segment: Segment, first: int) -> Run:
    """From a token to the line's end, over the gaps."""
    later = page.lines[segment.line].segments[segment.index + 1 :]
    return (
        (segment.line, segment.index, first, len(segment.tokens)),
        *((each.line, each.index, 0, len(each.tokens)) for each in later),
    )
