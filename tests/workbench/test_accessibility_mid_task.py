"""Screens in the middle of work, seen by axe-core: keying, deciding, a lesson, a scorecard, dialogs, the grid. Nothing jumps."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from schemas.roles import Role
from tasks import training
from tasks.audit.lots import close_lots
from tasks.desk import Desk
from tasks.review import Person, load_task, next_task, submit
from tests.given import ACTOR, process_of
from tests.workbench.browser import take_next, type_in
from tests.workbench.scene import in_review, person, printed_invoice
from tests.workbench.test_accessibility import enter, violations
from tests.workbench.test_keying_in_browser import LOT_OF_ONE, key_all, samples
from tests.workbench.test_scorecards import drawn

pytestmark = [
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    pytest.mark.usefixtures("quick_hashing"),
]
DIALOGS = ("reject", "skip", "ask", "escalate", "note", "accept", "help")
FOCUS = """() => {
    const shown = getComputedStyle(document.activeElement);
    return shown.outlineStyle !== "none" || shown.boxShadow !== "none" || document.activeElement === document.body;
}"""
JUMPS = """() => {
    window.jumps = 0;
    const add = (list) => list.getEntries().forEach((each) => { if (!each.hadRecentInput) window.jumps += each.value; });
    new PerformanceObserver(add).observe({type: "layout-shift", buffered: true});
}"""


def finished(desk: Desk) -> None:
    """An invoice that ada has finished."""
    in_review(desk, process_of(desk, LOT_OF_ONE), *printed_invoice())
    lease = next_task(desk, Person("ada"))
    assert lease is not None
    values = load_task(desk, Person("ada"), lease).extraction.values
    submit(desk, lease, Person("ada"), "invoice", values, accept_reason="as printed", seconds=1)


def in_both_schemes(page: Page) -> list[str]:
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += violations(page)
    return found


def begin(page: Page) -> None:
    """The button that begins the work gets the focus once the page is drawn."""
    expect(page.locator("main button.primary")).to_be_focused()
    page.keyboard.press("Enter")


def test_keying_and_deciding(desk: Desk, address: str, page: Page) -> None:
    finished(desk)
    close_lots(desk)
    person(desk, "ben", Role.REVIEWER)
    person(desk, "quinn", Role.QA_AUDITOR)
    enter(page, address, "ben")
    page.goto(f"{address}/keying")
    begin(page)
    page.wait_for_url("**/keying/tsk_*")
    expect(page.locator(".sheet img").first).to_be_visible()
    type_in(page, "input.value >> nth=0", "X")
    assert in_both_schemes(page) == []
    page.keyboard.press("Backspace")
    key_all(page, samples(desk), "invoice_number")
    page.wait_for_url(f"{address}/keying")
    page.context.clear_cookies()
    enter(page, address, "quinn")
    page.goto(f"{address}/deciding")
    begin(page)
    page.wait_for_url("**/deciding/tsk_*")
    page.keyboard.press("Alt+1")
    assert in_both_schemes(page) == []


def test_a_lesson_and_what_it_tells(desk: Desk, address: str, page: Page) -> None:
    finished(desk)
    course = training.make_course(desk, ACTOR, "acme", "invoices", title="A", skill="a", pass_mark=0.9, size=1)
    person(desk, "cem", Role.REVIEWER)
    enter(page, address, "cem")
    page.goto(f"{address}/training/{course}")
    begin(page)
    page.locator("#lesson input:not([type=hidden])").first.fill("RE-1")
    assert in_both_schemes(page) == []
    page.locator("#lesson .primary").click()
    expect(page.locator(".outcome").first).to_be_visible()
    assert in_both_schemes(page) == []


def test_a_scorecard_that_is_being_filled_and_one_that_is_not_complete(
    desk: Desk, address: str, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn(desk, monkeypatch)
    person(desk, "quinn", Role.QA_AUDITOR)
    enter(page, address, "quinn")
    page.goto(f"{address}/scorecards")
    begin(page)
    page.wait_for_url("**/scorecards/sco_*")
    page.locator("input[type=radio]").first.check()
    assert in_both_schemes(page) == []
    page.locator("button[value=final]").click()
    page.wait_for_load_state()
    assert in_both_schemes(page) == []


def test_the_grid_in_edit_and_every_dialog(desk: Desk, address: str, page: Page) -> None:
    in_review(desk, process_of(desk), *printed_invoice(misread={"gross_total": "120.00"}))
    person(desk, "ada", Role.REVIEWER)
    take_next(page, address, "ada")
    page.locator('[id="f-line_items.1.line_total"]').fill("60")
    page.keyboard.press("Alt+Insert")
    expect(page.locator('.grid[data-table="line_items"] tbody tr')).to_have_count(3)
    assert in_both_schemes(page) == []
    for name in DIALOGS:
        page.evaluate("id => document.getElementById(id).showModal()", f"{name}-dialog")
        assert {name: in_both_schemes(page)} == {name: []}
        page.keyboard.press("Escape")


def test_pages_do_not_jump_and_focus_is_seen_on_every_stop(desk: Desk, address: str, page: Page) -> None:
    for _ in range(3):
        in_review(desk, process_of(desk), *printed_invoice(doubtful=("gross_total",)))
    person(desk, "lea", Role.SUPERVISOR)
    page.add_init_script(f"({JUMPS})()")
    enter(page, address, "lea")
    for path in ("/desk", "/documents", "/group-check", "/review"):
        page.goto(f"{address}{path}")
        page.wait_for_load_state("networkidle")
        assert (path, page.evaluate("window.jumps")) == (path, pytest.approx(0, abs=0.01))
        unseen = [each for each in stops(page) if not each["seen"]]
        assert (path, unseen) == (path, [])
    page.get_by_role("button", name="Take the next").click()
    page.wait_for_url("**/review/tsk_*")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.jumps") == pytest.approx(0, abs=0.01)


def stops(page: Page, most: int = 40) -> list[dict[str, Any]]:
    """Where the tab key stops, and whether a person sees that it does."""
    found: list[dict[str, Any]] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        name = page.evaluate("document.activeElement.outerHTML.slice(0, 80)")
        found.append({"name": name, "seen": page.evaluate(FOCUS)})
    return found


def test_who_wants_no_motion_gets_none(desk: Desk, address: str, page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{address}/sign-in")
    moving = page.evaluate(
        "[...document.querySelectorAll('*')].filter((e) => getComputedStyle(e).transitionDuration !== '0s').length"
    )
    assert moving == 0
