"""Chunks of work: some documents of one client at a time, clients in turn, so that no client's flood delays another's few.

A chunk is what one task run does: about `chunk_pages` scanned documents, or many more digital ones, so that it takes seconds
rather than milliseconds or minutes.
"""

from __future__ import annotations

from store.database import system
from store.queue import Lease, claim_documents, clients_with_work
from tasks.desk import Desk

ACTOR = system("flow:process")
CHUNK_SECONDS = 10.0
MOST_DOCUMENTS = 200


class Chunks:
    """Claims chunk after chunk for one owner, and learns from the pace how large the next may be."""

    def __init__(self, desk: Desk, owner: str) -> None:
        self._desk, self._owner = desk, owner
        self._size = desk.settings.chunk_pages
        self._last_client = ""

    def take(self) -> list[Lease] | None:
        """The next chunk; None when nothing is to be claimed now."""
        settings = self._desk.settings
        with self._desk.store.read(ACTOR) as session:
            clients = clients_with_work(session)
        for client_id in self._in_turn(clients):
            with self._desk.store.session(ACTOR) as session:
                leases = claim_documents(
                    session,
                    client_id,
                    self._owner,
                    self._size,
                    lease=settings.lease,
                    max_attempts=settings.max_attempts,
                )
            if leases:
                self._last_client = client_id
                return leases
        return None

    def _in_turn(self, clients: list[str]) -> list[str]:
        """After the client that was served last come those that stand behind it, then the others."""
        return [c for c in clients if c > self._last_client] + [c for c in clients if c <= self._last_client]

    def finished(self, documents: int, seconds: float) -> None:
        """Make the next chunk as large as the last pace allows."""
        if documents:
            wanted = int(CHUNK_SECONDS / max(seconds / documents, 0.001))
            self._size = max(self._desk.settings.chunk_pages, min(MOST_DOCUMENTS, wanted))
