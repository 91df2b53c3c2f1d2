"""Document types: what fields a kind of document has, how they are typed and labelled; one YAML file a type."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from schemas.errors import DefinitionError
from schemas.yaml_file import load_yaml

HERE = Path(__file__).parent / "document_types"
TRANSCRIPT = "transcript"  # contacts (calls, mails, chats), which come as text


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
    """One field. `labels` are the words printed beside it, per language, the most specific first.

    A wrong `critical` field makes the document wrong.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: FieldType
    title: dict[str, str] = {}  # language -> what people read
    labels: dict[str, list[str]] = {}  # language -> printed aliases
    required: bool = False
    critical: bool = False
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
    """One kind of business document. `also_titled`: kinds whose title its papers may bear; that is no sign against it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: dict[str, str]
    keywords: dict[str, list[str]]  # language -> words that name the type on paper
    also_titled: list[str] = []
    roles: Roles = Roles()
    fields: dict[str, FieldDefinition]
    tables: dict[str, TableDefinition] = {}
    other_labels: dict[str, list[str]] = {}  # printed labels of values that are no field's: they shield those values

    def definition(self, name: str, table: str = "") -> FieldDefinition | None:
        """The definition of a header field, or of a table's column."""
        if not table:
            return self.fields.get(name)
        return self.tables[table].columns.get(name) if table in self.tables else None


class OtherKind(BaseModel):
    """A kind of paper that is none of our document types, such as a reminder: recognised, never forced into a type."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: dict[str, str]
    keywords: dict[str, list[str]]


class _DocumentTypeFile(BaseModel):
    """One YAML file. With `extends` it takes over all of the parent's fields and tables, except those in `without`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    extends: str | None = None
    without: list[str] = []
    title: dict[str, str]
    keywords: dict[str, list[str]]
    also_titled: list[str] = []
    roles: Roles = Roles()
    fields: dict[str, FieldDefinition] = {}
    tables: dict[str, TableDefinition] = {}
    other_labels: dict[str, list[str]] = {}

    def resolved(self, parent: DocumentType | None) -> DocumentType:
        """This type with its parent's fields after its own; roles and titles are its own."""
        data = self.model_dump(exclude={"extends", "without"})
        if parent is not None:
            for part in ("fields", "tables"):
                inherited = {k: v for k, v in getattr(parent, part).items() if k not in self.without}
                data[part] = {**data[part], **{k: v for k, v in inherited.items() if k not in data[part]}}
            data["other_labels"] = data["other_labels"] or parent.other_labels
        return DocumentType.model_validate(data)


class _OtherKindsFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    kinds: dict[str, OtherKind]


@cache
def document_types() -> dict[str, DocumentType]:
    """All document types that ship with Cleardesk, by name.

    Raises:
        DefinitionError: a YAML file is wrong, or extends a type that does not exist.
    """
    files = {path: load_yaml(path, _DocumentTypeFile) for path in sorted(HERE.glob("*.yaml"))}
    types = {each.name: each.resolved(None) for each in files.values() if each.extends is None}
    for path, each in files.items():
        if each.extends is None:
            continue
        if each.extends not in types:
            raise DefinitionError(
                f"extends the unknown type `{each.extends}`",
                file=str(path),
                mend=f"use one of {', '.join(sorted(types))}",
            )
        types[each.name] = each.resolved(types[each.extends])
    return types


@cache
def other_kinds() -> dict[str, OtherKind]:
    """The kinds of paper that are recognised as none of the types, by name."""
    return load_yaml(HERE / "other" / "kinds.yaml", _OtherKindsFile).kinds
