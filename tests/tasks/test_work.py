"""A document's way through work: read, extracted, judged, routed; its faults end in an outcome, never in a loop."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import select

import tasks.work
from reading.pool import ReaderPool
from schemas.errors import ReaderCrashedError
from schemas.lifecycle import DocumentState
from store.database import system
from store.documents import load_extraction
from store.queue import claim_documents
from store.tables import Delivery, Document, DocumentFinding, ReviewTask
from tasks.chunks import Chunks
from tasks.desk import Desk
from tasks.read import Read
from tasks.work import work_on
from tests.tasks.conftest import OWNER, drop
from tests.tasks.test_intake import NORTHWIND, documents, take_in

ME = system("test")


def work_off(desk: Desk, pool: ReaderPool) -> None:
    """Process until nothing is left."""
    chunks = Chunks(desk, OWNER)
    while leases := chunks.take():
        work_on(desk, pool, leases)


def test_a_clean_invoice_goes_through_untouched(desk: Desk, pool: ReaderPool) -> None:
    drop(desk, f"{NORTHWIND}/batch-2026-11-03/mueller.pdf")
    take_in(desk, pool)
    work_off(desk, pool)
    (document,) = documents(desk)
    assert (document.state, document.touched, document.document_type) == (DocumentState.READY, False, "invoice")
    with desk.store.read(ME) as session:
        extraction = load_extraction(session, document.id, 1)
        assert {d.target for d in session.scalars(select(Delivery))} == {"buchhaltung", "erp"}
    assert extraction is not None
    total = extraction.get("gross_total")
    assert total is not None and (total.text, total.page) == ("562.42", 1) and total.box is not None


def test_a_sum_that_does_not_add_up_goes_to_a_person_with_the_finding(desk: Desk, pool: ReaderPool) -> None:
    drop(desk, f"{NORTHWIND}/5502_schrader.pdf")
    take_in(desk, pool)
    work_off(desk, pool)
    (document,) = documents(desk)
    assert document.state == DocumentState.IN_REVIEW
    with desk.store.read(ME) as session:
        (task,) = session.scalars(select(ReviewTask))
        rules = set(session.scalars(select(DocumentFinding.rule)))
    assert (task.queue, task.kind) == ("invoices", "exception")
    assert rules & set(task.reasons)


def test_a_reminder_is_never_forced_into_a_type(desk: Desk, pool: ReaderPool) -> None:
    drop(desk, f"{NORTHWIND}/Mahnung Baltic.pdf")
    take_in(desk, pool)
    work_off(desk, pool)
    (document,) = documents(desk)
    assert (document.state, document.reason, document.document_type) == (DocumentState.IN_REVIEW, "OTHER_TYPE", "other")


def test_the_same_invoice_scanned_twice_is_seen_even_when_both_are_worked_at_once(desk: Desk, pool: ReaderPool) -> None:
    """Both versions differ in bytes; whoever finishes second sees the first."""
    source = drop(desk, f"{NORTHWIND}/batch-2026-11-03/mueller.pdf", name="one.pdf")
    (source.parent / "two.pdf").write_bytes(source.read_bytes() + b"\n% scanned again\n")
    take_in(desk, pool)
    chunks = Chunks(desk, OWNER)
    leases = chunks.take() or []
    threads = [threading.Thread(target=work_on, args=(desk, pool, [lease])) for lease in leases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(d.state for d in documents(desk)) == [DocumentState.IN_REVIEW, DocumentState.READY]


def test_a_reader_that_dies_twice_ends_with_a_person(
    desk: Desk, pool: ReaderPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(desk, f"{NORTHWIND}/batch-2026-11-03/mueller.pdf")
    take_in(desk, pool)

    def dies(*_: object) -> Read:
        raise ReaderCrashedError("gone")

    monkeypatch.setattr(tasks.work, "read_document", dies)
    work_off(desk, pool)
    work_off(desk, pool)
    (document,) = documents(desk)
    assert (document.state, document.reason, document.attempts) == (DocumentState.IN_REVIEW, "PARSER_LIMIT", 2)


def test_a_bug_is_tried_again_and_then_goes_to_ops(
    desk: Desk, pool: ReaderPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(desk, f"{NORTHWIND}/batch-2026-11-03/mueller.pdf")
    take_in(desk, pool)

    def fails(*_: object) -> Read:
        raise ZeroDivisionError

    monkeypatch.setattr(tasks.work, "read_document", fails)
    for _ in range(5):
        work_off(desk, pool)
    (document,) = documents(desk)
    assert (document.state, document.error, document.attempts) == (DocumentState.FAILED, "X000", 3)
    with desk.store.read(ME) as session:
        assert [task.queue for task in session.scalars(select(ReviewTask))] == ["ops"]


def test_a_worker_that_wakes_up_late_changes_nothing(
    desk: Desk, pool: ReaderPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(desk, f"{NORTHWIND}/batch-2026-11-03/mueller.pdf")
    take_in(desk, pool)
    with desk.store.session(ME) as session:
        late = claim_documents(session, "northwind", "late", 1, lease=-desk.settings.lease, max_attempts=9)
    monkeypatch.setattr("tasks.work.renew", lambda *_args, **_named: None)
    work_off(desk, pool)
    before = documents(desk)[0]
    assert work_on(desk, pool, late) == 0
    after = documents(desk)[0]
    assert (after.state, after.version, after.lease_epoch) == (before.state, before.version, before.lease_epoch)


def test_clients_are_served_in_turn(desk: Desk, pool: ReaderPool, tmp_path: Path) -> None:
    for number in range(4):
        path = drop(desk, f"{NORTHWIND}/batch-2026-11-03/mueller.pdf", name=f"{number}.pdf")
        path.write_bytes(path.read_bytes() + b"%" * number)
    drop(desk, "lumen/expense-receipts/download(1).pdf", to="lumen/expense-receipts")
    take_in(desk, pool)
    chunks = Chunks(desk, OWNER)
    chunks._size = 2
    first = [(chunks.take() or [])[0].id for _ in range(3)]
    with desk.store.read(ME) as session:
        clients = [session.get_one(Document, id_).client_id for id_ in first]
    assert clients == ["lumen", "northwind", "northwind"]
