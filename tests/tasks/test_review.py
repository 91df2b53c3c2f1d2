"""A person takes the next exception, corrects it, submits it or sends it back; two people never hold one task."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from reading.pool import ReaderPool
from schemas.clock import now
from schemas.errors import LeaseLostError
from schemas.lifecycle import DocumentState, TaskState
from schemas.values import Value
from store.database import system
from store.queue import Lease
from store.tables import Correction, Delivery, Document, ReviewTask
from tasks.desk import Desk
from tasks.reconcile import reconcile
from tasks.review import Person, TaskView, check, heartbeat, load_task, next_task, reject, release, submit
from tests.tasks.conftest import drop
from tests.tasks.test_intake import NORTHWIND, documents, take_in
from tests.tasks.test_work import work_off

ME = system("test")
ADA, BEN = Person("ada"), Person("ben")


def exception(desk: Desk, pool: ReaderPool, sample: str = "5502_schrader.pdf") -> None:
    """An invoice whose sum does not add up is in review."""
    drop(desk, f"{NORTHWIND}/{sample}")
    take_in(desk, pool)
    work_off(desk, pool)


def taken(desk: Desk, person: Person = ADA) -> TaskView:
    lease = next_task(desk, person)
    assert lease is not None
    return load_task(desk, person, lease)


def corrected(view: TaskView, **texts: str) -> list[Value]:
    """The values on the screen with some typed over."""
    kept = [v for v in view.extraction.values if v.table or v.name not in texts]
    return kept + [Value(name=name, text=text, source="person") for name, text in texts.items()]


def test_two_people_never_hold_one_task(desk: Desk, pool: ReaderPool) -> None:
    exception(desk, pool)
    first = taken(desk)
    assert next_task(desk, BEN) is None
    assert next_task(desk, ADA) == first.lease  # a reload keeps it
    release(desk, first.lease, ADA, "left")
    assert next_task(desk, BEN) is not None


def test_errors_that_remain_come_back_and_nothing_is_written(desk: Desk, pool: ReaderPool) -> None:
    exception(desk, pool)
    view = taken(desk)
    result = submit(desk, view.lease, ADA, "invoice", view.extraction.values, accept_reason=None, seconds=3)
    assert result.state == DocumentState.IN_REVIEW and result.findings
    assert documents(desk)[0].version == 1
    assert load_task(desk, ADA, view.lease).task.state == TaskState.LEASED


def test_a_reason_lets_a_person_accept_what_the_paper_says(desk: Desk, pool: ReaderPool) -> None:
    exception(desk, pool)
    view = taken(desk)
    result = submit(desk, view.lease, ADA, "invoice", view.extraction.values, accept_reason="as printed", seconds=3)
    assert result.state == DocumentState.READY
    (document,) = documents(desk)
    assert document.touched and document.version == 2
    assert reconcile(desk).residual == 0


def test_a_correction_is_kept_with_old_new_and_who_and_leaves_in_the_delivery(desk: Desk, pool: ReaderPool) -> None:
    exception(desk, pool)
    view = taken(desk)
    values = corrected(view, order_number=" PO 4711 ")
    submit(desk, view.lease, ADA, "invoice", values, accept_reason="as printed", seconds=3)
    with desk.store.read(ME) as session:
        (correction,) = session.scalars(select(Correction))
        payload = session.scalars(select(Delivery.payload)).first()
    assert (correction.name, correction.by, correction.new) == ("order_number", "ada", "PO 4711")
    assert payload is not None and "PO 4711" in payload


def test_rules_run_on_what_is_still_being_typed(desk: Desk, pool: ReaderPool) -> None:
    exception(desk, pool)
    view = taken(desk)
    values = corrected(view, invoice_date="not a date")
    rules = {f.rule for f in check(desk, ADA, view.document.id, "invoice", values)}
    assert "well_formed" in rules


def test_a_lost_lease_writes_nothing(desk: Desk, pool: ReaderPool) -> None:
    exception(desk, pool)
    view = taken(desk)
    with desk.store.session(ME) as session:
        session.execute(update(ReviewTask).values(lease_expires_at=now() - dt.timedelta(seconds=1)))
    assert next_task(desk, BEN) is not None
    for late in (
        lambda: submit(desk, view.lease, ADA, "invoice", [], accept_reason="x", seconds=1),
        lambda: heartbeat(desk, view.lease, ADA),
        lambda: reject(desk, view.lease, ADA, "CLIENT_REJECTED", ""),
    ):
        with pytest.raises(LeaseLostError):
            late()
    assert documents(desk)[0].version == 1


def test_a_rejected_document_ends_and_the_sender_is_told_why(desk: Desk, pool: ReaderPool) -> None:
    exception(desk, pool)
    view = taken(desk)
    reject(desk, view.lease, ADA, "UNREADABLE", "the second page is missing")
    (document,) = documents(desk)
    assert (document.state, document.reason) == (DocumentState.REJECTED, "UNREADABLE")
    assert reconcile(desk).residual == 0
    (told,) = desk.receipts("northwind", "supplier-invoices").glob("5502_schrader*")
    assert "UNREADABLE" in told.read_text()


def test_a_large_amount_is_seen_by_four_eyes(desk: Desk, pool: ReaderPool) -> None:
    exception(desk, pool)
    with desk.store.session(ME) as session:
        session.execute(update(ReviewTask).values(reasons=["FOUR_EYES"]))
    view = taken(desk)
    first = submit(desk, view.lease, ADA, "invoice", view.extraction.values, accept_reason="as printed", seconds=3)
    assert first.state == DocumentState.IN_REVIEW
    assert next_task(desk, ADA) is None
    second = taken(desk, BEN)
    done = submit(desk, second.lease, BEN, "invoice", second.extraction.values, accept_reason="as printed", seconds=3)
    assert done.state == DocumentState.READY


def test_the_database_itself_refuses_the_same_pair_of_eyes(desk: Desk, pool: ReaderPool) -> None:
    exception(desk, pool)
    with pytest.raises(IntegrityError), desk.store.session(ME) as session:
        session.execute(update(ReviewTask).values(not_by="ada", lease_owner="ada"))


def test_a_foreign_lease_is_worth_nothing(desk: Desk, pool: ReaderPool) -> None:
    exception(desk, pool)
    view = taken(desk)
    with pytest.raises(LeaseLostError):
        load_task(desk, BEN, Lease(view.lease.id, view.lease.epoch, "ben"))
    with desk.store.read(ME) as session:
        assert session.scalars(select(Document.version)).one() == 1


def test_what_was_skipped_with_a_reason_comes_to_the_same_person_last(desk: Desk, pool: ReaderPool) -> None:
    exception(desk, pool)
    exception(desk, pool, "kessler_nov.pdf")
    first = taken(desk)
    release(desk, first.lease, ADA, "need_help")
    second = taken(desk)
    assert second.task.id != first.task.id
    assert taken(desk, BEN).task.id == first.task.id
    release(desk, second.lease, ADA, "not_my_skill")
    assert taken(desk).task.id == second.task.id  # nothing else is left


def test_a_typed_quantity_keeps_its_point(desk: Desk, pool: ReaderPool) -> None:
    exception(desk, pool)
    view = taken(desk)
    typed = Value(name="quantity", table="line_items", row=1, text="1.234", source="person")
    values = [v for v in view.extraction.values if v.address != typed.address] + [typed]
    submit(desk, view.lease, ADA, "invoice", values, accept_reason="as printed", seconds=1)
    with desk.store.read(ME) as session:
        assert session.scalars(select(Correction.new).where(Correction.name == "quantity")).one() == "1.234"
