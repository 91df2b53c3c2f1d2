"""A finished document comes back: before it leaves, after it was delivered, for good; and what two people must see, two see."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from schemas.errors import AccessDeniedError, IllegalTransitionError, LeaseLostError, NotFoundError
from schemas.lifecycle import DeliveryState, DocumentState
from schemas.values import Value
from store.database import Scope, Store, system
from store.definitions import Definition
from store.questions import open_questions, questions_of
from store.queue import Lease
from store.tables import Correction, Delivery, Document, Draft, Note
from tasks.deliver import deliver
from tasks.desk import Desk
from tasks.questions import answer, ask
from tasks.reconcile import reconcile
from tasks.reopen import reopen, withdraw
from tasks.review import Person, Submitted, load_task, next_task, submit
from tests.given import desk_on, invoice, new_document, process_of, work_on

ME = system("test")
ADA, BEN = Person("ada"), Person("ben")
TWO_PEOPLE = "fields: {iban: {four_eyes: true}}"


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return desk_on(store, tmp_path)


def in_review(desk: Desk, definition: Definition) -> str:
    document_id = new_document(desk, definition)
    work_on(desk, document_id, invoice("R-1"), accepted=False)
    return document_id


def finish(desk: Desk, person: Person, lease: Lease | None = None, **texts: str) -> Submitted:
    """Take the task, type over some values, submit."""
    lease = lease or next_task(desk, person)
    assert lease is not None
    view = load_task(desk, person, lease)
    kept = [v for v in view.extraction.values if v.table or v.name not in texts]
    typed = [Value(name=name, text=text, source="person") for name, text in texts.items()]
    return submit(desk, lease, person, "invoice", kept + typed, accept_reason="as printed", seconds=2)


def document_row(desk: Desk, document_id: str) -> Document:
    with desk.store.read(ME) as session:
        return session.get_one(Document, document_id)


def deliveries(desk: Desk) -> list[Delivery]:
    with desk.store.read(ME) as session:
        return list(session.scalars(select(Delivery).order_by(Delivery.version)))


def test_what_is_ready_is_opened_again_before_it_leaves(desk: Desk) -> None:
    document_id = in_review(desk, process_of(desk))
    finish(desk, ADA)
    lease = reopen(desk, ADA, document_id, "wrong number", anyones=False)
    assert document_row(desk, document_id).state == DocumentState.IN_REVIEW
    assert deliver(desk, "worker") == []
    finish(desk, ADA, lease, invoice_number="R-2")
    deliver(desk, "worker")
    (cancelled, sent) = deliveries(desk)
    assert (cancelled.state, sent.state) == (DeliveryState.CANCELLED, DeliveryState.SENT)
    assert sent.supersedes is None  # the client never saw the first one
    assert reconcile(desk).residual == 0


def test_a_correction_after_delivery_is_a_new_version_that_says_what_it_supersedes(desk: Desk) -> None:
    document_id = in_review(desk, process_of(desk))
    finish(desk, ADA)
    deliver(desk, "worker")
    lease = reopen(desk, ADA, document_id, "the client called", anyones=False)
    assert reconcile(desk).residual == 0
    finish(desk, ADA, lease, invoice_number="R-2")
    deliver(desk, "worker")
    first, second = deliveries(desk)
    assert second.supersedes == first.id and second.version > first.version
    assert json.loads(second.payload)["fields"]["invoice_number"] == "R-2"
    assert document_row(desk, document_id).state == DocumentState.DELIVERED
    with desk.store.read(ME) as session:
        assert session.scalars(select(Note.text)).all() == ["the client called"]
    assert reconcile(desk).residual == 0


def test_a_reviewer_opens_only_their_own_work_again_a_lead_any(desk: Desk) -> None:
    document_id = in_review(desk, process_of(desk))
    finish(desk, ADA)
    with pytest.raises(AccessDeniedError):
        reopen(desk, BEN, document_id, "", anyones=False)
    assert reopen(desk, BEN, document_id, "", anyones=True) is not None


def test_what_nobody_has_finished_is_not_opened_again(desk: Desk) -> None:
    document_id = in_review(desk, process_of(desk))
    with pytest.raises(IllegalTransitionError):
        reopen(desk, ADA, document_id, "", anyones=True)
    with pytest.raises(NotFoundError):
        reopen(desk, Person("eve", frozenset({"other"})), document_id, "", anyones=True)


def test_the_client_takes_a_document_back(desk: Desk) -> None:
    document_id = in_review(desk, process_of(desk))
    withdraw(desk, ADA, document_id, "sent by mistake")
    assert document_row(desk, document_id).state == DocumentState.WITHDRAWN
    assert next_task(desk, BEN) is None
    assert reconcile(desk).residual == 0


def test_a_question_stops_the_clock_until_the_client_answers(desk: Desk) -> None:
    document_id = in_review(desk, process_of(desk))
    lease = next_task(desk, ADA)
    assert lease is not None
    ask(desk, lease, ADA, "Which order is it?", field="order_number")
    waiting = document_row(desk, document_id)
    assert waiting.state == DocumentState.AWAITING_CLIENT and waiting.clock_stops[0][1] is None
    assert next_task(desk, BEN) is None
    assert reconcile(desk).residual == 0
    with desk.store.read(ME) as session:
        ((question, _),) = open_questions(session)
    answer(desk, Scope("client"), question.id, "Order 4711")
    back = document_row(desk, document_id)
    assert back.state == DocumentState.IN_REVIEW and back.clock_stops[0][1] is not None
    with desk.store.read(ME) as session:
        assert [q.answer for q in questions_of(session, document_id)] == ["Order 4711"]
    with pytest.raises(NotFoundError):
        answer(desk, Scope("client"), question.id, "again")
    assert finish(desk, BEN).state == DocumentState.READY
    assert reconcile(desk).residual == 0


def test_what_was_typed_before_a_question_waits_in_the_new_task(desk: Desk) -> None:
    in_review(desk, process_of(desk))
    lease = next_task(desk, ADA)
    assert lease is not None
    typed = [{"name": "invoice_number", "text": "R-77"}]
    with desk.store.session(ME) as session:
        view = load_task(desk, ADA, lease)
        session.add(
            Draft(
                task_id=lease.id,
                client_id=view.task.client_id,
                document_type="invoice",
                values=typed,
                by="ada",
                at=view.task.created_at,
            )
        )
    ask(desk, lease, ADA, "Is it ours?")
    with desk.store.read(ME) as session:
        ((question, _),) = open_questions(session)
    answer(desk, Scope("client"), question.id, "yes")
    again = next_task(desk, BEN)
    assert again is not None and again.id != lease.id
    with desk.store.read(ME) as session:
        (draft,) = session.scalars(select(Draft))
    assert (draft.task_id, draft.values) == (again.id, typed)


def test_bank_details_that_one_person_changed_are_seen_by_another(desk: Desk) -> None:
    in_review(desk, process_of(desk, f"{TWO_PEOPLE}\ndelivery: [{{name: csv, format: csv}}]"))
    assert finish(desk, ADA, iban="DE89370400440532013000").state == DocumentState.IN_REVIEW
    assert next_task(desk, ADA) is None
    assert finish(desk, BEN).state == DocumentState.READY


def test_what_the_second_person_changes_of_them_a_third_or_the_first_must_see(desk: Desk) -> None:
    in_review(desk, process_of(desk, f"{TWO_PEOPLE}\ndelivery: [{{name: csv, format: csv}}]"))
    finish(desk, ADA, iban="DE89370400440532013000")
    assert finish(desk, BEN, iban="DE02120300000000202051").state == DocumentState.IN_REVIEW
    assert next_task(desk, BEN) is None
    assert finish(desk, ADA).state == DocumentState.READY
    with desk.store.read(ME) as session:
        assert len(session.scalars(select(Correction).where(Correction.name == "iban")).all()) == 2


def test_a_total_corrected_above_the_limit_needs_two_people_too(desk: Desk) -> None:
    in_review(desk, process_of(desk, "review: {four_eyes_above: 10000}\ndelivery: [{name: csv, format: csv}]"))
    assert finish(desk, ADA, gross_total="12000.00").state == DocumentState.IN_REVIEW
    assert next_task(desk, ADA) is None


def test_a_lost_lease_asks_nothing(desk: Desk) -> None:
    in_review(desk, process_of(desk))
    lease = next_task(desk, ADA)
    assert lease is not None
    with pytest.raises(LeaseLostError):
        ask(desk, Lease(lease.id, lease.epoch + 1, "ada"), ADA, "Hm?")
