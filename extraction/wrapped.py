"""Values that go on below: right of a label, a text that is too long for its column fills the next lines.

Such a line begins where the value begins, stands close below it, and has nothing where labels stand.
"""

from __future__ import annotations

import re

from extraction.page_layout import PageLayout, Segment

CLOSE = 0.8  # line heights between the lines of one text
ALIGNED = 0.6  # line heights
MOST_WORDS = 6  # of the line that goes on
MOST_LABEL_WORDS = 4
_NOT_ON = re.compile(r"\d|p\.?\s?o\.?\s?box\b|[^:]*:", re.IGNORECASE)  # an address or another label begins


def goes_on(page: PageLayout, line: int, segment: int, start: int, last_line: int) -> Segment | None:
    """What a value that begins at a token of `line` goes on with below `last_line`; None where it ends there."""
    labelled = _label_left(page, line, segment, start)
    if labelled is None or last_line + 1 >= len(page.lines):
        return None
    first = page.lines[line].segments[segment].tokens[start].box
    below = page.lines[last_line + 1]
    if below.top - page.lines[last_line].bottom > CLOSE * page.line_height:
        return None
    beside = [each for each in below.segments if each.box.x1 > labelled and each.box.x0 < first.x1]
    if len(beside) != 1 or abs(beside[0].box.x0 - first.x0) > ALIGNED * page.line_height:
        return None
    return beside[0] if len(beside[0].tokens) <= MOST_WORDS and not _NOT_ON.match(beside[0].text) else None


def _label_left(page: PageLayout, line: int, segment: int, start: int) -> float | None:
    """Where the label begins that stands left of a value: in its segment, or in the one before. None without a label."""
    segments = page.lines[line].segments
    if start:
        return segments[segment].box.x0 if segments[segment].tokens[start - 1].text.endswith(":") else None
    before = segments[segment - 1] if segment else None
    short = before is not None and len(before.tokens) <= MOST_LABEL_WORDS
    return before.box.x0 if before and short and not any(each.isdigit() for each in before.text) else None
