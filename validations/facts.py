"""Facts: all that a rule may know of one document. Tasks fill them; no rule reads a database or a clock."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import NewType

from schemas.document_type import DocumentType, FieldDefinition
from schemas.values import Address, Extraction, Value, ValueState

CANONICAL_NUMBER = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,6})?")
CANONICAL_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

FieldName = NewType("FieldName", str)
"""What rules call a field: its own name (`due_date`), a role (`total`), a table's column (`line_items.quantity`)."""


@dataclass(frozen=True)
class Supplier:
    """The row of the client's supplier master that the document was matched with."""

    number: str
    name: str
    vat_id: str = ""
    ibans: tuple[str, ...] = ()
    country: str = ""  # ISO 3166, two letters


@dataclass(frozen=True)
class EarlierDocument:
    """A document of the same client that came before and shares a business key (see `validations.business_key`)."""

    document_id: str
    keys: frozenset[str]


@dataclass(frozen=True)
class Facts:
    """One document and what is known around it.

    `today` is the date in the client's time zone; `country` the client's; `client_names` the names that the client is
    addressed by; `earlier` the documents that share a business key; `history` the total amounts of the supplier's
    earlier documents in the same currency, in any order.
    """

    extraction: Extraction
    document_type: DocumentType
    today: dt.date
    country: str = "DE"
    client_names: tuple[str, ...] = ()
    supplier: Supplier | None = None
    has_supplier_master: bool = False
    earlier: tuple[EarlierDocument, ...] = ()
    history: tuple[Decimal, ...] = ()

    @cached_property
    def _present(self) -> Mapping[Address, Value]:
        values = (v for v in self.extraction.values if v.state is ValueState.PRESENT and v.text)
        return {v.address: v for v in values if self.definition(v.address)}

    @cached_property
    def _tables(self) -> Mapping[str, Mapping[int, Mapping[str, Value]]]:
        tables: dict[str, dict[int, dict[str, Value]]] = {}
        for value in sorted(self._present.values(), key=lambda v: v.row):
            if value.table:
                tables.setdefault(value.table, {}).setdefault(value.row, {})[value.name] = value
        return tables

    def resolve(self, field: FieldName) -> str | None:
        """The document type's own name of a header field or role; None where the type has no such field."""
        return resolve(self.document_type, field)

    def address(self, field: FieldName) -> Address | None:
        """Where a header field stands; None where the document type has no such field."""
        name = self.resolve(field)
        return Address(name) if name else None

    def definition(self, address: Address) -> FieldDefinition | None:
        """How the document type defines the field at an address."""
        return self.document_type.definition(address.name, address.table)

    def values(self, field: FieldName) -> list[Value]:
        """The present values of a header field (one at most) or of a table's column (one a row, rows in order)."""
        table, _, column = field.rpartition(".")
        if table:
            return [row[column] for row in self.rows(table).values() if column in row]
        address = self.address(field)
        value = self._present.get(address) if address else None
        return [value] if value else []

    def rows(self, table: str) -> Mapping[int, Mapping[str, Value]]:
        """The rows that have any value, in order: row number -> column -> present value."""
        return self._tables.get(table, {})

    def present(self) -> list[Value]:
        """Every value that is there, not empty, and known to the document type."""
        return list(self._present.values())

    def text(self, field: FieldName) -> str | None:
        """The text of a header field, None where there is none."""
        values = self.values(field)
        return values[0].text if values else None

    def amount(self, field: FieldName) -> Decimal | None:
        """The number in a header field; None where there is none or it is not a number."""
        text = self.text(field)
        return number_in(text) if text else None

    def day(self, field: FieldName) -> dt.date | None:
        """The date in a header field; None where there is none or it is not a date."""
        text = self.text(field)
        return day_in(text) if text else None


def resolve(document_type: DocumentType, field: str) -> str | None:
    """A header field's own name: roles are looked up, unknown names are None."""
    if field in document_type.fields:
        return field
    role = getattr(document_type.roles, field, None) if field in type(document_type.roles).model_fields else None
    return role if role in document_type.fields else None


def number_in(text: str) -> Decimal | None:
    """Canonical text as a Decimal, else None; twelve digits before the point at most, so that products stay exact."""
    return Decimal(text) if CANONICAL_NUMBER.fullmatch(text) else None


def day_in(text: str) -> dt.date | None:
    """Canonical ISO text as a date, else None."""
    if not CANONICAL_DATE.fullmatch(text):
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
