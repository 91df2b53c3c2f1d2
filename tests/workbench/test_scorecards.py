"""Scorecards in the workbench: work list, the form beside the transcript, dispute and calibration; and all of it by keyboard."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from schemas.clock import now
from schemas.reading import Box, PageReading, Reading, Source, Word
from schemas.roles import Role
from schemas.scorecard import form_text
from store.evaluations import Contact, add_evaluation
from store.tables import Document
from tasks.desk import Desk
from tasks.evaluate import load_evaluation
from tests.given import ACTOR, new_document, process_of
from tests.workbench.browser import type_name_and_password
from tests.workbench.scene import person

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LINES = ["agent: Anna Weber", "---", "Agent: Good morning.", "Customer: My parcel is late.", "Agent: It is lost."]
MAIL = {"correct": "yes", "complete": "5", "promise": "yes", "recipient": "na", "salutation": "yes", "language": "3"}
FILLED = {f"answer.{item}": answer for item, answer in MAIL.items()} | {"action": "final"}


def drawn(desk: Desk, monkeypatch: pytest.MonkeyPatch, *, client: str = "acme") -> str:
    """A contact that waits for its score, with its transcript at hand."""
    words = [
        Word(word, Box(0, number / 100, 0.1, number / 100 + 0.01), 1.0, number)
        for number, line in enumerate(LINES, start=1)
        for word in line.split()
    ]
    page = PageReading(number=1, width=595, height=842, source=Source.TEXT_LAYER, words=words)
    monkeypatch.setattr("tasks.evaluate.known_reading", lambda *_: Reading(reader="test", pages=[page]))
    document_id = new_document(desk, process_of(desk, client=client))
    with desk.store.session(ACTOR) as session:
        document = session.get_one(Document, document_id)
        contact = Contact(document, "Anna Weber", "Blue", "mail", f"{now():%Y-%m}")
        return add_evaluation(session, contact, "mail", form_text("mail", {})).id


def test_an_evaluator_takes_the_next_contact_and_scores_it(
    desk: Desk, arrive: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    card, quinn = drawn(desk, monkeypatch), arrive("quinn", Role.QA_AUDITOR)
    assert quinn.form("/scorecards/next").headers["location"] == f"/scorecards/{card}"
    page = quinn.get(f"/scorecards/{card}").text
    assert "Customer: My parcel is late." in page and 'data-line="4"' in page
    asked = quinn.form(f"/scorecards/{card}", **{**FILLED, "answer.correct": "no"})
    assert asked.status_code == 200 and "Some items are not complete" in asked.text
    wrong = {**FILLED, "answer.correct": "no", "place.correct": "5:7:20", "note.correct": "it was found"}
    assert quinn.form(f"/scorecards/{card}", **wrong).headers["location"] == "/scorecards"
    assert "0.0\u00a0%" in quinn.get("/scorecards").text
    page = quinn.get(f"/scorecards/{card}").text
    assert "line 5</a> <q>" in page and "it was found" in page and "Critical error" in page
    assert '<input type="radio"' not in page  # what was decided is read, not filled in
    assert quinn.form(f"/scorecards/{card}", **FILLED).status_code == 409


@ON_SQLITE
def test_the_agents_side_sees_final_scores_only_no_evaluators_and_may_dispute(
    desk: Desk, arrive: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = drawn(desk, monkeypatch)
    quinn, carl = arrive("quinn", Role.QA_AUDITOR), arrive("carl", Role.CLIENT_VIEWER, ("acme",))
    assert quinn.form("/scorecards/next").status_code == 303
    assert carl.get(f"/scorecards/{card}").status_code == 404 and card not in carl.get("/scorecards").text
    assert quinn.form(f"/scorecards/{card}", **FILLED).status_code == 303
    page = carl.get(f"/scorecards/{card}").text
    assert "quinn" not in page + carl.get("/scorecards").text and "Have it scored anew" in page
    assert carl.form(f"/scorecards/{card}/dispute", text="Line 5 was right").status_code == 303
    assert quinn.form("/scorecards/next").headers["location"] == "/scorecards"  # not by the same person
    again = arrive("lea", Role.SUPERVISOR).form("/scorecards/next").headers["location"]
    assert again.startswith("/scorecards/sco_") and card not in again
    assert arrive("dora", Role.CLIENT_VIEWER, ("umbra",)).get(f"/scorecards/{card}").status_code == 404


@ON_SQLITE
def test_a_calibration_is_shown_when_all_have_finished(
    desk: Desk, arrive: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    card, lea = drawn(desk, monkeypatch), arrive("lea", Role.SUPERVISOR)
    quinn, kim = arrive("quinn", Role.QA_AUDITOR), arrive("kim", Role.QA_AUDITOR)
    lea.form("/scorecards/next")
    lea.form(f"/scorecards/{card}", **FILLED)
    assert 'value="kim"' in lea.get(f"/scorecards/{card}").text
    where = lea.form(f"/scorecards/{card}/calibrate", people=["kim", "quinn"]).headers["location"]
    for each, tone in ((quinn, "1"), (kim, "5")):
        assert "when everybody has finished" in each.get(where).text
        own = each.form("/scorecards/next").headers["location"]
        assert each.form(own, **{**FILLED, "answer.language": tone}).headers["location"] == where
    page = lea.get(where).text
    assert "kim / quinn" in page and "83.3\u00a0%" in page and "AC1" in page
    assert len(re.findall('class="differs"', page)) == 1


@ON_SQLITE
def test_a_contact_is_scored_in_a_browser_without_a_mouse_but_for_the_place(
    desk: Desk, address: str, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = drawn(desk, monkeypatch)
    person(desk, "quinn", Role.QA_AUDITOR)
    type_name_and_password(page, address, "quinn")
    page.wait_for_url(lambda url: "sign-in" not in url)
    page.goto(f"{address}/scorecards")
    expect(page.locator("main button.primary")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/scorecards/{card}")
    page.locator('li[data-line="5"]').click()
    expect(page.locator('[name="place.correct"]')).to_have_value("5")
    expect(page.locator("li.lit")).to_have_text(re.compile("It is lost"))
    for key in "251n13":
        page.keyboard.press(key)
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/scorecards")
    view = load_evaluation(desk, ACTOR, card)
    assert view.evaluation.state == "final" and view.evaluation.auto_failed
    assert view.answers["correct"].place is not None and view.answers["correct"].place.line == 5
    assert view.answers["language"].answer == "3"
