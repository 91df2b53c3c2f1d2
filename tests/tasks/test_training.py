"""Somebody learns a process on known documents, passes, may do its work, and is sent to the course again when it shows."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from schemas.errors import IllegalTransitionError, NotFoundError
from schemas.roles import Role
from store.database import Scope, Store, system
from store.definitions import Definition
from store.tables import Course, Event, User
from tasks.course_truth import Feedback
from tasks.desk import Desk
from tasks.review import Person, next_task, submit
from tasks.training import answer, change_course, close_course, lesson, make_course, offers, refresh, start
from tasks.training_plots import curve
from tasks.users import create_user
from tests.given import AT_ONCE, desk_on, invoice, new_document, process_of, work_on
from tests.tasks.test_audits import reviewed
from tests.tasks.test_people import was_right

ME = system("test")
ADA = Scope("ada")
RIGHT = {"invoice_number": "R-1", "gross_total": "119", "currency": "EUR", "invoice_date": "2026-11-03"}


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return desk_on(store, tmp_path)


@pytest.fixture
def definition(desk: Desk) -> Definition:
    return process_of(desk)


@pytest.fixture
def document_id(desk: Desk, definition: Definition) -> str:
    """A document that somebody else finished."""
    return reviewed(desk, definition, "R-1")


@pytest.fixture
def course_id(desk: Desk, document_id: str) -> str:
    create_user(desk, "ada", "correct horse battery", Role.REVIEWER, skills=["mail"])
    return make_course(desk, ME, "acme", "invoices", title="Invoices", skill="invoices", pass_mark=0.9, size=5)


def run(desk: Desk, course_id: str, **wrong: str) -> list[Feedback]:
    start(desk, ADA, course_id)
    return answer(desk, ADA, course_id, 1, {**RIGHT, **wrong}, seconds=30)


def skills(desk: Desk) -> list[str]:
    with desk.store.read(ME) as session:
        return list(session.scalars(select(User.skills).where(User.name == "ada")).one())


def test_passing_opens_the_queue(desk: Desk, document_id: str, course_id: str) -> None:
    assert lesson(desk, ADA, course_id) is None
    start(desk, ADA, course_id)
    first = lesson(desk, ADA, course_id)
    assert first is not None and (first.number, first.document_id) == (1, document_id)
    told = run(desk, course_id, gross_total="190.00")
    assert {each.name for each in told if not each.right} == {"gross_total"}
    assert next(each.truth for each in told if not each.right) == "119.00"
    assert skills(desk) == ["mail"]
    assert all(each.right for each in run(desk, course_id))
    assert skills(desk) == ["mail", "invoices"]
    (offer,) = offers(desk, ADA, "ada", tuple(skills(desk)))
    assert ([r.passed for r in offer.runs], offer.passed, offer.again) == ([False, True], True, False)
    assert curve(desk, ADA, course_id, "ada", "en").startswith(b"<?xml")


def test_a_skill_that_later_work_does_not_bear_out_is_taken_away_until_the_course_is_passed_again(
    desk: Desk, definition: Definition, document_id: str, course_id: str
) -> None:
    run(desk, course_id)
    assert refresh(desk) == 0  # nothing is known yet
    was_right(desk, definition, document_id, "ada", 40, wrong=10)
    assert refresh(desk) == 1 and skills(desk) == ["mail"]
    assert refresh(desk) == 0
    (offer,) = offers(desk, ADA, "ada", ("mail",))
    assert offer.again and not offer.passed
    run(desk, course_id)
    assert skills(desk) == ["mail", "invoices"] and refresh(desk) == 0  # what was before the course does not count
    with desk.store.read(ME) as session:
        kinds = session.scalars(select(Event.kind).where(Event.kind.like("skill.%")).order_by(Event.seq)).all()
    assert kinds == ["skill.given", "skill.taken", "skill.given"]


def test_good_work_keeps_the_skill(desk: Desk, definition: Definition, document_id: str, course_id: str) -> None:
    run(desk, course_id)
    was_right(desk, definition, document_id, "ada", 40)
    assert refresh(desk) == 0 and "invoices" in skills(desk)


def test_what_cannot_be_is_refused(desk: Desk, document_id: str, course_id: str) -> None:
    with pytest.raises(IllegalTransitionError):
        answer(desk, ADA, course_id, 1, RIGHT, seconds=1)  # no run was begun
    with pytest.raises(NotFoundError):
        start(desk, Scope("eve", frozenset({"umbra"})), course_id)
    with pytest.raises(NotFoundError):
        make_course(desk, ME, "acme", "letters", title="x", skill="x", pass_mark=0.9, size=1)
    with pytest.raises(IllegalTransitionError):
        make_course(desk, ME, "acme", "invoices", title=" ", skill="x", pass_mark=0.9, size=1)
    with desk.store.read(ME) as session:
        assert len(session.scalars(select(Course)).one().items) == 1


def test_rows_are_keyed_too_and_their_number_is_not_given_away(desk: Desk, document_id: str) -> None:
    create_user(desk, "ada", "correct horse battery", Role.REVIEWER)
    with_lines = make_course(
        desk, ME, "acme", "invoices", title="Lines", skill="lines", pass_mark=0.9, size=5, lines=True
    )
    start(desk, ADA, with_lines)
    at = lesson(desk, ADA, with_lines)
    assert at is not None and at.rows == {"line_items": [1, 2, 3]}  # two, and one more
    rows = {
        f"line_items.{row}.{name}": text
        for row in (1, 2)
        for name, text in {"description": f"Item {row}", "quantity": "2", "line_total": "50.00"}.items()
    }
    typed = {**RIGHT, **rows, "line_items.2.quantity": "3", "line_items.3.description": "Item 3"}
    told = answer(desk, ADA, with_lines, 1, typed, seconds=10)
    assert {each.name for each in told if not each.right} == {"line_items.2.quantity", "line_items.3.description"}


def test_what_is_not_there_is_to_be_left_out(desk: Desk, course_id: str) -> None:
    told = {
        each.name: each.right for each in run(desk, course_id, iban="DE89370400440532013000", due_date="2026-12-01")
    }
    assert (told["iban"], told["due_date"]) == (False, False)  # invented, critical or not
    told = {each.name: each.right for each in run(desk, course_id)}
    assert told["iban"] and "due_date" not in told  # only what matters counts for being left out


def test_a_course_is_changed_and_closed(desk: Desk, course_id: str) -> None:
    run(desk, course_id, gross_total="190.00")
    change_course(desk, ME, course_id, title="Invoices, easy", pass_mark=0.5)
    run(desk, course_id, gross_total="190.00")
    assert "invoices" in skills(desk)  # by the mark that holds now
    close_course(desk, ME, course_id)
    assert offers(desk, ADA, "ada", ()) == [] and "invoices" in skills(desk)
    for refused in (close_course, start):
        with pytest.raises(IllegalTransitionError):
            refused(desk, ME, course_id)


def test_the_queue_opens_to_who_passed_and_to_nobody_else(desk: Desk) -> None:
    learned = process_of(desk, f"review: {{skills: {{invoice: invoices}}}}\n{AT_ONCE}")
    work_on(desk, new_document(desk, learned), invoice("R-0"), accepted=False)
    lease = next_task(desk, Person("lea", skills=("invoices",)))
    assert lease is not None
    submit(desk, lease, Person("lea"), "invoice", invoice("R-0").values, accept_reason="as printed", seconds=1)
    create_user(desk, "ada", "correct horse battery", Role.REVIEWER)
    made = make_course(desk, ME, "acme", "invoices", title="Invoices", skill="invoices", pass_mark=0.9, size=5)
    work_on(desk, new_document(desk, learned), invoice("R-9"), accepted=False)

    def claims() -> bool:
        return next_task(desk, Person("ada", skills=tuple(skills(desk)))) is not None

    typed = {**RIGHT, "invoice_number": "R-0"}
    start(desk, ADA, made)
    answer(desk, ADA, made, 1, {**typed, "gross_total": "1.00"}, seconds=1)
    assert not claims()  # under the mark
    start(desk, ADA, made)
    answer(desk, ADA, made, 1, typed, seconds=1)
    assert claims()
