"""Sorting: what a process's documents are told apart with, as people's decisions taught it: kinds, and first pages."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache

from extraction.learning.first_pages import FirstPageModel
from extraction.learning.types import TypeModel
from schemas.errors import DamagedModelError
from store.blobs import BlobStore
from store.database import Session, system
from store.definitions import Definition
from store.sorting import KeptSorting, keep_sorting, newest_sorting
from tasks.desk import Desk

ACTOR = system("flow:process")
MOST_LOADED = 32  # kept in this process's memory


@dataclass(frozen=True)
class Sorting:
    """None: by the rules, and by hand-set weights."""

    types: TypeModel | None = None
    first_pages: FirstPageModel | None = None


def sorting_for(desk: Desk, definition: Definition) -> Sorting:
    """What a process's documents are sorted with now.

    Raises:
        DamagedModelError: it is not what was learned.
    """
    process = definition.process
    if not process.learning.enabled:
        return Sorting()
    with desk.store.read(ACTOR) as session:
        kept = newest_sorting(session, process.client, process.process)
    return _loaded(desk.blobs, process.client, process.process, kept.sha256) if kept else Sorting()


def store_sorting(desk: Desk, client_id: str, process: str, sorting: Sorting) -> str:
    """Keep the content; returns its hash, under which the trail must name it (`use_sorting`)."""
    models = [model for model in (sorting.types, sorting.first_pages) if model is not None]
    files = {name: data.decode() for model in models for name, data in model.files().items()}
    content = json.dumps(files, sort_keys=True).encode()
    sha256 = hashlib.sha256(content).hexdigest()
    desk.blobs.put_derived(client_id, _name(process, sha256), content)
    return sha256


def use_sorting(session: Session, client_id: str, process: str, sha256: str, *, documents: int) -> None:
    """Documents are sorted with this from now on; `documents`: how many taught it."""
    keep_sorting(session, client_id, process, KeptSorting(sha256, documents))


@lru_cache(maxsize=MOST_LOADED)
def _loaded(blobs: BlobStore, client_id: str, process: str, sha256: str) -> Sorting:
    content = blobs.get_derived(client_id, _name(process, sha256))
    if content is None or hashlib.sha256(content).hexdigest() != sha256:
        raise DamagedModelError(f"what {client_id}/{process} is sorted with is not what was learned")
    files = {name: text.encode() for name, text in json.loads(content).items()}
    return Sorting(TypeModel.load(files), FirstPageModel.load(files))


def _name(process: str, sha256: str) -> str:
    return f"sorting/{process}.{sha256}.json"
