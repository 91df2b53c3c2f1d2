"""The review form in a real browser: drafts, undo, tables, a session that ends, a task that two want, the way to the next."""

from __future__ import annotations

import time
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from schemas.clock import now
from schemas.lifecycle import DocumentState
from schemas.roles import Role
from store.instructions import add_instruction
from store.tables import Correction, Document, Draft, FieldValue, Note, ReviewTask, WebSession
from tasks.desk import Desk
from tests.given import ACTOR, process_of
from tests.workbench.browser import PATIENCE, sign_in, take_next, type_in
from tests.workbench.scene import PASSWORD, in_review, person, printed_invoice

pytestmark = [
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    pytest.mark.usefixtures("quick_hashing"),
]
WRONG = {"gross_total": "120.00"}


def amount(tab: Page, row: int) -> Any:
    return tab.locator(f'[id="f-line_items.{row}.line_total"]')


def test_a_flagged_invoice_with_two_doubtful_fields_takes_six_keys_at_most(
    desk: Desk, address: str, page: Page
) -> None:
    person(desk, "ada", Role.REVIEWER)
    misread = {"gross_total": "120.00", "invoice_number": "NB-2026-0111"}
    content, read = printed_invoice(misread=misread, doubtful=("gross_total", "invoice_number"))
    document_id = in_review(desk, process_of(desk), content, read)
    take_next(page, address, "ada")
    keys = 0

    def press(key: str) -> None:
        nonlocal keys
        keys += 1
        page.keyboard.press(key)

    expect(page.locator("#f-invoice_number")).to_be_focused()
    press("Alt+2")
    for _ in range(3):
        press("F2")
        if page.locator("#f-gross_total").evaluate("input => input === document.activeElement"):
            break
    press("Alt+2")
    expect(page.locator("#doubtful-count")).to_have_text("0")
    press("Control+Enter")
    page.wait_for_url("**/review")
    assert keys <= 6
    with desk.store.read(ACTOR) as session:
        assert session.get_one(Document, document_id).state == DocumentState.READY
        assert set(session.scalars(select(Correction.name))) == {"gross_total", "invoice_number"}


def test_what_is_typed_is_there_after_a_reload_and_for_the_next_holder(desk: Desk, address: str, page: Page) -> None:
    person(desk, "ada", Role.REVIEWER)
    in_review(desk, process_of(desk), *printed_invoice(misread=WRONG))
    take_next(page, address, "ada")
    page.locator("#f-order_number").fill("PO 77")
    expect(page.locator("#saved")).to_contain_text("saved")
    page.locator("#f-order_number").fill("PO 78")
    page.reload()  # at once: what was not kept yet goes along
    expect(page.locator("#f-order_number")).to_have_value("PO 78")
    expect(page.locator("#f-order_number")).to_have_attribute("data-original", "4500012345")


def test_undo_and_redo_go_over_fields_rows_and_states(desk: Desk, address: str, page: Page) -> None:
    person(desk, "ada", Role.REVIEWER)
    in_review(desk, process_of(desk), *printed_invoice(misread=WRONG))
    take_next(page, address, "ada")
    rows = page.locator('.grid[data-table="line_items"] tbody tr')
    page.locator("#f-order_number").fill("PO 77")
    page.keyboard.press("Alt+u")
    expect(page.locator("#f-order_number")).to_have_attribute("data-state", "unreadable")
    amount(page, 1).focus()
    page.keyboard.press("Alt+Delete")
    expect(rows).to_have_count(1)
    for _ in range(3):
        page.keyboard.press("Control+z")
    expect(rows).to_have_count(2)
    expect(amount(page, 1)).to_have_value("50.00")
    expect(page.locator("#f-order_number")).to_have_value("4500012345")
    page.keyboard.press("Control+y")
    expect(page.locator("#f-order_number")).to_have_value("PO 77")


def test_rows_are_pasted_split_and_merged_and_their_sum_is_told(desk: Desk, address: str, page: Page) -> None:
    person(desk, "berta", Role.REVIEWER, language="de")
    in_review(desk, process_of(desk), *printed_invoice(misread=WRONG))
    page.goto(f"{address}/sign-in")
    page.locator("#name").fill("berta")
    page.locator("#password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.locator("button.primary").click()
    page.wait_for_url("**/review/tsk_*")
    rows, total = (page.locator(f'.grid[data-table="line_items"] {part}') for part in ("tbody tr", "tfoot td"))
    total = total.and_(page.locator('[data-column="line_total"]'))
    expect(total).to_have_attribute("data-agrees", "true")
    amount(page, 1).focus()
    paste(page, "1.010,00\r\n20,50\r\n7,25\r\n")
    expect(rows).to_have_count(3)
    expect(total).to_have_text("1.037,75")
    expect(total).to_have_attribute("data-agrees", "false")
    page.keyboard.press("Control+z")
    expect(rows).to_have_count(2)
    expect(total).to_have_text("100,00")

    text = page.locator('[id="f-line_items.1.description"]')
    text.evaluate("input => { input.focus(); input.setSelectionRange(14, 14); }")
    page.keyboard.press("Alt+s")
    expect(rows).to_have_count(3)
    expect(text).to_have_value("Copy paper A4,")
    expect(page.locator('[id="f-line_items.2.description"]')).to_have_value("500 sheets")
    expect(amount(page, 3)).to_have_value("50,00")  # moved on by one
    page.keyboard.press("ArrowUp")
    expect(text).to_be_focused()
    page.keyboard.press("Alt+m")
    expect(text).to_have_value("Copy paper A4, 500 sheets")


def paste(tab: Page, text: str) -> None:
    tab.evaluate(
        """text => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
            document.activeElement.dispatchEvent(event);
        }""",
        text,
    )


def test_a_row_put_between_is_no_correction_of_those_below(desk: Desk, address: str, page: Page) -> None:
    person(desk, "ada", Role.REVIEWER)
    in_review(desk, process_of(desk), *printed_invoice(misread=WRONG))
    take_next(page, address, "ada")
    page.locator("#f-gross_total").fill("119")
    page.locator('[id="f-line_items.1.description"]').focus()
    page.keyboard.press("Alt+Insert")
    page.keyboard.type("Freight")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/review")
    with desk.store.read(ACTOR) as session:
        corrected = session.execute(select(Correction.name, Correction.row)).all()
        last = session.scalars(select(FieldValue).where(FieldValue.version == 2, FieldValue.row == 3)).all()
    assert sorted(corrected) == [("description", 2), ("gross_total", 0)]
    assert {value.source for value in last} == {"machine"} and all(value.box for value in last)


def test_a_session_that_ends_while_typing_loses_nothing(desk: Desk, address: str, page: Page) -> None:
    person(desk, "ada", Role.REVIEWER)
    in_review(desk, process_of(desk), *printed_invoice(misread=WRONG))
    take_next(page, address, "ada")
    with desk.store.session(ACTOR) as session:
        session.execute(update(WebSession).values(ended_at=now()))
    page.locator("#f-order_number").fill("PO 77")
    expect(page.locator("#signed-out-dialog")).to_be_visible()
    type_in(page, "#again-password", "wrong")
    page.keyboard.press("Enter")
    expect(page.locator("#signed-out-problem")).to_contain_text("wrong")
    page.locator("#again-password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#signed-out-dialog")).to_be_hidden()
    expect(page.locator("#saved")).to_contain_text("saved")
    expect(page.locator("#f-order_number")).to_have_value("PO 77")
    with desk.store.read(ACTOR) as session:
        kept = session.scalars(select(Draft)).one()
    assert "PO 77" in {value["text"] for value in kept.values}


def test_two_who_want_one_task_do_not_get_it_both(desk: Desk, address: str, page: Page, chromium: Any) -> None:
    person(desk, "ada", Role.REVIEWER)
    person(desk, "ben", Role.REVIEWER)
    in_review(desk, process_of(desk), *printed_invoice(misread=WRONG))
    other = chromium.new_context()
    second = other.new_page()
    sign_in(page, address, "ada")
    sign_in(second, address, "ben")
    for tab in (page, second):
        tab.locator("form[action='/review/next']").evaluate("form => form.submit()")
    for tab in (page, second):
        nothing = tab.get_by_role("heading", name="Nothing to do")
        expect(tab.locator("#f-gross_total").or_(nothing)).to_be_visible()
    at_work = [tab for tab in (page, second) if "/review/tsk_" in tab.url]
    assert len(at_work) == 1
    at_work[0].goto(f"{address}/mine")  # who leaves gives it back
    ends = time.monotonic() + PATIENCE / 1000
    while seconds_held(desk) > 10 and time.monotonic() < ends:
        at_work[0].wait_for_timeout(50)
    assert seconds_held(desk) <= 10
    other.close()


def seconds_held(desk: Desk) -> float:
    """For how long the only task's lease still runs."""
    with desk.store.read(ACTOR) as session:
        task = session.scalars(select(ReviewTask)).one()
    assert task.lease_expires_at is not None
    return (task.lease_expires_at - now()).total_seconds()


def test_a_lead_gets_what_a_colleague_cannot_decide_with_the_note(desk: Desk, address: str, page: Page) -> None:
    person(desk, "ada", Role.REVIEWER)
    person(desk, "lea", Role.SUPERVISOR)
    in_review(desk, process_of(desk), *printed_invoice(misread=WRONG))
    take_next(page, address, "ada")
    page.locator("#f-order_number").fill("PO 77")
    page.keyboard.press("Alt+n")
    page.keyboard.type("The stamp hides the date.")
    page.locator("#note-dialog button.primary").click()
    expect(page.locator("#notes")).to_contain_text("The stamp hides the date.")
    expect(page.locator("#saved")).to_contain_text("saved")
    page.keyboard.press("Alt+e")
    page.keyboard.type("Is this a duplicate?")
    page.locator("#escalate-dialog button.primary").click()
    page.wait_for_url("**/review")
    expect(page.get_by_role("heading")).to_have_text("Nothing to do")
    page.context.clear_cookies()
    take_next(page, address, "lea")
    expect(page.locator("#notes")).to_contain_text("Is this a duplicate?")
    expect(page.locator("#f-order_number")).to_have_value("PO 77")


def test_the_client_is_asked_about_the_field_and_what_was_typed_waits(desk: Desk, address: str, page: Page) -> None:
    person(desk, "ada", Role.REVIEWER)
    document_id = in_review(desk, process_of(desk), *printed_invoice(misread=WRONG))
    take_next(page, address, "ada")
    page.locator("#f-order_number").fill("PO 77")
    page.keyboard.press("Alt+q")
    page.keyboard.type("Which order is it?")
    page.locator("#ask-dialog button.primary").click()
    page.wait_for_url("**/review")
    with desk.store.read(ACTOR) as session:
        assert session.get_one(Document, document_id).state == DocumentState.AWAITING_CLIENT
        assert session.scalars(select(Draft)).one().by == "ada"


def test_a_changed_instruction_is_confirmed_with_one_key_and_stands_beside_its_field(
    desk: Desk, address: str, page: Page
) -> None:
    person(desk, "ada", Role.REVIEWER)
    in_review(desk, process_of(desk), *printed_invoice(misread=WRONG))
    with desk.store.session(ACTOR) as session:
        add_instruction(session, "acme", "invoices", "order_number", {"en": "Without the PO."}, None, by="lea")
    take_next(page, address, "ada")
    expect(page.get_by_role("heading", level=1)).to_have_text("How this is keyed has changed")
    expect(page.locator("main button.primary")).to_be_focused()
    page.keyboard.press("Enter")
    page.locator("#f-order_number").focus()
    expect(page.locator("#instructions")).to_contain_text("Without the PO.")
    page.locator("#f-gross_total").focus()
    expect(page.locator("#instructions figure")).to_be_hidden()


def test_the_next_document_is_ready_before_the_first_is_done(desk: Desk, address: str, page: Page) -> None:
    person(desk, "ada", Role.REVIEWER)
    definition = process_of(desk)
    for number in ("NB-1", "NB-2"):
        in_review(desk, definition, *printed_invoice(number, misread=WRONG))
    with page.expect_response("**/review/upcoming"):
        take_next(page, address, "ada")
    page.evaluate("window.stays = true")
    page.locator("#f-gross_total").fill("119")
    first = page.url
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: url != first)
    expect(page.locator("#f-invoice_number")).to_have_value("NB-2")
    assert page.evaluate("window.stays")  # no page was loaded
    with desk.store.read(ACTOR) as session:
        assert session.scalars(select(Note)).all() == []
