"""Sign-in, queue, submit and delivery on PostgreSQL as a role that row security binds, for people of one client."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text

from schemas.lifecycle import DocumentState
from schemas.roles import Role
from store.row_security import ways_around
from store.tables import Document
from tasks.deliver import deliver
from tasks.desk import Desk
from tasks.reconcile import reconcile
from tests.given import ACTOR, process_of
from tests.workbench.scene import in_review, printed_invoice
from tests.workbench.test_review_work import submit, take_next, typed

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def test_a_document_goes_its_whole_way_and_the_other_clients_stays_unseen(desk: Desk, arrive: Any) -> None:
    ours, theirs = (
        in_review(desk, process_of(desk, client=client), *printed_invoice(misread={"gross_total": "120.00"}))
        for client in ("acme", "umbra")
    )
    with desk.store.read(ACTOR) as session:
        assert ways_around(session.connection()) == []
    ada = arrive("ada", Role.REVIEWER, ("acme",))
    assert "One document waits for you" in ada.get("/review").text
    path, epoch = take_next(ada)
    assert submit(ada, path, epoch, typed(gross_total="119")).json() == {"submitted": True, "next": "/review"}
    assert "Nothing to do" in ada.get("/review").text

    lea = arrive("lea", Role.SUPERVISOR, ("acme",))
    listed = lea.get("/documents").text
    assert ours in listed and theirs not in listed
    assert (lea.get(f"/documents/{ours}").status_code, lea.get(f"/documents/{theirs}").status_code) == (200, 404)
    found = lea.get("/documents?q=nordlicht").text
    assert ours in found and theirs not in found

    assert len(deliver(desk, "worker")) == 1
    with desk.store.read(ACTOR) as session:
        states = {document.id: document.state for document in session.scalars(select(Document))}
        assert session.scalar(text("SELECT count(*) FROM documents")) == 2
    assert states == {ours: DocumentState.DELIVERED, theirs: DocumentState.IN_REVIEW}
    assert any(desk.outbox("acme", "invoices", "csv").iterdir())
    assert reconcile(desk).residual == 0
