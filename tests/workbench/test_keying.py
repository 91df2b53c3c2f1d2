"""Blind keying in the workbench: whoever keys sees the page and the question, never an answer."""

from __future__ import annotations

import re
from typing import Any

import pytest
from httpx import Response
from sqlalchemy import select

from schemas.lifecycle import DocumentState
from schemas.quality import LotState, SampleState
from schemas.roles import Role
from store.tables import Document, Key, Lot, Sample
from tasks.audit.lots import close_lots, decide_lots
from tasks.desk import Desk
from tests.given import ACTOR, process_of
from tests.tasks.test_audits import LOTS, reviewed
from tests.workbench.conftest import Browser

SECRET = "SECRET-4711"


@pytest.fixture
def sampled(desk: Desk) -> list[str]:
    """Two documents that ada finished, whose lot is closed and sampled whole."""
    definition = process_of(desk, LOTS)
    documents = [reviewed(desk, definition, f"{SECRET}-{n}", supplier_name=f"Hidden Partners {n} Ltd") for n in (1, 2)]
    close_lots(desk)
    return documents


def first_task(browser: Browser, at: str = "/keying") -> str:
    answer = browser.form(f"{at}/next")
    assert answer.status_code == 303
    return str(answer.headers["location"])


def fields_of(page: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r'name="value-(smp_[0-9a-f]{32})"', page)))


def answers(desk: Desk, page: str, *, wrong: str = "") -> dict[str, str]:
    """What somebody types who reads well, but for the named field."""
    epoch = re.search(r'name="epoch" value="(\d+)"', page)
    assert epoch
    typed = {"epoch": epoch[1], "seconds": "12"}
    with desk.store.read(ACTOR) as session:
        for sample in session.scalars(select(Sample).where(Sample.id.in_(fields_of(page)))):
            if sample.name == wrong:
                typed[f"value-{sample.id}"] = "X-1"
            elif sample.value_state == "present":
                typed[f"value-{sample.id}"] = sample.value
            else:
                typed[f"state-{sample.id}"] = sample.value_state
    return typed


def leased_document(page: str) -> str:
    found = re.search(r'data-document="(doc_[0-9a-f]{32})"', page)
    assert found
    return found[1]


def answers_about(browser: Browser, document_id: str) -> list[Response]:
    """What the desk says of a document wherever it speaks of one."""
    value = f"/api/v1/documents/{document_id}/fields/invoice_number/explanation"
    words, picture = (f"/documents/{document_id}/pages/1{end}" for end in ("/words", ".jpg"))
    paths = (f"/documents/{document_id}", value, words, picture, "/documents", "/documents.csv", "/mine", "/review")
    return [browser.get(path) for path in paths]


def test_no_answer_that_a_keyer_gets_holds_a_value(desk: Desk, arrive: Any, sampled: list[str]) -> None:
    ben = arrive("ben", Role.REVIEWER)
    page = ben.get(first_task(ben))
    assert page.status_code == 200 and fields_of(page.text) and ">ada<" not in page.text
    document_id = leased_document(page.text)
    number = sampled.index(document_id) + 1
    for answer in (page, *answers_about(ben, document_id)):
        everything = answer.text + str(answer.headers)
        assert f"{SECRET}-{number}" not in everything and f"Partners {number}" not in everything, answer.url


def test_until_a_document_is_keyed_its_values_are_closed_to_whom_it_was_given(
    desk: Desk, arrive: Any, sampled: list[str]
) -> None:
    ben = arrive("ben", Role.REVIEWER)
    address = first_task(ben)
    page = ben.get(address).text
    document_id = leased_document(page)
    closed = [answer.status_code for answer in answers_about(ben, document_id)[:3]]
    assert closed == [409, 409, 409]
    assert ben.get(f"/review/{re.findall('tsk_[0-9a-f]{32}', page)[0]}?epoch=1").status_code == 409
    path = address.partition("?")[0]
    assert ben.form(f"{path}/heartbeat", epoch="1").status_code == 200
    assert ben.form(f"{path}/release", epoch="1").status_code == 303  # to look, and to take it again
    assert [answer.status_code for answer in answers_about(ben, document_id)[:3]] == closed
    other = arrive("cat", Role.REVIEWER)
    assert other.get(f"/documents/{document_id}").status_code == 200
    again = ben.get(first_task(ben)).text
    assert leased_document(again) == document_id
    assert ben.form(path, **answers(desk, again)).status_code == 303
    assert SECRET in ben.get(f"/documents/{document_id}").text  # done: nothing is left to be told


def test_who_worked_on_the_documents_is_given_none_of_them(arrive: Any, sampled: list[str]) -> None:
    assert first_task(arrive("ada", Role.REVIEWER)) == "/keying"


def test_a_day_of_audit_keys_a_disagreement_a_decision_and_the_lots_verdict(
    desk: Desk, arrive: Any, sampled: list[str]
) -> None:
    ben, quinn = arrive("ben", Role.REVIEWER), arrive("quinn", Role.QA_AUDITOR)
    address = first_task(ben)
    while address != "/keying":
        page = ben.get(address).text
        address = ben.form(address.partition("?")[0], **answers(desk, page, wrong="invoice_number")).headers["location"]
    address = first_task(quinn, "/deciding")
    while address != "/deciding":
        page = quinn.get(address).text
        assert SECRET in page and "X-1" in page  # both readings, side by side
        assert ">ben<" not in page and ">ada<" not in page
        address = quinn.form(address.partition("?")[0], **answers(desk, page)).headers["location"]
    decide_lots(desk)
    with desk.store.read(ACTOR) as session:
        assert session.scalars(select(Lot.state)).one() == LotState.ACCEPTED
        assert set(session.scalars(select(Sample.state))) == {SampleState.DECIDED}
        assert set(session.scalars(select(Key.person))) == {"ada", "ben", "quinn"}
        assert set(session.scalars(select(Document.state))) == {DocumentState.READY}


def test_a_value_left_open_is_asked_for_and_nothing_is_kept(desk: Desk, arrive: Any, sampled: list[str]) -> None:
    ben = arrive("ben", Role.REVIEWER)
    address = first_task(ben)
    page = ben.get(address).text
    typed = answers(desk, page)
    typed.pop(next(key for key in typed if key.startswith("value-")))
    assert ben.form(address.partition("?")[0], **typed).status_code == 409
    with desk.store.read(ACTOR) as session:
        assert not session.scalars(select(Key).where(Key.part == "blind")).all()


def test_reviewers_key_and_auditors_decide(arrive: Any) -> None:
    assert arrive("ada", Role.REVIEWER).get("/deciding").status_code == 403
    assert arrive("quinn", Role.QA_AUDITOR).get("/deciding").status_code == 200
    assert arrive("carl", Role.CLIENT_VIEWER, ("acme",)).get("/keying").status_code == 403
