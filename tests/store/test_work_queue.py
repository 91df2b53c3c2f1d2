"""A document's way through leases: claimed once, finished once, taken over when its worker dies."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, update

from schemas.clock import now
from schemas.errors import IllegalTransitionError, LeaseLostError
from schemas.ids import new_id
from schemas.lifecycle import DocumentState, ReceiptState
from store.database import Scope, Store, system
from store.events import start_chain
from store.queue import Lease, claim_documents, clients_with_work, hold_document, retry_document
from store.tables import Client, Document, Event, ProcessDefinition, Receipt, ReviewTask
from store.transitions import create_document, move_document

WORKER = system("worker")
LONG, GONE = dt.timedelta(minutes=5), dt.timedelta(seconds=-1)


def given_documents(store: Store, count: int, client_id: str = "acme") -> list[str]:
    """A client with so many received documents; returns their ids, most pressing first."""
    with store.session(WORKER) as session:
        client_yaml = f"client: {client_id}\nname: {client_id}\n"
        session.add(Client(id=client_id, name=client_id, yaml=client_yaml, created_at=now()))
        session.flush()
        start_chain(session, client_id)
        definition = ProcessDefinition(
            id=new_id("def"),
            client_id=client_id,
            process="invoices",
            number=1,
            sha256="0",
            yaml=f"process: invoices\nclient: {client_id}\ndocument_types: [invoice]\n",
            master_data={},
            created_at=now(),
        )
        session.add(definition)
        session.flush()
        return [_document(session, client_id, definition.id, minutes) for minutes in range(count)]


def _document(session: object, client_id: str, definition_id: str, minutes: int) -> str:
    sha256 = hashlib.sha256(f"{client_id}{minutes}".encode()).hexdigest()
    receipt = Receipt(
        id=new_id("rcp"),
        client_id=client_id,
        process="invoices",
        definition_id=definition_id,
        claim=new_id("rcp"),
        name="a.pdf",
        sha256=sha256,
        size=1,
        state=ReceiptState.REGISTERED,
        received_at=now(),
    )
    session.add(receipt)  # type: ignore[attr-defined]
    session.flush()  # type: ignore[attr-defined]
    document = Document(
        id=new_id("doc"),
        client_id=client_id,
        process="invoices",
        definition_id=definition_id,
        receipt_id=receipt.id,
        name="a.pdf",
        sha256=sha256,
        media_type="application/pdf",
        state=DocumentState.RECEIVED,
        received_at=now(),
        due_at=now() + dt.timedelta(minutes=minutes),
    )
    return create_document(session, document).id  # type: ignore[arg-type]


def claim(store: Store, limit: int = 10, lease: dt.timedelta = LONG, max_attempts: int = 3) -> list[Lease]:
    with store.session(WORKER) as session:
        return claim_documents(session, "acme", "worker", limit, lease=lease, max_attempts=max_attempts)


def test_most_pressing_first_and_nothing_twice(store: Store) -> None:
    ids = given_documents(store, 3)
    assert [lease.id for lease in claim(store, limit=2)] == ids[:2]
    assert [lease.id for lease in claim(store, limit=2)] == ids[2:]
    assert claim(store) == []


def test_many_workers_share_without_overlap(store: Store) -> None:
    ids = given_documents(store, 40)
    with ThreadPoolExecutor(8) as pool:
        claimed = [lease.id for leases in pool.map(lambda _: claim(store, limit=5), range(16)) for lease in leases]
    assert sorted(claimed) == sorted(ids)


def test_an_expired_lease_is_taken_over_and_the_old_worker_is_refused(store: Store) -> None:
    given_documents(store, 1)
    (old,) = claim(store, lease=GONE)
    (new,) = claim(store)
    assert (new.id, new.epoch) == (old.id, old.epoch + 1)
    with pytest.raises(LeaseLostError), store.session(WORKER) as session:
        hold_document(session, old)
    with store.session(WORKER) as session:
        move_document(session, hold_document(session, new), DocumentState.IN_REVIEW)


def test_what_kills_its_worker_goes_to_ops_and_never_loops(store: Store) -> None:
    (document_id,) = given_documents(store, 1)
    for _ in range(3):
        assert claim(store, lease=GONE)
    assert claim(store, lease=GONE) == []
    with store.read(WORKER) as session:
        assert session.get_one(Document, document_id).state == DocumentState.FAILED
        assert session.scalars(select(ReviewTask.queue)).all() == ["ops"]


def test_a_passing_fault_is_tried_again_later(store: Store) -> None:
    given_documents(store, 1)
    (lease,) = claim(store)
    with store.session(WORKER) as session:
        retry_document(session, hold_document(session, lease), "T201", delay=dt.timedelta(hours=1), max_attempts=3)
    assert claim(store) == []
    with store.session(WORKER) as session:
        assert clients_with_work(session) == []
        session.execute(update(Document).values(not_before=now()))
    assert claim(store)


def test_the_lifecycle_table_is_the_law(store: Store) -> None:
    (document_id,) = given_documents(store, 1)
    with pytest.raises(IllegalTransitionError), store.session(WORKER) as session:
        move_document(session, session.get_one(Document, document_id), DocumentState.DELIVERED)
    with store.read(WORKER) as session:
        assert session.get_one(Document, document_id).state == DocumentState.RECEIVED


def test_every_change_of_state_has_its_event_in_one_chain(store: Store) -> None:
    given_documents(store, 5)
    claim(store)
    with store.read(WORKER) as session:
        events = session.scalars(select(Event).where(Event.client_id == "acme").order_by(Event.seq)).all()
    assert [event.seq for event in events] == list(range(1, 11))
    assert [event.kind for event in events] == ["document.created"] * 5 + ["document.state"] * 5
    assert all(before.hash == after.prev_hash for before, after in itertools.pairwise(events))


def test_a_client_bound_session_sees_its_own_rows_only(store: Store) -> None:
    given_documents(store, 2)
    given_documents(store, 3, client_id="other")
    with store.read(Scope("viewer", frozenset({"other"}))) as session:
        assert {d.client_id for d in session.scalars(select(Document))} == {"other"}
    with store.read(Scope("viewer", frozenset({"acme"}))) as session:
        assert len(session.scalars(select(Document)).all()) == 2
