"""The desk page: live, counted once for all who watch, each number with its documents, and no more than the scope allows."""

from __future__ import annotations

import datetime as dt
import re
import time
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select, update

from schemas.clock import now
from schemas.lifecycle import DocumentState
from schemas.roles import Role
from store.tables import Document, ReviewTask, WebSession
from tasks import desk_figures
from tasks.desk import Desk
from tasks.desk_figures import SharedFigures
from tests.given import ACTOR, invoice, new_document, process_of, ready_documents, work_on
from tests.workbench.scene import in_review, printed_invoice
from workbench.charts import HEIGHT, Series, bar_chart


def test_every_number_opens_its_documents(desk: Desk, arrive: Any) -> None:
    definition = process_of(desk)
    in_review(desk, definition, *printed_invoice())
    new_document(desk, definition)
    delivered, by_hand = ready_documents(desk, definition, 2)
    with desk.store.session(ACTOR) as session:
        left = {"state": DocumentState.DELIVERED, "delivered_at": now()}
        session.execute(update(Document).where(Document.id.in_([delivered, by_hand])).values(**left))
        session.execute(update(Document).where(Document.id == by_hand).values(touched=True))
    lea = arrive("lea", Role.SUPERVISOR)
    figures = re.findall(r'<a href="(/documents\?q=[^"]+)"><b>([^<]+)</b>', lea.get("/desk").text)
    assert len(figures) >= 10
    for address, number in figures:
        if not number.endswith("%"):
            rows = lea.get(address).text.count('<td class="clip"><a href="/documents/doc_')
            assert rows == int(number), address
    assert [number for _, number in figures if number.endswith("%")] == ["50%", "50%"]


def test_numbers_lead_nowhere_for_those_who_may_open_no_document(desk: Desk, arrive: Any) -> None:
    in_review(desk, process_of(desk), *printed_invoice())
    page = arrive("paul", Role.PLATFORM_ADMIN).get("/desk")
    assert page.status_code == 200 and 'href="/documents' not in page.text


def test_a_queue_that_will_be_late_says_so_beforehand(desk: Desk, arrive: Any) -> None:
    definition = process_of(desk)
    for number in ("A-1", "A-2"):
        work_on(desk, new_document(desk, definition), invoice(number), accepted=False)
    with desk.store.session(ACTOR) as session:
        due = now() + dt.timedelta(minutes=30)
        first, second = session.scalars(select(ReviewTask)).all()
        first.due_at = second.due_at = due
    page = arrive("lea", Role.SUPERVISOR).get("/desk").text
    assert "2 tasks of the queue review will be late, the first at" in page and "Nobody works on it now." in page


def test_failures_are_tried_again_from_the_desk_by_those_who_may(desk: Desk, arrive: Any) -> None:
    document_id = in_review(desk, process_of(desk), *printed_invoice())
    with desk.store.session(ACTOR) as session:
        session.execute(update(Document).values(state=DocumentState.FAILED, error="T201"))
    assert f'name="ids" value="{document_id}"' in arrive("otto", Role.OPS).get("/desk").text
    seen = arrive("pat", Role.PLATFORM_ADMIN).get("/desk").text
    assert "T201" in seen and 'name="ids"' not in seen


def test_people_of_one_client_see_its_figures_alone(desk: Desk, arrive: Any) -> None:
    in_review(desk, process_of(desk), *printed_invoice())
    in_review(desk, process_of(desk, client="umbra"), *printed_invoice())
    lea, leo = arrive("lea", Role.SUPERVISOR), arrive("leo", Role.SUPERVISOR, ("acme",))
    assert 'q=state%3Ain_review"><b>2</b>' in lea.get("/desk").text
    own = leo.get("/desk").text
    assert 'q=state%3Ain_review"><b>1</b>' in own and "Ledger residual" not in own


def test_all_watchers_of_a_scope_share_one_count(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    counted, gather = [], desk_figures.gather

    def counting(desk: Desk, scope: Any) -> Any:
        counted.append(scope.client_ids)
        return gather(desk, scope)

    monkeypatch.setattr(desk_figures, "gather", counting)
    shared = SharedFigures(desk, fresh_seconds=60)
    assert shared.now(ACTOR) is shared.now(ACTOR)
    assert counted == [None]


def test_nobody_waits_for_a_new_count_and_the_next_look_has_it(desk: Desk) -> None:
    shared = SharedFigures(desk, fresh_seconds=-1)
    first = shared.now(ACTOR)
    new_document(desk, process_of(desk))
    assert shared.now(ACTOR) is first
    for _ in range(1200):
        if shared.now(ACTOR).with_us == 1:
            return
        time.sleep(0.05)
    pytest.fail("the new count never came")


def test_the_stream_says_that_something_changed_and_is_no_sign_of_life(desk: Desk, app: FastAPI, arrive: Any) -> None:
    process_of(desk)
    lea = arrive("lea", Role.SUPERVISOR)
    long_ago = now() - dt.timedelta(minutes=20)
    with desk.store.session(ACTOR) as session:
        session.execute(update(WebSession).values(seen_at=long_ago))
    answer = lea.get("/desk/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text.startswith("retry: ") and answer.text.count("event: changed") == 1
    assert ": still here" in answer.text
    with desk.store.read(ACTOR) as session:
        assert set(session.scalars(select(WebSession.seen_at))) == {long_ago}


def test_a_stream_ends_with_its_session(desk: Desk, arrive: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.routes.desk_page.TICKS", 50)
    monkeypatch.setattr("workbench.routes.desk_page.ASK_SESSION_EVERY", 1)
    lea = arrive("lea", Role.SUPERVISOR)
    monkeypatch.setattr("workbench.routes.desk_page._look", lambda request, visitor: _sign_off(desk))
    assert lea.get("/desk/events").text.count("event: changed") == 1


def _sign_off(desk: Desk) -> str:
    with desk.store.session(ACTOR) as session:
        session.execute(update(WebSession).values(ended_at=now()))
    return "look"


@pytest.mark.parametrize("values", [[], [0, 0], [3, 7], [10**6, 1]])
def test_bars_stay_within_their_frame(values: list[int]) -> None:
    chart = bar_chart([str(v) for v in values], [Series("came", "came", values)], Series("pace", "done", values))
    assert all(bar.y >= 0 and bar.y + bar.height <= HEIGHT for bar in chart.bars)
    assert len(chart.bars) == sum(value > 0 for value in values)
