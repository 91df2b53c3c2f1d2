"""A reviewer's day over HTTP: next, check, correct, submit, reject, skip, and a lease that is gone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from httpx import Response
from sqlalchemy import select, update

from schemas.lifecycle import DocumentState
from schemas.roles import Role
from store.documents import page_rows, replace_pages
from store.tables import Correction, Document, FieldValue, Note, Page, Receipt, ReviewTask
from tasks.desk import Desk
from tests.given import ACTOR, process_of
from tests.workbench.conftest import Browser
from tests.workbench.scene import LINES, RIGHT, in_review, printed_invoice

Typed = list[dict[str, Any]]


@pytest.fixture
def document_id(desk: Desk) -> str:
    """An invoice whose total was misread, in review."""
    return in_review(desk, process_of(desk), *printed_invoice(misread={"gross_total": "120.00"}))


def take_next(browser: Browser) -> tuple[str, int]:
    """Take the next task: its path and epoch."""
    location = browser.form("/review/next").headers["location"]
    path, _, query = location.partition("?epoch=")
    return path, int(query.split("&")[0])


def typed(**changes: str) -> Typed:
    """The whole form as the page sends it, with some fields typed over."""
    header = [{"name": name, "text": changes.get(name, text)} for name, text in {**RIGHT, **changes}.items()]
    lines = [
        {"name": name, "table": "line_items", "row": row, "text": text}
        for row, line in enumerate(LINES, 1)
        for name, text in line.items()
    ]
    return header + lines


def submit(browser: Browser, path: str, epoch: int, values: Typed, **more: Any) -> Response:
    return browser.json(f"{path}/submit", {"epoch": epoch, "document_type": "invoice", "values": values, **more})


def state_of(desk: Desk, document_id: str) -> tuple[str, str | None]:
    with desk.store.read(ACTOR) as session:
        document = session.get_one(Document, document_id)
        return document.state, document.reason


def test_a_reviewer_says_that_a_page_is_a_document_of_its_own(desk: Desk, arrive: Any, document_id: str) -> None:
    with desk.store.session(ACTOR) as session:
        document = session.get_one(Document, document_id)
        session.get_one(Receipt, document.receipt_id).pages = 2
        first = session.get_one(Page, (document_id, 1))
        replace_pages(session, document, [*page_rows([first]), {**page_rows([first])[0], "file_page": 2}])
        document.page_count = 2
    ada = arrive("ada", Role.REVIEWER)
    path, epoch = take_next(ada)
    assert "A new document begins on page 2." in ada.get(f"{path}?epoch={epoch}").text
    plan = json.dumps([{"number": 1}, {"number": 2, "begins": True}])
    refused = ada.json(f"{path}/arrange", {"epoch": epoch, "plan": plan, "before": True})
    assert refused.status_code == 409
    assert ada.json(f"{path}/arrange", {"epoch": epoch, "plan": plan}).json()["next"] == "/review"
    with desk.store.read(ACTOR) as session:
        documents = session.scalars(select(Document).order_by(Document.split_from)).all()
    assert {(d.state, d.page_count) for d in documents} == {(DocumentState.RECEIVED, 1)}
    assert len(documents) == 2


def test_a_reviewer_corrects_an_exception_and_it_goes_on(desk: Desk, arrive: Any, document_id: str) -> None:
    ada = arrive("ada", Role.REVIEWER)
    assert "One document waits for you" in ada.get("/review").text
    path, epoch = take_next(ada)
    screen = ada.get(f"{path}?epoch={epoch}").text
    assert "but Gross total says 120.00 (1.00 too much)" in screen
    assert 'value="120.00"' in screen and "Copy paper A4, 500 sheets" in screen

    answer = submit(ada, path, epoch, typed(gross_total="119"), seconds=12.5).json()
    assert answer == {"submitted": True, "next": "/review"}
    assert state_of(desk, document_id)[0] == DocumentState.READY
    with desk.store.read(ACTOR) as session:
        correction = session.scalars(select(Correction)).one()
        task = session.scalars(select(ReviewTask)).one()
    assert (correction.name, correction.old, correction.new, correction.by) == (
        "gross_total",
        "120.00",
        "119.00",
        "ada",
    )
    assert (task.state, task.done_by, task.seconds) == ("done", "ada", 12.5)
    assert "Nothing to do" in ada.get("/review").text


def test_what_was_not_touched_stays_the_machines_with_its_box(desk: Desk, arrive: Any, document_id: str) -> None:
    ada = arrive("ada", Role.REVIEWER)
    path, epoch = take_next(ada)
    submit(ada, path, epoch, typed(gross_total="119.00"))
    with desk.store.read(ACTOR) as session:
        values = session.scalars(select(FieldValue).where(FieldValue.version == 2)).all()
    by_name = {value.name: value for value in values if not value.table_name}
    assert (by_name["gross_total"].source, by_name["gross_total"].probability) == ("person", 1.0)
    assert (by_name["invoice_number"].source, by_name["invoice_number"].page) == ("machine", 1)
    assert by_name["invoice_number"].box is not None


def test_the_rules_speak_while_one_types_and_nothing_is_written(desk: Desk, arrive: Any, document_id: str) -> None:
    ada = arrive("ada", Role.REVIEWER)
    path, epoch = take_next(ada)
    draft = {"epoch": epoch, "document_type": "invoice", "values": typed(gross_total="121", invoice_date="soon")}
    answer = ada.json(f"{path}/check", draft).json()
    assert "2.00 too much" in answer["remarks"]["gross_total"][0]["text"]
    assert "cannot be read as Invoice date" in answer["remarks"]["invoice_date"][0]["text"]
    assert answer["shown"]["gross_total"] == "121.00" and "invoice_date" not in answer["shown"]
    assert state_of(desk, document_id) == (DocumentState.IN_REVIEW, "SUM")


def test_errors_that_are_left_need_a_reason(desk: Desk, arrive: Any, document_id: str) -> None:
    ada = arrive("ada", Role.REVIEWER)
    path, epoch = take_next(ada)
    refused = submit(ada, path, epoch, typed(gross_total="120.00")).json()
    assert not refused["submitted"] and refused["remarks"]["gross_total"]
    assert state_of(desk, document_id)[0] == DocumentState.IN_REVIEW
    accepted = submit(ada, path, epoch, typed(gross_total="120.00"), accept_reason="It is printed so.").json()
    assert accepted["submitted"]
    assert state_of(desk, document_id)[0] == DocumentState.READY


def test_german_figures_are_shown_and_understood(desk: Desk, arrive: Any, document_id: str) -> None:
    berta = arrive("berta", Role.REVIEWER, language="de")
    path, epoch = take_next(berta)
    screen = berta.get(f"{path}?epoch={epoch}").text
    assert 'value="120,00"' in screen and 'value="03.11.2026"' in screen and "Rechnungsnummer" in screen
    values = typed(net_total="1.100,00", tax_total="19", gross_total="1.119", invoice_date="03.11.2026")
    shown = berta.json(f"{path}/check", {"epoch": epoch, "document_type": "invoice", "values": values}).json()["shown"]
    assert (shown["gross_total"], shown["invoice_date"]) == ("1.119,00", "03.11.2026")


def test_absent_and_unreadable_are_answers(desk: Desk, arrive: Any, document_id: str) -> None:
    ada = arrive("ada", Role.REVIEWER)
    path, epoch = take_next(ada)
    values = [each for each in typed(gross_total="119.00") if each["name"] != "order_number"]
    values.append({"name": "order_number", "state": "unreadable", "text": ""})
    assert submit(ada, path, epoch, values).json()["submitted"]
    with desk.store.read(ACTOR) as session:
        value = session.get_one(FieldValue, (document_id, 2, "", 0, "order_number"))
    assert (value.state, value.text) == ("unreadable", "")


def test_another_type_keeps_what_it_has_too(desk: Desk, arrive: Any, document_id: str) -> None:
    ada = arrive("ada", Role.REVIEWER)
    path, epoch = take_next(ada)
    change = {"epoch": epoch, "document_type": "credit_note", "from_type": "invoice", "values": typed()}
    form = ada.json(f"{path}/form", change).text
    assert 'data-name="credit_note_number"' in form and RIGHT["invoice_number"] in form
    assert 'data-name="invoice_number"' not in form


def test_a_document_of_no_type_cannot_be_submitted(desk: Desk, arrive: Any, document_id: str) -> None:
    ada = arrive("ada", Role.REVIEWER)
    path, epoch = take_next(ada)
    body = {"epoch": epoch, "document_type": "other", "values": [], "accept_reason": "why not"}
    assert not ada.json(f"{path}/submit", body).json()["submitted"]
    assert state_of(desk, document_id)[0] == DocumentState.IN_REVIEW


def test_rejecting_tells_the_reason_and_keeps_the_note(desk: Desk, arrive: Any, document_id: str) -> None:
    ada = arrive("ada", Role.REVIEWER)
    path, epoch = take_next(ada)
    body = {"epoch": epoch, "reason": "OTHER_TYPE", "note": "A delivery note."}
    assert ada.json(f"{path}/reject", body).json() == {"next": "/review"}
    assert state_of(desk, document_id) == (DocumentState.REJECTED, "OTHER_TYPE")
    with desk.store.read(ACTOR) as session:
        assert session.scalars(select(Note.text)).one() == "A delivery note."


def test_a_made_up_reason_does_not_reject(desk: Desk, arrive: Any, document_id: str) -> None:
    ada = arrive("ada", Role.REVIEWER)
    path, epoch = take_next(ada)
    assert ada.json(f"{path}/reject", {"epoch": epoch, "reason": "BECAUSE"}).status_code == 409
    assert state_of(desk, document_id)[0] == DocumentState.IN_REVIEW


def test_a_skipped_task_is_free_for_others(desk: Desk, arrive: Any, document_id: str) -> None:
    ada, ben = arrive("ada", Role.REVIEWER), arrive("ben", Role.REVIEWER)
    path, epoch = take_next(ada)
    assert ben.form("/review/next").headers["location"] == "/review"
    assert ada.json(f"{path}/skip", {"epoch": epoch, "reason": "need_help"}).json() == {"next": "/review"}
    assert take_next(ben)[0] == path


def test_a_reload_shows_the_same_task_and_nobody_else_can_open_it(desk: Desk, arrive: Any, document_id: str) -> None:
    ada, lea = arrive("ada", Role.REVIEWER), arrive("lea", Role.SUPERVISOR)
    path, epoch = take_next(ada)
    assert take_next(ada) == (path, epoch)
    assert lea.get(f"{path}?epoch={epoch}").status_code == 409
    assert lea.form(f"{path}/take").status_code == 409


def test_a_lead_may_take_a_named_task(desk: Desk, arrive: Any, document_id: str) -> None:
    lea = arrive("lea", Role.SUPERVISOR)
    with desk.store.read(ACTOR) as session:
        task_id = session.scalars(select(ReviewTask.id)).one()
    assert f"/review/{task_id}/take" in lea.get(f"/documents/{document_id}").text
    assert lea.form(f"/review/{task_id}/take").headers["location"] == f"/review/{task_id}?epoch=1"


def test_a_heartbeat_keeps_the_lease_and_a_lost_one_answers_409(desk: Desk, arrive: Any, document_id: str) -> None:
    ada, ben = arrive("ada", Role.REVIEWER), arrive("ben", Role.REVIEWER)
    path, epoch = take_next(ada)
    assert ada.json(f"{path}/heartbeat", {"epoch": epoch}).json()["status"] == "held"
    with desk.store.session(ACTOR) as session:  # ada's time ran out
        session.execute(update(ReviewTask).values(lease_expires_at=ReviewTask.created_at))
    assert take_next(ben) == (path, epoch + 1)
    for answer in (ada.json(f"{path}/heartbeat", {"epoch": epoch}), submit(ada, path, epoch, typed())):
        assert (answer.status_code, answer.json()["code"]) == (409, "L401")
    assert state_of(desk, document_id)[0] == DocumentState.IN_REVIEW


def test_an_amount_above_the_limit_needs_a_second_pair_of_eyes(desk: Desk, arrive: Any, document_id: str) -> None:
    with desk.store.session(ACTOR) as session:
        session.execute(update(ReviewTask).values(reasons=["FOUR_EYES"]))
    ada, ben = arrive("ada", Role.REVIEWER), arrive("ben", Role.REVIEWER)
    path, epoch = take_next(ada)
    assert submit(ada, path, epoch, typed(gross_total="119.00")).json() == {"submitted": True, "next": "/review"}
    assert "Nothing to do" in ada.get("/review").text
    path, epoch = take_next(ben)
    assert "A second person has to confirm" in ben.get(f"{path}?epoch={epoch}").text
    assert submit(ben, path, epoch, typed(gross_total="119.00")).json()["submitted"]
    assert state_of(desk, document_id)[0] == DocumentState.READY
