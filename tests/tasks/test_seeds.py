"""Known answers between real tasks: they look like them, count who looks, and leave no trace on their document."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from schemas.lifecycle import DocumentState, TaskKind
from schemas.quality import Stream
from schemas.values import ValueState
from store.database import Store, system
from store.definitions import Definition
from store.documents import load_extraction
from store.figures import task_slots, work_since
from store.queue import Lease
from store.review import notes_of
from store.samples import Draw, add_samples, decide_sample
from store.story import tell_story
from store.tables import Correction, Document, ExtractionRun, Question, ReviewTask, Seed
from tasks import questions
from tasks.desk import Desk
from tasks.parting import escalate, note
from tasks.reconcile import reconcile
from tasks.review import Person, TaskView, keep_draft, load_task, next_task, reject, release, reserve_next, submit
from tasks.seeds import misread
from tests.given import LONG_AGO, desk_on, invoice, new_document, process_of, work_on

ME = system("test")
ADA, BEN = Person("ada"), Person("ben")
SEEDED = "delivery: [{name: csv, format: csv}]\naudit: {seed_rate: 1}"


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return desk_on(store, tmp_path)


@pytest.fixture
def definition(desk: Desk) -> Definition:
    return process_of(desk, SEEDED)


def known(desk: Desk, definition: Definition, *, read: str = "190.00", truth: str = "119.00") -> str:
    """A finished document whose total was audited: the machine read `read`."""
    document_id = new_document(desk, definition)
    work_on(desk, document_id, invoice("R-1", read))
    with desk.store.session(ME) as session:
        document = session.get_one(Document, document_id)
        extraction = load_extraction(session, document_id, document.version)
        assert extraction is not None
        document.document_type = extraction.document_type
        total = extraction.get("gross_total")
        assert total is not None
        (sample,) = add_samples(session, document, [Draw(total, True)], Stream.CERTIFICATE)
        decide_sample(session, sample, right=read == truth, truth=truth, state=ValueState.PRESENT)
    return document_id


def waiting(desk: Desk, definition: Definition, number: str = "R-2") -> str:
    document_id = new_document(desk, definition)
    work_on(desk, document_id, invoice(number), accepted=False)
    with desk.store.session(ME) as session:
        session.get_one(Document, document_id).document_type = "invoice"
    return document_id


def work_off(desk: Desk, person: Person, **changes: str) -> tuple[TaskView, str]:
    """Take the next task and submit it, some header fields typed over. Returns what was shown and where it went."""
    lease = next_task(desk, person)
    assert lease is not None
    return finish(desk, person, lease, **changes)


def finish(desk: Desk, person: Person, lease: Lease, **changes: str) -> tuple[TaskView, str]:
    view = load_task(desk, person, lease)
    values = [
        v.model_copy(update={"text": changes[v.name], "source": "person"}) if v.name in changes else v
        for v in view.extraction.values
    ]
    done = submit(desk, lease, person, "invoice", values, accept_reason="as printed", seconds=7)
    return view, done.state


def seed_of(desk: Desk) -> Seed:
    with desk.store.read(ME) as session:
        return session.scalars(select(Seed)).one()


def traces(desk: Desk, document_id: str) -> tuple[object, ...]:
    """All that work on a document would change."""
    with desk.store.read(ME) as session:
        document = session.get_one(Document, document_id)
        story = tell_story(session, document_id)
        assert story is not None
        counts = [session.scalar(select(func.count()).select_from(t)) for t in (Correction, ExtractionRun, Question)]
        kept = (document.state, document.version, document.touched, document.due_at, document.urgent)
        return (*kept, *counts, len(notes_of(session, document_id)), story.events, len(story.tasks))


def test_who_looks_catches_the_known_wrong_value(desk: Desk, definition: Definition) -> None:
    past = known(desk, definition)
    waiting(desk, definition)
    lease = next_task(desk, ADA)
    assert lease is not None and load_task(desk, ADA, lease).document.id != past
    assert next_task(desk, ADA) == lease  # loading a page again brings no second one
    finish(desk, ADA, lease)
    before = traces(desk, past)
    view, state = work_off(desk, ADA, gross_total="119.00")
    assert (view.document.id, view.task.kind, state) == (past, TaskKind.SEEDED, DocumentState.READY)
    seed = seed_of(desk)
    assert (seed.wrong, seed.caught, seed.person, seed.seconds, seed.planted) == (True, True, "ada", 7, "190.00")
    assert traces(desk, past) == before
    assert reconcile(desk).residual == 0
    assert next_task(desk, ADA) is None


def test_who_confirms_unseen_does_not(desk: Desk, definition: Definition) -> None:
    known(desk, definition)
    waiting(desk, definition)
    work_off(desk, ADA)
    view, _ = work_off(desk, ADA)
    total = view.extraction.get("gross_total")
    assert total is not None and total.text == "190.00"
    assert seed_of(desk).caught is False


def test_where_the_machine_was_right_a_value_is_misread_or_left(
    desk: Desk, definition: Definition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.seeds.LEFT_RIGHT", 0)
    known(desk, definition, read="119.00")
    waiting(desk, definition)
    work_off(desk, ADA)
    view, _ = work_off(desk, ADA)
    total = view.extraction.get("gross_total")
    assert total is not None and total.text == total.raw != "119.00"
    seed = seed_of(desk)
    assert (seed.wrong, seed.caught) == (True, False)


def test_a_value_that_is_left_right_is_known_too(
    desk: Desk, definition: Definition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.seeds.LEFT_RIGHT", 1)
    known(desk, definition, read="119.00")
    waiting(desk, definition)
    work_off(desk, ADA)
    work_off(desk, ADA)
    seed = seed_of(desk)
    assert (seed.wrong, seed.caught) == (False, True)


def test_nobody_is_shown_what_they_worked_on_and_nobody_twice(desk: Desk, definition: Definition) -> None:
    past = known(desk, definition)
    with desk.store.session(ME) as session:
        (first,) = session.scalars(select(Document).where(Document.id == past))
        session.add(
            Correction(
                id="cor_1",
                client_id=first.client_id,
                document_id=past,
                version=1,
                name="iban",
                old="",
                new="x",
                old_state="absent",
                new_state="present",
                by="ben",
                at=LONG_AGO,
            )
        )
    for number in ("R-2", "R-3", "R-4"):
        waiting(desk, definition, number)
    work_off(desk, BEN)
    work_off(desk, ADA)
    assert work_off(desk, ADA)[0].document.id == past
    assert work_off(desk, ADA)[0].document.id != past
    assert next_task(desk, ADA) is None and next_task(desk, BEN) is None


def test_it_can_be_leased_ahead_like_any_other_and_no_figure_counts_it(desk: Desk, definition: Definition) -> None:
    past = known(desk, definition)
    waiting(desk, definition)
    at_hand = next_task(desk, ADA)
    ahead = reserve_next(desk, ADA)
    assert at_hand is not None and ahead is not None and at_hand.id != ahead.id
    with desk.store.read(ME) as session:
        assert [slot.queue for slot in task_slots(session)] == ["review"]
    finish(desk, ADA, at_hand)
    assert next_task(desk, ADA) == ahead
    keep_draft(desk, ahead, ADA, "invoice", [{"name": "gross_total", "text": "11"}])
    assert load_task(desk, ADA, ahead).draft is not None
    note(desk, ahead, ADA, "looks odd")
    view, _ = finish(desk, ADA, ahead)
    assert view.document.id == past
    with desk.store.read(ME) as session:
        (work,) = work_since(session, LONG_AGO)
        assert (work.queue, notes_of(session, past)) == ("review", [])


@pytest.mark.parametrize("end", ["reject", "skip", "ask", "escalate"])
def test_every_other_end_leaves_the_document_alone_too(desk: Desk, definition: Definition, end: str) -> None:
    past = known(desk, definition)
    waiting(desk, definition)
    work_off(desk, ADA)
    lease = next_task(desk, ADA)
    assert lease is not None
    before = traces(desk, past)
    if end == "reject":
        reject(desk, lease, ADA, "NOT_AGREED", "never ordered")
    elif end == "skip":
        release(desk, lease, ADA, "skipped:other")
    elif end == "ask":
        questions.ask(desk, lease, ADA, "Is it yours?")
    else:
        escalate(desk, lease, ADA, "I do not know")
    assert traces(desk, past) == before
    assert seed_of(desk).caught is None
    assert next_task(desk, ADA) is None and next_task(desk, BEN) is None
    assert reconcile(desk).residual == 0


def test_without_a_share_there_are_none(desk: Desk) -> None:
    definition = process_of(desk)
    known(desk, definition)
    waiting(desk, definition)
    work_off(desk, ADA)
    assert next_task(desk, ADA) is None
    with desk.store.read(ME) as session:
        assert TaskKind.SEEDED not in session.scalars(select(ReviewTask.kind)).all()


@given(st.text(alphabet="0123456789-.,ABCDEF", min_size=2, max_size=20))
def test_a_misread_text_is_as_long_and_differs_in_one_place_or_two(text: str) -> None:
    other = misread(text)
    assert len(other) == len(text)
    differing = sum(a != b for a, b in zip(text, other, strict=True))
    assert differing <= 2 and (differing or not any(char.isdigit() for char in text))
