"""The desk and the readers of this process: opened once, closed when the process ends."""

from __future__ import annotations

import atexit
import os
import socket
from functools import cache

from prefect.runtime import flow_run

from reading.pool import ReaderPool
from schemas.settings import load_settings
from tasks.desk import Desk, open_desk


@cache
def desk() -> Desk:
    """The desk that the environment names."""
    opened = open_desk(load_settings())
    atexit.register(opened.close)
    return opened


@cache
def readers() -> ReaderPool:
    """This process's own reader children, one per core unless the settings say otherwise."""
    pool = ReaderPool(reader_count())
    atexit.register(pool.close)
    return pool


def reader_count() -> int:
    """How many documents are read at once; known without opening the desk."""
    return load_settings().readers or os.cpu_count() or 1


def owner() -> str:
    """Who holds leases: this host and process, and the flow run where there is one."""
    run = flow_run.id
    return f"{socket.gethostname()}:{os.getpid()}" + (f"/{run}" if run else "")
