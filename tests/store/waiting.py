"""A store with clients and review tasks that wait, made without the way that documents come."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from schemas.clock import now
from schemas.ids import new_id
from schemas.lifecycle import DocumentState, ReceiptState, TaskKind, TaskState
from store.claiming import NO_RUNS, Claimer, Runs, claim_task
from store.database import Scope, Store, system
from store.events import start_chain
from store.queue import Lease
from store.tables import Client, Document, ProcessDefinition, Receipt, ReviewTask

ME = system("test")
LEASE = dt.timedelta(minutes=5)
HOUR = dt.timedelta(hours=1)
_count = itertools.count()


def given_clients(store: Store, *clients: str) -> None:
    """Clients with a document each, which all of their tasks are about."""
    with store.session(ME) as session:
        for client in clients:
            session.add(Client(id=client, name=client, yaml=f"client: {client}\nname: {client}\n", created_at=now()))
            session.flush()
            start_chain(session, client)
            shared: dict[str, Any] = {"client_id": client, "process": "papers"}
            definition = f"def_{client}"
            session.add(
                ProcessDefinition(
                    id=definition, number=1, sha256="0", yaml="", master_data={}, created_at=now(), **shared
                )
            )
            session.flush()
            shared |= {"definition_id": definition, "name": "a.pdf", "sha256": "0", "received_at": now()}
            session.add(
                Receipt(id=f"rcp_{client}", claim=client, size=1, state=ReceiptState.REGISTERED, pages=1, **shared)
            )
            session.flush()
            session.add(
                Document(
                    id=f"doc_{client}",
                    receipt_id=f"rcp_{client}",
                    media_type="application/pdf",
                    state=DocumentState.IN_REVIEW,
                    due_at=now(),
                    **shared,
                )
            )


def waiting(store: Store, *, client: str = "acme", hours: float = 5, queue: str = "review", **facts: Any) -> str:
    """An open task that presses in so many hours; returns its id."""
    press_at = now() + hours * HOUR + next(_count) * dt.timedelta(microseconds=1)
    task = ReviewTask(
        id=new_id("tsk"),
        client_id=client,
        document_id=f"doc_{client}",
        kind=TaskKind.EXCEPTION,
        queue=queue,
        state=TaskState.OPEN,
        due_at=press_at,
        press_at=press_at,
        created_at=now(),
        reasons=[],
        **facts,
    )
    with store.session(ME) as session:
        session.add(task)
    return task.id


def claim(
    store: Store,
    claimer: Claimer,
    *,
    clients: frozenset[str] | None = None,
    runs: Runs = NO_RUNS,
    lease: dt.timedelta = LEASE,
    task_id: str | None = None,
) -> Lease | None:
    """The lease that a person gets."""
    with store.session(Scope(claimer.name, clients)) as session:
        task = claim_task(session, claimer, lease=lease, runs=runs, task_id=task_id)
        return Lease(task.id, task.lease_epoch, claimer.name) if task else None
