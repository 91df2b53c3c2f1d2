"""A person puts a split right: cuts where a sheet was forgotten, joins what belongs together; the ledger stays closed."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from reading.pool import ReaderPool
from schemas.errors import IllegalTransitionError, LeaseLostError
from schemas.lifecycle import DeliveryState, DocumentState, TaskState
from store.definitions import load_definition
from store.documents import load_pages
from store.queue import Lease
from store.tables import Delivery, Document, Event, ReviewTask
from tasks.deliver import deliver
from tasks.desk import Desk
from tasks.read import known_reading
from tasks.reconcile import reconcile
from tasks.resplit import TAKEN_OUT, PlannedPage, arrange, join_before, may_join
from tasks.review import Person, next_task
from tests.given import invoice, new_document, process_of, work_on
from tests.tasks.test_intake import documents, take_in
from tests.tasks.test_split import BLANK, INVOICES, ME, SHEET, batch_scan, kept_and_dropped, splitting
from tests.tasks.test_work import work_off

__all__ = ["splitting"]
ADA = Person("ada")
D = DocumentState
PAGES = 4
FROM_SECOND = [PlannedPage(1), PlannedPage(2, begins=True), PlannedPage(3, dropped=True), PlannedPage(4, dropped=True)]


@st.composite
def plans(draw: st.DrawFn) -> list[PlannedPage]:
    """Pages in any order, turned, taken out, and beginning documents anywhere."""
    order = draw(st.permutations(range(1, PAGES + 1)))
    flags = st.tuples(st.sampled_from([0, 90, 180, 270]), st.booleans(), st.booleans())
    return [PlannedPage(number, *draw(flags)) for number in order]


def lease_on(desk: Desk, document: Document) -> Lease:
    with desk.store.read(ME) as session:
        task = session.scalars(
            select(ReviewTask).where(ReviewTask.document_id == document.id, ReviewTask.state == TaskState.OPEN)
        ).one()
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
    arrange(splitting, lease, ADA, FROM_SECOND)
    assert closed(splitting)
    work_off(splitting, pool)
    first, *others = documents(splitting)
    assert [d.state for d in (first, *others)] == [D.READY] * 3
    assert (first.touched, len({d.number for d in (first, *others)})) == (True, 3)
    assert kept_and_dropped(splitting, first) == ([2], {1: "SEPARATOR", 3: "BLANK"})
    assert closed(splitting)
    with pytest.raises(LeaseLostError):
        arrange(splitting, lease, ADA, FROM_SECOND)


def test_a_file_that_was_never_split_can_be_cut_by_hand(desk: Desk, pool: ReaderPool) -> None:
    (document,) = scanned(desk, pool, INVOICES[0], INVOICES[1])
    assert document.state == D.IN_REVIEW
    arrange(desk, lease_on(desk, document), ADA, [PlannedPage(1), PlannedPage(2, begins=True)])
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


def pages_in_file(desk: Desk, document: Document) -> list[tuple[int, str | None, int]]:
    with desk.store.read(ME) as session:
        return [(page.file_page, page.dropped, page.rotation) for page in load_pages(session, document.id)]


def test_pages_are_put_in_order_turned_and_taken_out(desk: Desk, pool: ReaderPool) -> None:
    (document,) = scanned(desk, pool, INVOICES[0], INVOICES[1])
    arrange(desk, lease_on(desk, document), ADA, [PlannedPage(2, turn=180), PlannedPage(1, dropped=True)])
    assert closed(desk)
    work_off(desk, pool)
    (document,) = documents(desk)
    assert pages_in_file(desk, document) == [(2, None, 180), (1, TAKEN_OUT, 0)]
    assert closed(desk)
    with desk.store.read(ME) as session:
        definition = load_definition(session, document.definition_id)
        noted = session.scalars(select(Event).where(Event.kind == "document.arranged")).one()
    assert json.loads(noted.data) == {"order": [2, 1], "turned": {"2": 180}, "dropped": [1], "begins": []}
    reading = known_reading(desk, document, definition)
    assert reading is not None
    (page,) = reading.pages
    assert (page.number, page.rotation) == (1, 180)
    assert next(word for word in page.words if word.text == "USt-ID:").box.y0 < 0.1  # the foot is on top now


def test_a_turned_page_can_be_turned_back(desk: Desk, pool: ReaderPool) -> None:
    (document,) = scanned(desk, pool, INVOICES[0], INVOICES[1])
    as_it_was = pages_in_file(desk, document)
    for turn in (90, 270):
        arrange(desk, lease_on(desk, document), ADA, [PlannedPage(1, turn=turn), PlannedPage(2)])
        work_off(desk, pool)
    assert pages_in_file(desk, document) == as_it_was


@pytest.mark.parametrize(
    "plan",
    [
        [],
        [PlannedPage(1)],
        [PlannedPage(1), PlannedPage(2)],
        [PlannedPage(1), PlannedPage(1)],
        [PlannedPage(1), PlannedPage(3)],
        [PlannedPage(1, dropped=True), PlannedPage(2, dropped=True)],
    ],
)
def test_a_plan_changes_something_and_keeps_every_page(desk: Desk, pool: ReaderPool, plan: list[PlannedPage]) -> None:
    (document,) = scanned(desk, pool, INVOICES[0], INVOICES[1])
    with pytest.raises(IllegalTransitionError):
        arrange(desk, lease_on(desk, document), ADA, plan)
    assert closed(desk)


@given(plan=plans(), again=plans())
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_whatever_the_plan_every_page_has_one_document(
    desk: Desk, plan: list[PlannedPage], again: list[PlannedPage]
) -> None:
    document_id = new_document(desk, process_of(desk), pages=PAGES)
    for wanted in (plan, again):
        with desk.store.session(ME) as session:
            session.execute(update(Document).values(urgent=False))  # so that this one is claimed
        work_on(desk, document_id, invoice("R-1"), accepted=False, blank=1)
        with desk.store.read(ME) as session:
            document = session.get_one(Document, document_id)
            count = len(load_pages(session, document_id))
        own = [page for page in wanted if page.number <= count]
        try:
            arrange(desk, lease_on(desk, document), ADA, own)
        except IllegalTransitionError:
            return
        with desk.store.read(ME) as session:
            siblings = session.scalars(select(Document).where(Document.receipt_id == document.receipt_id)).all()
        places = [place[0] for sibling in siblings for place in sibling.file_pages or []]
        assert sorted(places) == list(range(1, PAGES + 1))
        assert all(any(place[1] is None for place in sibling.file_pages or []) for sibling in siblings)
        assert closed(desk)
