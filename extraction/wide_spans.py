"""Wide spans: what `find_spans` gives and everything that recall needs, unlikely readings with a cost.

A learned scorer chooses among them; the chooser of the cold start does not see them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from extraction.amount_guesses import guess_amounts
from extraction.date_guesses import guess_dates, years_in
from extraction.guesses import GLUED, Guess
from extraction.identifier_guesses import guess_identifiers
from extraction.page_layout import PageLayout, Segment
from extraction.spans import Notation, Span, find_spans
from schemas.document_type import FieldType
from schemas.identifiers import find_currencies, find_ibans, find_vat_ids

MOST_OF_A_KIND = 300  # on a page; beyond it the costly ones are dropped
_CODE_LABEL = re.compile(r"IBAN|UID|VAT|(?:USt-?)?Id-?Nr|[.:](?=[A-Z]{2}\d)", re.IGNORECASE)
_ALSO_NUMBERS = (FieldType.QUANTITY, FieldType.INTEGER)


def wide_spans(page: PageLayout, notation: Notation, printed: Sequence[Span] | None = None) -> list[Span]:
    """Every span of a page that could be a value of its type, in reading order, at most `MOST_OF_A_KIND` of each type.

    `printed` is what `find_spans` gave for the page, where that is known.
    Spans may overlap, and one place may have several meanings. `cost` is 0 for what is printed as it is.
    """
    printed = find_spans(page, notation) if printed is None else printed
    years = {year for segment in page.segments() for year in years_in(segment.text)}
    found = [*printed, *_integers(printed)]
    for segment in page.segments():
        found += _currencies(segment)
        found += _codes(segment)
        if any(each.isdigit() for each in segment.text):
            found += _guessed(segment, notation, years)
    return _bounded(_cheapest(found))


def _guessed(segment: Segment, notation: Notation, years: set[int]) -> Iterator[Span]:
    dates = guess_dates(segment.text, notation.order, years)
    yield from _spans(FieldType.DATE, segment, dates)
    sure = [(each.start, each.end) for each in dates if each.cost == 0]
    amounts = (each for each in guess_amounts(segment.text) if not _inside(each, sure))
    yield from _spans(FieldType.AMOUNT, segment, amounts)
    yield from _spans(FieldType.IDENTIFIER, segment, guess_identifiers(segment, sure))


def _inside(guess: Guess, places: Iterable[tuple[int, int]]) -> bool:
    return any(start < guess.end and guess.start < end for start, end in places)


def _spans(kind: FieldType, segment: Segment, guesses: Iterable[Guess]) -> Iterator[Span]:
    for guess in guesses:
        first, last = segment.tokens_between(guess.start, guess.end)
        raw = segment.text[guess.start : guess.end]
        yield Span(kind, segment, first, last, guess.text, raw, cost=guess.cost, how=guess.how)


def _integers(printed: Iterable[Span]) -> Iterator[Span]:
    """Plain whole numbers and quantities: the printed amounts, read as such."""
    for span in printed:
        if span.kind is FieldType.AMOUNT and span.raw.isdigit() and len(span.raw) <= 6:
            for kind in _ALSO_NUMBERS:
                yield Span(kind, span.segment, span.start, span.end, str(int(span.raw)), span.raw)


def _currencies(segment: Segment) -> Iterator[Span]:
    for start, end, code in find_currencies(segment.text):
        yield from _spans(FieldType.CURRENCY, segment, [Guess(start, end, code)])


def _codes(segment: Segment) -> Iterator[Span]:
    """IBANs and VAT numbers that are glued to their label, or misread; only where the check digits hold."""
    text = _CODE_LABEL.sub(lambda match: " " * len(match[0]), segment.text)
    for kind, found in (
        (FieldType.IBAN, find_ibans(text, repair=True)),
        (FieldType.VAT_ID, find_vat_ids(text, repair=True)),
    ):
        for each in found:
            if each.valid:
                first, last = segment.tokens_between(each.start, each.end)
                raw = segment.text[each.start : each.end]
                yield Span(kind, segment, first, last, each.text, raw, True, GLUED, "guessed")


def _cheapest(spans: Iterable[Span]) -> list[Span]:
    """One span for each type, place and meaning."""
    best: dict[tuple[object, ...], Span] = {}
    for span in spans:
        key = span.kind, span.segment.line, span.segment.index, span.start, span.end, span.text
        if key not in best or span.cost < best[key].cost:
            best[key] = span
    return sorted(best.values(), key=lambda each: (each.segment.line, each.segment.index, each.start, each.end))


def _bounded(spans: list[Span]) -> list[Span]:
    """The cheap ones first where there are too many of a type; one or two signs are a number of pieces more often than a code."""
    kept: set[int] = set()
    for kind in {span.kind for span in spans}:
        own = sorted((len(span.raw) < 3, span.cost, index) for index, span in enumerate(spans) if span.kind is kind)
        kept.update(index for _, _, index in own[:MOST_OF_A_KIND])
    return [span for index, span in enumerate(spans) if index in kept]
