"""How often a token may ask: counted in each server process, and settled between them through the database.

A process writes its counts down after each `SETTLED_AFTER` requests, and then learns what the others took. So a limit of n holds
to within n + SETTLED_AFTER x processes in any minute: whoever settles last below the limit, no process has more than
`SETTLED_AFTER` requests that are not in the sum, counting those that it lets in before it settles again.
"""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import dataclass, field

from schemas.errors import TooManyRequestsError
from store.database import Store, system
from store.token_uses import settle_uses

WINDOW = 60  # seconds
SETTLED_AFTER = 10


@dataclass
class _Counts:
    """One token's requests by second: ours, those of the other processes as last told, and ours that nobody was told of."""

    own: dict[int, int] = field(default_factory=dict)
    others: dict[int, int] = field(default_factory=dict)
    untold: dict[int, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


class RateLimit:
    """At most so many requests in any minute, per token. One for each server process."""

    def __init__(self, store: Store, per_minute: int) -> None:
        self.per_minute = per_minute
        self._store, self._worker = store, secrets.token_hex(8)
        self._counts: dict[str, _Counts] = {}
        self._lock = threading.Lock()

    def take(self, token_id: str) -> None:
        """Count a request. Raises TooManyRequestsError, and StoreUnavailableError where it cannot be counted."""
        with self._lock:
            counts = self._counts.setdefault(token_id, _Counts())
        with counts.lock:
            at = time.time()
            second, since = int(at), int(at) - WINDOW
            for known in (counts.own, counts.others, counts.untold):
                for old in [each for each in known if each < since]:
                    del known[old]
            if wait := self._seconds_to_wait(counts, at):
                raise TooManyRequestsError(wait)
            counts.own[second] = counts.own.get(second, 0) + 1
            counts.untold[second] = counts.untold.get(second, 0) + 1
            if sum(counts.untold.values()) >= SETTLED_AFTER:
                self._settle(token_id, counts, since)

    def _seconds_to_wait(self, counts: _Counts, at: float) -> int:
        """0, or when enough of the minute's requests will be old."""
        seconds = sorted({*counts.own, *counts.others})
        taken = sum(counts.own.values()) + sum(counts.others.values())
        for second in seconds:
            if taken < self.per_minute:
                return 0
            taken -= counts.own.get(second, 0) + counts.others.get(second, 0)
            if taken < self.per_minute:
                return max(1, int(second + WINDOW + 1 - at) + 1)
        return 0

    def _settle(self, token_id: str, counts: _Counts, since: int) -> None:
        told = {second: counts.own[second] for second in counts.untold}
        with self._store.session(system("api")) as session:
            counts.others = settle_uses(session, token_id, self._worker, told, since)
        counts.untold.clear()
