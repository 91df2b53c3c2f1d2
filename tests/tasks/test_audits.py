"""Work is proven: lots are sampled, values keyed by people who see none, a third person decides, and automation follows."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from schemas.clock import now
from schemas.errors import FourEyesError, LeaseLostError
from schemas.lifecycle import DocumentState, TaskKind
from schemas.quality import KeyPart, LotState, SampleState
from schemas.values import Value, ValueState
from store.database import Store, system
from store.definitions import Definition
from store.documents import save_version
from store.queue import Lease
from store.tables import (
    Correction,
    Delivery,
    Document,
    Key,
    Lot,
    LotDocument,
    Sample,
)
from store.transitions import move_document
from tasks.accept import accept
from tasks.audit.keying import Disputed, Keyed, adjudicate, key_blind, load_blind, next_blind
from tasks.audit.lots import close_lots, decide_lots
from tasks.deliver import deliver
from tasks.desk import Desk
from tasks.reconcile import reconcile
from tasks.reopen import reopen
from tasks.review import Person, load_task, next_task, submit
from tests.given import desk_on, invoice, new_document, process_of, work_on

ME = system("test")
ADA, BEN, CAT, DAN = Person("ada"), Person("ben"), Person("cat"), Person("dan")
AT_ONCE = "delivery: [{name: csv, format: csv}]"
LOTS = f"audit: {{plan: {{prq: 0.1%, crq: 2%, consumer_risk: 1%}}, lot: rolling, lot_size: 2, gate: before_delivery}}\n{AT_ONCE}"
LATER = LOTS.replace("before_delivery", "after_delivery")
TWICE = f"fields: {{iban: {{double_key: true}}}}\n{AT_ONCE}"


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return desk_on(store, tmp_path)


def reviewed(desk: Desk, definition: Definition, number: str, person: Person = ADA, **fields: str) -> str:
    """A document that a person finished."""
    document_id = new_document(desk, definition)
    work_on(desk, document_id, invoice(number, **fields), accepted=False)
    lease = next_task(desk, person)
    assert lease is not None
    values = load_task(desk, person, lease).extraction.values
    submit(desk, lease, person, "invoice", values, accept_reason="as printed", seconds=1)
    return document_id


def key_all(desk: Desk, person: Person, *, wrong: tuple[str, ...] = ()) -> int:
    """Key every blind task that this person is given, as it is printed, but for the named fields. Returns how many tasks."""
    done = 0
    while lease := next_blind(desk, person, TaskKind.BLIND_KEY):
        view = load_blind(desk, person, lease)
        with desk.store.read(ME) as session:
            rows = {a.sample_id: session.get_one(Sample, a.sample_id) for a in view.asked}
        keyed = {
            key: Keyed("other 1", ValueState.PRESENT)
            if row.name in wrong
            else Keyed(row.value, ValueState(row.value_state))
            for key, row in rows.items()
        }
        key_blind(desk, lease, person, keyed, seconds=10)
        done += 1
    return done


def decide_all(desk: Desk, person: Person, truth: str | None = None) -> int:
    """Decide every dispute: for what was delivered, or for another truth."""
    done = 0
    while lease := next_blind(desk, person, TaskKind.ADJUDICATION):
        view = load_blind(desk, person, lease)
        with desk.store.read(ME) as session:
            rows = {a.sample_id: session.get_one(Sample, a.sample_id) for a in view.asked}
        adjudicate(
            desk,
            lease,
            person,
            {k: Keyed(truth) if truth else Keyed(r.value, ValueState(r.value_state)) for k, r in rows.items()},
            seconds=5,
        )
        done += 1
    return done


def one(desk: Desk, table: type) -> object:
    with desk.store.read(ME) as session:
        return session.scalars(select(table)).one()


def state_of(desk: Desk, document_id: str) -> str:
    with desk.store.read(ME) as session:
        return session.get_one(Document, document_id).state


def test_a_lot_that_passes_is_delivered_only_then(desk: Desk) -> None:
    definition = process_of(desk, LOTS)
    first, second = (reviewed(desk, definition, f"R-{n}") for n in (1, 2))
    assert deliver(desk, "worker") == []
    assert close_lots(desk) == 1
    assert next_blind(desk, ADA, TaskKind.BLIND_KEY) is None  # she keyed both documents herself
    assert key_all(desk, BEN) == 2
    assert decide_lots(desk) == 1
    lot = one(desk, Lot)
    assert isinstance(lot, Lot) and lot.state == LotState.ACCEPTED and lot.result["critical"]["wrong"] == 0
    deliver(desk, "worker")
    assert {state_of(desk, first), state_of(desk, second)} == {DocumentState.DELIVERED}
    assert reconcile(desk).residual == 0


def test_a_lot_that_fails_goes_to_review_whole_and_then_leaves(desk: Desk) -> None:
    definition = process_of(desk, LOTS)
    documents = [reviewed(desk, definition, f"R-{n}") for n in (1, 2)]
    close_lots(desk)
    key_all(desk, BEN, wrong=("gross_total", "invoice_number"))
    assert next_blind(desk, BEN, TaskKind.ADJUDICATION) is None  # he has a part in it
    assert decide_all(desk, CAT, truth="X 77")
    decide_lots(desk)
    with desk.store.read(ME) as session:
        lot = session.scalars(select(Lot).where(Lot.number == 1)).one()
        assert lot.state == LotState.REFUSED
    assert deliver(desk, "worker") == []
    while lease := next_task(desk, DAN):
        values = load_task(desk, DAN, lease).extraction.values
        submit(desk, lease, DAN, "invoice", values, accept_reason="as printed", seconds=1)
    decide_lots(desk)
    deliver(desk, "worker")
    assert {state_of(desk, each) for each in documents} == {DocumentState.DELIVERED}
    with desk.store.read(ME) as session:
        assert session.scalars(select(Lot.state)).all() == [LotState.REWORKED]
    assert reconcile(desk).residual == 0


def test_an_audit_after_delivery_puts_the_record_right(desk: Desk) -> None:
    definition = process_of(desk, LATER)
    document_id = reviewed(desk, definition, "R-1")
    reviewed(desk, definition, "R-2")
    deliver(desk, "worker")
    close_lots(desk)
    key_all(desk, BEN, wrong=("invoice_number",))
    with desk.store.session(ME) as session:  # of the two disputes let one be the machine's right
        session.execute(
            update(Sample)
            .where(Sample.document_id != document_id, Sample.state == SampleState.DISPUTED)
            .values(state=SampleState.VOID)
        )
    decide_all(desk, CAT, truth="R-1001")
    deliver(desk, "worker")
    with desk.store.read(ME) as session:
        sent = session.scalars(
            select(Delivery).where(Delivery.document_id == document_id).order_by(Delivery.version)
        ).all()
        correction = session.scalars(select(Correction).where(Correction.name == "invoice_number")).one()
    assert sent[-1].supersedes == sent[0].id and "R-1001" in sent[-1].payload
    assert (correction.by, correction.reason) == ("cat", "AUDIT_CORRECTED")
    assert reconcile(desk).residual == 0


def test_a_document_put_right_while_its_lot_collects_stays_in_it(desk: Desk) -> None:
    definition = process_of(desk, LOTS)
    document_id = reviewed(desk, definition, "R-1")
    lease = reopen(desk, ADA, document_id, "wrong number", anyones=False)
    assert lease is not None
    submit(desk, lease, ADA, "invoice", load_task(desk, ADA, lease).extraction.values, accept_reason="x", seconds=1)
    with desk.store.read(ME) as session:
        (entry,) = session.scalars(select(LotDocument))
        assert entry.version == session.get_one(Document, document_id).version
        assert session.scalars(select(Lot.documents)).all() == [1]


def test_what_a_keyer_is_shown_holds_no_value_at_all(desk: Desk) -> None:
    definition = process_of(desk, LOTS)
    for n in (1, 2):
        reviewed(desk, definition, f"SECRET-{n}", total="4711.42")
    close_lots(desk)
    lease = next_blind(desk, BEN, TaskKind.BLIND_KEY)
    assert lease is not None
    shown = repr(load_blind(desk, BEN, lease).asked)
    assert "SECRET" not in shown and "4711" not in shown


def test_a_dispute_does_not_tell_whose_reading_is_whose(desk: Desk) -> None:
    definition = process_of(desk, LOTS)
    for n in (1, 2):
        reviewed(desk, definition, f"R-{n}")
    close_lots(desk)
    key_all(desk, BEN, wrong=("invoice_number",))
    lease = next_blind(desk, CAT, TaskKind.ADJUDICATION)
    assert lease is not None
    (asked, *_) = load_blind(desk, CAT, lease).asked
    assert isinstance(asked, Disputed) and len(asked.readings) == 2
    told = repr(asked).replace(asked.sample_id, "")  # an id in hexadecimal may well spell a name
    assert "ben" not in told and "ada" not in told


def test_nobody_plays_two_parts_however_they_try(desk: Desk) -> None:
    definition = process_of(desk, LOTS)
    for n in (1, 2):
        reviewed(desk, definition, f"R-{n}")
    close_lots(desk)
    lease = next_blind(desk, BEN, TaskKind.BLIND_KEY)
    assert lease is not None
    asked = load_blind(desk, BEN, lease).asked
    answers = {a.sample_id: Keyed("x") for a in asked}
    with pytest.raises(LeaseLostError):  # a guessed lease is no lease
        key_blind(desk, Lease(lease.id, lease.epoch, "ada"), ADA, answers, seconds=1)
    with pytest.raises(FourEyesError):  # nor does a stolen one help who worked on the document
        key_blind(desk, lease, ADA, answers, seconds=1)
    key_blind(desk, lease, BEN, answers, seconds=1)
    with pytest.raises(IntegrityError), desk.store.session(ME) as session:  # not even in the database
        session.execute(
            insert(Key).values(
                sample_id=asked[0].sample_id, client_id="acme", person="ada", part=KeyPart.ADJUDICATED, at=now()
            )
        )
    with pytest.raises(IntegrityError), desk.store.session(ME) as session:  # nor a second blind key
        session.execute(
            insert(Key).values(
                sample_id=asked[0].sample_id, client_id="acme", person="eve", part=KeyPart.BLIND, at=now()
            )
        )


def test_who_works_on_the_document_after_the_draw_cannot_key_it(desk: Desk) -> None:
    definition = process_of(desk, LOTS)
    for n in (1, 2):
        reviewed(desk, definition, f"R-{n}")
    close_lots(desk)
    lease = next_blind(desk, BEN, TaskKind.BLIND_KEY)
    assert lease is not None
    view = load_blind(desk, BEN, lease)
    with desk.store.session(ME) as session:
        session.add(
            Correction(
                id="cor_1",
                client_id="acme",
                document_id=view.document.id,
                version=2,
                name="iban",
                old="",
                new="x",
                old_state="absent",
                new_state="present",
                by="ben",
                at=now(),
            )
        )
    with pytest.raises(FourEyesError):
        key_blind(desk, lease, BEN, {a.sample_id: Keyed("x") for a in view.asked}, seconds=1)


def test_blind_work_is_never_given_out_with_the_exceptions(desk: Desk) -> None:
    definition = process_of(desk, LOTS)
    for n in (1, 2):
        reviewed(desk, definition, f"R-{n}")
    close_lots(desk)
    assert next_task(desk, BEN) is None
    lease = next_blind(desk, BEN, TaskKind.BLIND_KEY)
    assert lease is not None
    assert next_task(desk, BEN) is None and next_task(desk, BEN, task_id=lease.id) is None
    with pytest.raises(LeaseLostError):  # a lease on blind work opens no page that shows values
        load_task(desk, BEN, lease)
    with pytest.raises(LeaseLostError):
        submit(desk, lease, BEN, "invoice", [], accept_reason="x", seconds=1)


def test_a_field_that_is_always_keyed_twice_waits_for_its_second_key(desk: Desk) -> None:
    definition = process_of(desk, TWICE)
    document_id = reviewed(desk, definition, "R-1", iban="DE89370400440532013000")
    assert state_of(desk, document_id) == DocumentState.IN_REVIEW
    assert reconcile(desk).residual == 0
    assert next_blind(desk, ADA, TaskKind.BLIND_KEY) is None
    assert key_all(desk, BEN) == 1
    assert state_of(desk, document_id) == DocumentState.READY
    deliver(desk, "worker")
    assert reconcile(desk).residual == 0


@pytest.mark.parametrize(
    ("source", "evidence"),
    [("machine", ["memory:12"]), ("language_model", []), ("master_data", ["master:vat_id"])],
)
def test_what_people_taught_is_no_key_of_its_own_so_two_more_people_key_it(
    desk: Desk, source: str, evidence: list[str]
) -> None:
    definition = process_of(desk, TWICE)
    document_id = machine_read(desk, definition, source=source, evidence=evidence)
    assert key_all(desk, BEN) == 1
    assert state_of(desk, document_id) == DocumentState.IN_REVIEW  # one blind key alone
    assert next_blind(desk, BEN, TaskKind.BLIND_KEY) is None  # who keyed first is not asked again
    assert key_all(desk, CAT) == 1
    assert state_of(desk, document_id) == DocumentState.READY


@pytest.mark.parametrize("source", ["machine", "derived"])
def test_what_was_read_from_the_page_is_the_first_key(desk: Desk, source: str) -> None:
    document_id = machine_read(desk, process_of(desk, TWICE), source=source, evidence=["label:IBAN"])
    assert key_all(desk, BEN) == 1
    assert state_of(desk, document_id) == DocumentState.READY


def machine_read(desk: Desk, definition: Definition, *, source: str, evidence: list[str]) -> str:
    """A document that nobody touched, whose IBAN came about in this way and waits for its second key."""
    document_id = new_document(desk, definition)
    iban = Value(name="iban", text="DE89370400440532013000", source=source, evidence=evidence, probability=1.0)
    read = invoice("R-1")
    with desk.store.session(ME) as session:
        document = session.get_one(Document, document_id)
        move_document(session, document, DocumentState.IN_WORK)
        extraction = read.model_copy(update={"values": [*read.values, iban]})
        save_version(session, document, extraction, [])
        accept(session, document, extraction, definition)
    assert state_of(desk, document_id) == DocumentState.IN_REVIEW
    return document_id


def test_two_keys_that_differ_are_decided_by_a_third_person(desk: Desk) -> None:
    definition = process_of(desk, TWICE)
    document_id = reviewed(desk, definition, "R-1", iban="DE89370400440532013000")
    key_all(desk, BEN, wrong=("iban",))
    assert state_of(desk, document_id) == DocumentState.IN_REVIEW
    decide_all(desk, CAT, truth="DE02120300000000202051")
    assert state_of(desk, document_id) == DocumentState.READY
    with desk.store.read(ME) as session:
        payload = session.scalars(select(Delivery.payload)).one()
    assert "DE02120300000000202051" in payload
