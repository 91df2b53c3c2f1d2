"""One doubted field of many documents: wrong ones go the normal way, the others are confirmed, and go on where that was all."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from schemas.lifecycle import DocumentState, TaskState
from schemas.roles import Role
from store.tables import Correction, Document, ReviewTask
from tasks.desk import Desk
from tests.given import ACTOR, process_of
from tests.workbench.browser import sign_in
from tests.workbench.conftest import Browser
from tests.workbench.scene import in_review, person, printed_invoice

DOUBT = "LOW_CONFIDENCE:invoice_number"
GROUP = "/group-check/acme/invoices/invoice_number"


def doubted(desk: Desk, number: str, *more: str) -> str:
    """An invoice whose number is doubted, for these other reasons too."""
    content, read = printed_invoice(number, doubtful=("invoice_number",))
    document_id = in_review(desk, process_of(desk), content, read)
    with desk.store.session(ACTOR) as session:
        task = session.scalars(select(ReviewTask).where(ReviewTask.document_id == document_id)).one()
        task.reasons = [DOUBT, *more]
    return document_id


def leases(answer: str) -> list[dict[str, Any]]:
    found = re.findall(r'data-task="([^"]+)" data-epoch="(\d+)"', answer)
    return [{"task": task, "epoch": int(epoch)} for task, epoch in found]


def test_what_is_right_goes_on_and_what_is_wrong_waits(desk: Desk, arrive: Any) -> None:
    right, wrong = doubted(desk, "NB-1"), doubted(desk, "NB-2")
    ada: Browser = arrive("ada", Role.REVIEWER)
    listed = ada.get("/group-check").text
    assert ">Invoice number</td>" in listed and "<code>" not in listed
    strip = ada.form(GROUP).text
    assert "NB-1" in strip and "NB-2" in strip
    first, second = leases(strip)
    assert ada.get(f"/group-check/{first['task']}/invoice_number.jpg?epoch={first['epoch']}").status_code == 200
    answer = ada.json("/group-check/decide", {"field": "invoice_number", "right": [first], "wrong": [second]}).json()
    assert (answer["confirmed"], answer["lost"]) == (1, 0)
    with desk.store.read(ACTOR) as session:
        states = [session.get_one(Document, each).state for each in (right, wrong)]
        done, open_ = session.scalars(select(ReviewTask).order_by(ReviewTask.state)).all()
        confirmed = session.scalars(select(Correction)).one()
    assert states == [DocumentState.READY, DocumentState.IN_REVIEW]
    assert (done.result, done.done_by, open_.state) == ("confirmed", "ada", TaskState.OPEN)
    assert (confirmed.old, confirmed.new, confirmed.by) == ("NB-1", "NB-1", "ada")


def test_a_document_with_another_doubt_stays_with_one_less(desk: Desk, arrive: Any) -> None:
    document_id = doubted(desk, "NB-1", "LOW_CONFIDENCE:gross_total")
    ada = arrive("ada", Role.REVIEWER)
    (one,) = leases(ada.form(GROUP).text)
    ada.json("/group-check/decide", {"field": "invoice_number", "right": [one], "wrong": []})
    with desk.store.read(ACTOR) as session:
        task = session.scalars(select(ReviewTask)).one()
        assert session.get_one(Document, document_id).state == DocumentState.IN_REVIEW
    assert task.state == TaskState.OPEN
    assert DOUBT not in task.reasons and "LOW_CONFIDENCE:gross_total" in task.reasons


def test_what_one_person_looks_at_nobody_else_is_shown(desk: Desk, arrive: Any) -> None:
    doubted(desk, "NB-1")
    ada, ben = arrive("ada", Role.REVIEWER), arrive("ben", Role.REVIEWER)
    (one,) = leases(ada.form(GROUP).text)
    assert leases(ben.form(GROUP).text) == []
    stolen = ben.json("/group-check/decide", {"field": "invoice_number", "right": [one], "wrong": []}).json()
    assert (stolen["confirmed"], stolen["lost"]) == (0, 1)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_by_keyboard(desk: Desk, address: str, page: Page) -> None:
    documents = [doubted(desk, f"NB-{number}") for number in (1, 2)]
    person(desk, "ada", Role.REVIEWER)
    sign_in(page, address, "ada")
    page.goto(f"{address}/group-check")
    page.locator("main button").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".crop")).to_have_count(2)
    page.wait_for_load_state("load")  # the keys work once the script has run
    expect(page.locator(".crop").first).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("x")
    expect(page.locator('.crop[aria-pressed="true"]')).to_have_count(1)
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/group-check")
    with desk.store.read(ACTOR) as session:
        states = sorted(session.get_one(Document, each).state for each in documents)
    assert states == [DocumentState.IN_REVIEW, DocumentState.READY]
