"""A person puts a split right: cuts where a sheet was forgotten, joins what belongs together; the ledger stays closed."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from reading.pool import ReaderPool
from schemas.errors import IllegalTransitionError, LeaseLostError
from schemas.lifecycle import DeliveryState, DocumentState
from store.queue import Lease
from store.tables import Delivery, Document, ReviewTask
from tasks.deliver import deliver
from tasks.desk import Desk
from tasks.reconcile import reconcile
from tasks.resplit import cut, join_before, may_join
from tasks.review import Person, next_task
from tests.tasks.test_intake import documents, take_in
from tests.tasks.test_split import BLANK, INVOICES, ME, SHEET, batch_scan, kept_and_dropped, splitting
from tests.tasks.test_work import work_off

__all__ = ["splitting"]
ADA = Person("ada")
D = DocumentState


def lease_on(desk: Desk, document: Document) -> Lease:
    with desk.store.read(ME) as session:
        task = session.scalars(select(ReviewTask).where(ReviewTask.document_id == document.id)).one()
    lease = next_task(desk, ADA, task_id=task.id)
    assert lease is not None
    return lease


def scanned(desk: Desk, pool: ReaderPool, *pieces: str) -> list[Document]:
    batch_scan(desk, pieces)
    take_in(desk, pool)
    work_off(desk, pool)
    return documents(desk)


def closed(desk: Desk) -> bool:
    return reconcile(desk).residual == 0


def test_a_document_is_cut_where_a_sheet_was_forgotten(splitting: Desk, pool: ReaderPool) -> None:
    doubtful, _ = scanned(splitting, pool, SHEET, INVOICES[0], BLANK, INVOICES[1], SHEET, INVOICES[2])
    lease = lease_on(splitting, doubtful)
    cut(splitting, lease, ADA, [2])
    assert closed(splitting)
    work_off(splitting, pool)
    first, *others = documents(splitting)
    assert [d.state for d in (first, *others)] == [D.READY] * 3
    assert (first.touched, len({d.number for d in (first, *others)})) == (True, 3)
    assert kept_and_dropped(splitting, first) == ([2], {1: "SEPARATOR", 3: "BLANK"})
    assert closed(splitting)
    with pytest.raises(LeaseLostError):
        cut(splitting, lease, ADA, [2])


def test_a_file_that_was_never_split_can_be_cut_by_hand(desk: Desk, pool: ReaderPool) -> None:
    (document,) = scanned(desk, pool, INVOICES[0], INVOICES[1])
    assert document.state == D.IN_REVIEW
    cut(desk, lease_on(desk, document), ADA, [2])
    work_off(desk, pool)
    assert [d.state for d in documents(desk)] == [D.READY] * 2
    assert closed(desk)


def test_pages_go_back_to_the_document_before_them(splitting: Desk, pool: ReaderPool) -> None:
    invoice, annex = scanned(splitting, pool, INVOICES[0], SHEET, "Anlage")
    assert (invoice.state, annex.state) == (D.READY, D.IN_REVIEW)
    join_before(splitting, lease_on(splitting, annex), ADA)
    assert closed(splitting)
    work_off(splitting, pool)
    invoice, annex = documents(splitting)
    assert (invoice.state, annex.state, annex.reason) == (D.READY, D.REJECTED, "JOINED")
    assert kept_and_dropped(splitting, invoice) == ([1, 3], {2: "SEPARATOR"})
    assert kept_and_dropped(splitting, annex) == ([], {})
    with splitting.store.read(ME) as session:
        states = [(d.version, d.state, d.pages) for d in session.scalars(select(Delivery).order_by(Delivery.version))]
    assert set(states) == {(1, DeliveryState.CANCELLED, 1), (2, DeliveryState.QUEUED, 2)}
    deliver(splitting, "test")
    assert closed(splitting)


def test_what_has_left_keeps_its_pages(splitting: Desk, pool: ReaderPool) -> None:
    invoice, annex = scanned(splitting, pool, INVOICES[0], SHEET, "Anlage")
    with splitting.store.read(ME) as session:
        assert may_join(session, annex) and not may_join(session, invoice)
    deliver(splitting, "test")
    with pytest.raises(IllegalTransitionError):
        join_before(splitting, lease_on(splitting, annex), ADA)
    assert [d.state for d in documents(splitting)] == [D.DELIVERED, D.IN_REVIEW]
    assert closed(splitting)


@pytest.mark.parametrize("pages", [[], [1], [3], [2, 7]])
def test_only_pages_that_are_there_can_begin_a_document(desk: Desk, pool: ReaderPool, pages: list[int]) -> None:
    (document,) = scanned(desk, pool, INVOICES[0], INVOICES[1])
    with pytest.raises(IllegalTransitionError):
        cut(desk, lease_on(desk, document), ADA, pages)
    assert len(documents(desk)) == 1 and closed(desk)
