"""Originals: the bytes as they came, for people who may have them; each time is in the trail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from schemas.errors import NotFoundError
from schemas.lifecycle import DocumentState
from store.database import Scope
from store.events import record
from store.story import find_document
from tasks.desk import Desk


@dataclass(frozen=True)
class Original:
    """An open stream of the bytes, and the sender's name for the file."""

    name: str
    stream: BinaryIO


def open_original(desk: Desk, scope: Scope, document_id: str, *, quarantine: bool) -> Original:
    """Open the file that a document came in; `quarantine`: also of quarantined documents.

    Raises:
        NotFoundError: no such document for this scope. StoreUnavailableError: the bytes are not there.
    """
    with desk.store.session(scope) as session:
        document = find_document(session, document_id)
        if document is None or (document.state == DocumentState.QUARANTINED and not quarantine):
            raise NotFoundError(document_id)
        stream = desk.blobs.open(document.client_id, document.sha256)
        record(session, document.client_id, "original.fetched", document.id, sha256=document.sha256)
    return Original(document.name, stream)
