"""Matching: which booking belongs to which document, one to one, and how certain that is.

Each value that a booking names is evidence for a document that prints it, the more so the fewer documents do, and a little
against one that does not: the odds of Fellegi and Sunter (A Theory for Record Linkage, JASA 1969). A file name in the row
decides alone. What is not certain stays unmatched, and is listed.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from schemas.document_type import DocumentType
from tasks.past.bookings import Booking
from tasks.past.columns import file_key
from tasks.past.documents import PastDocument
from tasks.past.prints import Prints, Sign, prints_of, signs_of

LEAST_CERTAIN = 0.8
SURE_BY_FILE = 0.99
NO_DOCUMENT = 0.1  # how likely a booking's document is not in the folder, before anything is seen
MISSED = {"number": 0.1, "amount": 0.08, "date": 0.12, "name": 0.4}  # share of right values that are not found printed
BY_CHANCE = {
    "number": 0.05,
    "amount": 0.3,
    "date": 0.5,
    "name": 0.5,
}  # documents that print a value of another, at least
WEAKER = 0.5  # a number in a file's name is evidence only where it stands
FEW, NOBODY = 2, 10**9  # documents: a number that so few of them show is what a pair is said to rest on
TOO_COMMON = 20  # documents: a value that more of them print finds nobody by itself


class Match(NamedTuple):
    """A booking and its document. `how`: `file name`, `number`, `content`; `certainty` 0 to 1."""

    booking: Booking
    document: PastDocument
    how: str
    certainty: float


@dataclass(frozen=True)
class Matching:
    """The pairs, and what is left over on both sides."""

    matches: list[Match]
    bookings_left: list[Booking]
    documents_left: list[PastDocument]


class _Pair(NamedTuple):
    odds: float
    row: int
    column: int
    how: str


def match_bookings(
    bookings: Sequence[Booking],
    documents: Sequence[PastDocument],
    definition: DocumentType,
    advance: Callable[[], None] = lambda: None,
) -> Matching:
    """Pair bookings with documents; `advance` is called after each document that was searched."""
    named = _by_file(bookings, documents)
    rows = [at for at in range(len(bookings)) if at not in named]
    signs = {row: signs_of(bookings[row].fields, definition) for row in rows}
    wanted = frozenset(sign for each in signs.values() for sign in each)
    taken = set(named.values())
    prints: dict[int, Prints] = {}
    for column, document in enumerate(documents):
        if column not in taken:
            prints[column] = prints_of(document.reading(), document.names, wanted)
        advance()
    matches = [Match(bookings[row], documents[column], "file name", SURE_BY_FILE) for row, column in named.items()]
    for pair, certainty in _chosen(_pairs(signs, prints)):
        matches.append(Match(bookings[pair.row], documents[pair.column], pair.how, round(certainty, 4)))
    matches.sort(key=lambda each: each.booking.row)
    with_row, with_document = {m.booking.row for m in matches}, {m.document.name for m in matches}
    return Matching(
        matches,
        [booking for booking in bookings if booking.row not in with_row],
        [document for document in documents if document.name not in with_document],
    )


def _by_file(bookings: Sequence[Booking], documents: Sequence[PastDocument]) -> dict[int, int]:
    """Row -> document, where the row names a file and only one file has that name."""
    columns: dict[str, set[int]] = defaultdict(set)
    for at, document in enumerate(documents):
        for name in document.names:
            columns[file_key(name)].add(at)
    found: dict[int, int] = {}
    for row, booking in enumerate(bookings):
        named = columns.get(file_key(booking.file), set())
        if booking.file and len(named) == 1:
            found.setdefault(next(iter(named)), row)
    return {row: column for column, row in found.items()}


def _pairs(signs: dict[int, list[Sign]], prints: dict[int, Prints]) -> list[_Pair]:
    """Every pair that shares a rare enough value, with its odds."""
    holders: dict[Sign, list[int]] = defaultdict(list)
    for column, each in prints.items():
        for sign in each.signs:
            holders[sign].append(column)
    common = max(TOO_COMMON, len(prints) // 10)
    pairs = []
    for row, wanted in signs.items():
        keys = [sign for sign in (*wanted, *_in_file_names(wanted)) if sign[0] != "name"]
        columns = {column for sign in keys if len(holders[sign]) <= common for column in holders[sign]}
        pairs += [_pair(row, column, wanted, prints[column], holders, len(prints)) for column in sorted(columns)]
    return pairs


def _pair(
    row: int, column: int, wanted: Sequence[Sign], prints: Prints, holders: dict[Sign, list[int]], documents: int
) -> _Pair:
    """The odds that this document is the row's, and the strongest evidence for it."""
    by_kind: dict[str, list[float]] = defaultdict(list)
    for sign in wanted:
        chance = min(0.95, max(len(holders[sign]) - 1, BY_CHANCE[sign[0]]) / documents)
        missed = MISSED[sign[0]]
        held = sign in prints.signs
        by_kind[sign[0]].append(math.log((1 - missed) / chance) if held else math.log(missed / (1 - chance)))
    weights = {
        kind: sum(each) / math.sqrt(len(each)) for kind, each in by_kind.items()
    }  # three totals are no three proofs
    named = [len(holders[sign]) for sign in _in_file_names(wanted) if sign in prints.signs]
    numbers = [len(holders[sign]) for sign in wanted if sign[0] == "number" and sign in prints.signs]
    if named:
        weights["named"] = math.log(WEAKER * documents / max(min(named) - 1, BY_CHANCE["number"]))
    how = (
        "file name"
        if min(named, default=NOBODY) <= FEW
        else "number"
        if min(numbers, default=NOBODY) <= FEW
        else "content"
    )
    return _Pair(math.exp(min(sum(weights.values()), 60.0)) / documents, row, column, how)


def _in_file_names(wanted: Sequence[Sign]) -> list[Sign]:
    return [("named", key) for kind, key in wanted if kind == "number"]


def _chosen(pairs: Sequence[_Pair]) -> Iterator[tuple[_Pair, float]]:
    """The certain pairs, the best first; each row and document once."""
    of_row: dict[int, float] = defaultdict(float)
    of_column: dict[int, float] = defaultdict(float)
    for pair in pairs:
        of_row[pair.row] += pair.odds
        of_column[pair.column] += pair.odds
    rows, columns = set(), set()
    for pair in sorted(pairs, key=lambda each: -each.odds):
        certainty = pair.odds / (NO_DOCUMENT + max(of_row[pair.row], of_column[pair.column]))
        if certainty >= LEAST_CERTAIN and pair.row not in rows and pair.column not in columns:
            rows.add(pair.row)
            columns.add(pair.column)
            yield pair, certainty
