"""What is known of a past before it is read: the document types, languages and country, the client's suppliers and names."""

from __future__ import annotations

from dataclasses import dataclass

from extraction.master_data import MasterData
from schemas.document_type import DocumentType, document_types
from schemas.errors import ConfigurationError
from schemas.narrowing import type_in_process
from store.database import system
from store.definitions import Definition, current_definitions
from tasks.desk import Desk
from tasks.judge import master_data

ACTOR = system("command:try")


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


def setting_of(desk: Desk, client: str | None, process: str, profile: str | None = None) -> Setting:
    """How a process of a desk understands its documents. Raises ConfigurationError where no or several clients have it."""
    definition = definition_of(desk, client, process)
    types = [type_in_process(definition.process, name) for name in definition.process.document_types]
    return Setting(
        types=tuple(each for each in types if each is not None),
        languages=tuple(definition.process.languages),
        country=definition.client.country,
        profile=profile or definition.process.profile,
        master=master_data(definition),
        recipients=(definition.client.name,),
    )


def definition_of(desk: Desk, client: str | None, process: str) -> Definition:
    """The newest version of a process. Raises ConfigurationError where no or several clients have it."""
    with desk.store.read(ACTOR) as session:
        found = [each for each in current_definitions(session) if each.process.process == process]
    found = [each for each in found if client in (None, each.process.client)]
    if len(found) != 1:
        names = ", ".join(each.process.client for each in found)
        raise ConfigurationError(
            f"several clients have a process {process}: say which with --client ({names})"
            if found
            else f"there is no process {process}" + (f" of {client}" if client else "")
        )
    return found[0]
