"""Past bookings: a CSV export as rows of canonical values; encoding, delimiter and columns are guessed, and told."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from schemas.document_type import DocumentType, FieldType
from schemas.errors import ConfigurationError
from tasks.past.columns import FILE, Column, file_key, recognise_columns

DELIMITERS = (";", ",", "\t", "|")


@dataclass(frozen=True)
class Booking:
    """One row: its number in the file (the header is row 1), canonical values, and the file's name where the row has one.

    A cell that is empty, or not of its field's type, is unknown: it is not in `fields`.
    """

    row: int
    fields: dict[str, str]
    file: str = ""


@dataclass(frozen=True)
class Bookings:
    """An export as it was understood; `unused` are headers that no field was found for.

    `joined`: how many rows were parts of another row's booking.
    """

    encoding: str
    delimiter: str
    columns: list[Column]
    unused: list[str]
    rows: list[Booking]
    joined: int = 0

    @property
    def fields(self) -> list[str]:
        """Our fields that the export has, file names aside."""
        return [column.field for column in self.columns if column.field != FILE]


def read_bookings(
    path: Path,
    definition: DocumentType,
    *,
    chosen: Mapping[str, str],
    file_names: Collection[str],
    country: str,
) -> Bookings:
    """Read an export of what was booked. For `chosen`, `file_names` and `country` see `recognise_columns`.

    Raises:
        ConfigurationError: it is not there, has no rows, or none of its columns is one of our fields.
    """
    text, encoding = _decoded(path)
    delimiter, header, rows = _table(text)
    cells = {name: [row[at].strip() for _, row in rows] for at, name in enumerate(header) if name}
    columns = recognise_columns(cells, definition, chosen, file_names, country)
    if not any(column.field != FILE for column in columns):
        raise ConfigurationError(
            f"no column of the export ({', '.join(cells)}) is a field of {definition.name}: name them with --columns"
        )
    used = {column.header for column in columns}
    lines = [_booking(number, columns, cells, at, definition) for at, (number, _) in enumerate(rows)]
    bookings = _joined(lines, definition)
    unused = [name for name in cells if name not in used]
    return Bookings(encoding, delimiter, columns, unused, bookings, len(lines) - len(bookings))


def _decoded(path: Path) -> tuple[str, str]:
    """The file's text and the encoding that fits: UTF-16 says so itself, what is not UTF-8 is taken for Windows-1252."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read") from error
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace"), "utf-16"
    try:
        return data.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace"), "cp1252"


def _table(text: str) -> tuple[str, list[str], list[tuple[int, list[str]]]]:
    """Delimiter, header, and the rows of the header's width with their numbers; titles above the header are passed over."""
    parsed = {mark: list(csv.reader(io.StringIO(text), delimiter=mark)) for mark in DELIMITERS}
    delimiter = max(DELIMITERS, key=lambda mark: _regularity(parsed[mark]))
    rows = [(number, row) for number, row in enumerate(parsed[delimiter], 1) if any(cell.strip() for cell in row)]
    width = _usual_width([row for _, row in rows])
    rows = [(number, row) for number, row in rows if len(row) == width]
    if len(rows) < 2:
        raise ConfigurationError("the export has no rows")
    return delimiter, _unique([cell.strip() for cell in rows[0][1]]), rows[1:]


def _regularity(rows: Sequence[Sequence[str]]) -> float:
    """How much these rows look like a table: the share that has the usual width, and a little for more columns."""
    filled = [row for row in rows if row]
    width = _usual_width(filled)
    if width < 2:
        return 0.0
    return sum(len(row) == width for row in filled) / len(filled) + 0.01 * min(width, 20)


def _usual_width(rows: Sequence[Sequence[str]]) -> int:
    widths = Counter(len(row) for row in rows)
    return widths.most_common(1)[0][0] if widths else 0


def _unique(header: Sequence[str]) -> list[str]:
    """Headers that come twice get a number, so that each names one column."""
    seen: Counter[str] = Counter()
    names = []
    for name in header:
        seen[name] += 1
        names.append(f"{name} ({seen[name]})" if name and seen[name] > 1 else name)
    return names


def _booking(
    number: int, columns: Sequence[Column], cells: Mapping[str, Sequence[str]], at: int, definition: DocumentType
) -> Booking:
    fields, file = {}, ""
    for column in columns:
        text = cells[column.header][at]
        if column.field == FILE:
            file = text
            continue
        kind: FieldType = definition.fields[column.field].type
        canonical = column.notation.canonical(text, kind) if text else None
        if canonical:
            fields[column.field] = canonical
    return Booking(number, fields, file)


def _joined(lines: Sequence[Booking], definition: DocumentType) -> list[Booking]:
    """One booking a document: rows of one file, or of one supplier's number and day, are its parts, as by account.

    What the parts do not agree on, such as their amounts, is unknown.
    """
    parts: dict[object, list[Booking]] = {}
    for line in lines:
        parts.setdefault(_document_of(line, definition), []).append(line)
    return [_whole(each) for each in parts.values()]


def _document_of(line: Booking, definition: DocumentType) -> object:
    """What the rows of one document share; a row without a file or number stands alone."""
    roles = definition.roles
    if line.file:
        return file_key(line.file)
    if not line.fields.get(roles.number or ""):
        return line.row
    return tuple(line.fields.get(role or "", "") for role in (roles.number, roles.date, roles.supplier))


def _whole(parts: Sequence[Booking]) -> Booking:
    texts: dict[str, set[str]] = {}
    for part in parts:
        for name, text in part.fields.items():
            texts.setdefault(name, set()).add(text)
    agreed = {name: next(iter(found)) for name, found in texts.items() if len(found) == 1}
    return Booking(parts[0].row, agreed, parts[0].file)
