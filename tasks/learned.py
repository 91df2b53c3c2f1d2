"""Learned: the models and the supplier memory that a process's documents are read with. Kept in memory while it is unchanged."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from extraction.learning.model import Model
from schemas.errors import DamagedModelError, StoreUnavailableError
from schemas.learning import RememberedSupplier
from schemas.process import Process
from store.blobs import MODELS, BlobStore
from store.database import system
from store.definitions import Definition
from store.memory import memories, memory_version
from store.models import champions, digest
from store.tables import LearnedModel
from tasks.desk import Desk

ACTOR = system("flow:process")
MOST_LOADED = 32  # models kept in this process's memory


@dataclass(frozen=True)
class Learned:
    """What corrections have taught so far: a model for some document types, and the remembered suppliers."""

    models: Mapping[str, Model] = field(default_factory=dict)
    suppliers: Sequence[RememberedSupplier] = ()


def learned_for(desk: Desk, definition: Definition) -> Learned:
    """What a process's documents are to be read with; nothing where its definition says that corrections do not teach.

    Raises:
        DamagedModelError: a model's files are not those that were promoted.
    """
    process = definition.process
    if not process.learning.enabled:
        return Learned()
    return Learned(load_models(desk, process.client, process.process), load_suppliers(desk, process))


def load_models(desk: Desk, client_id: str, process: str) -> dict[str, Model]:
    """Document type -> the champion. Raises DamagedModelError."""
    with desk.store.read(ACTOR) as session:
        rows = champions(session, client_id, process)
    return {row.document_type: load_model(desk, row) for row in rows}


def load_model(desk: Desk, row: LearnedModel) -> Model:
    """One stored model, whatever its state. Raises DamagedModelError."""
    if digest(row.files) != row.sha256:
        raise DamagedModelError(f"the files named for model {row.id} are not those that were learned")
    return _loaded(desk.blobs, row.client_id, row.id, tuple(sorted(row.files.items())))


@lru_cache(maxsize=MOST_LOADED)
def _loaded(blobs: BlobStore, client_id: str, model_id: str, files: tuple[tuple[str, str], ...]) -> Model:
    contents = {name: _verified(blobs, client_id, model_id, sha256) for name, sha256 in files}
    try:
        return Model.load(contents)
    except (KeyError, ValueError) as error:
        raise DamagedModelError(f"model {model_id} cannot be read by this version") from error


def _verified(blobs: BlobStore, client_id: str, model_id: str, sha256: str) -> bytes:
    try:
        with blobs.open(client_id, sha256, shelf=MODELS) as stream:
            data = stream.read()
    except StoreUnavailableError as error:
        raise DamagedModelError(f"a file of model {model_id} is not there") from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise DamagedModelError(f"a file of model {model_id} was changed after it was learned")
    return data


def load_suppliers(desk: Desk, process: Process) -> Sequence[RememberedSupplier]:
    """What the client's corrections taught about suppliers, for the process's document types; parsed again when it changed."""
    types = tuple(process.document_types)
    key = (desk.store.url, process.client, types)
    with desk.store.read(ACTOR) as session:
        version = memory_version(session, process.client, types)
        known = _remembered.get(key)
        if known is None or known[0] != version:
            rows = memories(session, process.client, types)
            known = (version, [RememberedSupplier.model_validate(row.memory) for row in rows])
            _remembered[key] = known
    return [_as_wanted(supplier, process) for supplier in known[1]]


_remembered: dict[tuple[str, str, tuple[str, ...]], tuple[object, list[RememberedSupplier]]] = {}


def _as_wanted(supplier: RememberedSupplier, process: Process) -> RememberedSupplier:
    """Of a field that is wanted as printed, memory knows the place and the form, but offers no value of its own."""
    printed = {name for name, setting in process.fields.items() if setting.wanted == "printed"}
    if not printed & supplier.fields.keys():
        return supplier
    fields = {
        name: known.model_copy(update={"values": {}}) if name in printed else known
        for name, known in supplier.fields.items()
    }
    return supplier.model_copy(update={"fields": fields})
