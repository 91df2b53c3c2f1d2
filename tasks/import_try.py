"""Bring what a try has learned into a desk: its suppliers at once, its models if their held-out figures beat the rules."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from extraction.learning.model import Model
from schemas.clock import now
from schemas.errors import ConfigurationError, DamagedModelError
from schemas.learning import RememberedSupplier
from store.database import system
from store.definitions import Definition
from store.memory import import_memory, memories
from store.tables import LearnedModel
from tasks.desk import Desk
from tasks.learn import keep_model
from tasks.past.setting import definition_of
from tasks.try_out import MODELS, SUPPLIER_LIST, SUPPLIERS

ACTOR = system("command:learn")


@dataclass(frozen=True)
class Imported:
    """The new models (champions where nothing read so far and they beat the rules), and how many suppliers are new."""

    models: list[LearnedModel]
    suppliers: int
    suppliers_known: int


def import_try(desk: Desk, folder: Path, *, process: str, client: str | None = None) -> Imported:
    """Import the results that `cleardesk try` left in a folder. What the desk knows of a supplier already stays.

    Raises:
        ConfigurationError: no results in the folder, or not for this process's document types; no such process.
        DamagedModelError: a model's files cannot be read.
    """
    definition = definition_of(desk, client, process)
    suppliers, models = _suppliers(folder), _models(folder)
    foreign = {*models, *(each.document_type for each in suppliers)} - set(definition.process.document_types)
    if foreign:
        raise ConfigurationError(f"{process} has no documents of type {', '.join(sorted(foreign))}")
    rows = [
        keep_model(desk, definition, model, before=None, learned_until=now()) for _, model in sorted(models.items())
    ]
    added = _remember(desk, definition, suppliers)
    return Imported(rows, added, len(suppliers) - added)


def _suppliers(folder: Path) -> list[RememberedSupplier]:
    try:
        return SUPPLIER_LIST.validate_json((folder / SUPPLIERS).read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{folder} holds no results of `cleardesk try`") from error


def _models(folder: Path) -> dict[str, Model]:
    """Document type -> model."""
    found = {}
    for each in sorted(path for path in (folder / MODELS).glob("*") if path.is_dir()):
        try:
            found[each.name] = Model.load({path.name: path.read_bytes() for path in sorted(each.iterdir())})
        except (OSError, ValueError, KeyError) as error:
            raise DamagedModelError(f"the model in {each} cannot be read") from error
    return found


def _remember(desk: Desk, definition: Definition, suppliers: list[RememberedSupplier]) -> int:
    """Add the suppliers that the desk does not know; returns how many."""
    client_id, types = definition.process.client, definition.process.document_types
    with desk.store.session(ACTOR) as session:
        known = {(row.document_type, row.key) for row in memories(session, client_id, types, lock=True)}
        new = [each for each in suppliers if (each.document_type, each.key) not in known]
        for each in new:
            import_memory(session, client_id, each)
    return len(new)
