"""Every route, every role, every client: closed by default, and the same protection around all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from sqlalchemy import func, select

from schemas.clock import now
from schemas.errors import ConfigurationError
from schemas.ids import new_id
from schemas.roles import STAFF, Role
from schemas.scorecard import form_text
from schemas.values import Address
from store.claims import add_claim
from store.courses import add_course
from store.database import Session
from store.evaluations import Contact, add_calibration, add_evaluation
from store.instructions import add_instruction
from store.pauses import pause
from store.questions import add_question
from store.tables import Audit, Course, Document, Event, ReviewTask
from store.tokens import add_token
from tasks.desk import Desk
from tasks.report.write import write_report
from tests.given import ACTOR, process_of
from tests.workbench.conftest import HOST, Browser, DrawnPages
from tests.workbench.learned import learned_model, remembered_supplier
from tests.workbench.quality import inspected_lot, revoked_certificate
from tests.workbench.scene import in_review, person, printed_invoice
from workbench.access import check_declared, required_permission
from workbench.app import ROUTERS
from workbench.permissions import PERMISSIONS, Permission
from workbench.protection import MOST_BYTES
from workbench.routes import api, api_docs

PAGES = [router for router in ROUTERS if router not in (api.router, api_docs.router)]  # the API's own door: `test_api`
ROUTES = [route for router in PAGES for route in router.routes if isinstance(route, APIRoute)]
GUARDED = [route for route in ROUTES if required_permission(route) != "open"]
UNSAFE = [route for route in ROUTES if route.methods != {"GET"}]
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
BODIES: dict[str, dict[str, Any]] = {
    "/review/{task_id}/form": {"epoch": 1, "document_type": "invoice", "values": [], "from_type": "invoice"},
    "/review/{task_id}/check": {"epoch": 1, "document_type": "invoice", "values": []},
    "/review/{task_id}/submit": {"epoch": 1, "document_type": "invoice", "values": []},
    "/review/{task_id}/reject": {"epoch": 1, "reason": "OTHER_TYPE"},
    "/review/{task_id}/arrange": {"epoch": 1, "plan": "[]"},
    "/review/{task_id}/read-box": {"epoch": 1, "page": 1, "box": [0.1, 0.1, 0.2, 0.11], "name": "invoice_number"},
    "/review/{task_id}/skip": {"epoch": 1, "reason": "other"},
    "/review/{task_id}/heartbeat": {"epoch": 1},
    "/review/{task_id}/draft": {"epoch": 1, "document_type": "invoice", "values": []},
    "/review/{task_id}/ask": {"epoch": 1, "document_type": "invoice", "values": [], "text": "Is it yours?"},
    "/review/{task_id}/escalate": {"epoch": 1, "text": "because"},
    "/review/{task_id}/note": {"epoch": 1, "text": "because"},
    "/review/upcoming": {},
    "/group-check/decide": {"field": "iban", "right": [], "wrong": []},
}
SIGN_IN = {"/sign-in", "/sign-in/code", "/sign-in/sso", "/sign-in/sso/return", "/sign-in/sso/out"}
OPEN = {"/", "/healthz", "/readyz"} | SIGN_IN
ENDING = {"/sign-out", "/account/sessions/end"}  # called last: nothing can be asked for after them
EMPTY_ANSWERS = {"/group-check/{client_id}/{process}/{field}"}  # of what is not there, as of another client's: nothing
LEASED = ("/review/", "/group-check/", "/keying/", "/deciding/")  # pages of a task that one holds
UNRECORDED = {  # nothing is changed by them, or nothing but a person's own unsent text and list of searches
    "/review/{task_id}/form",
    "/review/{task_id}/check",
    "/review/{task_id}/draft",
    "/review/{task_id}/heartbeat",
    "/review/{task_id}/read-box",
    "/review/upcoming",
    "/review/next",
    "/keying/next",
    "/deciding/next",
    "/scorecards/next",  # of nothing to score, as here
    "/certificates/{certificate_id}/rework",  # of nothing that left on it, as here
    "/documents/filters",
    "/documents/filters/drop",
    "/group-check/{client_id}/{process}/{field}",
    "/group-check/decide",  # of no document, as here
}


FIELDS = {
    "what": "work",
    "client": "acme",
    "reason": "because",
    "language": "en",
    "decision": "accept",
    "note": "because",
    "title": "because",
    "mark": "90",
    "text": "because",
    "process": "acme/invoices",
    "epoch": "1",
    "role": "reviewer",
    "clients": "acme",
    "field": "supplier_name",
    "verdict": "not_wrong",
    "person": "eve",
}


@dataclass
class Things:
    """One of each kind, all of one client."""

    document_id: str
    task_id: str
    audit_id: str
    pause_id: str
    subject: str
    model_id: str
    supplier_id: str
    question_id: str
    instruction_id: str
    user_id: str
    token_id: str
    report_id: str
    claim_id: str
    lot_id: str
    certificate_id: str
    number: str = "1"
    name: str = "reliability"
    field: str = "supplier_name"
    client_id: str = "acme"
    process: str = "invoices"
    course_id: str = "crs_0"
    evaluation_id: str = "sco_0"
    calibration_id: str = "cal_0"


def things_of(desk: Desk, client: str) -> Things:
    definition = process_of(desk, client=client)
    document_id = in_review(desk, definition, *printed_invoice())
    audit_id = new_id("aud")
    with desk.store.session(ACTOR) as session:
        session.add(
            Audit(
                id=audit_id,
                client_id=client,
                process="invoices",
                document_type="invoice",
                kind="lot",
                subject="lot 1",
                passed=True,
                documents=1,
                result={
                    "document_type": "invoice",
                    "engine": "x",
                    "documents": 1,
                    "lines": 0,
                    "success": True,
                    "expectations": [],
                },
                created_at=now(),
            )
        )
        paused = pause(session, "work", client, process=None, target=None, reason="stock-taking", by="otto")
        task_id = session.scalars(select(ReviewTask.id).where(ReviewTask.document_id == document_id)).one()
        receipt_id = session.get_one(Document, document_id).receipt_id
        model_id, supplier_id = learned_model(session, client).id, remembered_supplier(session, client).id
        document = session.get_one(Document, document_id)
        question_id = add_question(session, document, "Is it yours?", field=None, by="otto").id
        instruction_id = add_instruction(session, client, "invoices", "iban", {}, None, by="otto").id
        claim = add_claim(session, document, None, Address("invoice_number"), "R-9", "", by="carl")
        lot = inspected_lot(session, client, definition)
        certificate = revoked_certificate(session, client, definition)
        course = small_course(session, document)
        token = add_token(
            session,
            name="ERP",
            token_sha256=client,
            client_id=client,
            processes=[],
            actions=["status"],
            expires_at=now(),
            by="otto",
        )
    evaluation_id, calibration_id = finished_scorecards(desk, document_id)
    report = write_report(desk, ACTOR, client, "invoices", "2026-10", "client")
    user_id = person(desk, f"{client}-worker", Role.REVIEWER, (client,))
    ids = (document_id, task_id, audit_id, paused.id, receipt_id, model_id, supplier_id, question_id, instruction_id)
    own = (user_id, token.id, report.id, claim.id, lot.id, certificate.id)
    return Things(
        *ids, *own, client_id=client, course_id=course.id, evaluation_id=evaluation_id, calibration_id=calibration_id
    )


def finished_scorecards(desk: Desk, document_id: str) -> tuple[str, str]:
    """A contact's final scorecard, and a calibration of the same contact."""
    with desk.store.session(ACTOR) as session:
        contact = Contact(session.get_one(Document, document_id), "Anna Weber", "Blue", "mail", "2026-10")
        scored = add_evaluation(session, contact, "mail", form_text("mail", {}))
        scored.state, scored.evaluator, scored.score, scored.passed = "final", "otto", 1.0, True
        return scored.id, add_calibration(session, scored, ["kim", "quinn"])


def small_course(session: Session, document: Document) -> Course:
    """One document to learn on."""
    course = Course(
        id=new_id("crs"),
        client_id=document.client_id,
        process=document.process,
        title="Invoices",
        skill="invoices",
        pass_mark=0.9,
        items=[{"document": document.id, "version": 1, "type": "invoice", "truth": {"currency": "EUR"}}],
        created_by="otto",
        created_at=now(),
    )
    add_course(session, course)
    return course


def call(browser: Browser, route: APIRoute, things: Things) -> int:
    path = route.path.format(**vars(things))
    if route.methods == {"GET"}:
        return browser.get(
            path + ("?epoch=1" if path.startswith(LEASED) else ""),
            Accept="application/json",
        ).status_code
    if route.path in BODIES:
        return browser.json(path, BODIES[route.path]).status_code
    return browser.form(path, accept="application/json", **FIELDS).status_code


@ON_SQLITE
@pytest.mark.parametrize("role", [role for role in Role if PERMISSIONS[role]])
def test_a_role_reaches_what_the_map_says_and_nothing_else(desk: Desk, arrive: Any, role: Role) -> None:
    own, foreign = things_of(desk, "acme"), things_of(desk, "umbra")
    kinds = "doc tsk aud pau rcp mdl sup qst ins usr tok rpt clm lot crt"
    nothing = Things(*(f"{kind}_0" for kind in kinds.split()))
    browser = arrive("eve", role, ("acme",))
    for route in sorted(GUARDED, key=lambda each: each.path in ENDING):
        allowed = required_permission(route) in PERMISSIONS[role]
        status = call(browser, route, own)
        assert (status != 403) is allowed, (route.path, status)
        if "{" in route.path:
            status = call(browser, route, foreign)
            assert status == call(browser, route, nothing), route.path
            hidden = (200,) if route.path in EMPTY_ANSWERS else (404, 409)
            assert status in (hidden if allowed else (403,)), (route.path, status)


@ON_SQLITE
def test_strangers_reach_only_the_open_routes(desk: Desk, stranger: Browser) -> None:
    own = things_of(desk, "acme")
    assert {route.path for route in ROUTES if route not in GUARDED} == OPEN
    for route in GUARDED:
        assert call(stranger, route, own) in (401, 403), route.path


@ON_SQLITE
def test_staff_without_named_clients_see_all_and_a_clients_people_then_see_none(desk: Desk, arrive: Any) -> None:
    own = things_of(desk, "acme")
    assert arrive("lea", Role.SUPERVISOR).get(f"/documents/{own.document_id}").status_code == 200
    assert arrive("carl", Role.CLIENT_VIEWER).get(f"/documents/{own.document_id}").status_code == 404


@ON_SQLITE
def test_a_client_sees_its_documents_but_not_who_worked_on_them(desk: Desk, arrive: Any) -> None:
    own = things_of(desk, "acme")
    carl, ada = arrive("carl", Role.CLIENT_VIEWER, ("acme",)), arrive("ada", Role.REVIEWER)
    assert ada.form("/review/next").status_code == 303
    page = f"/documents/{own.document_id}"
    assert ">ada<" in arrive("lea", Role.SUPERVISOR).get(page).text
    assert ">ada<" not in carl.get(page).text


@ON_SQLITE
def test_refused_access_is_in_the_trail(desk: Desk, arrive: Any) -> None:
    arrive("ada", Role.REVIEWER).get("/audits")
    with desk.store.read(ACTOR) as session:
        event = session.scalars(select(Event).where(Event.kind == "access.denied")).one()
    assert event.actor == "ada" and '"/audits"' in event.data


@ON_SQLITE
def test_every_route_that_changes_something_leaves_a_trace(desk: Desk, arrive: Any) -> None:
    process_of(desk)
    people = {role: arrive(f"eve-{role}", role) for role in STAFF}
    seen, silent = set(), set()
    for number, route in enumerate(sorted(UNSAFE, key=lambda each: each.path in ENDING)):
        things = things_of(desk, f"client{number}")
        for role in (role for role in people if required_permission(route) in PERMISSIONS[role]):
            before = events(desk)
            if call(people[role], route, things) < 400:
                seen.add(route.path)
                if events(desk) == before:
                    silent.add(route.path)
                break
    assert silent <= UNRECORDED
    assert len(seen) > 20, seen


def events(desk: Desk) -> int:
    with desk.store.read(ACTOR) as session:
        return session.scalar(select(func.count()).select_from(Event)) or 0


@ON_SQLITE
def test_no_unsafe_route_takes_a_request_without_token_or_from_another_site(desk: Desk, arrive: Any) -> None:
    own, lea = things_of(desk, "acme"), arrive("lea", Role.SUPERVISOR)
    token = {"X-CSRF-Token": lea.csrf}
    for headers in (
        {"Origin": HOST},
        {"Origin": HOST, "X-CSRF-Token": "guessed"},
        token,
        {"Origin": "https://evil.example", **token},
        {"Origin": "null", **token},
        {"Origin": HOST, "Sec-Fetch-Site": "cross-site", **token},
        {"Sec-Fetch-Site": "same-site", **token},
    ):
        for route in UNSAFE:
            path = route.path.format(**vars(own))
            answer = lea.http.post(path, json=BODIES.get(route.path, {}), headers=headers, follow_redirects=False)
            assert answer.status_code == 403, (route.path, headers)
    with desk.store.read(ACTOR) as session:
        assert session.scalars(select(ReviewTask.state)).one() == "open"


@ON_SQLITE
def test_a_browser_under_our_referrer_policy_is_let_in_by_sec_fetch_site(arrive: Any) -> None:
    ada = arrive("ada", Role.REVIEWER)
    headers = {"Origin": "null", "Sec-Fetch-Site": "same-origin", "X-CSRF-Token": ada.csrf}
    assert ada.http.post("/review/next", headers=headers, follow_redirects=False).status_code == 303


@ON_SQLITE
def test_every_answer_carries_the_security_headers_errors_too(desk: Desk, arrive: Any, pages: DrawnPages) -> None:
    own, lea = things_of(desk, "acme"), arrive("lea", Role.SUPERVISOR)
    image = f"/documents/{own.document_id}/pages/1.jpg"
    pages.broken = True
    answers = [lea.get(route.path.format(**vars(own))) for route in ROUTES if route.methods == {"GET"}]
    answers += [lea.get(path) for path in ("/nowhere", "/sign-out", image, "/static/base.css", "/static/nothing.js")]
    answers += [
        lea.http.post("/sign-in", content=b"x" * (MOST_BYTES + 1)),
        lea.form("/pauses"),
        lea.http.delete("/desk"),
    ]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';"), answer.url
        assert "unsafe" not in policy and "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store" or "/static/" in str(answer.url)
    assert {404, 405, 413, 422, 500, 403} <= {answer.status_code for answer in answers}


@ON_SQLITE
def test_a_fault_of_ours_tells_nobody_what_was_in_the_document(
    desk: Desk, arrive: Any, pages: DrawnPages, caplog: pytest.LogCaptureFixture
) -> None:
    own, lea = things_of(desk, "acme"), arrive("lea", Role.SUPERVISOR)
    pages.broken = True
    answer = lea.get(f"/documents/{own.document_id}/pages/1.jpg", Accept="application/json")
    assert (answer.status_code, answer.json()["code"]) == (500, "X000")
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert "secret" not in answer.text + caplog.text and "Traceback" not in answer.text + caplog.text


@ON_SQLITE
def test_a_body_without_an_announced_length_is_cut_off_too(arrive: Any) -> None:
    ada = arrive("ada", Role.REVIEWER)
    chunks = (b"x" * 100_000 for _ in range(1 + MOST_BYTES // 100_000))
    headers = {"Origin": HOST, "X-CSRF-Token": ada.csrf, "Content-Type": "application/json"}
    assert ada.http.post("/review/tsk_0/check", content=chunks, headers=headers).status_code in (400, 413)


def test_the_application_does_not_start_with_a_route_that_says_nothing() -> None:
    router = APIRouter()

    @router.get("/forgotten")
    def forgotten() -> None: ...

    with pytest.raises(ConfigurationError, match="/forgotten"):
        check_declared([router])


def test_every_role_is_in_the_map_and_every_permission_is_asked_for_somewhere() -> None:
    assert set(PERMISSIONS) == set(Role)
    assert not PERMISSIONS[Role.INTEGRATION]  # machines have no pages
    asked = {required_permission(route) for route in GUARDED}
    inside_pages = {Permission.LIST_VALUES, Permission.STAFF_NAMES, Permission.QUARANTINE_VIEW}
    assert set(Permission) - asked == inside_pages
