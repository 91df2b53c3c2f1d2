"""Upload: the same as a file dropped into an inbox, but answered at once; a receipt is committed before the answer leaves."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from schemas.errors import ConflictError, NotFoundError, TransientError
from schemas.ids import new_id
from store.database import Scope, Session
from store.definitions import Definition, current_definitions
from store.pauses import is_paused
from store.queue import serialise_on
from store.receipts import receipt_claimed
from tasks import batches
from tasks.acknowledge import acknowledge, safe_name
from tasks.desk import Desk
from tasks.inboxes import Claimed
from tasks.receive import Stored, register

MOST_BYTES = 100 * 1024 * 1024
CHUNK = 1024 * 1024


@dataclass(frozen=True)
class Uploaded:
    """The receipt of an upload; `again`: the same key came before, and nothing was done twice."""

    receipt_id: str
    again: bool


def upload(
    desk: Desk,
    scope: Scope,
    client_id: str,
    process: str,
    name: str,
    stream: BinaryIO,
    *,
    key: str = "",
    batch: str = "",
) -> Uploaded:
    """Take a file for a process. `key`: sent again with the same key, the first receipt is answered.

    Raises:
        NotFoundError: the client has no such process. ConflictError: the key came before with other bytes.
        TransientError: intake is paused. StoreUnavailableError: nothing was kept; send it again.
    """
    definition = _definition(desk, scope, client_id, process)
    receipt_id, sha256 = new_id("rcp"), _sha256(stream)
    claim = f"api:{client_id}:{process}:{hashlib.sha256(key.encode()).hexdigest()}" if key else receipt_id
    with desk.store.read(scope) as session:
        earlier = _earlier(session, claim, sha256)
    if earlier:
        return Uploaded(earlier, again=True)
    blob = desk.blobs.put(client_id, stream)
    with desk.store.session(scope) as session:
        serialise_on(session, f"intake:{client_id}:{process}")
        earlier = _earlier(session, claim, sha256)
        if earlier:
            return Uploaded(earlier, again=True)
        batch_id = batches.open_batch(session, definition, batch)
        claimed = Claimed(receipt_id, batch_id, urgent=False, path=Path(_file_name(name)))
        session.flush()
        register(session, definition, [Stored(claimed, blob, claim=claim)])
    acknowledge(desk, receipt_id)
    batches.close_batch(desk, batch_id)
    return Uploaded(receipt_id, again=False)


def _definition(desk: Desk, scope: Scope, client_id: str, process: str) -> Definition:
    with desk.store.read(scope) as session:
        for definition in current_definitions(session):
            if (definition.process.client, definition.process.process) == (client_id, process):
                if is_paused(session, "intake", client_id, process):
                    raise TransientError("intake is paused")
                return definition
    raise NotFoundError(process)


def _sha256(stream: BinaryIO) -> str:
    digest = hashlib.sha256()
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
    stream.seek(0)
    return digest.hexdigest()


def _earlier(session: Session, claim: str, sha256: str) -> str | None:
    receipt = receipt_claimed(session, claim)
    if receipt is not None and receipt.sha256 != sha256:
        raise ConflictError("this key came with other bytes before")
    return receipt.id if receipt else None


def _file_name(name: str) -> str:
    """The sender's name for the file without folders; what cannot be shown is replaced."""
    return safe_name(name.replace("\\", "/").rsplit("/", 1)[-1]).strip() or "upload"
