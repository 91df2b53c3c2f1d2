"""The search line: words, "phrases" and `key:value` filters, read into one plain description of what is looked for.

`nordlicht "copy paper" supplier:acme number:117 amount:100..200 state:failed client:umbra due:late received:today`

Words are looked for in everything: file names, values and the text of pages; each may be the beginning of a longer word. All
parts must fit. Ranges have two dots and may be open: `100..`, `..200`. Days are ISO or `31.12.2026`, or `today`, `yesterday`,
`tomorrow`; they begin and end at midnight in the zone that is given. A value that cannot be read is named in `problems`.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Generic, TypeVar

from schemas.amounts import canonical_amount, parse_amount
from schemas.clock import now
from schemas.lifecycle import TERMINAL, DocumentState

OPEN = "open"  # a state filter: everything that is with us
WITH_US = frozenset(DocumentState) - TERMINAL - {DocumentState.AWAITING_CLIENT}
LATE = "late"
FLAGS = {"yes": True, "no": False}
MOST_AMOUNT = Decimal(10) ** 14  # larger than any that is kept
LONGEST_WORD = 64  # letters; longer ones are cut, in what is kept and in what is looked for
_PART = re.compile(r'(?:(?P<key>[a-z]+):)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))', re.IGNORECASE)
_ID = re.compile(r"(?:doc|rcp)_[0-9a-f]{1,32}")
_TOKEN = re.compile(r"[^\W_]+")

Bound = TypeVar("Bound", Decimal, dt.datetime)


@dataclass(frozen=True)
class Range(Generic[Bound]):
    """From `low` to `high`; None: without end. Amounts include both ends, times do not include the later one."""

    low: Bound | None
    high: Bound | None


@dataclass(frozen=True)
class Term:
    """What must stand in a document, in any of these spellings: each a sequence of words, one after the other.

    `whole`: the last word is a whole one, not the beginning of one.
    """

    spellings: tuple[tuple[str, ...], ...]
    whole: bool = False


@dataclass(frozen=True)
class SearchQuery:
    """What is looked for; everything given must fit, what is empty does not count."""

    terms: tuple[Term, ...] = ()
    ids: tuple[str, ...] = ()
    supplier: tuple[Term, ...] = ()
    number: str = ""
    file: str = ""
    client: str = ""
    process: str = ""
    type: str = ""
    queue: str = ""
    reason: str = ""
    states: frozenset[DocumentState] = frozenset()
    amount: Range[Decimal] | None = None
    due: Range[dt.datetime] | None = None
    received: Range[dt.datetime] | None = None
    delivered: Range[dt.datetime] | None = None
    touched: bool | None = None
    urgent: bool | None = None
    problems: tuple[str, ...] = ()

    @property
    def by_words(self) -> bool:
        """Whether the index of words is needed."""
        return bool(self.terms or self.supplier)

    @property
    def by_values(self) -> bool:
        """Whether a document that is found has a value that was asked for."""
        return self.by_words or bool(self.number or self.type or self.amount)


def words_in(text: str) -> list[str]:
    """The words of a text as they are kept and looked for: letters and digits, small, without accents."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return [word[:LONGEST_WORD] for word in _TOKEN.findall(bare)]


def parse_search(line: str, zone: dt.tzinfo | None = None) -> SearchQuery:
    """Read a search line; days are those of `zone` (None: the server's own)."""
    query = SearchQuery()
    for part in _PART.finditer(line.strip()):
        key, phrase, word = part["key"], part["phrase"], part["word"]
        text = phrase if word is None else word
        if key is not None and key.lower() in _FILTERS:
            query = _filtered(query, key.lower(), text, zone)
        elif word is not None and _ID.fullmatch(word):
            query = replace(query, ids=(*query.ids, word))
        else:
            term = _term(text if key is None else f"{key}:{text}", whole=phrase is not None)
            query = replace(query, terms=(*query.terms, *([term] if term.spellings[0] else [])))
    return replace(query, problems=("words",)) if line.strip() and query == SearchQuery() else query


def _term(text: str, *, whole: bool) -> Term:
    """A word in the spellings under which it may be kept; a printed amount is kept as it is printed, and in canonical form."""
    spellings = [tuple(words_in(text))]
    amount = parse_amount(text) if any(mark in text for mark in ".,") else None
    if amount is not None:
        spellings.append(tuple(words_in(canonical_amount(amount))))
    return Term(tuple(dict.fromkeys(spellings)), whole)


def _filtered(query: SearchQuery, key: str, text: str, zone: dt.tzinfo | None) -> SearchQuery:
    try:
        return replace(query, **_FILTERS[key](text, zone))
    except ValueError:
        return replace(query, problems=(*query.problems, key))


_Reader = Callable[[str, dt.tzinfo | None], dict[str, Any]]


def _plain(name: str) -> _Reader:
    return lambda text, _zone: {name: text}


def _supplier(text: str, _zone: dt.tzinfo | None) -> dict[str, Any]:
    return {"supplier": tuple(Term(((word,),)) for word in words_in(text))}


def _states(text: str, _zone: dt.tzinfo | None) -> dict[str, Any]:
    """Raises ValueError for a state that there is none of."""
    named = [set(WITH_US) if name == OPEN else {DocumentState(name)} for name in text.lower().split(",")]
    return {"states": frozenset().union(*named)}


def _flag(name: str) -> _Reader:
    def read(text: str, _zone: dt.tzinfo | None) -> dict[str, Any]:
        if text.lower() not in FLAGS:
            raise ValueError(text)
        return {name: FLAGS[text.lower()]}

    return read


def _amount(text: str, _zone: dt.tzinfo | None) -> dict[str, Any]:
    low, high = _ends(text)
    return {"amount": Range(_number(low), _number(high))}


def _number(text: str) -> Decimal | None:
    if not text:
        return None
    value = parse_amount(text)
    if value is None or abs(value) > MOST_AMOUNT:
        raise ValueError(text)
    return value


def _days(name: str) -> _Reader:
    def read(text: str, zone: dt.tzinfo | None) -> dict[str, Any]:
        if name == "due" and text.lower() == LATE:
            return {"due": Range(None, now())}
        low, high = _ends(text)
        first, last = _day(low, zone), _day(high, zone)
        return {name: Range(_midnight(first, zone), _midnight(last and last + dt.timedelta(days=1), zone))}

    return read


def _ends(text: str) -> tuple[str, str]:
    """Both ends of a range; of a single value twice that value. Raises ValueError where there is neither."""
    low, dots, high = text.strip().lower().partition("..")
    if not low and not high:
        raise ValueError(text)
    return (low, high) if dots else (low, low)


def _day(text: str, zone: dt.tzinfo | None) -> dt.date | None:
    """Raises ValueError for what is no day."""
    near = {"today": 0, "yesterday": -1, "tomorrow": 1}
    if not text:
        return None
    if text in near:
        return now().astimezone(zone).date() + dt.timedelta(days=near[text])
    if "." in text:
        return dt.datetime.strptime(text, "%d.%m.%Y").date()
    return dt.date.fromisoformat(text)


def _midnight(day: dt.date | None, zone: dt.tzinfo | None) -> dt.datetime | None:
    """The instant, in UTC, at which a day begins."""
    if day is None:
        return None
    wall = dt.datetime.combine(day, dt.time(), zone)
    return wall.astimezone(dt.UTC)  # without a zone: the server's own


_FILTERS: dict[str, _Reader] = {
    "supplier": _supplier,
    "number": _plain("number"),
    "file": _plain("file"),
    "client": _plain("client"),
    "process": _plain("process"),
    "type": _plain("type"),
    "queue": _plain("queue"),
    "reason": _plain("reason"),
    "state": _states,
    "amount": _amount,
    "due": _days("due"),
    "received": _days("received"),
    "delivered": _days("delivered"),
    "touched": _flag("touched"),
    "urgent": _flag("urgent"),
}


def filter_names() -> Iterator[str]:
    """What may stand before a colon."""
    yield from _FILTERS
