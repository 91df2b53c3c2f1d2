"""What ops decide: files that came before, batches that repeat or lack files, documents that failed."""

from __future__ import annotations

import pytest
from sqlalchemy import select

import tasks.work
from reading.pool import ReaderPool
from schemas.errors import NotFoundError
from schemas.lifecycle import DocumentState, ReceiptState, TaskState
from store.database import Scope
from store.tables import ReviewTask
from tasks.desk import Desk
from tasks.held import decide, open_decisions, try_again
from tasks.read import Read
from tasks.reconcile import reconcile
from tests.tasks.conftest import drop
from tests.tasks.test_intake import NORTHWIND, documents, receipts, take_in
from tests.tasks.test_work import work_off

OPS = Scope("olga", frozenset({"northwind"}))
STRANGER = Scope("eve", frozenset({"lumen"}))


def test_a_held_file_is_decided_by_those_who_may_see_it(desk: Desk, pool: ReaderPool) -> None:
    for name in ("a.pdf", "b.pdf"):
        drop(desk, f"{NORTHWIND}/batch-2026-11-03/mueller.pdf", name=name)
        take_in(desk, pool)
    (waiting,) = open_decisions(desk, OPS).receipts
    assert open_decisions(desk, STRANGER).receipts == []
    with pytest.raises(NotFoundError):
        decide(desk, STRANGER, waiting.id, accept=True)
    decide(desk, OPS, waiting.id, accept=False)
    assert [r.state for r in receipts(desk)] == [ReceiptState.REGISTERED, ReceiptState.REJECTED]
    assert open_decisions(desk, OPS).receipts == []


def test_a_repeated_batch_stands_there_once_and_not_file_by_file(desk: Desk, pool: ReaderPool) -> None:
    for folder in ("monday", "tuesday"):
        for name in ("mueller.pdf", "brandt.pdf"):
            drop(desk, f"{NORTHWIND}/batch-2026-11-03/{name}", to=f"{NORTHWIND}/{folder}")
        take_in(desk, pool)
    waiting = open_decisions(desk, OPS)
    assert (len(waiting.repeated), len(waiting.receipts)) == (1, 0)
    decide(desk, OPS, waiting.repeated[0].id, accept=True)
    take_in(desk, pool)
    assert len(documents(desk)) == 4


def test_a_failed_document_gets_a_fresh_start(desk: Desk, pool: ReaderPool, monkeypatch: pytest.MonkeyPatch) -> None:
    drop(desk, f"{NORTHWIND}/batch-2026-11-03/mueller.pdf")
    take_in(desk, pool)

    def fails(*_: object) -> Read:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(tasks.work, "read_document", fails)
        for _ in range(5):
            work_off(desk, pool)
    (failed,) = open_decisions(desk, OPS).documents
    try_again(desk, OPS, failed.id)
    work_off(desk, pool)
    assert [d.state for d in documents(desk)] == [DocumentState.READY]
    with desk.store.read(OPS) as session:
        assert session.scalars(select(ReviewTask.state)).all() == [TaskState.DONE]
    assert reconcile(desk).residual == 0


def test_a_file_without_its_password_can_be_rejected(desk: Desk, pool: ReaderPool) -> None:
    drop(desk, f"{NORTHWIND}/Rechnung_Passwort.pdf")
    take_in(desk, pool)
    decide(desk, OPS, open_decisions(desk, OPS).receipts[0].id, accept=False)
    (receipt,) = receipts(desk)
    assert (receipt.state, receipt.reason) == (ReceiptState.REJECTED, "NEEDS_PASSWORD")
