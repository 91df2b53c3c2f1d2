"""A day of audit in a real browser: blind keys by keyboard, a disagreement, a decision, and the lot's verdict."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from schemas.quality import LotState
from schemas.roles import Role
from store.tables import Lot, Sample
from tasks.audit.lots import close_lots, decide_lots
from tasks.desk import Desk
from tasks.review import Person, load_task, next_task, submit
from tests.given import ACTOR, process_of
from tests.workbench.scene import PASSWORD, in_review, person, printed_invoice

pytestmark = [
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    pytest.mark.usefixtures("quick_hashing"),
]
LOT_OF_ONE = (
    "audit: {plan: {prq: 0.1%, crq: 2%, consumer_risk: 1%}, lot: rolling, lot_size: 1, gate: before_delivery}\n"
    "delivery: [{name: csv, format: csv}]"
)


@pytest.fixture
def day(desk: Desk) -> Desk:
    """A lot of one invoice that ada finished, sampled; ben keys, quinn decides."""
    in_review(desk, process_of(desk, LOT_OF_ONE), *printed_invoice())
    ada = Person("ada")
    lease = next_task(desk, ada)
    assert lease is not None
    values = load_task(desk, ada, lease).extraction.values
    submit(desk, lease, ada, "invoice", values, accept_reason="as printed", seconds=1)
    close_lots(desk)
    person(desk, "ben", Role.REVIEWER)
    person(desk, "quinn", Role.QA_AUDITOR)
    return desk


def start(page: Page, address: str, name: str, at: str) -> None:
    page.goto(f"{address}/sign-in")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)
    page.goto(f"{address}{at}")
    expect(page.locator("main button.primary")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{at}/tsk_*")


def samples(desk: Desk) -> dict[str, Sample]:
    with desk.store.read(ACTOR) as session:
        return {sample.id: sample for sample in session.scalars(select(Sample))}


def key_all(page: Page, asked: dict[str, Sample], wrong: str) -> None:
    """By keyboard alone: Enter goes on, Alt+A says absent; after the last value the work is sent."""
    expect(page.locator("#keys .value").first).to_be_focused()
    for _ in range(page.locator("#keys .value").count()):
        name = str(page.evaluate("document.activeElement.name"))
        sample = asked[name.removeprefix("value-")]
        if sample.value_state == "absent":
            page.keyboard.press("Alt+a")
        else:
            page.keyboard.type("X-1" if sample.name == wrong else sample.value)
        page.keyboard.press("Enter")


def test_blind_keys_a_disagreement_a_decision_and_the_verdict(day: Desk, page: Page, address: str) -> None:
    heard: list[str] = []
    page.on("request", lambda request: heard.append(request.url))
    start(page, address, "ben", "/keying")
    expect(page.locator(".sheet img").first).to_be_visible()
    assert "NB-2026-0117" not in page.content()
    page.mouse.move(300, 400)
    page.mouse.click(300, 400)
    assert not [url for url in heard if url.endswith("/words")]
    page.locator("#keys .value").first.focus()
    page.keyboard.press("Control+Enter")  # nothing keyed: nothing is sent
    expect(page.locator("#keys .value").first).to_be_focused()
    key_all(page, samples(day), "invoice_number")
    page.wait_for_url(f"{address}/keying")
    page.context.clear_cookies()

    start(page, address, "quinn", "/deciding")
    readings = page.locator(".readings button")
    expect(readings).to_have_count(2)
    assert sorted(readings.evaluate_all("all => all.map(one => one.dataset.take)")) == ["NB-2026-0117", "X-1"]
    right = 1 + readings.evaluate_all("all => all.map(one => one.dataset.take)").index("NB-2026-0117")
    page.keyboard.press(f"Alt+{right}")
    expect(page.locator("#keys .value")).to_have_value("NB-2026-0117")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"{address}/deciding")
    decide_lots(day)
    with day.store.read(ACTOR) as session:
        assert session.scalars(select(Lot.state)).one() == LotState.ACCEPTED
