"""Signing in: who gets a session, how long it lasts, and how often one may guess."""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, update

from schemas.clock import now
from schemas.errors import ConfigurationError, ConflictError
from schemas.roles import Role
from store.tables import Event, SignInAttempt, User, WebSession
from tasks.desk import Desk
from tasks.sign_in import Refused, SignedIn, sign_in
from tasks.users import create_user, set_password, set_user_active
from tests.given import ACTOR
from tests.workbench.conftest import HOST, Browser
from tests.workbench.scene import PASSWORD, person


def kinds(desk: Desk) -> list[str]:
    with desk.store.read(ACTOR) as session:
        return list(session.scalars(select(Event.kind).where(Event.client_id == "").order_by(Event.seq)))


def age_sessions(desk: Desk, **columns: dt.datetime) -> None:
    with desk.store.session(ACTOR) as session:
        session.execute(update(WebSession).values(**columns))


def test_a_person_signs_in_works_and_signs_out(desk: Desk, stranger: Browser) -> None:
    person(desk, "Ada ", Role.REVIEWER)
    assert stranger.get("/review").headers["location"] == "/sign-in?next=/review"
    answer = stranger.sign_in("ADA")
    assert answer.headers["location"] == "/"
    assert stranger.get("/").headers["location"] == "/review"
    assert "Nothing to do" in stranger.get("/review").text
    assert stranger.form("/sign-out").status_code == 303
    assert stranger.get("/review").status_code == 303
    assert kinds(desk) == ["user.created", "sign_in.ok", "sign_out"]


@pytest.mark.usefixtures("slow_hashing")
def test_the_session_cookie_is_out_of_reach_of_scripts_and_of_the_database(desk: Desk, stranger: Browser) -> None:
    person(desk, "ada", Role.REVIEWER)
    cookie = stranger.sign_in("ada").headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie
    token = stranger.http.cookies["cleardesk"]
    with desk.store.read(ACTOR) as session:
        (kept,) = session.scalars(select(WebSession)).all()
        (hashed,) = session.scalars(select(User.password_hash)).all()
    assert len(token) >= 43 and token not in (kept.token_sha256, kept.csrf)
    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


@pytest.mark.parametrize(("name", "password"), [("ada", "wrong password!"), ("nobody", PASSWORD), ("", "")])
def test_a_wrong_name_or_password_says_the_same_and_leaves_a_trace(
    desk: Desk, stranger: Browser, name: str, password: str
) -> None:
    person(desk, "ada", Role.REVIEWER)
    answer = stranger.sign_in(name or "x", password or "x")
    assert answer.status_code == 401
    assert "Name or password is wrong." in answer.text
    assert kinds(desk)[-1] == "sign_in.failed"


def test_guessing_is_slowed_down_per_account(desk: Desk, stranger: Browser) -> None:
    person(desk, "ada", Role.REVIEWER)
    person(desk, "ben", Role.REVIEWER)
    for _ in range(5):
        assert stranger.sign_in("ada", "wrong password").status_code == 401
    refused = stranger.sign_in("ada")
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 61
    assert stranger.sign_in("ben").status_code == 303


def test_guessing_is_slowed_down_per_address(desk: Desk, stranger: Browser) -> None:
    for number in range(20):
        assert stranger.sign_in(f"user{number}", "wrong password").status_code == 401
    assert stranger.sign_in("user20", "wrong password").status_code == 429


def test_who_goes_on_guessing_waits_longer_and_longer_but_never_for_good(desk: Desk, stranger: Browser) -> None:
    person(desk, "ada", Role.REVIEWER)
    waits = []
    for _ in range(7):
        for _ in range(5):
            assert stranger.sign_in("ada", "wrong password").status_code == 401
        refused = stranger.sign_in("ada")
        assert refused.status_code == 429
        waits.append(int(refused.headers["retry-after"]))
        age_attempts(desk, dt.timedelta(seconds=waits[-1]))
    assert [round(wait / 60) for wait in waits[:5]] == [1, 2, 4, 8, 15] and max(waits) <= 901
    assert stranger.sign_in("ada").status_code == 303
    assert stranger.sign_in("ada", "wrong password").status_code == 401  # who is in begins anew


def test_who_floods_an_account_from_elsewhere_does_not_keep_its_owner_out(desk: Desk) -> None:
    person(desk, "ada", Role.REVIEWER)
    office, elsewhere = "192.0.2.1", [f"198.51.100.{number}" for number in range(1, 8)]
    assert isinstance(sign_in(desk, "ada", PASSWORD, office), SignedIn)
    tries = [sign_in(desk, "ada", "wrong password", address) for address in elsewhere]
    assert [isinstance(each, Refused) and each.wait > 0 for each in tries] == [False] * 5 + [True] * 2
    assert isinstance(sign_in(desk, "ada", PASSWORD, "203.0.113.9"), Refused)  # she is not known there
    assert isinstance(sign_in(desk, "ada", PASSWORD, office), SignedIn)
    assert sign_in(desk, "ada", "wrong password", elsewhere[0]) != Refused(0)  # that she is in helps nobody elsewhere


def test_at_a_known_address_guessing_is_slowed_down_too(desk: Desk) -> None:
    person(desk, "ada", Role.REVIEWER)
    person(desk, "ben", Role.REVIEWER)
    office = "192.0.2.1"
    assert isinstance(sign_in(desk, "ada", PASSWORD, office), SignedIn)
    tries = [sign_in(desk, "ada", "wrong password", office) for _ in range(6)]
    assert [each == Refused(0) for each in tries] == [True] * 5 + [False]
    assert isinstance(sign_in(desk, "ben", PASSWORD, office), SignedIn)
    tries = [sign_in(desk, "ben", "wrong password", f"198.51.100.{number}") for number in range(6)]
    assert [each == Refused(0) for each in tries] == [True] * 5 + [False]  # ada's own address is none of ben's


def age_attempts(desk: Desk, by: dt.timedelta) -> None:
    with desk.store.session(ACTOR) as session:
        for attempt in session.scalars(select(SignInAttempt)):
            attempt.at -= by


def test_many_at_once_get_no_more_guesses_than_one_after_the_other(desk: Desk) -> None:
    """Two servers' requests come at the same moment: the count is the database's, and each waits for the other's."""
    person(desk, "ada", Role.REVIEWER)
    start = threading.Barrier(12)

    def guess(number: int) -> bool:
        start.wait()
        return sign_in(desk, "ada", "wrong password", f"192.0.2.{number}") == Refused(0)

    with ThreadPoolExecutor(12) as pool:
        assert sum(pool.map(guess, range(12))) == 5


def test_a_hash_with_lower_parameters_is_renewed_at_the_sign_in(
    desk: Desk, stranger: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    person(desk, "ada", Role.REVIEWER)
    better = PasswordHasher(time_cost=2, memory_cost=128, parallelism=1)
    monkeypatch.setattr("tasks.passwords.hasher", lambda: better)
    assert stranger.sign_in("ada", "wrong password").status_code == 401
    assert "m=64,t=1" in kept_hash(desk)
    assert stranger.sign_in("ada").status_code == 303
    assert "m=128,t=2" in kept_hash(desk)
    assert stranger.sign_in("ada").status_code == 303


def kept_hash(desk: Desk) -> str:
    with desk.store.read(ACTOR) as session:
        return session.scalars(select(User.password_hash)).one()


def test_a_session_idles_out(desk: Desk, arrive: Any) -> None:
    ada = arrive("ada", Role.REVIEWER)
    age_sessions(desk, seen_at=now() - dt.timedelta(minutes=29))
    assert ada.get("/review").status_code == 200  # and it was seen now
    age_sessions(desk, seen_at=now() - dt.timedelta(minutes=31))
    assert ada.get("/review").headers["location"].startswith("/sign-in")


def test_a_page_that_refreshes_by_itself_keeps_nobody_signed_in(desk: Desk, arrive: Any) -> None:
    otto = arrive("otto", Role.OPS)
    age_sessions(desk, seen_at=now() - dt.timedelta(minutes=29))
    assert otto.get("/desk/figures").status_code == 200
    with desk.store.read(ACTOR) as session:
        assert session.scalars(select(WebSession.seen_at)).one() < now() - dt.timedelta(minutes=28)


def test_a_session_grows_too_old_however_busy(desk: Desk, arrive: Any) -> None:
    ada = arrive("ada", Role.REVIEWER)
    age_sessions(desk, created_at=now() - dt.timedelta(hours=12, minutes=1))
    assert ada.get("/review").headers["location"].startswith("/sign-in")


def test_programs_are_told_in_json_that_the_session_is_over(desk: Desk, arrive: Any) -> None:
    ada = arrive("ada", Role.REVIEWER)
    age_sessions(desk, ended_at=now())
    answer = ada.get("/review", Accept="application/json")
    assert answer.status_code == 401
    assert answer.json()["code"] == "A502" and answer.json()["request_id"]


def test_switching_a_user_off_or_changing_the_password_ends_every_session(desk: Desk, arrive: Any) -> None:
    ada, ben = arrive("ada", Role.REVIEWER), arrive("ben", Role.REVIEWER)
    set_user_active(desk, "ada", active=False)
    set_password(desk, "ben", "another long password")
    assert ada.get("/review").status_code == ben.get("/review").status_code == 303
    assert ada.sign_in("ada").status_code == 401
    assert ben.sign_in("ben", "another long password").status_code == 303


def test_no_other_site_can_sign_a_browser_in(desk: Desk, stranger: Browser) -> None:
    person(desk, "ada", Role.REVIEWER)
    fields = {"name": "ada", "password": PASSWORD}
    for headers in ({}, {"Origin": "https://evil.example"}, {"Origin": HOST}, {"Sec-Fetch-Site": "cross-site"}):
        assert stranger.http.post("/sign-in", data=fields, headers=headers).status_code == 403
    stranger.get("/sign-in")
    assert stranger.form("/sign-in", **fields).status_code == 403  # our cookie, but not our token


@pytest.mark.parametrize("goal", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_signing_in_leads_only_to_our_own_pages(desk: Desk, stranger: Browser, goal: str) -> None:
    person(desk, "ada", Role.REVIEWER)
    stranger.sign_in("nobody")
    stranger.csrf = stranger.get(f"/sign-in?next={goal}").text.split('name="csrf" value="')[1].split('"')[0]
    assert stranger.form("/sign-in", name="ada", password=PASSWORD, next=goal).headers["location"] == "/"


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaaaa", "ada-lovelace-1815"])
def test_a_weak_password_is_refused(desk: Desk, password: str) -> None:
    with pytest.raises(ConfigurationError):
        create_user(desk, "ada-lovelace-1815", password, Role.REVIEWER)


def test_a_name_is_taken_once_and_a_role_must_exist(desk: Desk) -> None:
    person(desk, "ada", Role.REVIEWER)
    with pytest.raises(ConflictError):
        person(desk, "ADA", Role.OPS)
    with pytest.raises(ConfigurationError, match="there is no role"):
        create_user(desk, "ben", PASSWORD, "boss")


def test_the_language_is_the_users_own(arrive: Any) -> None:
    ada = arrive("ada", Role.REVIEWER)
    assert ada.form("/language", language="de", next="/review").headers["location"] == "/review"
    assert "Nichts zu tun" in ada.get("/review").text
