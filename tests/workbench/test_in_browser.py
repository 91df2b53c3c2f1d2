"""A review in a real browser, by keyboard alone: sign in, next, correct, submit, next; and a lease that is lost while typing."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from schemas.lifecycle import DocumentState
from schemas.roles import Role
from store.tables import Correction, Document, ReviewTask
from tasks.desk import Desk
from tasks.review import Person, next_task
from tests.given import ACTOR, process_of
from tests.workbench.browser import sign_in
from tests.workbench.scene import in_review, person, printed_invoice

pytestmark = [
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    pytest.mark.usefixtures("quick_hashing"),
]
EVIL = '"><img src=x onerror="window.evil=1"><script>window.evil=1</script>'


def test_two_exceptions_are_worked_by_keyboard_alone(desk: Desk, address: str, page: Page) -> None:
    definition = process_of(desk)
    person(desk, "ada", Role.REVIEWER)
    first = in_review(desk, definition, *printed_invoice("NB-1", misread={"gross_total": "120.00"}))
    second = in_review(desk, definition, *printed_invoice("NB-2", misread={"invoice_number": EVIL}))
    sign_in(page, address, "ada")
    page.keyboard.press("Enter")  # take the next
    page.wait_for_url("**/review/tsk_*")

    expect(page.locator("#f-net_total")).to_be_focused()  # the first field to look at
    expect(page.locator(".boxes rect.lit")).to_have_count(1)
    expect(page.locator("#strip-remark")).to_contain_text("1.00 too much")
    page.wait_for_function("document.querySelector('.sheet img').naturalWidth > 0")
    page.keyboard.press("F2")
    page.keyboard.press("F2")
    expect(page.locator("#f-gross_total")).to_be_focused()
    page.keyboard.press("Alt+2")  # the runner-up
    expect(page.locator("#f-gross_total")).to_have_value("119.00")
    expect(page.locator("#doubtful-count")).to_have_text("0")
    page.keyboard.press("Control+Enter")

    page.wait_for_url("**last=ready")
    expect(page.locator("#f-invoice_number")).to_have_value(EVIL)
    page.locator("#f-invoice_number").focus()
    page.keyboard.press("Alt+2")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#errors-left")).to_contain_text("with this date and total is already here")
    page.keyboard.type("Ordered twice, says the client.")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # submit all the same
    page.wait_for_url("**/review")
    expect(page.get_by_role("heading")).to_have_text("Nothing to do")

    assert page.evaluate("window.evil") is None
    with desk.store.read(ACTOR) as session:
        states = {session.get_one(Document, each).state for each in (first, second)}
        corrected = session.scalars(select(Correction.name).order_by(Correction.id)).all()
    assert states == {DocumentState.READY}
    assert corrected == ["gross_total", "invoice_number"]


def test_rows_are_added_and_deleted_and_the_rules_follow(desk: Desk, address: str, page: Page) -> None:
    person(desk, "ada", Role.REVIEWER)
    in_review(desk, process_of(desk), *printed_invoice(misread={"gross_total": "120.00"}))
    sign_in(page, address, "ada")
    page.keyboard.press("Enter")
    page.wait_for_url("**/review/tsk_*")
    rows = page.locator('.grid[data-table="line_items"] tbody tr')
    amount = page.locator('[id="f-line_items.1.line_total"]')
    amount.fill("60")
    expect(amount).to_have_attribute("data-mark", "error")
    page.keyboard.press("Escape")  # back to what the machine read
    expect(amount).to_have_value("50.00")
    expect(amount).not_to_have_attribute("data-mark", "error")
    page.keyboard.press("Alt+Insert")
    expect(rows).to_have_count(3)
    page.keyboard.type("Discount")
    page.keyboard.press("Alt+Delete")
    expect(rows).to_have_count(2)
    page.locator("#document-type").select_option("credit_note")
    expect(page.locator("#f-credit_note_number")).to_have_value("NB-2026-0117")
    page.keyboard.press("F1")
    expect(page.locator("#help-dialog")).to_be_visible()


def test_a_lost_lease_gives_the_typed_text_back(desk: Desk, address: str, page: Page) -> None:
    person(desk, "ada", Role.REVIEWER)
    in_review(desk, process_of(desk), *printed_invoice(misread={"gross_total": "120.00"}))
    sign_in(page, address, "ada")
    page.keyboard.press("Enter")
    page.wait_for_url("**/review/tsk_*")
    page.locator("#f-order_number").fill("PO 77")
    with desk.store.session(ACTOR) as session:
        session.execute(update(ReviewTask).values(lease_expires_at=ReviewTask.created_at))
    assert next_task(desk, Person("ben")) is not None
    page.keyboard.press("Control+Enter")
    expect(page.locator("#lost-dialog")).to_be_visible()
    assert "Order number: PO 77" in page.locator("#lost-text").input_value()
    page.get_by_role("button", name="Stay here").click()
    expect(page.locator("#f-order_number")).to_have_value("PO 77")
