"""One worker of the crash benchmark: round after round of intake, work and delivery, until it is asked to stop.

The desk and its settings come from the environment. It says `ready` once it has done its first round.
"""

from __future__ import annotations

import os
import signal
import threading

from reading.pool import ReaderPool
from schemas.errors import TransientError
from schemas.settings import load_settings
from tasks.chunks import Chunks
from tasks.deliver import deliver
from tasks.desk import Desk, open_desk
from tasks.receive import sweep_inboxes
from tasks.register import register_receipts
from tasks.work import work_on

PAUSE_SECONDS = 0.1


def main() -> None:
    """Work until SIGTERM."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    desk = open_desk(load_settings())
    owner = f"worker:{os.getpid()}"
    chunks = Chunks(desk, owner)
    with ReaderPool(1) as pool:
        pool.warm()
        print("ready", flush=True)
        while not stop.is_set():
            try:
                busy = work_round(desk, pool, chunks, owner)
            except TransientError as error:  # the database was busy: the next round tries again
                print(error.code, flush=True)
                busy = False
            if not busy:
                stop.wait(PAUSE_SECONDS)
    desk.close()


def work_round(desk: Desk, pool: ReaderPool, chunks: Chunks, owner: str) -> bool:
    """One chunk through every step. Whether there was anything to do."""
    received = sweep_inboxes(desk, orphan_seconds=2 * desk.settings.lease_seconds)
    registered = register_receipts(desk, pool, owner)
    leases = chunks.take()
    if leases:
        work_on(desk, pool, leases)
    return bool(received or registered or leases or deliver(desk, owner))


if __name__ == "__main__":
    main()
