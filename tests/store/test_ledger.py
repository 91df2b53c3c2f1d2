"""The books close after every step, and whatever is altered, removed or doubled behind their back is named."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Table, delete, insert, select, text, update

from schemas.errors import IllegalTransitionError
from schemas.ids import new_id
from schemas.lifecycle import DocumentState, ReceiptState, TaskState
from store.claiming import Claimer, claim_task
from store.database import Store
from store.documents import save_version
from store.outbox import cancel_deliveries
from store.queue import Lease, claim_documents, fail_document, hold_document, retry_document
from store.review import hold_task
from store.tables import Base, Document, Receipt, Reconciliation, ReviewTask
from store.transitions import close_task, move_document, move_receipt
from tasks import deliver as step
from tasks.deliver import deliver
from tasks.desk import Desk
from tasks.reconcile import Reconciled, reconcile, verify_blobs
from tests.given import (
    ACTOR,
    behind_the_books,
    desk_on,
    document_of,
    invoice,
    make_ready,
    new_document,
    process_of,
    ready_documents,
    receipt_of,
    work_on,
)

NO_GRACE = dt.timedelta(0)
TWO_TARGETS = "delivery: [{name: csv}, {name: json, format: jsonl}]"


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return desk_on(store, tmp_path, lease_seconds=600, sqlite_journal="wal")


def close_the_books(desk: Desk) -> Reconciled:
    return reconcile(desk, blob_grace=NO_GRACE)


def assert_closed(desk: Desk, after: str = "") -> None:
    result = close_the_books(desk)
    assert result.residual == 0, (after, result.as_json())


def busy_desk(desk: Desk) -> None:
    """Something in every table and in most states."""
    definition = process_of(desk, TWO_TARGETS)
    ready_documents(desk, definition, 3)
    deliver(desk, "worker")
    reviewed = new_document(desk, definition, pages=3)
    work_on(desk, reviewed, invoice("R-10"), accepted=False, blank=1)
    ready_documents(desk, definition, 1)
    new_document(desk, definition, pages=2)
    receipt_of(desk, definition)


def test_a_busy_desk_balances_and_the_run_is_kept(desk: Desk) -> None:
    busy_desk(desk)
    result = close_the_books(desk)
    assert (result.residual, result.problems) == (0, [])
    parts = {(b.grain, b.what): (b.total, b.parts) for b in result.grains}
    assert parts["receipt", "received"] == (7, {"received": 1, "registered": 6})
    assert parts["document", "created"] == (6, {"delivered": 3, "in_review": 1, "ready": 1, "received": 1})
    assert parts["page", "received"] == (9, {"kept": 6, "dropped": 1, "unread": 2})
    assert parts["page", "sent"] == (6, {"kept": 6, "unread": 0})
    with desk.store.read(ACTOR) as session:
        (kept,) = session.scalars(select(Reconciliation))
    assert kept.residual == 0 and kept.result["grains"][0]["difference"] == 0


def test_stored_bytes_that_rot_are_found(desk: Desk) -> None:
    definition = process_of(desk)
    ids = [receipt_of(desk, definition) for _ in range(20)]
    with desk.store.read(ACTOR) as session:
        sick = session.get_one(Receipt, ids[3])
    path = Path(desk.blobs.key("acme", sick.sha256))
    path.write_bytes(b"\0rotten")
    assert [(p.id, p.grain) for p in verify_blobs(desk)] == [(ids[3], "receipt")]
    rounds = [verify_blobs(desk, 0.25, round_number=n) for n in range(4)]
    assert sum(map(len, rounds)) == 1
    assert close_the_books(desk).residual == 0  # reconciling looks at names; hashing again is a job of its own


def test_bytes_without_a_receipt_count_only_once_they_are_old(desk: Desk) -> None:
    process_of(desk)
    stray = Path(desk.blobs.key("acme", "ab" * 32))
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"\0stray")
    assert reconcile(desk).residual == 0
    assert [(p.grain, p.id) for p in close_the_books(desk).problems] == [("blob", "ab" * 32)]


# whatever happens, the books close


class Work:
    """Steps that may happen on a desk in any order; each does nothing where there is nothing to do."""

    def __init__(self, desk: Desk, chance: random.Random) -> None:
        self.desk, self.chance, self.number = desk, chance, 0
        self.definition = process_of(desk, TWO_TARGETS)

    def steps(self) -> Sequence[Callable[[], object]]:
        work = (self.receive, self.register, self.register, self.read, self.read, self.submit, self.deliver)
        trouble = (self.refuse, self.fail, self.put_off, self.reject, self.recall, self.correct, self.begin_delivery)
        return work * 2 + trouble

    def one(self, table: Any, *states: str) -> Any:
        with self.desk.store.read(ACTOR) as session:
            rows = session.scalars(select(table).where(table.state.in_(states)).order_by(table.id)).all()
        return self.chance.choice(rows) if rows else None

    def next_invoice(self) -> Any:
        self.number += 1
        return invoice(f"R-{self.number}")

    def receive(self) -> None:
        for content in (None, None, b"the same bytes"):
            receipt_of(self.desk, self.definition, content)

    def register(self) -> None:
        if receipt := self.one(Receipt, ReceiptState.RECEIVED):
            document_of(self.desk, receipt.id, pages=self.chance.randint(1, 4))

    def refuse(self) -> None:
        if receipt := self.one(Receipt, ReceiptState.RECEIVED, ReceiptState.HELD):
            new = self.chance.choice([ReceiptState.REJECTED, ReceiptState.SUPPRESSED, ReceiptState.QUARANTINED])
            with self.desk.store.session(ACTOR) as session:
                move_receipt(session, session.get_one(Receipt, receipt.id), new, reason="UNREADABLE")

    def read(self) -> None:
        if document := self.one(Document, DocumentState.RECEIVED):
            blank = self.chance.randint(0, (document.page_count or 1) - 1)
            work_on(self.desk, document.id, self.next_invoice(), accepted=self.chance.random() < 0.5, blank=blank)

    def claimed(self) -> Iterator[tuple[Any, Document]]:
        with self.desk.store.session(ACTOR) as session:
            for lease in claim_documents(session, "acme", "w", 1, lease=dt.timedelta(minutes=5), max_attempts=50):
                yield session, hold_document(session, Lease(lease.id, lease.epoch, "w"))

    def fail(self) -> None:
        for session, document in self.claimed():
            fail_document(session, document, "T201")

    def put_off(self) -> None:
        for session, document in self.claimed():
            retry_document(session, document, "T201", delay=dt.timedelta(0), max_attempts=50)

    def submit(self) -> None:
        """A person corrects the next task's document, or rejects what failed."""
        with self.desk.store.session(ACTOR) as session:
            task = claim_task(session, Claimer("ann"), lease=dt.timedelta(minutes=5))
            if task is None:
                return
            hold_task(session, Lease(task.id, task.lease_epoch, "ann"))
            document = session.get_one(Document, task.document_id)
            close_task(session, task, TaskState.DONE, by="ann", result="submitted")
            if document.state == DocumentState.FAILED:
                move_document(session, document, DocumentState.IN_REVIEW)
            extraction = self.next_invoice()
            save_version(session, document, extraction, [])
            make_ready(session, document, extraction)

    def reject(self) -> None:
        if task := self.one(ReviewTask, TaskState.OPEN):
            with self.desk.store.session(ACTOR) as session:
                close_task(session, session.get_one(ReviewTask, task.id), TaskState.DONE, by="ann", result="rejected")
                document = session.get_one(Document, task.document_id)
                move_document(session, document, DocumentState.REJECTED, reason="UNREADABLE")

    def recall(self) -> None:
        """A ready document is withdrawn before it leaves."""
        if document := self.one(Document, DocumentState.READY):
            with self.desk.store.session(ACTOR) as session:
                row = session.get_one(Document, document.id)
                try:
                    cancel_deliveries(session, row)
                except IllegalTransitionError:
                    return
                move_document(session, row, DocumentState.WITHDRAWN)

    def correct(self) -> None:
        """A delivered document is opened again and left ready as a new version."""
        if document := self.one(Document, DocumentState.DELIVERED):
            with self.desk.store.session(ACTOR) as session:
                row = session.get_one(Document, document.id)
                move_document(session, row, DocumentState.IN_WORK)
                extraction = self.next_invoice()
                save_version(session, row, extraction, [])
                make_ready(session, row, extraction)

    def begin_delivery(self) -> None:
        with self.desk.store.read(ACTOR) as session:
            groups = step.due_groups(session)
        if groups and (lease := step.open_next(self.desk, groups[0], "w")) and self.chance.random() < 0.5:
            step.commit_files(self.desk, lease, step.write_files(self.desk, lease))

    def deliver(self) -> None:
        with self.desk.store.session(ACTOR) as session:
            session.execute(text("UPDATE shipments SET lease_expires_at = NULL"))
        deliver(self.desk, "w")


@pytest.mark.parametrize("seed", range(2))
def test_the_books_close_after_every_step_of_any_story(desk: Desk, seed: int) -> None:
    chance = random.Random(seed)
    work = Work(desk, chance)
    for _ in range(25):
        happened = chance.choice(work.steps())
        happened()
        assert_closed(desk, happened.__name__)


# whatever is altered behind their back is named

TABLES = ("receipts", "documents", "pages", "deliveries", "shipments", "events", "review_tasks")

ALTERATIONS: dict[str, dict[str, Callable[[Any], Any]]] = {
    "receipts": {
        "state": lambda old: "rejected" if old != "rejected" else "registered",
        "sha256": lambda old: old[::-1],
        "size": lambda old: old + 1,
        "pages": lambda old: (old or 0) + 1,
        "process": lambda old: old + "x",
    },
    "documents": {
        "state": lambda old: "delivered" if old != "delivered" else "ready",
        "sha256": lambda old: old[::-1],
        "version": lambda old: old + 1,
        "page_count": lambda old: old + 1,
        "process": lambda old: old + "x",
        "split_from": lambda old: "doc_none",
    },
    "pages": {
        "number": lambda old: old + 7,
        "file_page": lambda old: old + 7,
        "dropped": lambda old: None if old else "BLANK",
    },
    "deliveries": {
        "state": lambda old: "queued" if old != "queued" else "sent",
        "payload": lambda old: old.replace("119.00", "911.00"),
        "payload_sha256": lambda old: old[::-1],
        "pages": lambda old: old + 1,
        "amount": lambda old: old + 1,
        "currency": lambda old: "USD",
        "target": lambda old: old + "x",
        "version": lambda old: old + 1,
        "shipment_id": lambda old: None if old else "shp_none",
    },
    "shipments": {
        "state": lambda old: "sent" if old != "sent" else "renaming",
        "number": lambda old: old + 5,
        "documents": lambda old: old + 1,
        "pages": lambda old: old + 1,
        "target": lambda old: old + "x",
        "files": lambda old: [{**old[0], "sha256": "0" * 64}, *old[1:]],
    },
    "events": {
        "actor": lambda old: old + "x",
        "kind": lambda old: old + "x",
        "subject": lambda old: old + "x",
        "data": lambda old: old.replace('"', "", 1),
        "at": lambda old: old + dt.timedelta(seconds=1),
        "prev_hash": lambda old: old[::-1],
        "hash": lambda old: old[::-1],
    },
    "review_tasks": {
        "state": lambda old: "done" if old != "done" else "open",
        "kind": lambda old: "sample",
        "document_id": lambda old: "doc_none",
    },
}


def name_of(table: Table, row: Any) -> str:
    """What the ledger calls a row: its id; a page is known by its document, an event by its place in the chain."""
    if table.name == "events":
        return f"{row['client_id']}#{row['seq']}"
    return str(row["document_id"] if table.name == "pages" else row["id"])


def this_row(table: Table, row: Any) -> Any:
    condition = None
    for column in table.primary_key:
        part = column == row[column.name]
        condition = part if condition is None else condition & part
    return condition


def remove(connection: Connection, table: Table, row: Any, _: random.Random) -> str:
    connection.execute(delete(table).where(this_row(table, row)))
    return name_of(table, row)


def double(connection: Connection, table: Table, row: Any, _: random.Random) -> str:
    fresh = {
        "receipts": {"id": new_id("rcp"), "claim": new_id("rcp")},
        "documents": {"id": new_id("doc")},
        "pages": {"number": row["number"] + 10} if table.name == "pages" else {},
        "deliveries": {"id": new_id("dlv"), "target": "other"},
        "shipments": {"id": new_id("shp"), "number": 99},
        "events": {"seq": 10_000},
        "review_tasks": {"id": new_id("tsk")},
    }
    copy = {**row, **fresh[table.name]}
    connection.execute(insert(table).values(**copy))
    return name_of(table, copy)


def alter(connection: Connection, table: Table, row: Any, chance: random.Random) -> str:
    column = chance.choice([c for c in ALTERATIONS[table.name] if c != "files" or row["files"]])
    changed = {column: ALTERATIONS[table.name][column](row[column])}
    connection.execute(update(table).where(this_row(table, row)).values(**changed))
    return name_of(table, row)


def mutate(desk: Desk, chance: random.Random) -> tuple[str, str]:
    """One random change behind the books' back. Returns what was done and the id that must be named."""
    table = Base.metadata.tables[chance.choice(TABLES)]
    act = chance.choice([remove, double, alter, alter])
    with behind_the_books(desk.store) as connection:
        row = chance.choice([dict(r) for r in connection.execute(select(table)).mappings()])
        name = act(connection, table, row, chance)
        connection.commit()
    return f"{act.__name__} {table.name}", name


def test_every_alteration_is_found_and_the_right_row_named(desk: Desk) -> None:
    busy_desk(desk)
    assert_closed(desk)
    chance = random.Random(2026)
    saved = all_rows(desk)
    for _ in range(200 if desk.store.is_sqlite else 25):
        done, name = mutate(desk, chance)
        result = close_the_books(desk)
        assert result.residual > 0, done
        assert name in {problem.id for problem in result.problems}, (done, name, result.as_json()["problems"])
        restore(desk, saved)
    assert_closed(desk)


def all_rows(desk: Desk) -> dict[str, list[dict[str, Any]]]:
    with behind_the_books(desk.store) as connection:
        return {
            name: [dict(row) for row in connection.execute(select(Base.metadata.tables[name])).mappings()]
            for name in TABLES
        }


def restore(desk: Desk, saved: dict[str, list[dict[str, Any]]]) -> None:
    with behind_the_books(desk.store) as connection:
        for name, rows in saved.items():
            connection.execute(delete(Base.metadata.tables[name]))
            connection.execute(insert(Base.metadata.tables[name]), rows)
        connection.commit()


def test_missing_bytes_name_their_receipt(desk: Desk) -> None:
    busy_desk(desk)
    chance = random.Random(5)
    with desk.store.read(ACTOR) as session:
        receipts = session.scalars(select(Receipt)).all()
    for receipt in chance.sample(list(receipts), 4):
        path = Path(desk.blobs.key("acme", receipt.sha256))
        content = path.read_bytes()
        path.unlink()
        assert [(p.grain, p.id) for p in close_the_books(desk).problems] == [("receipt", receipt.id)]
        path.write_bytes(content)
    assert_closed(desk)
