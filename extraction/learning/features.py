"""What a spot looks like, as numbers: place, print, and what its type says. The same for every field of the type."""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from extraction.address_blocks import COMPANY_CODE, CONTACT, POSTCODE
from extraction.learning.spots import WORDED, Spot
from extraction.names import LEGAL_FORM, has_legal_form
from extraction.page_layout import PageLayout, Segment
from extraction.wrapped import goes_on
from schemas.document_type import FieldType

KEPT = 20_000  # texts of which it is kept what they look like
HEAD = 9  # lines of a page where a letterhead stands

Matrix = npt.NDArray[np.float32]

_ENDS_LEGAL = re.compile(rf"(?:{LEGAL_FORM.pattern})\W*$", re.IGNORECASE)
_TELEPHONE = re.compile(r"(?<![\w/])\+?\(?0?\d{1,3}\)?[-\s.]{1,3}\d{3,4}[-\s]?\d{3,5}\b|\b1[38]00[-\s]\d{2}[-\s]?\d{2}")
_OTHER = re.compile(  # what a letterhead says beside its address
    r"(?<![^\W\d_])(?:te[l1i]|telephone|fax|phone|ph|h/?p|mobile|handphone|whats\w*|gst|vat|ust|tax|reg|roc|e-?mail|mail|"
    r"website|careline|hotline|iban|bic)(?![^\W\d_])|www|https?|@",
    re.IGNORECASE,
)
_LONGEST_LEGAL = 48  # letters that a legal form at a text's end can take, with the marks behind it
_BEGINS_JOINED = re.compile(rf"\W*(?:&|and\b|und\b|{LEGAL_FORM.pattern})", re.IGNORECASE)


def _kept(found: Callable[[str], object]) -> Callable[[str], bool]:
    """Whether a pattern is found in a text; kept, because many spots share their lines."""
    return lru_cache(maxsize=KEPT)(lambda text: found(text) is not None)


_has_postcode, _has_telephone, _ends_legal = _kept(POSTCODE.search), _kept(_TELEPHONE.search), _kept(_ENDS_LEGAL.search)
_is_contact, _is_other, _is_code = _kept(CONTACT.search), _kept(_OTHER.search), _kept(COMPANY_CODE.match)

PLACE = (
    "x0", "x1", "y0", "y1", "width", "page", "pages_left", "line", "line_from_end", "segment", "segments", "starts_segment",
    "ends_segment", "starts_after_colon", "height", "lines", "gap_above", "gap_below", "centred",
)  # fmt: skip
PRINT = (
    "words", "letters", "digit_share", "upper_share", "brackets", "commas", "colons", "ends_open", "least_confidence",
    "confidence", "cost", "trimmed", "derived", "remembered", "same_key", "same_key_rank", "first_digit", "last_digit",
)  # fmt: skip
TYPED = (
    "size",
    "rank",
    "rank_from_top",
    "share_of_most",
    "whole",
    "checked",
    "sums",
    "twin_or_first",
    "differences_or_days",
    "legal_form",
    "postcode",
    "contact",
)
ABOUT = ("legal_form", "postcode", "contact", "digits", "bracket", "height", "words", "upper", "any")
NEXT = (
    *(f"above_{each}" for each in ABOUT),
    *(f"below_{each}" for each in ABOUT),
    "ends_legal",
    "begins_joined",
    "legal_above",
    "legal_in_head",
    "begins_code",
    "first_legal",
    "last_contact",
    "above_code",
    "above_comma",
    "below_comma",
    "goes_on",
    "went_on",
    "first_digits",
    "last_digits",
    "last_number",
    "below_number",
    "inner_number",
    "last_other",
    "below_other",
    "inner_other",
    "rest_other",
)
NAMES = (*PLACE, *PRINT, *TYPED, *NEXT)


def base_features(spots: Sequence[Spot], pages: Sequence[PageLayout]) -> Matrix:
    """One row a spot, columns as `NAMES`; all spots are of one type."""
    return BaseFeatures(spots, pages).rows(range(len(spots)))


class BaseFeatures:
    """The features of spots of one type; a row is made when it is first asked for, because training asks for a sample only."""

    def __init__(self, spots: Sequence[Spot], pages: Sequence[PageLayout]) -> None:
        self._spots, self._pages = spots, pages
        self._typed = _typed(spots)
        self._near = _Neighbours()
        self._counts: Counter[str] = Counter()
        self._ranks = []
        for spot in spots:
            self._ranks.append(self._counts[spot.key])
            self._counts[spot.key] += 1
        self._matrix: Matrix = np.zeros((len(spots), len(NAMES)), np.float32)
        self._made = np.zeros(len(spots), dtype=bool)

    def rows(self, asked: Sequence[int]) -> Matrix:
        """One row each, columns as `NAMES`."""
        at = np.asarray(asked, dtype=np.int64)
        missing = at[~self._made[at]]
        if len(missing):
            self._matrix[missing] = [self._row(row) for row in missing.tolist()]
            self._made[missing] = True
        return self._matrix[at]

    def _row(self, row: int) -> list[float]:
        spot = self._spots[row]
        lines = _own_lines(spot) if spot.kind in WORDED else [spot.raw]
        typed = self._typed[row] if self._typed else _words(spot, lines)
        printed = _print(spot, self._counts[spot.key], self._ranks[row])
        return [*_place(spot, self._pages), *printed, *typed, *self._near.of(spot, lines)]


def _place(spot: Spot, pages: Sequence[PageLayout]) -> list[float]:
    page, box = spot.page, spot.box
    lines = page.lines
    segments = lines[spot.line].segments
    first = segments[spot.segment]
    last = lines[spot.last_line].segments[spot.last_segment]
    height = sum(token.box.height for token in spot.tokens) / len(spot.tokens)
    above = lines[spot.line].top - lines[spot.line - 1].bottom if spot.line else 99.0
    below = lines[spot.last_line + 1].top - lines[spot.last_line].bottom if spot.last_line + 1 < len(lines) else 99.0
    before = first.tokens[spot.start - 1].text if spot.start else ""
    return [
        box.x0, box.x1, box.y0, box.y1, box.width, page.number - pages[0].number, pages[-1].number - page.number, spot.line,
        len(lines) - spot.line, spot.segment, len(segments), float(spot.start == 0), float(spot.end >= len(last.tokens)),
        float(before.endswith(":")), height / page.line_height, spot.last_line - spot.line + 1, above / page.line_height,
        below / page.line_height, abs(box.middle[0] - 0.5),
    ]  # fmt: skip


def _print(spot: Spot, count: int, rank: int) -> list[float]:
    text = spot.raw
    letters = max(len(text), 1)
    sure = [token.confidence for token in spot.tokens]
    return [
        len(spot.tokens), len(spot.key), sum(map(str.isdigit, text)) / letters, sum(map(str.isupper, text)) / letters,
        float("(" in text) - float(")" in text), text.count(","), text.count(":"), float(text.count("(") > text.count(")")),
        min(sure), sum(sure) / len(sure), spot.cost, float(spot.how == "trimmed"), float(spot.how == "derived"),
        float(spot.how == "remembered"), count, rank, float(text[:1].isdigit()), float(text[-1:].isdigit()),
    ]  # fmt: skip


def _typed(spots: Sequence[Spot]) -> list[list[float]]:
    """What numbers and dates say beside the others of their type; nothing for other types."""
    kind = spots[0].kind if spots else None
    if kind in (FieldType.AMOUNT, FieldType.QUANTITY, FieldType.INTEGER, FieldType.PERCENT):
        return _numbers(spots)
    if kind is FieldType.DATE:
        return _dates(spots)
    return []


def _numbers(spots: Sequence[Spot]) -> list[list[float]]:
    numbers = [float(spot.text) for spot in spots]
    printed = sorted({round(n, 2) for n, spot in zip(numbers, spots, strict=True) if spot.how == "printed"} or {0.0})
    most = max(printed[-1], 0.01)
    sums, differences = _sums(printed), _differences(printed)
    places = {number: index for index, number in enumerate(printed)}
    rows = []
    for spot, number in zip(spots, numbers, strict=True):
        place = places.get(round(number, 2), len(printed) // 2)
        whole = 0.0 if re.search(r"[.,]\s?\d{2}\D*$", spot.raw) else 1.0
        rows.append(
            [math.log1p(abs(number)), place, len(printed) - 1 - place, number / most, whole, _checked(spot),
             sums.get(round(number, 2), 0), _twin(number, printed), differences.get(round(number, 2), 0), 0, 0, 0]
        )  # fmt: skip
    return rows


def _sums(printed: Sequence[float]) -> Counter[float]:
    """How many pairs of printed amounts add up to each; only among the largest, where totals are."""
    found: Counter[float] = Counter()
    largest = [number for number in printed[-18:] if number > 0]
    known = set(largest)
    for index, left in enumerate(largest):
        for right in largest[index:]:
            if round(left + right, 2) in known:
                found[round(left + right, 2)] += 1
    return found


def _differences(printed: Sequence[float]) -> Counter[float]:
    """How many pairs of the largest printed amounts differ by each: cash less change, gross less tax."""
    largest = [number for number in printed[-18:] if number > 0]
    return Counter(round(b - a, 2) for i, a in enumerate(largest) for b in largest[i + 1 :])


def _twin(number: float, printed: Sequence[float]) -> float:
    """1 for an amount of whole five cents that stands beside another a few cents away: it was rounded; -1 for the other."""
    if not any(0.004 < abs(number - other) < 0.045 for other in printed):
        return 0.0
    return 1.0 if round(number * 100) % 5 == 0 else -1.0


def _dates(spots: Sequence[Spot]) -> list[list[float]]:
    days = [date.fromisoformat(spot.text).toordinal() for spot in spots]
    ordered = sorted({day for day, spot in zip(days, spots, strict=True) if spot.cost == 0} or set(days))
    places = {day: index for index, day in enumerate(ordered)}
    rows = []
    for spot, day in zip(spots, days, strict=True):
        place = places.get(day, -1)
        year = date.fromordinal(day).year
        rows.append(
            [year, place, len(ordered) - 1 - place, 0, 0, _checked(spot), 0, float(day == days[0]), day - ordered[0],
             0, 0, 0]
        )  # fmt: skip
    return rows


def _words(spot: Spot, lines: Sequence[str]) -> list[float]:
    """A legal form or a postcode may go over the end of a line."""
    pairs = [f"{line} {below}" for line, below in itertools.pairwise(lines)] or lines
    return [
        0, 0, 0, 0, 0, _checked(spot), 0, 0, 0, float(any(map(has_legal_form, pairs))), float(any(map(_has_postcode, pairs))),
        float(any(map(_is_contact, lines))),
    ]  # fmt: skip


class _Neighbours:
    """What the lines above and below a text are like: whether it goes on there, or something else begins."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int, int], list[float]] = {}
        self._legal: dict[int, int] = {}

    def of(self, spot: Spot, lines: Sequence[str]) -> list[float]:
        if spot.kind not in WORDED:
            return [0.0] * len(NEXT)
        above, below = _next(spot, -1), _next(spot, 1)
        first = self._first_legal(spot.page)
        return [
            *self._about(spot, above), *self._about(spot, below), float(_ends_legal(spot.raw[-_LONGEST_LEGAL:])),
            float(bool(_BEGINS_JOINED.match(spot.raw))), float(first < spot.line), float(first < HEAD),
            *_edges(spot, above, below), *_wrapped(spot), *_numbered(spot, lines, below),
        ]  # fmt: skip

    def _about(self, spot: Spot, segment: Segment | None) -> list[float]:
        if segment is None:
            return [0.0] * len(ABOUT)
        key = (spot.page.number, segment.line, segment.index)
        if key not in self._known:
            text = segment.text
            letters = max(len(text), 1)
            self._known[key] = [
                float(has_legal_form(text)), float(_has_postcode(text)), float(_is_contact(text)),
                sum(map(str.isdigit, text)) / letters, float(text.startswith(("(", "["))), segment.box.height,
                len(segment.tokens), sum(map(str.isupper, text)) / letters, 1.0,
            ]  # fmt: skip
        known = list(self._known[key])
        known[5] /= max(spot.tokens[0].box.height, 1.0)
        return known

    def _first_legal(self, page: PageLayout) -> int:
        if page.number not in self._legal:
            lines = (line.index for line in page.lines if has_legal_form(line.text))
            self._legal[page.number] = next(lines, len(page.lines))
        return self._legal[page.number]


def _edges(spot: Spot, above: Segment | None, below: Segment | None) -> list[float]:
    """What a text begins and ends with, and whether the lines around it are a code, or parts of an enumeration."""
    first, last = spot.tokens[0].box, spot.tokens[-1].box
    low, high = first.y1 - first.height / 2, last.y0 + last.height / 2
    begin = " ".join([token.text for token in spot.tokens if token.box.y0 < low])
    end = " ".join([token.text for token in spot.tokens if token.box.y1 > high])
    over, under = above.text if above else "", below.text if below else ""
    return [
        float(_is_code(begin)), float(spot.last_line > spot.line and has_legal_form(begin)),
        float(spot.last_line > spot.line and _is_contact(end)), float(_is_code(over)),
        float("," in over), float("," in under),
    ]  # fmt: skip


def _wrapped(spot: Spot) -> tuple[float, float]:
    """Whether the value goes on below the text, and (1, or -1) whether the text's own lines are one value; 0 for one line."""
    where = (spot.page, spot.line, spot.segment, spot.start)
    inside = all(goes_on(*where, line) for line in range(spot.line, spot.last_line))
    went_on = 0.0 if spot.last_line == spot.line else 1.0 if inside else -1.0
    return float(goes_on(*where, spot.last_line) is not None), went_on


def _numbered(spot: Spot, lines: Sequence[str], below: Segment | None) -> list[float]:
    """Of an address: the digits of its first and last line, and whether a telephone number, or another
    thing than an address, ends it, follows, or is inside."""
    if spot.kind is not FieldType.ADDRESS:
        return [0.0] * 9
    rest = spot.page.lines[spot.last_line].segments[spot.last_segment].tokens[spot.end : spot.end + 1]
    return [
        _digits(lines[0]), _digits(lines[-1]), float(_has_telephone(lines[-1])),
        float(below is not None and _has_telephone(below.text)), float(any(map(_has_telephone, lines[:-1]))),
        float(_is_other(lines[-1])), float(below is not None and _is_other(below.text)),
        float(any(map(_is_other, lines[:-1]))), float(any(_is_other(token.text) for token in rest)),
    ]  # fmt: skip


def _own_lines(spot: Spot) -> list[str]:
    """The text, line by line; a word that stands left of the one before it begins a line."""
    lines = [[spot.tokens[0].text]]
    for before, token in itertools.pairwise(spot.tokens):
        if token.box.x0 < before.box.x0:
            lines.append([])
        lines[-1].append(token.text)
    return [" ".join(line) for line in lines]


@lru_cache(maxsize=KEPT)
def _digits(text: str) -> float:
    return sum(map(str.isdigit, text)) / max(len(text), 1)


def _next(spot: Spot, step: int) -> Segment | None:
    """The segment on the next line up or down that shares the spot's column."""
    index = (spot.line if step < 0 else spot.last_line) + step
    if not 0 <= index < len(spot.page.lines):
        return None
    left, right = spot.tokens[0].box.x0, spot.tokens[-1].box.x1
    return next((each for each in spot.page.lines[index].segments if each.box.x0 < right and each.box.x1 > left), None)


def _checked(spot: Spot) -> float:
    return 0.0 if spot.checked is None else 1.0 if spot.checked else -1.0
