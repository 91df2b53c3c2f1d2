"""Decisions are audited like values: duplicates that nobody worked on, page splits, rejections; each has figures of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from schemas.clock import now
from schemas.ids import new_id
from schemas.lifecycle import ReceiptState, TaskKind
from schemas.quality import Stream
from schemas.values import ValueState
from store.database import Scope, Store, system
from store.definitions import Definition
from store.tables import Document, Receipt, Sample
from store.transitions import create_receipt
from tasks.audit.decisions import decision_figures, draw_duplicates
from tasks.audit.keying import Keyed, adjudicate, key_blind, load_blind, next_blind
from tasks.desk import Desk
from tasks.report.write import load, write_report
from tasks.review import Person, next_task, reject
from tests.given import AT_ONCE, desk_on, invoice, new_document, process_of, this_month, work_on

ME, EVERYBODY = system("test"), Scope("lea")
ADA, BEN, CAT = Person("ada"), Person("ben"), Person("cat")
ALWAYS = f"audit: {{decisions_rate: 100%}}\nintake: {{duplicates: suppress}}\n{AT_ONCE}"


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return desk_on(store, tmp_path)


@pytest.fixture
def definition(desk: Desk) -> Definition:
    return process_of(desk, ALWAYS)


def answer(desk: Desk, person: Person, *, of: Stream, said: str) -> int:
    """Answer every question of one stream that this person is given, and the others as they were decided. How many."""
    answered = 0
    for kind, finish in ((TaskKind.BLIND_KEY, key_blind), (TaskKind.ADJUDICATION, adjudicate)):
        while lease := next_blind(desk, person, kind):
            view = load_blind(desk, person, lease)
            with desk.store.read(ME) as session:
                rows = {a.sample_id: session.get_one(Sample, a.sample_id) for a in view.asked}
            keyed = {k: Keyed(said if r.stream == of else r.value, ValueState(r.value_state)) for k, r in rows.items()}
            finish(desk, lease, person, keyed, seconds=1)
            answered += sum(row.stream == of for row in rows.values())
    return answered


def again(desk: Desk, definition: Definition, document_id: str, state: ReceiptState = ReceiptState.SUPPRESSED) -> str:
    """The document's file came once more and was set aside."""
    with desk.store.session(ME) as session:
        first = session.get_one(Receipt, session.get_one(Document, document_id).receipt_id)
        receipt = Receipt(
            id=new_id("rcp"),
            client_id=first.client_id,
            process=first.process,
            definition_id=definition.id,
            claim=new_id("rcp"),
            name="again.pdf",
            sha256=first.sha256,
            size=first.size,
            state=state,
            reason="DUPLICATE_BYTES",
            duplicate_of=first.id,
            received_at=now(),
        )
        create_receipt(session, receipt)
        return receipt.id


def finished(desk: Desk, definition: Definition, number: str = "R-1") -> str:
    document_id = new_document(desk, definition)
    work_on(desk, document_id, invoice(number), accepted=True)
    return document_id


def figures(desk: Desk) -> dict[Stream, tuple[int, int]]:
    return {each.stream: (each.right.count, each.right.total) for each in decision_figures(desk, EVERYBODY)}


def test_a_file_that_nobody_worked_on_is_asked_about_once_and_counts(desk: Desk, definition: Definition) -> None:
    again(desk, definition, finished(desk, definition))
    assert draw_duplicates(desk) == 1 and draw_duplicates(desk) == 0
    lease = next_blind(desk, BEN, TaskKind.BLIND_KEY)
    assert lease is not None
    asked = load_blind(desk, BEN, lease).asked[0]
    assert (asked.file, asked.choices) == ("again.pdf", ("yes", "no"))
    assert answer(desk, BEN, of=Stream.DUPLICATE, said="yes") == 1
    assert figures(desk) == {Stream.DUPLICATE: (1, 1)}


def test_a_file_that_was_no_duplicate_is_worked_on_after_all(desk: Desk, definition: Definition) -> None:
    receipt_id = again(desk, definition, finished(desk, definition))
    draw_duplicates(desk)
    answer(desk, BEN, of=Stream.DUPLICATE, said="no")
    answer(desk, CAT, of=Stream.DUPLICATE, said="no")
    with desk.store.read(ME) as session:
        assert session.get_one(Receipt, receipt_id).state == ReceiptState.RECEIVED
    assert figures(desk) == {Stream.DUPLICATE: (0, 1)}


def test_what_ops_refused_as_a_duplicate_is_asked_about_too_and_stays_refused(
    desk: Desk, definition: Definition
) -> None:
    receipt_id = again(desk, definition, finished(desk, definition), ReceiptState.REJECTED)
    assert draw_duplicates(desk) == 1
    answer(desk, BEN, of=Stream.DUPLICATE, said="no")
    answer(desk, CAT, of=Stream.DUPLICATE, said="no")
    with desk.store.read(ME) as session:
        assert session.get_one(Receipt, receipt_id).state == ReceiptState.REJECTED


def test_without_a_rate_nothing_is_asked(desk: Desk) -> None:
    definition = process_of(desk, ALWAYS.replace("100%", "0%"))
    again(desk, definition, finished(desk, definition))
    assert draw_duplicates(desk) == 0


@pytest.mark.parametrize(
    ("reason", "stream"), [("UNREADABLE", Stream.REJECT), ("DUPLICATE_BUSINESS", Stream.DUPLICATE)]
)
def test_rejections_are_decided_again_by_who_does_not_know(
    desk: Desk, definition: Definition, reason: str, stream: Stream
) -> None:
    work_on(desk, new_document(desk, definition), invoice("R-2"), accepted=False)
    lease = next_task(desk, ADA)
    assert lease is not None
    reject(desk, lease, ADA, reason, "")
    assert next_blind(desk, ADA, TaskKind.BLIND_KEY) is None  # she rejected it
    assert answer(desk, BEN, of=stream, said="no") == 1
    answer(desk, CAT, of=stream, said="no")
    assert figures(desk) == {stream: (0, 1)}


def test_every_kind_of_decision_has_its_own_line_in_the_report(desk: Desk, definition: Definition) -> None:
    again(desk, definition, finished(desk, definition))
    draw_duplicates(desk)
    answer(desk, BEN, of=Stream.DUPLICATE, said="yes")
    data = load(write_report(desk, Scope("ops"), "acme", "invoices", this_month(), "client"))
    assert [(each.kind, each.right.count, each.right.total) for each in data.decisions] == [("duplicate", 1, 1)]
    assert data.accuracy.fields.total == 0  # decisions are no values: they never mix
    with desk.store.read(ME) as session:
        assert len(session.scalars(select(Sample)).all()) == 1
