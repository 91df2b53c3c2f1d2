"""Prints: which of the booked values a document shows, whatever they stand for there."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import PurePath

from schemas.amounts import Convention, parse_amount
from schemas.dates import DateOrder, find_dates
from schemas.document_type import DocumentType, FieldType
from schemas.normalisation import CODES, fold
from schemas.reading import Reading

SHORTEST_IN_FILE_NAME = 4  # characters of a number that a file name may prove
LONGEST_BROKEN = 3  # words that a printed number may be broken into
_AMOUNT = re.compile(r"\d[\d.,' ]*\d|\d")
_PARTS = re.compile(r"[:#=|()]+")

Sign = tuple[str, str]  # kind of evidence (`number`, `amount`, `date`, `name`, `named`) and the canonical text
KINDS = {
    FieldType.IDENTIFIER: "number",
    FieldType.AMOUNT: "amount",
    FieldType.DATE: "date",
    FieldType.NAME: "name",
    **dict.fromkeys(CODES, "number"),
}


@dataclass(frozen=True)
class Prints:
    """The signs that one document shows."""

    signs: frozenset[Sign]


def signs_of(fields: dict[str, str], definition: DocumentType) -> list[Sign]:
    """What a document of this booking should show."""
    found: list[Sign] = []
    for name, text in fields.items():
        kind = KINDS.get(definition.fields[name].type)
        if kind == "number" and len(fold(text)) >= 2:
            found.append((kind, fold(text)))
        elif kind == "name" and len(_core(text)) >= 3:
            found.append((kind, _core(text)))
        elif kind in ("amount", "date"):
            found.append((kind, text))
    return list(dict.fromkeys(found))


def prints_of(reading: Reading, names: Sequence[str], wanted: Collection[Sign]) -> Prints:
    """Which of the wanted signs the pages show, and which numbers stand in the file's own names (kind `named`)."""
    shown: set[Sign] = set()
    for page in reading.pages:
        words = [word.text for word in page.words]
        shown |= {("number", key) for key in _keys(words)}
        lines: dict[int, list[str]] = defaultdict(list)
        for word in page.words:
            lines[word.line].append(word.text)
        for line in map(" ".join, lines.values()):
            shown |= {("date", found.date.isoformat()) for order in DateOrder for found in find_dates(line, order)}
            shown |= {("amount", text) for text in _amounts(line)}
    text = fold("".join(word.text for page in reading.pages for word in page.words))
    files = [fold(PurePath(name).stem) for name in names]
    kept = {sign for sign in wanted if sign in shown or (sign[0] == "name" and sign[1] in text)}
    kept |= {
        ("named", key)
        for kind, key in wanted
        if kind == "number" and len(key) >= SHORTEST_IN_FILE_NAME and any(key in file for file in files)
    }
    return Prints(frozenset(kept))


def _core(name: str) -> str:
    """The first two words of a company's name, folded: what is printed however its legal form is written."""
    return fold(" ".join(name.split()[:2]))


def _keys(words: Sequence[str]) -> Iterator[str]:
    """Each word, what stands behind a mark in it, and a few words as one, folded."""
    folded = [fold(word) for word in words]
    yield from folded
    for word in words:
        parts = _PARTS.split(word)
        if len(parts) > 1:
            yield from map(fold, parts)
    for length in range(2, LONGEST_BROKEN + 1):
        for start in range(len(folded) - length + 1):
            yield "".join(folded[start : start + length])


def _amounts(line: str) -> Iterator[str]:
    """Every amount that a line can mean, canonical to the cent."""
    for match in _AMOUNT.finditer(line):
        for text in {match[0], *match[0].split(" ")}:
            for convention in Convention:
                value = parse_amount(text, convention)
                if value is not None:
                    yield f"{value.quantize(Decimal('0.01')):f}"
