"""Company names: cleaning away legal forms, likeness, and finding a known name on a page in spite of OCR errors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from rapidfuzz import fuzz

from extraction.page_layout import PageLayout, Segment, joined
from extraction.spans import Span
from schemas.document_type import FieldType
from schemas.normalisation import fold

_FORMS = (
    r"gmbh\s?&\s?co\.?\s?kg|gmbh|mbh|ag|kg|ohg|ug|e\.?\s?k\.?|e\.?\s?v\.?|gbr|se|kgaa|partg(?:mbb)?|"
    r"ltd\.?|limited|llp|plc|llc|inc\.?|corp\.?|corporation|company|co\.|sdn\.?\s?bhd\.?|bhd\.?|pte\.?|"
    r"b\.?\s?v\.?|n\.?\s?v\.?|s\.?\s?a\.?\s?r\.?\s?l\.?|s\.?\s?a\.?\s?s\.?|s\.?\s?a\.?|s\.?\s?r\.?\s?l\.?|"
    r"s\.?\s?p\.?\s?a\.?|oy|ab|a/s|aps|sp\.?\s?z\s?o\.?\s?o\.?|enterprise|trading"
)
LEGAL_FORM = re.compile(rf"(?<![\w&])(?:{_FORMS})(?![\w&])", re.IGNORECASE)
NAME_LABEL = re.compile(
    r"(?:firmen)?name:?|nom:?|raison sociale:?|company:?|firma:?", re.IGNORECASE
)  # in a party's part
LEAST_LIKENESS = 86.0  # of a printed name with a known one, 0 to 100


@lru_cache(maxsize=20_000)
def cleaned(name: str) -> str:
    """A name without legal form, folded; what is left is compared."""
    return fold(LEGAL_FORM.sub(" ", name)) or fold(name)


def likeness(left: str, right: str) -> float:
    """0 to 100, of two names as printed, legal forms aside."""
    return float(fuzz.ratio(cleaned(left), cleaned(right)))


@lru_cache(maxsize=50_000)
def has_legal_form(text: str) -> bool:
    """Whether a text names a legal form such as GmbH, Ltd or Sdn Bhd."""
    return bool(LEGAL_FORM.search(text)) and not text.isdigit()


def find_name(pages: Iterable[PageLayout], name: str) -> Iterator[tuple[PageLayout, Span, float]]:
    """Where a known name is printed, with its likeness; the whole name with its legal form where that is printed too."""
    target = fold(name)
    short = cleaned(name)
    if len(short) < 3:
        return
    for page in pages:
        segments = list(page.segments())
        broken = (
            *_pairs(segments, page.line_height),
            *(joined(line.segments) for line in page.lines if len(line.segments) > 1),
        )
        for segment in (*segments, *broken):
            best = _best_window(segment, target, short)
            if best:
                start, end, score = best
                raw = " ".join(token.text for token in segment.tokens[start:end]).strip(" ,;:|·•-")
                yield page, Span(FieldType.NAME, segment, start, end, raw, raw), score


def _pairs(segments: list[Segment], height: float) -> Iterator[Segment]:
    """A segment and the one right below it, for names that are broken over two lines."""
    for upper in segments:
        for lower in segments:
            if lower.line > upper.line and abs(upper.box.x0 - lower.box.x0) < height:
                if lower.box.y0 - upper.box.y1 < 1.3 * height and len(upper.tokens) + len(lower.tokens) <= 8:
                    yield joined((upper, lower))
                break


def _best_window(segment: Segment, target: str, short: str) -> tuple[int, int, float] | None:
    """The run of words most like the name."""
    keys = [token.key for token in segment.tokens]
    best: tuple[int, int, float] | None = None
    for start in range(len(keys)):
        joined = ""
        for end in range(start + 1, min(start + 9, len(keys) + 1)):
            joined += keys[end - 1]
            if not keys[start] or not keys[end - 1] or len(joined) < 0.7 * len(short):
                continue
            if len(joined) > 1.3 * len(target) + 2:
                break
            score = max(fuzz.ratio(joined, target), fuzz.ratio(joined, short) - 1.0)
            if score >= LEAST_LIKENESS and (best is None or score > best[2]):
                best = (start, end, float(score))
    return best
