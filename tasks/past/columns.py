"""Columns of an export: which one holds which of our fields, guessed from its header and proven by its cells."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import PurePath

from rapidfuzz import fuzz

from schemas.amounts import Convention, convention_of
from schemas.dates import DateOrder, date_order
from schemas.document_type import DocumentType, FieldDefinition, FieldType
from schemas.errors import ConfigurationError
from schemas.normalisation import fold, normalise

FILE = "file"  # beside the fields: the document's file name
FILE_HEADERS = (
    "file",
    "file name",
    "filename",
    "path",
    "document",
    "attachment",
    "scan",
    "datei",
    "dateiname",
    "dokument",
)
HEADERS = {  # what exports call the fields of a role, or of a type, beside what paper does
    "number": ("document", "document no", "voucher", "reference", "beleg", "belegnr", "belegnummer", "externe belegnummer"),
    "date": ("date", "document date", "posting date", "datum", "belegdatum", "buchungsdatum"),
    "total": ("amount", "total", "gross", "value", "betrag", "brutto", "umsatz", "summe"),
    "net": ("net", "netto"),
    "supplier": ("company", "creditor", "payee", "merchant", "vendor name", "name", "firma", "kreditor", "lieferantenname"),
    "address": ("address", "street", "anschrift", "adresse"),
}  # fmt: skip
EXPORT_SCORE = 95.0  # of a header from that list; a label of the document type that says the same comes first
LEAST_LIKENESS = 88.0  # of a header with a field's names, 0 to 100
LEAST_UNDERSTOOD = 0.8  # share of a guessed column's cells that must be of the field's type
LETTERS = frozenset({FieldType.NAME, FieldType.ADDRESS, FieldType.TEXT})


@dataclass(frozen=True)
class Notation:
    """How a column writes numbers and dates."""

    convention: Convention | None
    order: DateOrder

    def canonical(self, text: str, kind: FieldType) -> str | None:
        """The canonical text of a cell; None where it is not of this type."""
        return normalise(text, kind, convention=self.convention, order=self.order)


@dataclass(frozen=True)
class Column:
    """One column of the export and what it is taken for. `understood` of `filled` cells are of the field's type."""

    field: str
    header: str
    filled: int
    understood: int
    notation: Notation


def recognise_columns(
    cells: Mapping[str, Sequence[str]],
    definition: DocumentType,
    chosen: Mapping[str, str],
    file_names: Collection[str],
    country: str,
) -> list[Column]:
    """Our fields' columns.

    Args:
        cells: header -> its cells, empty ones included.
        definition: whose fields are looked for.
        chosen: field -> header, as the caller says; these are not guessed.
        file_names: names of the files there are, folded: the column that holds them is the one of files.
        country: decides the order of a date's parts where the cells do not.

    Raises:
        ConfigurationError: a chosen field or header does not exist.
    """
    _check(chosen, definition, cells)
    taken = dict(chosen)
    for _, field, header in sorted(_guesses(cells, definition, file_names, country), key=lambda each: -each[0]):
        if field not in taken and header not in taken.values():
            taken[field] = header
    known = [FILE, *definition.fields]
    return [_column(field, taken[field], cells, definition, country) for field in known if field in taken]


def _check(chosen: Mapping[str, str], definition: DocumentType, cells: Mapping[str, Sequence[str]]) -> None:
    for field, header in chosen.items():
        if field != FILE and field not in definition.fields:
            raise ConfigurationError(
                f"{definition.name} has no field {field}; it has {FILE}, {', '.join(definition.fields)}"
            )
        if header not in cells:
            raise ConfigurationError(f"the export has no column {header!r}; it has {', '.join(cells)}")


def _guesses(
    cells: Mapping[str, Sequence[str]], definition: DocumentType, file_names: Collection[str], country: str
) -> Iterator[tuple[float, str, str]]:
    """(score, field, header) of every pair that could be."""
    for header, column in cells.items():
        named = _share_of_files(column, file_names)
        if named >= 0.3:
            yield 200.0 * named, FILE, header
        elif named > 0 and fold(header) in {fold(name) for name in FILE_HEADERS}:
            yield 100.0, FILE, header
        for name, field in definition.fields.items():
            score = max(_likeness(header, name, field), _export_score(header, name, definition))
            if score >= LEAST_LIKENESS and _fits(column, field.type, country):
                yield score, name, header


def _likeness(header: str, name: str, field: FieldDefinition) -> float:
    """0 to 100; the type's more specific labels count a little more."""
    folded = fold(header)
    names = [(name, 0), *((title, 0) for title in field.title.values())]
    names += [(label, rank) for labels in field.labels.values() for rank, label in enumerate(labels, 1)]
    return max(fuzz.ratio(folded, fold(each)) - 0.2 * rank for each, rank in names)


def _export_score(header: str, name: str, definition: DocumentType) -> float:
    kinds = [role for role, ours in definition.roles if ours == name] + [definition.fields[name].type.value]
    known = {fold(each) for kind in kinds for each in HEADERS.get(kind, ())}
    return EXPORT_SCORE if fold(header) in known else 0.0


def _fits(column: Sequence[str], kind: FieldType, country: str) -> bool:
    """Whether enough cells are of this type: a header alone proves nothing."""
    filled = [cell for cell in column if cell]
    if not filled:
        return False
    if kind in LETTERS:
        good = sum(any(c.isalpha() for c in cell) for cell in filled)
    elif kind is FieldType.IDENTIFIER:
        good = sum(any(c.isdigit() for c in cell) for cell in filled)
    else:
        notation = _notation(filled, country)
        found = [notation.canonical(cell, kind) for cell in filled]
        good = sum(text is not None and (kind is not FieldType.PERCENT or Decimal(text) <= 100) for text in found)
    return good >= LEAST_UNDERSTOOD * len(filled)


def _share_of_files(column: Sequence[str], file_names: Collection[str]) -> float:
    filled = [cell for cell in column if cell]
    return sum(file_key(cell) in file_names for cell in filled) / len(filled) if filled else 0.0


def file_key(name: str) -> str:
    """A file's name without folders and ending, folded: how exports and folders agree on it."""
    last = PurePath(name.replace("\\", "/")).name
    stem, dot, ending = last.rpartition(".")
    return fold(stem if dot and len(ending) <= 5 and ending.isalnum() and not ending.isdigit() else last)


def _column(
    field: str, header: str, cells: Mapping[str, Sequence[str]], definition: DocumentType, country: str
) -> Column:
    filled = [cell for cell in cells[header] if cell]
    notation = _notation(filled, country)
    kind = definition.fields[field].type if field != FILE else FieldType.TEXT
    return Column(field, header, len(filled), sum(notation.canonical(c, kind) is not None for c in filled), notation)


def _notation(filled: Sequence[str], country: str) -> Notation:
    default = DateOrder.MONTH_FIRST if country == "US" else DateOrder.DAY_FIRST
    return Notation(convention_of(filled), date_order(filled, default))
