"""Flow marks: when each flow last started, was seen alive and ended, for our own alerts, whatever Prefect knows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from store.database import system
from store.marks import mark_beat, mark_end, mark_start
from tasks.desk import Desk


@contextmanager
def marked(desk: Desk, flow: str) -> Iterator[None]:
    """Mark a run's start and end; an error is marked by its kind and goes on."""
    scope = system(f"flow:{flow}")
    with desk.store.session(scope) as session:
        mark_start(session, flow)
    error: str | None = None  # being stopped is not a failure
    try:
        yield
    except Exception as failure:
        error = getattr(failure, "code", type(failure).__name__)
        raise
    finally:
        with desk.store.session(scope) as session:
            mark_end(session, flow, error)


def rounds(desk: Desk, flow: str, *, seconds: float, every: float) -> Iterator[int]:
    """Round after round until the time is over, a pause between; one round only for `seconds` 0."""
    end = time.monotonic() + seconds
    number = 0
    while True:
        yield number
        number += 1
        with desk.store.session(system(f"flow:{flow}")) as session:
            mark_beat(session, flow)
        if time.monotonic() + every >= end:
            return
        time.sleep(every)
