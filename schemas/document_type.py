"""Document types: what fields a kind of document has, how they are typed and labelled. Defined in YAML, one file a type."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from schemas.yaml_file import load_yaml

HERE = Path(__file__).parent / "document_types"


class FieldType(StrEnum):
    """What a value is; it decides candidates, normalisation and how it is compared."""

    AMOUNT = "amount"  # money: canonical `1234.50`
    QUANTITY = "quantity"  # a number that keeps its printed digits
    PERCENT = "percent"
    DATE = "date"  # ISO
    IDENTIFIER = "identifier"  # numbers with letters: compared with case, blanks and punctuation folded
    NAME = "name"
    ADDRESS = "address"
    TEXT = "text"
    CURRENCY = "currency"  # ISO 4217
    IBAN = "iban"
    BIC = "bic"
    VAT_ID = "vat_id"
    INTEGER = "integer"


class FieldDefinition(BaseModel):
    """One field. `labels` are the words printed beside it, per language; `critical`: a wrong one makes the document wrong."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: FieldType
    title: dict[str, str] = {}  # language -> what people read
    labels: dict[str, list[str]] = {}  # language -> printed aliases
    required: bool = False
    critical: bool = False
    double_key: bool = False
    instruction: dict[str, str] = {}


class TableDefinition(BaseModel):
    """Rows that repeat: `line_items`, `taxes`. Columns are fields whose labels are the column headers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: dict[str, str] = {}
    columns: dict[str, FieldDefinition]


class Roles(BaseModel):
    """Which field plays which part, so that generic code need not know a type's field names."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: str | None = None
    date: str | None = None
    total: str | None = None
    net: str | None = None
    tax: str | None = None
    currency: str | None = None
    supplier: str | None = None
    reference: str | None = None


class DocumentType(BaseModel):
    """One kind of business document."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: dict[str, str]
    keywords: dict[str, list[str]]  # language -> words that name the type on paper
    roles: Roles = Roles()
    fields: dict[str, FieldDefinition]
    tables: dict[str, TableDefinition] = {}

    def definition(self, name: str, table: str = "") -> FieldDefinition | None:
        """The definition of a header field, or of a table's column."""
        if not table:
            return self.fields.get(name)
        return self.tables[table].columns.get(name) if table in self.tables else None


@cache
def document_types() -> dict[str, DocumentType]:
    """All document types that ship with Cleardesk, by name.

    Raises:
        DefinitionError: a YAML file is wrong.
    """
    types = [load_yaml(path, DocumentType) for path in sorted(HERE.glob("*.yaml"))]
    return {t.name: t for t in types}
