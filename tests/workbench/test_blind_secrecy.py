"""People try to cheat: who keys a document blind looks for its values everywhere, and who has seen them asks to key it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select

from schemas.errors import FourEyesError
from schemas.lifecycle import TaskKind
from schemas.roles import Role, TokenAction
from schemas.values import Address
from store.blind_claims import blind_waiting
from store.review import LEFT, pin_task
from store.tables import Claim, Document, Look, Lot, Report, ReviewTask, SupplierMemory
from tasks.administration import Administrator
from tasks.audit.lots import close_lots
from tasks.claims import ClaimedValue, raise_claims
from tasks.deliver import deliver
from tasks.desk import Desk
from tasks.reopen import reopen
from tasks.report.write import write_report
from tasks.review import Person, next_task, release
from tasks.tokens import make_token
from tests.given import ACTOR, LONG_AGO, process_of, this_month
from tests.tasks.test_audits import LATER, LOTS, reviewed
from tests.workbench.conftest import Browser
from tests.workbench.test_keying import SECRET, first_task, leased_document

IBAN = "DE89370400440532013000"
Look_ = Callable[[Browser, str], Any]


def finished(desk: Desk, settings: str) -> list[str]:
    """Two documents that ada finished, each with a value that nothing else says."""
    definition = process_of(desk, settings)
    return [reviewed(desk, definition, f"{SECRET}-{n}", supplier_name=f"Hidden Partners {n} Ltd") for n in (1, 2)]


def given(desk: Desk, browser: Browser, documents: list[str]) -> tuple[str, list[str]]:
    """What the person is given to key blind, and what would tell its values."""
    document_id = leased_document(browser.get(first_task(browser)).text)
    number = documents.index(document_id) + 1
    return document_id, [f"{SECRET}-{number}", f"Partners {number}"]


def ids_of(desk: Desk, table: type[Any], *where: Any) -> list[str]:
    with desk.store.read(ACTOR) as session:
        return list(session.scalars(select(table.id).where(*where)))


@pytest.mark.parametrize(
    ("role", "name"), [(Role.REVIEWER, "ben"), (Role.SUPERVISOR, "lea"), (Role.QA_AUDITOR, "quinn")]
)
def test_no_page_of_any_role_tells_a_value_of_what_they_key(desk: Desk, arrive: Any, role: Role, name: str) -> None:
    documents = finished(desk, LATER)
    deliver(desk, "worker")
    for each in documents:
        raise_claims(desk, ACTOR, each, [ClaimedValue(Address("invoice_number"), "R-77")], "")
    close_lots(desk)
    browser = arrive(name, role)
    document_id, secrets = given(desk, browser, documents)
    (claim,) = ids_of(desk, Claim, Claim.document_id == document_id)
    suppliers = [f"/suppliers/{each}" for each in ids_of(desk, SupplierMemory)]
    lots = [f"/lots/{each}" for each in ids_of(desk, Lot)]
    about = [f"/documents/{document_id}{end}" for end in ("", "/original", "/pages/1/words", "/pages/1.jpg")]
    about += [f"/api/v1/documents/{document_id}/fields/invoice_number/explanation", f"/claims/{claim}"]
    about += [f"/claims/{claim}/crop.jpg", f"/group-check/{document_id}/invoice_number.jpg?epoch=1"]
    lists = ["/documents", "/documents?q=hidden", f"/documents?q={document_id}", "/documents.csv", "/claims", "/mine"]
    lists += ["/desk", "/desk/figures", "/group-check", "/questions", "/held", "/audits", "/lots", "/certificates"]
    lists += ["/reports", "/models", "/people", "/training", "/instructions", "/suppliers", "/keying", "/deciding"]
    answers = [browser.get(path) for path in [*about, *lists, *lots]]
    answers += [browser.form("/documents/bulk", action="urgent", ids=document_id)]
    answers += [browser.form("/group-check/acme/invoices/invoice_number"), browser.form("/review/next")]
    for answer in answers:
        where = str(answer.url)
        if not where.endswith("/suppliers"):  # names of suppliers, of no document
            assert not any(secret in answer.text + str(answer.headers) for secret in secrets), where
    assert [browser.get(path).status_code for path in suppliers] == [
        409 if role is not Role.REVIEWER else 403 for _ in suppliers
    ]
    assert browser.get(about[0]).status_code == 409


def test_a_report_that_names_the_document_waits_until_it_is_keyed(desk: Desk, arrive: Any) -> None:
    documents = finished(desk, LOTS)
    write_report(desk, ACTOR, "acme", "invoices", this_month(), "client")
    (report,) = ids_of(desk, Report)
    close_lots(desk)
    lea = arrive("lea", Role.SUPERVISOR)
    cat = arrive("cat", Role.SUPERVISOR)
    assert SECRET in cat.get(f"/reports/{report}/data.json").text
    assert first_task(cat) == "/keying"  # the report told her
    given(desk, lea, documents)
    ends = ("", "/data.json", "/report.csv", "/report.pdf")
    assert [lea.get(f"/reports/{report}{end}").status_code for end in ends] == [409] * len(ends)


LOOKS: dict[str, Look_] = {
    "document": lambda browser, document: browser.get(f"/documents/{document}"),
    "list": lambda browser, _: browser.get("/documents"),
    "rows": lambda browser, _: browser.get("/documents?q=hidden", **{"HX-Request": "true"}),
    "export": lambda browser, _: browser.get("/documents.csv"),
    "selection": lambda browser, document: browser.form("/documents/bulk", action="urgent", ids=document),
    "words": lambda browser, document: browser.get(f"/documents/{document}/pages/1/words"),
    "explanation": lambda browser, document: browser.get(
        f"/api/v1/documents/{document}/fields/invoice_number/explanation"
    ),
    "claims": lambda browser, _: browser.get("/claims"),
}


@pytest.mark.parametrize("look", LOOKS)
def test_who_has_seen_a_value_is_not_given_the_document(desk: Desk, arrive: Any, look: str) -> None:
    documents = finished(desk, LATER)
    deliver(desk, "worker")
    for each in documents:
        raise_claims(desk, ACTOR, each, [ClaimedValue(Address("invoice_number"), "R-77")], "")
    lea = arrive("lea", Role.SUPERVISOR)
    for document in documents:
        assert LOOKS[look](lea, document).status_code in (200, 404)  # there are no words of a page that was never read
        LOOKS[look](lea, document)
    close_lots(desk)
    assert first_task(lea) == "/keying"
    assert first_task(arrive("ben", Role.REVIEWER)) != "/keying"
    with desk.store.read(ACTOR) as session:
        assert blind_waiting(session, "lea", TaskKind.BLIND_KEY) == 0
        assert sorted(session.scalars(select(Look.document_id).where(Look.person == "lea"))) == sorted(documents)


@pytest.mark.parametrize(("role", "name"), [(Role.REVIEWER, "ben"), (Role.QA_AUDITOR, "quinn")])
def test_browsing_bars_nobody_whose_work_is_to_key_blind(desk: Desk, arrive: Any, role: Role, name: str) -> None:
    documents = finished(desk, LATER)
    deliver(desk, "worker")
    for each in documents:
        raise_claims(desk, ACTOR, each, [ClaimedValue(Address("invoice_number"), "R-77")], "")
    browser = arrive(name, role)
    lists = ["/documents", "/documents?q=state:delivered", f"/documents?q={documents[0]}", "/documents.csv", "/claims"]
    for answer in map(browser.get, lists):
        assert SECRET not in answer.text and "Hidden" not in answer.text, answer.url
        assert answer.status_code == 403 or documents[0] in answer.text, answer.url
    assert browser.get("/documents").text.count("are left out here until") == 1
    close_lots(desk)
    document_id, _ = given(desk, browser, documents)
    assert document_id in documents


def test_a_token_is_no_way_around_for_who_made_it(desk: Desk, app: FastAPI, arrive: Any) -> None:
    """Tia administered, made a token, and audits now."""
    documents = finished(desk, LATER)
    deliver(desk, "worker")
    actions, by = (TokenAction.STATUS, TokenAction.RESULTS), Administrator("tia", None)
    token = make_token(desk, by, name="ERP", client_id="acme", processes=(), actions=actions, days=9)
    tia = arrive("tia", Role.QA_AUDITOR)
    close_lots(desk)
    document_id, secrets = given(desk, tia, documents)
    with desk.store.read(ACTOR) as session:
        receipt_id = session.get_one(Document, document_id).receipt_id
    erp = TestClient(app, raise_server_exceptions=False, headers={"Authorization": f"Bearer {token}"})
    ends = ("/documents", f"/documents/{document_id}", f"/receipts/{receipt_id}", f"/documents/{document_id}/result")
    answers = [erp.get(f"/api/v1{end}") for end in ends]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 409]
    assert all(document_id in answer.text for answer in answers[:3])
    assert not any(secret in answer.text for secret in secrets for answer in answers)
    (other,) = set(documents) - {document_id}
    assert erp.get(f"/api/v1/documents/{other}/result").status_code == 200
    with desk.store.read(ACTOR) as session:
        assert session.scalars(select(Look.document_id).where(Look.person == "tia")).all() == [other]
        assert blind_waiting(session, "tia", TaskKind.BLIND_KEY) == 0  # the one is in her hands, the other she has seen


@pytest.mark.parametrize("line", [SECRET, f"number:{SECRET}", "supplier:hidden", "amount:0..", "type:invoice"])
def test_who_searches_for_a_value_sees_it_and_keys_the_document_no_more(desk: Desk, arrive: Any, line: str) -> None:
    finished(desk, LATER)
    deliver(desk, "worker")
    quinn = arrive("quinn", Role.QA_AUDITOR)
    for path in ("/documents", "/documents.csv"):
        assert f"{SECRET}-1" in quinn.get(f"{path}?q={line}").text
    assert f"{SECRET}-1" in quinn.get("/documents").text  # she knows it now
    close_lots(desk)
    assert first_task(quinn) == "/keying"
    assert first_task(arrive("ben", Role.REVIEWER)) != "/keying"


def test_who_had_it_to_review_and_left_is_not_given_it(desk: Desk, arrive: Any) -> None:
    documents = finished(desk, LATER)
    deliver(desk, "worker")
    ben, lea = Person("ben"), Person("lea")
    for document in documents:
        held = reopen(desk, lea, document, "look again", anyones=True)
        assert held is not None
        release(desk, held, lea, "skipped:other")
        lease = next_task(desk, ben, task_id=held.id)
        assert lease is not None
        release(desk, lease, ben, LEFT)
    close_lots(desk)
    assert first_task(arrive("ben", Role.REVIEWER)) == first_task(arrive("lea", Role.SUPERVISOR)) == "/keying"
    assert first_task(arrive("cat", Role.REVIEWER)) != "/keying"


def test_nobody_is_given_to_review_what_they_key(desk: Desk, arrive: Any) -> None:
    documents = finished(desk, LATER)
    deliver(desk, "worker")
    close_lots(desk)
    document_id, _ = given(desk, arrive("ben", Role.REVIEWER), documents)
    lease = reopen(desk, Person("dan"), document_id, "look again", anyones=True)
    assert lease is not None
    release(desk, lease, Person("dan"), "skipped:other")
    ben = Person("ben")
    assert next_task(desk, ben) is None and next_task(desk, ben, task_id=lease.id) is None
    with desk.store.session(ACTOR) as session, pytest.raises(FourEyesError):
        pin_task(session, lease.id, "ben")
    assert next_task(desk, Person("cat")) is not None


def test_what_was_seen_is_written_once(desk: Desk, arrive: Any) -> None:
    documents = finished(desk, LATER)
    lea = arrive("lea", Role.SUPERVISOR)
    for _ in range(3):
        lea.get("/documents")
        lea.get(f"/documents/{documents[0]}")
    with desk.store.read(ACTOR) as session:
        looks = session.scalars(select(Look).where(Look.person == "lea")).all()
        assert {look.document_id for look in looks} == set(documents) and all(look.at > LONG_AGO for look in looks)
        assert session.scalars(select(ReviewTask.done_by).distinct()).all() == ["ada"]
