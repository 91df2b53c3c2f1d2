"""What a column's header says the column is: by the supplier's remembered headers, by known labels, by compound words.

A header may be longer than the label that we know: `Unit price excl. VAT`, `Preis je Einheit`, `Artikelbeschreibung`. What
follows a word such as `excl.` or `je` only qualifies; the last part of a German compound says what the thing is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

from extraction.labels import LONGEST, LabelBook, column_labels, label_key
from extraction.page_layout import Token
from schemas.document_type import document_types
from schemas.identifiers import CURRENCY_CODES

REMEMBERED, WHOLE, PART, COMPOUND, MISREAD = (
    2.0,
    1.0,
    0.75,
    0.65,
    0.95,
)  # how far each way of knowing a header is trusted
_QUALIFIERS = frozenset(
    [
        "excl",
        "exkl",
        "exc",
        "ex",
        "incl",
        "inkl",
        "inc",
        "ohne",
        "mit",
        "zzgl",
        "hors",
        "je",
        "pro",
        "per",
        "par",
        "pour",
    ]
)
_SILENT = frozenset({"in", "eur", "usd", "gbp", "chf"})
_LEAST_COMPOUND = 4  # letters of a label that may end a compound
_DESCRIPTION_FIRST = 0.3  # `Artikel` alone heads the description, not the article number


@dataclass(frozen=True, slots=True)
class Option:
    """One name that a header may mean, and how surely."""

    name: str
    weight: float


class ColumnNames:
    """The known and remembered headers of one document type's table.

    Args:
        document_type: name of the type.
        table: name of the table.
        remembered: folded header words -> column name, as `RememberedSupplier.columns` keeps them.
        misread: whether the words come from OCR, so that a letter may be wrong.
    """

    def __init__(self, document_type: str, table: str, remembered: Mapping[str, str], misread: bool) -> None:
        self.columns = document_types()[document_type].tables[table].columns
        self.remembered = {key: name for key, name in remembered.items() if name in self.columns}
        self._book: LabelBook = column_labels(document_type, table)
        self._compounds = partial(_compound_options, document_type, table)
        self._misread = misread

    def options(self, tokens: Sequence[Token]) -> list[Option]:
        """Every name that a header's words may mean, none twice, the best first."""
        found: dict[str, float] = {}
        for option in self._options(tokens):
            found[option.name] = max(found.get(option.name, 0.0), option.weight)
        return [Option(name, weight) for name, weight in sorted(found.items(), key=lambda each: -each[1])]

    def run(self, tokens: Sequence[Token]) -> int:
        """How many of the first tokens are one known header; 0 where they begin none."""
        keys = [label_key(token.text) for token in tokens[:LONGEST]]
        if not keys or not keys[0]:
            return 0
        for end in range(len(keys), 0, -1):
            key = "".join(keys[:end])
            if keys[end - 1] and (key in self.remembered or self._book.get(key)):
                return end
        return 1 if any(self._by_compound(tokens[:1])) or any(self._by_likeness(keys[:1])) else 0

    def _options(self, tokens: Sequence[Token]) -> Iterator[Option]:
        whole = header_key(tokens)
        keys = [label_key(token.text) for token in _unqualified(tokens)]
        keys = [key for key in keys if key and key not in _SILENT and key.upper() not in CURRENCY_CODES]
        yield from self._by_label(whole, WHOLE)
        yield from self._by_label("".join(keys), WHOLE)
        yield from self._by_part(keys)
        yield from self._by_compound(_unqualified(tokens))
        yield from self._by_likeness(keys)

    def _by_label(self, key: str, trust: float) -> Iterator[Option]:
        if key in self.remembered:
            yield Option(self.remembered[key], REMEMBERED * trust)
        for label in self._book.get(key):
            first = _DESCRIPTION_FIRST if label.field == "description" else 0.0
            yield Option(label.field, trust * label.weight + first)

    def _by_part(self, keys: Sequence[str]) -> Iterator[Option]:
        """The longest runs of words that are a known label."""
        for size in range(len(keys) - 1, 0, -1):
            found = [
                option
                for start in range(len(keys) - size + 1)
                for option in self._by_label("".join(keys[start : start + size]), PART)
            ]
            if found:
                yield from found
                return

    def _by_compound(self, tokens: Sequence[Token]) -> Iterator[Option]:
        """`Artikelbeschreibung` is a description, `Art-Nr-Lieferant` an article number, `Preis/Einh` a price."""
        for token in tokens:
            parts = [label_key(part) for part in token.text.split("/")]
            found = [option for part in parts for option in (*self._by_label(part, PART), *self._compounds(part))]
            yield from found[:1] if len(parts) > 1 else self._compounds(parts[0])

    def _by_likeness(self, keys: Sequence[str]) -> Iterator[Option]:
        key = "".join(keys)
        if self._misread and 5 <= len(key) <= 28:
            labels, similarity = self._book.closest(key)
            yield from (Option(label.field, MISREAD * similarity * label.weight) for label in labels)


def header_key(tokens: Sequence[Token]) -> str:
    """The folded words of a header, as memory keeps them."""
    return "".join(label_key(token.text) for token in tokens)


def named_apart(options: Sequence[Sequence[Option]]) -> list[Option | None]:
    """One option a header, no name twice, the surest first."""
    ranked = sorted(
        ((option.weight, index, option) for index, each in enumerate(options) for option in each),
        key=lambda each: (-each[0], each[1]),
    )
    named: dict[int, Option] = {}
    taken: set[str] = set()
    for _, index, option in ranked:
        if index not in named and option.name not in taken:
            named[index] = option
            taken.add(option.name)
    return [named.get(index) for index in range(len(options))]


def is_qualified(tokens: Sequence[Token]) -> bool:
    """Whether the words end in one that the next word belongs to, as in `Line amount excl.`"""
    return bool(tokens) and tokens[-1].key in _QUALIFIERS


def _unqualified(tokens: Sequence[Token]) -> Sequence[Token]:
    """The words before the first one that only qualifies."""
    end = next((i for i, token in enumerate(tokens) if i and token.key in _QUALIFIERS), len(tokens))
    return tokens[:end]


@lru_cache(maxsize=20_000)
def _compound_options(document_type: str, table: str, key: str) -> tuple[Option, ...]:
    """The names that the last part of a compound may mean, or the first part of an article number's."""
    return tuple(
        Option(name, COMPOUND + 0.01 * len(known))
        for known, name, opens in _compound_parts(document_type, table)
        if len(key) > len(known) and (key.startswith(known) if opens else key.endswith(known))
    )


@lru_cache(maxsize=32)
def _compound_parts(document_type: str, table: str) -> list[tuple[str, str, bool]]:
    """(folded label, column, whether it opens the compound): one-word labels close it, article numbers open it."""
    columns = document_types()[document_type].tables[table].columns
    labels = [
        (label_key(text), text, name) for name, each in columns.items() for ls in each.labels.values() for text in ls
    ]
    closing = [(key, name, False) for key, text, name in labels if len(key) >= _LEAST_COMPOUND and text.isalpha()]
    opening = [(key, name, True) for key, _, name in labels if name == "article_number" and "nr" in key]
    return sorted({*closing, *opening}, key=lambda each: -len(each[0]))
