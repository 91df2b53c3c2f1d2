"""What is known of a past before it is read: the document types, languages and country, the client's suppliers and names."""

from __future__ import annotations

from dataclasses import dataclass

from extraction.master_data import MasterData
from schemas.document_type import DocumentType, document_types


@dataclass(frozen=True)
class Setting:
    """How documents are to be understood, as a process says it or the caller. The first type is the one that was booked."""

    types: tuple[DocumentType, ...]
    languages: tuple[str, ...]
    country: str
    profile: str
    master: MasterData | None = None
    recipients: tuple[str, ...] = ()

    @property
    def booked(self) -> DocumentType:
        """The type whose fields the export's columns are."""
        return self.types[0]

    @property
    def type_names(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.types)

    def whole(self, name: str) -> DocumentType:
        """A type with all of its fields, as extraction and learning know it."""
        return document_types()[name]


def in_words_of(fields: dict[str, str], booked: DocumentType, other: DocumentType) -> dict[str, str]:
    """Booked fields under the names of another type: by the part they play where the names differ."""
    if booked.name == other.name:
        return fields
    roles = {ours: theirs for role, ours in booked.roles if (theirs := getattr(other.roles, role)) and ours}
    renamed = {roles.get(name, name): text for name, text in fields.items()}
    return {name: text for name, text in renamed.items() if name in other.fields}
