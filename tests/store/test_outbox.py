"""What leaves is frozen with the document's readiness: the same bytes and the same id, whatever is tried again."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from schemas.errors import IllegalTransitionError
from schemas.lifecycle import DeliveryState, DocumentState
from schemas.payload import Payload
from schemas.process import Target
from schemas.values import Value, ValueState
from store.database import Store
from store.outbox import cancel_deliveries, next_departure
from store.shipments import Group, due_groups
from store.tables import Delivery, Document
from store.transitions import move_document
from tasks.deliver import deliver, open_next
from tasks.desk import Desk
from tests.given import ACTOR, desk_on, invoice, make_ready, new_document, process_of, ready_documents, work_on


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return desk_on(store, tmp_path, sqlite_journal="wal")


def entries_of(desk: Desk, document_id: str) -> list[Delivery]:
    with desk.store.read(ACTOR) as session:
        return list(
            session.scalars(
                select(Delivery).where(Delivery.document_id == document_id).order_by(Delivery.version, Delivery.target)
            )
        )


def the_group(desk: Desk) -> Group:
    with desk.store.read(ACTOR) as session:
        (group,) = due_groups(session)
    return group


def test_the_payload_holds_what_is_there_and_names_what_is_not(desk: Desk) -> None:
    definition = process_of(desk, "fields: {iban: {ignore: true}}")
    document_id = new_document(desk, definition, pages=3)
    extraction = invoice("R-1", iban="DE02120300000000202051")
    unreadable = Value(name="due_date", state=ValueState.UNREADABLE)
    absent = Value(name="unit", table="line_items", row=2, state=ValueState.ABSENT)
    work_on(
        desk, document_id, extraction.model_copy(update={"values": [*extraction.values, unreadable, absent]}), blank=1
    )
    (entry,) = entries_of(desk, document_id)
    payload = Payload.model_validate_json(entry.payload)
    assert payload.canonical() == entry.payload
    assert hashlib.sha256(entry.payload.encode()).hexdigest() == entry.payload_sha256
    assert payload.fields["invoice_number"] == "R-1" and "iban" not in payload.fields
    assert [row["description"] for row in payload.tables["line_items"]] == ["Item 1", "Item 2"]
    assert (payload.absent, payload.unreadable) == (["line_items[2].unit"], ["due_date"])
    assert (payload.pages, payload.total and payload.total.amount) == (2, "119.00")


def test_a_version_that_left_is_not_frozen_again(desk: Desk) -> None:
    (document_id,) = ready_documents(desk, process_of(desk), 1)
    deliver(desk, "worker")
    with pytest.raises(IllegalTransitionError), desk.store.session(ACTOR) as session:
        document = session.get_one(Document, document_id)
        move_document(session, document, DocumentState.IN_REVIEW)
        make_ready(session, document, invoice("R-1"))


def test_a_cancelled_version_may_be_frozen_anew_under_the_same_id(desk: Desk) -> None:
    (document_id,) = ready_documents(desk, process_of(desk), 1)
    (before,) = entries_of(desk, document_id)
    with desk.store.session(ACTOR) as session:
        document = session.get_one(Document, document_id)
        cancel_deliveries(session, document)
        move_document(session, document, DocumentState.IN_REVIEW)
    assert deliver(desk, "worker") == []
    with desk.store.session(ACTOR) as session:
        make_ready(session, session.get_one(Document, document_id), invoice("R-2"))
    (after,) = entries_of(desk, document_id)
    assert (after.id, after.state) == (before.id, DeliveryState.QUEUED)
    assert after.payload != before.payload
    assert len(deliver(desk, "worker")) == 1


def test_what_is_leaving_cannot_be_cancelled(desk: Desk) -> None:
    (document_id,) = ready_documents(desk, process_of(desk), 1)
    assert open_next(desk, the_group(desk), "worker")
    with pytest.raises(IllegalTransitionError), desk.store.session(ACTOR) as session:
        cancel_deliveries(session, session.get_one(Document, document_id))


def test_times_of_day_are_the_clients() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    target = Target(when=["12:00", "17:00"])
    at = dt.datetime(2026, 11, 3, 10, 59, tzinfo=dt.UTC)
    assert next_departure(target, berlin, at) == dt.datetime(2026, 11, 3, 11, tzinfo=dt.UTC)
    assert next_departure(target, berlin, at + dt.timedelta(minutes=2)) == dt.datetime(2026, 11, 3, 16, tzinfo=dt.UTC)
    assert next_departure(target, berlin, at + dt.timedelta(hours=9)) == dt.datetime(2026, 11, 4, 11, tzinfo=dt.UTC)
