"""How long work takes: seconds in which somebody was at it, told by heartbeats, kept with the decision, shown to leads."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from schemas.roles import Role
from store.review import LEFT
from store.tables import Event, ReviewTask
from tasks.desk import Desk
from tasks.people import figures_of
from tasks.review import Person, next_task, release
from tests.given import ACTOR, process_of
from tests.workbench.browser import take_next as take_next_in
from tests.workbench.scene import in_review, person, printed_invoice
from tests.workbench.test_review_work import submit, take_next, typed


def seconds(desk: Desk) -> float | None:
    with desk.store.read(ACTOR) as session:
        return session.scalars(select(ReviewTask.seconds)).one()


def test_heartbeats_add_up_over_reloads_and_are_kept_with_the_decision(desk: Desk, arrive: Any) -> None:
    in_review(desk, process_of(desk), *printed_invoice())
    ada = arrive("ada", Role.REVIEWER)
    path, epoch = take_next(ada)
    for told in (20, 11.5):
        assert ada.json(f"{path}/heartbeat", {"epoch": epoch, "seconds": told}).status_code == 200
    assert ada.form(f"{path}/release", epoch=str(epoch), seconds="5").status_code == 204
    assert take_next(ada) == (path, epoch)  # the page was loaded again
    assert ada.json(f"{path}/heartbeat", {"epoch": epoch, "seconds": -5}).status_code == 422
    assert submit(ada, path, epoch, typed(), seconds=4).json()["submitted"]
    assert seconds(desk) == 40.5
    assert figures_of(desk, ACTOR, "ada").seconds == 40.5


def test_who_gives_work_back_leaves_no_seconds_to_who_decides(desk: Desk, arrive: Any) -> None:
    in_review(desk, process_of(desk), *printed_invoice())
    ada, ben = arrive("ada", Role.REVIEWER), arrive("ben", Role.REVIEWER)
    path, epoch = take_next(ada)
    ada.json(f"{path}/heartbeat", {"epoch": epoch, "seconds": 30})
    lease = next_task(desk, Person("ada"))
    assert lease is not None
    release(desk, lease, Person("ada"), LEFT)
    path, epoch = take_next(ben)
    assert submit(ben, path, epoch, typed(), seconds=7).json()["submitted"]
    assert seconds(desk) == 7
    with desk.store.read(ACTOR) as session:
        released = session.scalars(select(Event.data).where(Event.kind == "task.released")).one()
    assert '"seconds":30' in released


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_page_left_alone_counts_a_minute_at_most(desk: Desk, address: str, page: Page, quick_hashing: None) -> None:
    person(desk, "ada", Role.REVIEWER)
    in_review(desk, process_of(desk), *printed_invoice())
    page.clock.install()
    take_next_in(page, address, "ada")
    expect(page.locator("#f-invoice_number")).to_be_focused()
    page.clock.run_for(30_000)
    page.keyboard.press("Shift")  # a sign of a person, and unlike the pointer's it has arrived when this returns
    page.route("**/heartbeat", lambda _: None)
    page.clock.run_for(300_000)
    page.keyboard.press("Control+Enter")
    page.unroute("**/heartbeat")  # what was held up goes on, and counts too
    page.wait_for_url("**/review")
    counted = seconds(desk)
    assert counted is not None and 80 <= counted <= 95
