"""The audit trail outside the database: heads anchored as linked checkpoints, and the whole of it as a file.

`cleardesk/verify_trail.py` reads both, and needs nothing of Cleardesk for it.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from pathlib import Path
from typing import IO

from schemas.clock import now
from store.blobs import fsync_folder
from store.database import system
from store.events import GENESIS, canonical, chain_heads, stream_events
from store.tables import ChainHead
from tasks.desk import Desk

ACTOR = system("trail")
DESK_CHAIN = "_desk"  # no client is called so
LINE_BYTES = 4096  # more than any checkpoint has


def anchor(desk: Desk) -> list[Path]:
    """Write down where every chain stands, outside the database. Returns the files that got a line."""
    with desk.store.read(ACTOR) as session:
        heads = chain_heads(session)
    desk.checkpoints.mkdir(parents=True, exist_ok=True)
    written = [path for head in heads if head.seq and (path := _anchor(desk.checkpoints, head))]
    fsync_folder(desk.checkpoints)
    return written


def _anchor(folder: Path, head: ChainHead) -> Path | None:
    """Append one linked line, unless the chain has not moved since the last one."""
    path = folder / f"{head.client_id or DESK_CHAIN}.jsonl"
    with path.open("a+b") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        last = _last_line(stream)
        before = json.loads(last) if last else {}
        if (before.get("seq"), before.get("hash")) == (head.seq, head.hash):
            return None
        line = {
            "client_id": head.client_id,
            "seq": head.seq,
            "hash": head.hash,
            "at": now().isoformat(timespec="seconds"),
            "prev": hashlib.sha256(last).hexdigest() if last else GENESIS,
        }
        stream.write(canonical(line).encode() + b"\n")
        stream.flush()
        os.fsync(stream.fileno())
    return path


def _last_line(stream: IO[bytes]) -> bytes:
    """The last whole line. What a crash left half written behind it was never an anchor, and goes."""
    size = stream.seek(0, os.SEEK_END)
    start = stream.seek(max(0, size - LINE_BYTES))
    tail = stream.read()
    whole = tail[: tail.rfind(b"\n") + 1]
    stream.truncate(start + len(whole))
    return whole.rstrip(b"\n").rpartition(b"\n")[2]


def export_trail(desk: Desk, path: Path) -> int:
    """Write every event and every head of one moment as JSON Lines; the file appears whole. Returns the number of events."""
    temp = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    count = 0
    with desk.store.read(ACTOR) as session, temp.open("w", encoding="utf-8", newline="\n") as stream:
        for row in stream_events(session):
            stream.write(canonical(row) + "\n")
            count += 1
        for head in chain_heads(session):
            line = {"client_id": head.client_id, "head_seq": head.seq, "head_hash": head.hash}
            stream.write(canonical(line) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    temp.rename(path)
    fsync_folder(path.parent)
    return count
