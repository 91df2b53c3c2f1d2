"""Administrators let people and machines in, narrowly, and out again at once."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from schemas.clock import now
from schemas.errors import ConfigurationError
from schemas.roles import Role
from store.review import pin_task
from store.tables import ApiToken, Event, ReviewTask, User
from tasks.desk import Desk
from tasks.passwords import guesses
from tasks.users import create_user, first_password_ends, set_password
from tests.given import ACTOR, process_of
from tests.workbench.conftest import Browser, DrawnPages
from tests.workbench.scene import PASSWORD, in_review, person, printed_invoice
from workbench.app import create_app

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
BEN = {"name": "ben", "role": "reviewer", "queues": "invoices", "skills": "german, handwriting"}


def user(desk: Desk, name: str) -> User:
    with desk.store.read(ACTOR) as session:
        return session.scalars(select(User).where(User.name == name)).one()


def told(page: str) -> str:
    found = re.search(r"<code>([^<]{16,})</code>", page)
    assert found
    return found[1]


def test_a_first_password_is_told_once_and_lets_its_person_choose_their_own(
    desk: Desk, arrive: Any, stranger: Browser
) -> None:
    process_of(desk)
    root = arrive("root", Role.PLATFORM_ADMIN)
    answer = root.form("/users", **BEN)
    assert answer.status_code == 201
    first = told(answer.text)
    assert first not in root.get("/users").text
    ben = user(desk, "ben")
    assert (ben.role, ben.queues, ben.skills) == ("reviewer", ["invoices"], ["german", "handwriting"])

    assert stranger.sign_in("ben", first).status_code == 303
    assert stranger.get("/review").headers["location"] == "/account"
    assert stranger.get("/review", Accept="application/json").json()["code"] == "A506"
    own = {"new": PASSWORD, "again": PASSWORD}
    assert stranger.form("/account/password", old="not the first one", **own).status_code == 422
    assert stranger.form("/account/password", old=first, new=first, again=first).status_code == 422
    assert stranger.form("/account/password", old=first, **own).headers["location"] == "/sign-in"
    assert stranger.get("/account").status_code == 303  # every session has ended
    assert stranger.sign_in("ben").status_code == 303
    assert stranger.get("/review").status_code == 200


def test_a_first_password_runs_out(desk: Desk, arrive: Any, stranger: Browser) -> None:
    first = told(arrive("root", Role.PLATFORM_ADMIN).form("/users", **BEN).text)
    with desk.store.session(ACTOR) as session:
        session.execute(update(User).where(User.name == "ben").values(first_until=now()))
    assert stranger.sign_in("ben", first).status_code == 401


def test_a_person_is_given_other_rights_and_shut_out_from_the_next_request_on(desk: Desk, arrive: Any) -> None:
    process_of(desk)
    root, ada = arrive("root", Role.PLATFORM_ADMIN), arrive("ada", Role.REVIEWER)
    page = f"/users/{user(desk, 'ada').id}"
    assert root.form(page, role="supervisor", clients="acme", queues="", skills="").status_code == 303
    assert ada.get("/desk").status_code == 200
    assert user(desk, "ada").client_ids == ["acme"]
    root.form(f"{page}/sign-out")
    assert ada.get("/desk").status_code == 303 and ada.sign_in("ada").status_code == 303
    root.form(f"{page}/disable")
    assert ada.get("/desk").status_code == 303 and ada.sign_in("ada").status_code == 401
    root.form(f"{page}/enable")
    assert ada.sign_in("ada").status_code == 303
    root.form(f"{page}/password")
    assert ada.get("/desk").status_code == 303 and ada.sign_in("ada").status_code == 401
    with desk.store.read(ACTOR) as session:
        kinds = set(session.scalars(select(Event.kind).where(Event.actor == "root")))
    assert {"user.changed", "user.deactivated", "user.activated", "user.password_changed"} <= kinds


def test_nobody_administers_their_own_account(desk: Desk, arrive: Any) -> None:
    root = arrive("root", Role.PLATFORM_ADMIN)
    page = f"/users/{user(desk, 'root').id}"
    for path in (page, f"{page}/disable", f"{page}/password", f"{page}/sign-out"):
        assert root.form(path, role="supervisor").status_code == 403
    assert "Nobody administers" in root.get(page).text


def test_a_clients_administrator_governs_its_own_people_only(desk: Desk, arrive: Any) -> None:
    process_of(desk), process_of(desk, client="umbra")
    tina = arrive("tina", Role.TENANT_ADMIN, ("acme",))
    arrive("ada", Role.REVIEWER), arrive("uwe", Role.REVIEWER, ("umbra",)), arrive("root", Role.PLATFORM_ADMIN)
    arrive("carl", Role.CLIENT_VIEWER, ("acme",))
    listed = tina.get("/users").text
    assert "carl" in listed and not any(name in listed for name in (">ada<", ">uwe<", ">root<", "Umbra"))
    for name in ("ada", "uwe", "root"):
        assert tina.form(f"/users/{user(desk, name).id}/disable").status_code == 404
    assert tina.form("/users", **BEN).status_code == 403  # a reviewer without a client sees all
    assert tina.form("/users", **BEN, clients="umbra").status_code == 422
    assert tina.form("/users", name="eve", role="platform_admin", clients="acme").status_code == 403
    assert tina.form("/users", **BEN, clients="acme").status_code == 201
    carl = f"/users/{user(desk, 'carl').id}"
    assert tina.form(carl, role="ops", clients="acme").status_code == 403
    assert tina.form(carl, role="reviewer", clients="acme").status_code == 303


def test_queues_show_who_serves_them_and_no_document(desk: Desk, arrive: Any) -> None:
    process_of(desk)
    root = arrive("root", Role.PLATFORM_ADMIN)
    assert "Nobody" in root.get("/queues").text
    arrive("ada", Role.REVIEWER), arrive("uwe", Role.REVIEWER, ("umbra",))
    cells = " ".join(re.findall(r"<td>(.*?)</td>", root.get("/queues").text))  # a random token may spell a name
    assert "ada" in cells and "uwe" not in cells and "review" in cells


def test_a_token_is_shown_once_kept_hashed_and_ended_at_once(desk: Desk, arrive: Any) -> None:
    process_of(desk), process_of(desk, client="umbra")
    tina = arrive("tina", Role.TENANT_ADMIN, ("acme",))
    form = {"name": "their ERP", "client": "acme", "actions": "status", "days": "30"}
    answer = tina.form("/tokens", **form)
    token = told(answer.text)
    assert answer.status_code == 201 and token not in tina.get("/tokens").text
    with desk.store.read(ACTOR) as session:
        kept = session.scalars(select(ApiToken)).one()
    assert token not in kept.token_sha256 and (kept.expires_at - now()).days == 29
    assert tina.form("/tokens", **{**form, "days": "366"}).status_code == 422
    assert tina.form("/tokens", **{**form, "client": "umbra"}).status_code == 404
    assert tina.form("/tokens", **form, process="payroll").status_code == 404
    assert arrive("uta", Role.TENANT_ADMIN, ("umbra",)).form(f"/tokens/{kept.id}/revoke").status_code == 404
    assert tina.form(f"/tokens/{kept.id}/revoke").status_code == 303
    assert "Revoked" in tina.get("/tokens").text


@pytest.mark.parametrize("password", ["password2026!!", "Passwort123456", "qwertzuiop123", "summer2026summer"])
def test_what_is_soon_guessed_is_no_password(arrive: Any, password: str) -> None:
    ada = arrive("ada", Role.REVIEWER)
    answer = ada.form("/account/password", old=PASSWORD, new=password, again=password)
    assert answer.status_code == 422 and guesses(password, "ada") < 1e9


def test_any_characters_and_great_length_are_welcome_in_a_password(arrive: Any) -> None:
    ada = arrive("ada", Role.REVIEWER)
    long = "Über sieben Brücken, 七つの橋 🌉 " * 6
    assert ada.form("/account/password", old=PASSWORD, new=long, again=long).status_code == 303
    assert ada.sign_in("ada", long).status_code == 303


def test_the_first_password_of_a_new_desk_works_for_an_hour_and_nobody_has_one_by_default(
    desk: Desk, stranger: Browser
) -> None:
    for name in ("admin", "root", "cleardesk"):
        assert stranger.sign_in(name, name).status_code == 401
    create_user(desk, "root", PASSWORD, Role.PLATFORM_ADMIN, first=True)
    create_user(desk, "ben", PASSWORD, Role.REVIEWER, first=True)
    for name, hours in (("root", 1), ("ben", 72)):
        until = first_password_ends(desk, name)
        assert until and abs(until - now() - dt.timedelta(hours=hours)) < dt.timedelta(minutes=1)
    with desk.store.session(ACTOR) as session:
        session.execute(update(User).where(User.name == "root").values(first_until=now() - dt.timedelta(seconds=1)))
    assert stranger.sign_in("root").status_code == 401
    set_password(desk, "root", PASSWORD, first=True)
    assert stranger.sign_in("root").status_code == 303


def test_people_are_told_why_a_password_is_not_taken_and_what_to_do(desk: Desk, tmp_path: Path) -> None:
    stolen = "violet harbour mumbles often"
    breached = tmp_path / "breached.txt"
    breached.write_text(f"{hashlib.sha1(stolen.encode()).hexdigest().upper()}:3\n")
    careful = replace(desk, settings=desk.settings.model_copy(update={"breached_passwords": str(breached)}))
    person(desk, "ada", Role.REVIEWER)
    ada = Browser(TestClient(create_app(careful, DrawnPages())))  # type: ignore[arg-type]
    ada.sign_in("ada")
    for new, words in (
        ("short", "at least 12"),
        ("qwertyuiop123456", "too easy to guess"),
        (stolen, "stolen ones"),
        (PASSWORD, "is the old one"),
        ("x" * 1025, "at most 1,024"),
    ):
        answer = ada.form("/account/password", old=PASSWORD, new=new, again=new)
        assert answer.status_code == 422 and words in answer.text
    breached.unlink()
    with pytest.raises(ConfigurationError, match="CLEARDESK_BREACHED_PASSWORDS"):
        set_password(careful, "ada", "another violet harbour")


def test_nobody_waits_for_a_person_who_is_switched_off(desk: Desk, arrive: Any) -> None:
    definition = process_of(desk)
    for _ in range(2):
        in_review(desk, definition, *printed_invoice())
    root, ada, ben = (arrive("root", Role.PLATFORM_ADMIN), arrive("ada", Role.REVIEWER), arrive("ben", Role.REVIEWER))
    with desk.store.read(ACTOR) as session:
        first, second = session.scalars(select(ReviewTask.id).order_by(ReviewTask.id)).all()
    pin(desk, first, "ada")
    assert ada.form("/review/next").headers["location"].startswith(f"/review/{first}")
    pin(desk, second, "ada")
    assert "Nothing to do" in ben.get(ben.form("/review/next").headers["location"]).text
    root.form(f"/users/{user(desk, 'ada').id}/disable")
    assert ada.get("/review").status_code == 303
    with desk.store.read(ACTOR) as session:
        tasks = session.scalars(select(ReviewTask)).all()
    assert [(task.state, task.pinned_to, task.lease_owner) for task in tasks] == [("open", None, None)] * 2
    assert "/tsk_" in ben.form("/review/next").headers["location"]


def pin(desk: Desk, task_id: str, person: str) -> None:
    with desk.store.session(ACTOR) as session:
        pin_task(session, task_id, person)


def test_people_see_where_they_are_signed_in_and_sign_out_everywhere(app: Any, arrive: Any) -> None:
    ada = arrive("ada", Role.REVIEWER)
    elsewhere = Browser(TestClient(app))
    elsewhere.sign_in("ada")
    assert ada.get("/account").text.count("<tr><td><time") == 2
    assert ada.form("/account/sessions/end").headers["location"] == "/sign-in"
    assert ada.get("/account").status_code == elsewhere.get("/account").status_code == 303
