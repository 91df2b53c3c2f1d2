"""A client's machine at the API: it sends a file, follows it, fetches the data, objects, and never sees another client's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import func, select, update

from schemas.clock import now
from schemas.lifecycle import DocumentState
from schemas.roles import Role, TokenAction
from store.pauses import pause
from store.tables import ApiToken, Document, Event, Note, Receipt, ReviewTask
from tasks.administration import Administrator
from tasks.desk import Desk
from tasks.rate_limit import RateLimit
from tasks.reconcile import reconcile
from tasks.tokens import make_token
from tests.given import ACTOR, process_of, ready_documents
from tests.workbench.scene import in_review, printed_invoice
from workbench.problems import API
from workbench.protection import MOST_BYTES

ALL = tuple(TokenAction)
ROOT = Administrator("root", None)


@dataclass
class Machine:
    """A program with a token."""

    http: TestClient
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def get(self, path: str) -> Response:
        return self.http.get(f"{API}/v1{path}", headers=self.headers)

    def post(self, path: str, body: dict[str, Any]) -> Response:
        return self.http.post(f"{API}/v1{path}", json=body, headers=self.headers)

    def send(self, content: bytes, name: str = "a.pdf", *, key: str = "", **fields: str) -> Response:
        headers = {**self.headers, **({"Idempotency-Key": key} if key else {})}
        data = {"process": "invoices", **fields}
        return self.http.post(f"{API}/v1/receipts", data=data, files={"file": (name, content)}, headers=headers)


@pytest.fixture
def machine(app: FastAPI, desk: Desk) -> Any:
    """Make a token of a client and a program that has it."""

    def come(client: str = "acme", actions: tuple[TokenAction, ...] = ALL, processes: tuple[str, ...] = ()) -> Machine:
        process_of(desk, client=client)
        token = make_token(desk, ROOT, name="ERP", client_id=client, processes=processes, actions=actions, days=30)
        return Machine(TestClient(app, raise_server_exceptions=False), token)

    return come


def problem(answer: Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    content = answer.json()
    assert content["status"] == answer.status_code and content["request_id"] == answer.headers["x-request-id"]
    return answer.status_code, content["code"]


def test_a_file_is_ours_when_the_answer_comes_and_the_books_balance(desk: Desk, machine: Any) -> None:
    erp = machine()
    answer = erp.send(b"%PDF-1.7 invoice", "../up/<b>ill.pdf")
    assert answer.status_code == 201
    receipt = answer.json()
    assert (receipt["state"], receipt["file"], receipt["documents"]) == ("received", "_b_ill.pdf", [])
    assert desk.blobs.intact("acme", receipt["sha256"])
    assert erp.get(f"/receipts/{receipt['receipt']}").json() == receipt
    assert reconcile(desk).residual == 0
    with desk.store.read(ACTOR) as session:
        actors = set(session.scalars(select(Event.actor).where(Event.subject == receipt["receipt"])))
    assert all(actor.startswith("tok_") for actor in actors) and actors


def test_the_same_key_again_does_nothing_twice(desk: Desk, machine: Any) -> None:
    erp = machine()
    first, again = erp.send(b"one", key="k-1"), erp.send(b"one", key="k-1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["receipt"] == again.json()["receipt"]
    assert problem(erp.send(b"two", key="k-1")) == (409, "L400")
    assert machine("umbra").send(b"two", key="k-1").status_code == 201  # another client's keys are its own
    with desk.store.read(ACTOR) as session:
        assert session.scalar(select(func.count()).select_from(Receipt)) == 2


def test_what_cannot_be_taken_is_said_and_nothing_is_kept(desk: Desk, machine: Any) -> None:
    erp = machine()
    assert problem(erp.send(b"x", process="payroll")) == (404, "A505")
    assert problem(erp.post("/receipts", {"process": "invoices"})) == (422, "W422")
    assert problem(erp.send(b"x" * 5, batch="b" * 101)) == (422, "W422")
    assert erp.send(b"x" * (MOST_BYTES + 1)).status_code == 201  # uploads may be larger than forms
    huge = {**erp.headers, "Content-Length": str(200 * 1024 * 1024)}
    assert problem(erp.http.post(f"{API}/v1/receipts", content=b"", headers=huge)) == (413, "W413")
    with desk.store.session(ACTOR) as session:
        pause(session, "intake", "acme", process=None, target=None, reason="stock-taking", by="otto")
    assert problem(erp.send(b"later"))[0] == 503


def test_data_is_fetched_once_it_is_frozen_and_objections_come_before_a_person(desk: Desk, machine: Any) -> None:
    erp = machine()
    definition = process_of(desk)
    (document_id,) = ready_documents(desk, definition, 1)
    path = f"/documents/{document_id}"
    assert erp.get(path).json()["state"] == "ready"
    payload = erp.get(f"{path}/result").json()
    assert payload["document"] == document_id and payload["fields"]
    assert erp.get(f"{path}/result?version={payload['version']}").json() == payload
    assert problem(erp.get(f"{path}/result?version=99")) == (404, "A505")
    body = {"values": [{"name": "gross_total", "text": "12.00"}], "note": "We paid less."}
    assert problem(erp.post(f"{path}/corrections", {"values": [{"name": "colour", "text": "red"}]}))[0] == 404
    answer = erp.post(f"{path}/corrections", body)
    assert (answer.status_code, answer.json()["state"]) == (202, "in_review")
    assert erp.post(f"{path}/corrections", body).status_code == 202  # it is with a person: a second note
    assert problem(erp.get(f"{path}/result")) == (409, "L404")  # it was taken back before it left
    with desk.store.read(ACTOR) as session:
        assert "gross_total: 12.00" in session.scalars(select(Note.text)).first()  # type: ignore[operator]
        assert session.scalar(select(func.count()).where(ReviewTask.state == "open")) == 1


def test_what_is_being_read_or_has_ended_takes_no_objection(desk: Desk, machine: Any) -> None:
    erp = machine()
    document_id = in_review(desk, process_of(desk), *printed_invoice())
    path = f"/documents/{document_id}/corrections"
    body = {"values": [{"name": "unit_price", "table": "line_items", "row": 1, "text": ""}]}
    assert erp.post(path, body).status_code == 202
    with desk.store.session(ACTOR) as session:
        session.execute(update(Document).values(state=DocumentState.REJECTED))
    assert problem(erp.post(path, body)) == (409, "L402")
    assert problem(erp.get(f"/documents/{document_id}/result")) == (409, "L404")


def test_lists_are_paged_by_key(desk: Desk, machine: Any) -> None:
    erp = machine()
    made = [in_review(desk, process_of(desk), *printed_invoice(f"N-{n}")) for n in range(5)]
    seen: list[str] = []
    before = ""
    for _ in range(3):
        page = erp.get(f"/documents?limit=2{before}").json()
        seen += [each["document"] for each in page["documents"]]
        before = f"&before={page['next']}"
    assert seen == sorted(made, reverse=True) and page["next"] is None
    assert erp.get("/documents?state=delivered").json()["documents"] == []
    assert problem(erp.get("/documents?state=lost")) == (422, "W422")


def routes() -> list[tuple[TokenAction, str, str]]:
    return [
        (TokenAction.UPLOAD, "POST", "/receipts"),
        (TokenAction.STATUS, "GET", "/receipts/{receipt}"),
        (TokenAction.STATUS, "GET", "/documents"),
        (TokenAction.STATUS, "GET", "/documents/{document}"),
        (TokenAction.RESULTS, "GET", "/documents/{document}/result"),
        (TokenAction.CORRECTIONS, "POST", "/documents/{document}/corrections"),
    ]


def call(machine: Machine, method: str, path: str) -> int:
    if path == "/receipts":
        return machine.send(b"x").status_code
    body = {"values": [{"name": "gross_total", "text": "1"}]}
    return (machine.get(path) if method == "GET" else machine.post(path, body)).status_code


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_route_asks_for_its_action_its_client_and_its_process(desk: Desk, app: FastAPI, machine: Any) -> None:
    from tests.workbench.test_access import ROUTERS, required_permission  # the same walk over the routes

    declared = {
        (required_permission(route), next(iter(route.methods)))
        for router in ROUTERS
        if router.prefix == "/api/v1"
        for route in router.routes
        if required_permission(route) != "open"
    }
    assert {(action, method) for action, method, _ in routes()} == declared
    (document_id,) = ready_documents(desk, process_of(desk), 1)
    with desk.store.read(ACTOR) as session:
        ids = {"document": document_id, "receipt": session.get_one(Document, document_id).receipt_id}
    none = {"document": "doc_" + "0" * 32, "receipt": "rcp_" + "0" * 32}
    for action, method, path in routes():
        here, nowhere = path.format(**ids), path.format(**none)
        others = tuple(each for each in ALL if each is not action)
        assert call(machine(actions=(action,)), method, here) < 400, path
        assert call(machine(actions=others), method, here) == 403, path
        assert call(Machine(machine().http, "guessed"), method, here) == 401, path
        if "{" in path:
            assert call(machine("umbra"), method, here) == call(machine(), method, nowhere) == 404, path


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_token_for_one_process_does_not_reach_another(desk: Desk, machine: Any) -> None:
    erp = machine(processes=("invoices",))
    document_id = in_review(desk, process_of(desk), *printed_invoice())
    assert erp.get(f"/documents/{document_id}").status_code == 200
    with desk.store.session(ACTOR) as session:
        session.execute(update(Document).values(process="orders"))
    assert erp.get(f"/documents/{document_id}").status_code == 404
    assert erp.get("/documents").json()["documents"] == []
    assert erp.get("/documents?process=orders").status_code == 404


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_token_ends_at_its_time_and_a_cookie_opens_nothing(desk: Desk, machine: Any, arrive: Any) -> None:
    erp = machine()
    assert erp.get("/documents").status_code == 200
    with desk.store.read(ACTOR) as session:
        assert session.scalars(select(ApiToken.last_used_at)).one() is not None
    with desk.store.session(ACTOR) as session:
        session.execute(update(ApiToken).values(expires_at=now()))
    answer = erp.get("/documents")
    assert problem(answer) == (401, "A502") and answer.headers["www-authenticate"] == "Bearer"
    lea = arrive("lea", Role.SUPERVISOR)
    assert problem(lea.get(f"{API}/v1/documents")) == (401, "A502")
    assert problem(lea.json(f"{API}/v1/receipts", {})) == (401, "A502")
    assert problem(lea.get(f"{API}/v1/nothing"))[0] == 404


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_one_token_may_not_ask_without_end(app: FastAPI, desk: Desk, machine: Any) -> None:
    app.state.rate_limit = RateLimit(desk.store, 3)
    erp, other = machine(), machine("umbra")
    assert [erp.get("/documents").status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = erp.get("/documents")
    assert problem(refused) == (429, "A507") and 1 <= int(refused.headers["retry-after"]) <= 61
    assert other.get("/documents").status_code == 200


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_api_describes_itself_without_a_script(app: FastAPI) -> None:
    http = TestClient(app)
    schema = http.get(f"{API}/v1/openapi.json").json()
    assert set(schema["paths"]) == {
        f"{API}/v1{path}"
        for path in (
            "/receipts",
            "/receipts/{receipt_id}",
            "/documents",
            "/documents/{document_id}",
            "/documents/{document_id}/result",
            "/documents/{document_id}/corrections",
        )
    }
    page = http.get(f"{API}/v1/docs").text
    assert all(path in page for path in schema["paths"]) and "600" in page
