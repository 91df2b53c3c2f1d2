"""A curious reviewer looks wherever they can for what tells a known answer from real work, and finds nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from schemas.lifecycle import TaskKind
from schemas.roles import Role
from store.tables import Document, ReviewTask, Seed
from tasks import questions, resplit, review
from tasks.deliver import deliver
from tasks.desk import Desk
from tasks.look_alike import tried_with
from tasks.reconcile import reconcile
from tasks.resplit import PlannedPage
from tasks.review import Person, load_task, next_task, release
from tests.given import ACTOR, process_of
from tests.tasks.test_seeds import SEEDED, finish, known, traces, waiting
from tests.workbench.conftest import Browser
from tests.workbench.test_search import say

ADA = Person("ada")
TRUTH, PLANTED = "119.00", "190.00"


@pytest.fixture
def tried(desk: Desk) -> tuple[str, str]:
    """A real document that ada has sent, and the known one that is before her now."""
    definition = process_of(desk, SEEDED)
    past = known(desk, definition, read=PLANTED, truth=TRUTH)
    deliver(desk, "worker")
    real = waiting(desk, definition, "R-9")
    lease = next_task(desk, ADA)
    assert lease is not None
    finish(desk, ADA, lease)
    assert next_task(desk, ADA) is not None
    return real, past


def steps(page: str) -> list[str]:
    """What a document's page says happened, in its order."""
    story = page.partition('<ol class="story">')[2].partition("</ol>")[0]
    return [
        re.sub(r"<[^>]+>|\s+", " ", each).strip() for each in re.findall(r"<div>(.*?)(?:<span|</div>)", story, re.S)
    ]


def state_in(page: str) -> str:
    found = re.search(r'class="state[^"]*" ?[^>]*>([^<]+)<', page)
    assert found
    return found[1]


def amounts(page: str) -> set[str]:
    return {each for each in (TRUTH, PLANTED) if each in page}


def test_its_page_is_one_of_a_document_that_has_just_come_in(desk: Desk, arrive: Any, tried: tuple[str, str]) -> None:
    ada: Browser = arrive("ada", Role.REVIEWER)
    page = ada.get(f"/documents/{tried[1]}").text
    assert state_in(page) == "In review"
    assert PLANTED in page and TRUTH not in page and "Delivered" not in page.partition("<main")[2]
    explained = ada.get(f"/api/v1/documents/{tried[1]}/fields/gross_total/explanation").json()
    assert explained["value"]["text"] == PLANTED and not explained["changes"]
    other = arrive("ben", Role.REVIEWER).get(f"/documents/{tried[1]}").text
    assert state_in(other) == "Delivered"


def test_it_takes_the_same_steps_as_a_real_one(desk: Desk, arrive: Any, tried: tuple[str, str]) -> None:
    ada: Browser = arrive("ada", Role.REVIEWER)
    lease = next_task(desk, ADA)
    assert lease is not None
    finish(desk, ADA, lease, gross_total=TRUTH)
    real, past = (ada.get(f"/documents/{each}").text for each in tried)
    assert state_in(real) == state_in(past) == "Ready"
    assert [each for each in steps(past) if each != "Value corrected"] == steps(real)
    assert PLANTED in past and TRUTH in past  # what she was shown, and what she made of it
    assert past.count("person,") == real.count("person,") and past.count("Queued") == real.count("Queued")
    mine = ada.get("/mine").text
    assert mine.count("Ready") == 2 and "Delivered" not in mine
    deliver(desk, "worker")
    real, past = (ada.get(f"/documents/{each}").text for each in tried)
    assert state_in(real) == state_in(past) == "Delivered"
    assert [each for each in steps(past) if each != "Value corrected"] == steps(real)
    assert ada.get("/mine").text.count("Delivered") == 2


def test_no_search_finds_what_is_true_of_it(desk: Desk, arrive: Any, tried: tuple[str, str]) -> None:
    ada: Browser = arrive("ada", Role.REVIEWER)
    past = tried[1]
    for query in ("", "amount:190..190", "state:in_review", f"{past}", "number:R-1"):
        for path in ("/documents", "/documents.csv"):
            found = ada.get(f"{path}?q={query}").text
            lines = re.findall(r"<tr>.*?</tr>", found, re.S) if path == "/documents" else found.splitlines()
            rows = [line for line in lines if past in line]
            assert len(rows) == 1 and PLANTED in rows[0] and TRUTH not in rows[0], (query, path)
            assert "elivered" not in rows[0]
    for query in (f"amount:{TRUTH}..{TRUTH} R-1", "state:delivered", "touched:yes"):
        assert past not in ada.get(f"/documents?q={query}").text, query
    assert past in arrive("ben", Role.REVIEWER).get("/documents?q=state:delivered").text


@pytest.mark.parametrize(
    "line",
    [
        "meadow",
        "R-1",
        "2026-11-03",
        "queue:other",
        "received:today",
        "received:yesterday",
        "due:late",
        "delivered:..today",
    ],
)
def test_it_is_found_by_what_finds_a_document_that_waits_as_well(
    desk: Desk, arrive: Any, tried: tuple[str, str], line: str
) -> None:
    """Whatever finds a real document in the place of the known one finds the known one too, and nothing else does."""
    real = waiting(desk, process_of(desk, SEEDED), "R-1")
    for each in (real, tried[1]):
        say(desk, each, "green meadow invoice")
    with desk.store.session(ACTOR) as session:
        alike = next_alike(session, tried[1])
        document = session.get_one(Document, real)
        document.received_at, document.due_at = alike.received_at, alike.due_at
    ada: Browser = arrive("ada", Role.REVIEWER)
    page = ada.get(f"/documents?q={line}").text
    assert (tried[1] in page) == (real in page), line
    assert (
        tried[1] in ada.get("/documents?q=meadow R-1").text and tried[1] not in ada.get("/documents?q=snowdrift").text
    )


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.SUPERVISOR])
def test_it_is_opened_again_only_once_it_looks_finished(
    desk: Desk, arrive: Any, tried: tuple[str, str], role: Role
) -> None:
    """A lead may open anybody's documents again; of what tries them they open what they see, never the real one."""
    ada: Browser = arrive("ada", role)
    other = waiting(desk, process_of(desk, SEEDED), "R-3")
    before = traces(desk, tried[1])
    answers = [ada.form(f"/documents/{each}/reopen", note="look again") for each in (other, tried[1])]
    assert [answer.status_code for answer in answers] == [409, 409]
    lease = next_task(desk, ADA)
    assert lease is not None
    finish(desk, ADA, lease)
    again = ada.form(f"/documents/{tried[1]}/reopen", note="look again")
    assert again.headers["location"].startswith(f"/review/{lease.id}?")
    held = next_task(desk, ADA, task_id=lease.id)
    assert held is not None
    review.reject(desk, held, ADA, "NOT_AGREED", "never ordered")
    assert ada.form(f"/documents/{tried[1]}/reopen", note="look again").status_code == 409
    assert traces(desk, tried[1]) == before and reconcile(desk).residual == 0


def next_alike(session: Session, document_id: str) -> Document:
    alike = tried_with(session, document_id, "ada")
    assert alike is not None
    return alike.document


def test_it_can_be_opened_again_and_changed_like_any_other(desk: Desk, arrive: Any, tried: tuple[str, str]) -> None:
    ada: Browser = arrive("ada", Role.REVIEWER)
    lease = next_task(desk, ADA)
    assert lease is not None
    finish(desk, ADA, lease)
    before = traces(desk, tried[1])
    answers = [ada.form(f"/documents/{each}/reopen", note="look again") for each in tried]
    assert [answer.status_code for answer in answers] == [303, 303]
    again = next_task(desk, ADA, task_id=lease.id)
    assert again is not None and again.id == lease.id
    finish(desk, ADA, again, gross_total=TRUTH)
    with desk.store.read(ACTOR) as session:
        assert session.scalars(select(Seed)).one().caught is True
    assert traces(desk, tried[1]) == before and reconcile(desk).residual == 0


@pytest.mark.parametrize("end", ["arrange", "join", "ask", "skip"])
def test_every_end_is_taken_and_leaves_the_document_alone(
    desk: Desk, arrive: Any, tried: tuple[str, str], end: str
) -> None:
    ada: Browser = arrive("ada", Role.REVIEWER)
    lease = next_task(desk, ADA)
    assert lease is not None
    before = traces(desk, tried[1])
    if end == "arrange":
        pages = len(load_task(desk, ADA, lease).pages)
        resplit.arrange(desk, lease, ADA, [PlannedPage(n, turn=90) for n in range(1, pages + 1)])
    elif end == "join":
        resplit.join_before(desk, lease, ADA)
    elif end == "ask":
        questions.ask(desk, lease, ADA, "Is it yours?")
    else:
        release(desk, lease, ADA, "skipped:other")
    page = ada.get(f"/documents/{tried[1]}").text
    shown = {"arrange": "In work", "join": "Rejected", "ask": "With the client", "skip": "In review"}
    assert state_in(page) == shown[end] and TRUTH not in page
    assert (tried[1] in ada.get("/mine").text) == (end != "skip")
    assert traces(desk, tried[1]) == before and reconcile(desk).residual == 0


def test_whoever_checks_people_still_sees_what_it_was(desk: Desk, tried: tuple[str, str]) -> None:
    lease = next_task(desk, ADA)
    assert lease is not None
    finish(desk, ADA, lease)
    with desk.store.read(ACTOR) as session:
        assert session.get_one(ReviewTask, lease.id).kind == TaskKind.SEEDED
        assert session.scalars(select(Seed)).one().caught is False
