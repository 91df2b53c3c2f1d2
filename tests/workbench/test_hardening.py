"""Small promises to a browser and to an investigator, each held on every page or in every line of the code."""

from __future__ import annotations

import ast
import json
import logging
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from schemas.roles import Role
from store.tables import Document, Event, ReviewTask, SignInAttempt, User
from tasks.desk import Desk
from tasks.logs import start_logging
from tests.given import ACTOR
from tests.workbench.conftest import HOST, Browser, DrawnPages
from tests.workbench.scene import person
from tests.workbench.test_access import ROUTES, call, things_of
from workbench.app import create_app
from workbench.pages import HERE

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("cleardesk", "flows", "workbench", "tasks", "reading", "extraction", "validations", "store", "schemas")


@ON_SQLITE
def test_events_carry_the_id_of_the_request_that_made_them(desk: Desk, stranger: Browser) -> None:
    person(desk, "ada", Role.REVIEWER)
    answer = stranger.sign_in("ada", "wrong password")
    with desk.store.read(ACTOR) as session:
        events = {event.kind: json.loads(event.data) for event in session.scalars(select(Event))}
    assert events["sign_in.failed"]["request"] == answer.headers["x-request-id"]
    assert events["sign_in.failed"]["how"] == "password" and events["sign_in.failed"]["address"]
    assert "request" not in events["user.created"]  # by a command


@ON_SQLITE
def test_nothing_that_was_typed_breaks_a_line_of_the_trail(desk: Desk, stranger: Browser) -> None:
    person(desk, "ada", Role.REVIEWER)
    stranger.sign_in("ada\r\nsign_in.ok", "x\r\n")
    with desk.store.read(ACTOR) as session:
        for event in session.scalars(select(Event)):
            assert not re.search(r"[\r\n]", event.data + event.subject + event.actor + event.kind)


@ON_SQLITE
def test_a_browser_that_is_signed_out_keeps_nothing_of_ours(arrive: Any) -> None:
    for path in ("/sign-out", "/account/sessions/end"):
        answer = arrive(f"ada{len(path)}", Role.REVIEWER).form(path)
        assert answer.headers["clear-site-data"] == '"storage"'
        assert 'cleardesk=""' in answer.headers["set-cookie"]


@ON_SQLITE
def test_every_page_offers_to_sign_out_and_says_what_it_is(desk: Desk, arrive: Any) -> None:
    own, lea = things_of(desk, "acme"), arrive("lea", Role.SUPERVISOR)
    seen = 0
    for route in ROUTES:
        if route.methods != {"GET"} or route.path in ("/desk/events", "/sign-in/sso"):
            continue
        answer = lea.get(route.path.format(**vars(own)))
        kind = answer.headers.get("content-type", "")
        if answer.status_code == 200 and kind.startswith("text/html") and "<body" in answer.text:
            assert kind == "text/html; charset=utf-8"
            assert 'action="/sign-out"' in answer.text or route.path.startswith("/sign-in"), route.path
            seen += 1
        elif answer.content:
            assert kind, route.path
    assert seen > 20


@ON_SQLITE
def test_methods_that_no_route_names_and_listings_are_refused(arrive: Any) -> None:
    ada = arrive("ada", Role.REVIEWER)
    for method in ("TRACE", "PUT", "DELETE", "PATCH", "CONNECT", "PROPFIND"):
        assert ada.http.request(method, "/review", headers={"Origin": HOST}).status_code in (403, 405)
    for path in ("/static/", "/static", "/.git/config", "/static/../app.py", "/static/%2e%2e/app.py", "/docs"):
        assert ada.http.get(path).status_code == 404, path


@ON_SQLITE
def test_no_get_changes_anything(desk: Desk, arrive: Any) -> None:
    """Looking leaves traces of who looked at most: no row of a document, a task or a user is another one afterwards."""
    own, lea = things_of(desk, "acme"), arrive("lea", Role.SUPERVISOR)
    kinds, rows = changes(desk), standing(desk)
    for route in ROUTES:
        if route.methods == {"GET"} and route.path not in ("/desk/events", "/sign-in/sso"):
            call(lea, route, own)
    assert changes(desk) - kinds <= {"access.denied", "original.fetched", "documents.exported"}
    assert standing(desk) == rows


def changes(desk: Desk) -> set[str]:
    with desk.store.read(ACTOR) as session:
        return set(session.scalars(select(Event.kind)))


def standing(desk: Desk) -> list[list[tuple[Any, ...]]]:
    with desk.store.read(ACTOR) as session:
        tasks = select(ReviewTask.id, ReviewTask.state, ReviewTask.pinned_to, ReviewTask.lease_owner)
        documents = select(Document.id, Document.state, Document.version)
        users = select(User.id, User.role, User.active, User.password_hash)
        return [sorted(tuple(row) for row in session.execute(each)) for each in (tasks, documents, users)]


@ON_SQLITE
def test_the_address_that_counts_is_the_proxys_word_and_nobody_elses(desk: Desk, app: Any) -> None:
    for client, addresses in (("203.0.113.9", {"203.0.113.9"}), ("127.0.0.1", {"198.51.100.0", "198.51.100.1"})):
        behind = TestClient(ProxyHeadersMiddleware(app, "127.0.0.1"), client=(client, 1))  # type: ignore[arg-type]
        browser = Browser(behind)
        for number in range(2):
            behind.headers["X-Forwarded-For"] = f"192.0.2.1, 198.51.100.{number}"  # the first one a browser can make up
            assert browser.sign_in("ada", "wrong password").status_code == 401
        with desk.store.session(ACTOR) as session:
            attempts = session.scalars(select(SignInAttempt)).all()
            assert {attempt.address for attempt in attempts} == addresses
            for attempt in attempts:
                session.delete(attempt)


@ON_SQLITE
def test_strict_transport_is_asked_for_behind_tls(desk: Desk) -> None:
    closed = replace(desk, settings=desk.settings.model_copy(update={"secure_cookies": True}))
    http = TestClient(create_app(closed, DrawnPages()), base_url="https://testserver")  # type: ignore[arg-type]
    for path in ("/sign-in", "/nowhere", "/static/base.css", "/api/v1/documents"):
        answer = http.get(path, headers={"Origin": "https://evil.example"})
        assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
        assert not [name for name in answer.headers if name.startswith("access-control-")]
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    token = http.get("/sign-in").text.split('name="csrf" value="')[1].split('"')[0]
    form = {"name": "ada", "password": "x", "csrf": token}
    assert http.post("/sign-in", data=form, headers={"Origin": "http://testserver"}).status_code == 403
    assert http.post("/sign-in", data=form, headers={"Origin": "https://testserver"}).status_code == 401


@ON_SQLITE
def test_password_fields_are_masked_and_friends_of_password_managers(arrive: Any, stranger: Browser) -> None:
    pages = stranger.get("/sign-in").text + arrive("ada", Role.REVIEWER).get("/account").text
    fields = [each for each in re.findall(r"<input[^>]*>", pages) if 'id="password"' in each or "-password" in each]
    assert len(fields) == 4
    for field in fields:
        assert 'type="password"' in field and re.search(r'autocomplete="(current|new)-password"', field)
        assert "onpaste" not in field and "maxlength" not in field


def test_scripts_use_no_door_that_others_could_enter_by() -> None:
    doors = r"\beval\(|new Function|postMessage|addEventListener\(.message|document\.domain|localStorage|indexedDB|__proto__"
    scripts = [path for path in HERE.joinpath("static").rglob("*.js") if "vendor" not in path.parts]
    assert len(scripts) > 5
    for path in scripts:
        assert not re.search(doors, path.read_text(encoding="utf-8")), path.name
    for path in HERE.joinpath("templates").glob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"""(src|href|action)=["'](https?:)?//|<script>|\son\w+=|javascript:""", text), path.name


FORBIDDEN = {
    "eval",
    "exec",
    "compile",
    "os.system",
    "os.popen",
    "yaml.load",
    "marshal.loads",
    "random.random",
    "tempfile.mktemp",
}


def names_called(tree: ast.AST) -> set[str]:
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return {ast.unparse(call) for call in calls if isinstance(call, (ast.Name, ast.Attribute))}


def test_the_code_runs_no_text_and_starts_no_shell() -> None:
    files = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    assert len(files) > 200
    for path in files:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert not names_called(tree) & FORBIDDEN, path
        keywords = (node for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg == "shell")
        assert not any(ast.unparse(keyword.value) == "True" for keyword in keywords), path


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_log_of_the_served_workbench_is_lines_of_json_with_the_request_and_no_text(
    desk: Desk, app: Any, pages: DrawnPages, arrive: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    own, lea = things_of(desk, "acme"), arrive("lea", Role.SUPERVISOR)
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        start_logging(desk.settings)
        pages.broken = True
        answer = lea.get(f"/documents/{own.document_id}/pages/1.jpg", Accept="application/json")
    finally:
        root.handlers[:] = before
        root.setLevel(level)
    line = json.loads(capsys.readouterr().err.strip().splitlines()[-1])
    assert (line["message"], line["error"]) == ("request failed", "RuntimeError")
    assert line["request_id"] == answer.headers["x-request-id"] and "secret" not in json.dumps(line)
