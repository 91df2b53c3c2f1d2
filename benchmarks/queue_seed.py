"""A full review queue for benchmarks: clients, processes, documents in review and their tasks, written in bulk."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import json
import random
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Table, insert, text

from benchmarks.postgresql import APPLICATION, OWNER, signed_in_as
from schemas.clock import now
from schemas.ids import new_id
from schemas.lifecycle import DocumentState, ReceiptState, TaskKind, TaskState
from store.database import Store, system
from store.events import start_chain
from store.migrate import role_of
from store.pressing import handling_seconds, press_at
from store.tables import Client, Document, ProcessDefinition, Receipt, ReviewTask

CLIENTS = [f"client-{number:02d}" for number in range(20)]
QUEUES = ("invoices", "receipts", "orders")
SKILLS = ("", "", "", "", "french", "tax")  # most tasks need none
SUPPLIERS = 50  # of each client
ACTOR = system("benchmark")
PORTION = 5000
Row = dict[str, Any]


def seed(store: Store, tasks: int, documents: int) -> list[str]:
    """Fill a migrated, empty database with open tasks on so many documents. Returns the documents' ids, most pressing first."""
    chance, at = random.Random(4), now()
    definitions = _define(store)
    owners = [chance.choice(CLIENTS) for _ in range(documents)]
    receipts = [new_id("rcp") for _ in owners]
    ids = [new_id("doc") for _ in owners]
    due = [at + dt.timedelta(minutes=30 + number * 60 * 24 * 5 / documents) for number in range(documents)]
    suppliers = [f"supplier {chance.randrange(SUPPLIERS)}" for _ in owners]
    facts = list(zip(ids, receipts, owners, due, suppliers, strict=True))
    write_rows(store, Receipt, (_receipt(each, definitions, at) for each in facts))
    write_rows(store, Document, (_document(each, definitions, at, n) for n, each in enumerate(facts)))
    every = itertools.islice(itertools.cycle(facts), tasks)
    write_rows(store, ReviewTask, (_task(each, chance, at, n // documents) for n, each in enumerate(every)))
    _analyse(store)
    return ids


def _analyse(store: Store) -> None:
    """As the database does by itself in time; a table's owner may, the application may not."""
    owner = Store(signed_in_as(OWNER, store.url)) if role_of(store) == APPLICATION else store
    with owner.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _define(store: Store) -> dict[str, str]:
    """Clients with a process each; returns the ids of the definitions by client."""
    definitions = {}
    with store.session(ACTOR) as session:
        for client in CLIENTS:
            yaml = f"client: {client}\nname: {client.title()}\n"
            session.add(Client(id=client, name=client.title(), yaml=yaml, created_at=now()))
            session.flush()
            start_chain(session, client)
            definitions[client] = new_id("def")
            session.add(
                ProcessDefinition(
                    id=definitions[client],
                    client_id=client,
                    process="papers",
                    number=1,
                    sha256=hashlib.sha256(client.encode()).hexdigest(),
                    yaml=f"process: papers\nclient: {client}\ndocument_types: [invoice, receipt]\n",
                    master_data={},
                    created_at=now(),
                )
            )
    return definitions


Facts = tuple[str, str, str, dt.datetime, str]


def _receipt(facts: Facts, definitions: dict[str, str], at: dt.datetime) -> Row:
    _, receipt_id, client, _, _ = facts
    return {
        "id": receipt_id,
        "client_id": client,
        "process": "papers",
        "definition_id": definitions[client],
        "claim": receipt_id,
        "name": f"{receipt_id[-8:]}.pdf",
        "sha256": hashlib.sha256(receipt_id.encode()).hexdigest(),
        "size": 1000,
        "media_type": "application/pdf",
        "pages": 1,
        "state": ReceiptState.REGISTERED.value,
        "received_at": at,
    }


def _document(facts: Facts, definitions: dict[str, str], at: dt.datetime, number: int) -> Row:
    document_id, receipt_id, client, due_at, supplier = facts
    return {
        "id": document_id,
        "client_id": client,
        "process": "papers",
        "definition_id": definitions[client],
        "receipt_id": receipt_id,
        "name": f"{receipt_id[-8:]}.pdf",
        "sha256": hashlib.sha256(receipt_id.encode()).hexdigest(),
        "media_type": "application/pdf",
        "state": DocumentState.IN_REVIEW.value,
        "reason": "SUM",
        "document_type": "invoice",
        "page_count": 1,
        "received_at": at,
        "due_at": due_at,
        "supplier_key": supplier,
        "number": f"R-{number:07d}",
        "currency": "EUR",
    }


def _task(facts: Facts, chance: random.Random, at: dt.datetime, days: int) -> Row:
    document_id, _, client, due_at, supplier = facts
    reasons = ["sum_equals"] + ["LOW_CONFIDENCE:invoice_number"] * chance.randrange(3)
    due_at += dt.timedelta(days=days)
    return {
        "id": new_id("tsk"),
        "client_id": client,
        "document_id": document_id,
        "kind": TaskKind.EXCEPTION.value,
        "queue": chance.choice(QUEUES),
        "state": TaskState.OPEN.value,
        "due_at": due_at,
        "press_at": press_at(due_at, handling_seconds(reasons)),
        "supplier_key": supplier,
        "skill": chance.choice(SKILLS),
        "created_at": at,
        "reasons": reasons,
    }


def write_rows(store: Store, table: Any, rows: Iterable[Row]) -> None:
    """Insert rows: with COPY on PostgreSQL, in portions on SQLite."""
    whole = (_with_defaults(table.__table__, row) for row in rows)
    if store.is_sqlite:
        for portion in iter(lambda: list(itertools.islice(whole, PORTION)), []):
            with store.session(ACTOR) as session:
                session.connection().execute(insert(table.__table__), portion)
        return
    names = ", ".join(f'"{column.name}"' for column in table.__table__.columns)
    name = table.__tablename__
    with store.session(ACTOR) as session:  # COPY cannot fill a table with policies, so another one takes the rows
        session.execute(text(f"CREATE TEMPORARY TABLE incoming (LIKE {name}) ON COMMIT DROP"))
        cursor = session.connection().connection.cursor()
        with cursor.copy(f"COPY incoming ({names}) FROM STDIN") as copy:
            for values in _as_text(whole):
                copy.write_row(values)
        session.execute(text(f"INSERT INTO {name} ({names}) SELECT {names} FROM incoming"))


def _with_defaults(table: Table, row: Row) -> Row:
    return {column.name: row.get(column.name, _default(column.default)) for column in table.columns}


def _default(default: Any) -> Any:
    if default is None:
        return None
    return default.arg(None) if default.is_callable else default.arg


def _as_text(rows: Iterable[Row]) -> Iterator[list[Any]]:
    for row in rows:
        yield [json.dumps(value) if isinstance(value, list | dict) else value for value in row.values()]
