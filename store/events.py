"""The audit trail: events recorded in a transaction are chained and written as its last act.

One chain per client, and one for the desk itself (client_id ""). `hash = SHA-256(0x00 || prev_hash || canonical row)`, after the
leaf separation of RFC 6962. The chain's head is locked last, so that transactions of one client wait for each other only
for the moment of their commit.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from schemas.clock import now
from store.rows import insert_rows
from store.tables import ChainHead, Event

GENESIS = "0" * 64
REQUEST: ContextVar[str] = ContextVar("request", default="")
"""The id of the request that is being answered, where there is one: its events carry it."""


def record(session: Session, client_id: str, kind: str, subject: str, /, **data: Any) -> None:
    """Note an event; it is written when the session commits. `data` holds codes, ids, counts and digests, never document text."""
    if request := REQUEST.get():
        data["request"] = request
    session.info["events"].append((client_id, kind, subject, data))


def canonical(data: Any) -> str:
    """JSON with sorted keys and no blanks: the same bytes for the same data."""
    return _encoder.encode(data)


_encoder = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def event_hash(prev_hash: str, row: dict[str, Any]) -> str:
    """The chain hash of one event; `row` has client_id, seq, at (ISO, microseconds), actor, kind, subject, data (canonical)."""
    return hashlib.sha256(b"\x00" + prev_hash.encode() + canonical(row).encode()).hexdigest()


def append_events(session: Session, actor: str) -> None:
    """Chain and write what was recorded; called by `Store.session` just before it commits."""
    by_client: dict[str, list[tuple[str, str, str, dict[str, Any]]]] = defaultdict(list)
    for noted in session.info["events"]:
        by_client[noted[0]].append(noted)
    for client_id in sorted(by_client):  # one order for everybody: no deadlock
        _append(session, client_id, by_client[client_id], actor)


def _append(session: Session, client_id: str, noted: list[tuple[str, str, str, dict[str, Any]]], actor: str) -> None:
    seq, prev = _lock_head(session, client_id)
    at = now()
    rows = []
    for _, kind, subject, data in noted:
        seq += 1
        row = {
            "client_id": client_id,
            "seq": seq,
            "at": at.isoformat(timespec="microseconds"),
            "actor": actor,
            "kind": kind,
            "subject": subject,
            "data": canonical(data),
        }
        head = event_hash(prev, row)
        rows.append({**row, "at": at, "prev_hash": prev, "hash": head})
        prev = head
    insert_rows(session, Event, rows)
    session.execute(update(ChainHead).where(ChainHead.client_id == client_id).values(seq=seq, hash=prev))


def _lock_head(session: Session, client_id: str) -> tuple[int, str]:
    """The chain's last seq and hash, locked until commit. A chain's first row is made with its client (`start_chain`)."""
    head = session.execute(
        select(ChainHead.seq, ChainHead.hash).where(ChainHead.client_id == client_id).with_for_update()
    ).one()
    return head.seq, head.hash


def start_chain(session: Session, client_id: str) -> None:
    """Begin a client's chain; does nothing where there is one."""
    if session.get(ChainHead, client_id) is None:
        session.add(ChainHead(client_id=client_id, seq=0, hash=GENESIS))
        session.flush()


def chain_heads(session: Session) -> list[ChainHead]:
    """The last seq and hash of every chain, by client."""
    return list(session.scalars(select(ChainHead).order_by(ChainHead.client_id)))


def stream_events(session: Session) -> Iterator[dict[str, Any]]:
    """Every event, chain by chain and in order: the row that was hashed, and `prev_hash` and `hash`; never all in memory."""
    columns = (Event.client_id, Event.seq, Event.at, Event.actor, Event.kind, Event.subject, Event.data)
    result = session.execute(
        select(*columns, Event.prev_hash, Event.hash).order_by(Event.client_id, Event.seq),
        execution_options={"yield_per": 5000},
    )
    for row in result.mappings():
        yield {**row, "at": row["at"].isoformat(timespec="microseconds")}
