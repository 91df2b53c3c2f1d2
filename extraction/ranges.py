"""Ranges of dates: `03/09/20 - 03/17/20`. One label stands for both, so the text between says which is which."""

from __future__ import annotations

import re

from extraction.page_layout import Segment

_MARK = r"(?:[-\u2013\u2014]|to|thru|through|until|till|bis|au)"
_BEGINS = re.compile(rf"\s*{_MARK}\s*(?:[^\W\d]{{3,9}}\.?\s*)?\d", re.IGNORECASE)
_ENDS = re.compile(rf"\d\s*{_MARK}\s*$", re.IGNORECASE)
NEAR = 3  # words around a date that are looked at


def part_of_range(segment: Segment, start: int, end: int, raw: str) -> tuple[bool, bool]:
    """Whether the date printed as `raw` on tokens `start` up to `end` begins a range, and whether it ends one."""
    first, last = max(start - NEAR, 0), min(end + NEAR, len(segment.tokens))
    text = " ".join(token.text for token in segment.tokens[first:last])
    at = text.find(raw, segment.starts[start] - segment.starts[first])
    if at < 0:
        return False, False
    return bool(_BEGINS.match(text, at + len(raw))), bool(_ENDS.search(text, 0, at))
