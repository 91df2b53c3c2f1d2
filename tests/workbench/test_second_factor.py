"""The second factor: set up with a phone, asked for at each sign-in, used once, and replaced when the phone is lost."""

from __future__ import annotations

import datetime as dt
import re
import stat
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pyotp
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, update

from schemas.clock import now
from schemas.errors import ConfigurationError
from schemas.roles import Role
from store.attempts import forget_attempts
from store.tables import Event, RecoveryCode, SignInStep, User, WebSession
from tasks import second_factor
from tasks.desk import Desk
from tasks.second_factor import KEY
from tasks.users import without_second_factor
from tests.given import ACTOR
from tests.workbench.conftest import Browser, DrawnPages, token_in
from tests.workbench.scene import PASSWORD, person
from workbench.app import create_app

AT = 1_800_000_000  # a moment in the middle of nothing


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """The phone's and the server's clock, moved by hand."""
    at = [AT]
    monkeypatch.setattr("tasks.second_factor.time.time", lambda: at[0])

    def wait(seconds: int) -> None:
        at[0] += seconds

    return wait


class Phone:
    """An authenticator app that took the key from the page."""

    def __init__(self, page: str) -> None:
        found = re.search(r"<code>((?:[A-Z2-7]{4} ?)+)</code>", page)
        assert found
        self.app = pyotp.TOTP(found[1].replace(" ", ""))

    def code(self, *, steps: int = 0) -> str:
        return self.app.generate_otp(int(second_factor.time.time()) // 30 + steps)


def set_up(browser: Browser) -> tuple[Phone, list[str]]:
    """Set up a second factor; returns the phone and the recovery codes."""
    phone = Phone(browser.form("/account/second-factor/begin", password=PASSWORD).text)
    page = browser.form("/account/second-factor/confirm", code=phone.code()).text
    codes = re.findall(r"<li><code>([a-z2-9-]{29})</code></li>", page)
    assert len(codes) == len(set(codes)) == 10
    return phone, codes


def with_code(browser: Browser, code: str, name: str = "ada") -> int:
    """Sign in by password, then with this code; the status of the second answer."""
    browser.http.cookies.clear()
    browser.csrf = token_in(browser.get("/sign-in"))
    answer = browser.form("/sign-in", name=name, password=PASSWORD, next="/account")
    assert answer.headers["location"] == "/sign-in/code", answer.text
    assert browser.get("/account").status_code == 303  # half way is nowhere
    browser.csrf = token_in(browser.get("/sign-in/code"))
    return browser.form("/sign-in/code", code=code).status_code


def a_minute_later(desk: Desk) -> None:
    """The attempts before no longer slow anybody down."""
    with desk.store.session(ACTOR) as session:
        forget_attempts(session, "ada", "testclient")


def events(desk: Desk) -> list[tuple[str, str]]:
    with desk.store.read(ACTOR) as session:
        rows = session.execute(select(Event.kind, Event.data).where(Event.client_id == "").order_by(Event.seq))
        return [(row.kind, row.data) for row in rows]


def sessions(desk: Desk) -> int:
    with desk.store.read(ACTOR) as session:
        return session.scalar(select(func.count()).where(WebSession.ended_at.is_(None))) or 0


def test_with_a_second_factor_the_password_alone_opens_nothing(
    desk: Desk, arrive: Any, clock: Callable[[int], None]
) -> None:
    ada = arrive("ada", Role.REVIEWER)
    phone, _ = set_up(ada)
    clock(60)
    ada.form("/sign-out")
    assert with_code(ada, "000000") == 401 and sessions(desk) == 0
    ada.csrf = token_in(ada.get("/sign-in/code"))
    answer = ada.form("/sign-in/code", code=f" {phone.code()[:3]} {phone.code()[3:]} ")
    assert answer.headers["location"] == "/account"  # where they wanted to go
    assert ada.get("/review").status_code == 200
    kind, data = events(desk)[-1]
    assert kind == "sign_in.ok" and '"how":"code"' in data


def test_a_code_counts_once_and_only_about_its_own_half_minute(
    desk: Desk, arrive: Any, clock: Callable[[int], None]
) -> None:
    ada = arrive("ada", Role.REVIEWER)
    phone, _ = set_up(ada)
    assert with_code(ada, phone.code()) == 401  # the one that it was set up with
    clock(90)
    used = phone.code()
    assert with_code(ada, used) == 303
    assert with_code(ada, used) == 401  # replayed
    assert with_code(ada, phone.code(steps=-1)) == 401  # older than the one used
    a_minute_later(desk)
    assert with_code(ada, phone.code(steps=1)) == 303  # a phone that is a little fast
    clock(300)
    a_minute_later(desk)
    assert with_code(ada, phone.code(steps=-2)) == 401 and with_code(ada, phone.code(steps=2)) == 401
    assert with_code(ada, phone.code(steps=-1)) == 303


def test_codes_are_guessed_at_as_slowly_as_passwords(arrive: Any, clock: Callable[[int], None]) -> None:
    ada = arrive("ada", Role.REVIEWER)
    phone, _ = set_up(ada)
    clock(60)
    assert with_code(ada, "000000") == 401
    statuses = []
    for guess in range(5):
        ada.csrf = token_in(ada.get("/sign-in/code"))
        statuses.append(ada.form("/sign-in/code", code=f"{guess:06}").status_code)
    assert statuses == [401, 401, 401, 401, 429]
    ada.csrf = token_in(ada.get("/sign-in/code"))
    assert ada.form("/sign-in/code", code=phone.code()).status_code == 429


def test_a_sign_in_that_is_left_half_way_begins_anew(desk: Desk, arrive: Any, clock: Callable[[int], None]) -> None:
    ada = arrive("ada", Role.REVIEWER)
    phone, _ = set_up(ada)
    clock(60)
    assert with_code(ada, "000000") == 401
    with desk.store.session(ACTOR) as session:
        session.execute(update(SignInStep).values(created_at=now() - dt.timedelta(minutes=11)))
    ada.csrf = token_in(ada.get("/sign-in/code"))
    assert ada.form("/sign-in/code", code=phone.code()).headers["location"] == "/sign-in"
    assert ada.get("/review").status_code == 303


def test_a_recovery_code_stands_in_for_a_lost_phone_once(desk: Desk, arrive: Any, clock: Callable[[int], None]) -> None:
    ada = arrive("ada", Role.REVIEWER)
    _, codes = set_up(ada)
    assert with_code(ada, codes[0].upper().replace("-", " ")) == 303
    assert "9 recovery codes left" in ada.get("/account").text
    assert with_code(ada, codes[0]) == 401
    assert with_code(ada, codes[1]) == 303
    ada.csrf = token_in(ada.get("/patterns"))
    assert ada.form("/account/second-factor/recovery-codes", password="wrong").status_code == 422
    page = ada.form("/account/second-factor/recovery-codes", password=PASSWORD).text
    newer = re.findall(r"<li><code>([a-z2-9-]{29})</code></li>", page)
    assert with_code(ada, codes[2]) == 401 and with_code(ada, newer[0]) == 303
    with desk.store.read(ACTOR) as session:
        kept = session.scalars(select(RecoveryCode.code_sha256)).all()
    assert not set(codes + newer) & set(kept)


def test_another_persons_codes_are_worth_nothing(arrive: Any, clock: Callable[[int], None]) -> None:
    ada, ben = arrive("ada", Role.REVIEWER), arrive("ben", Role.REVIEWER)
    set_up(ada)
    phone, codes = set_up(ben)
    clock(60)
    assert with_code(ada, phone.code()) == 401 and with_code(ada, codes[0]) == 401


def test_setting_it_up_asks_for_the_password_and_ends_the_other_sessions(
    desk: Desk, app: Any, arrive: Any, clock: Callable[[int], None]
) -> None:
    ada = arrive("ada", Role.REVIEWER)
    elsewhere = Browser(TestClient(app, raise_server_exceptions=False))
    elsewhere.sign_in("ada")
    assert ada.form("/account/second-factor/begin", password="wrong").status_code == 422
    assert ada.form("/account/second-factor/begin").status_code == 422
    page = ada.form("/account/second-factor/begin", password=PASSWORD).text
    assert "<svg" in page and "style=" not in page and "<script" not in page.split("<main")[1]
    again = ada.form("/account/second-factor/confirm", code="123456")
    assert again.status_code == 422 and Phone(again.text).code() == Phone(page).code()  # the same picture again
    assert ada.form("/account/second-factor/confirm", code=Phone(page).code()).status_code == 200
    assert ada.get("/review").status_code == 200 and elsewhere.get("/review").status_code == 303
    assert ada.form("/account/second-factor/begin", password=PASSWORD).status_code == 409  # there is one


def test_the_secret_is_kept_sealed_and_its_key_is_nobody_elses_to_read(
    desk: Desk, arrive: Any, clock: Callable[[int], None]
) -> None:
    ada = arrive("ada", Role.REVIEWER)
    phone, _ = set_up(ada)
    with desk.store.read(ACTOR) as session:
        sealed = session.scalars(select(User.factor_sealed)).one()
    assert sealed and phone.app.secret not in sealed
    key = desk.folder / KEY
    assert stat.S_IMODE(key.stat().st_mode) == 0o600 and not list(desk.folder.glob(f"{KEY}.*"))
    key.write_bytes(key.read_bytes()[::-1])
    clock(60)
    assert with_code(ada, phone.code()) == 500  # never open where it cannot be checked
    assert sessions(desk) == 1


def test_doing_without_asks_for_the_password_and_ends_every_session(arrive: Any, clock: Callable[[int], None]) -> None:
    ada = arrive("ada", Role.REVIEWER)
    set_up(ada)
    assert ada.form("/account/second-factor/end", password="wrong").status_code == 422
    assert ada.form("/account/second-factor/end", password=PASSWORD).headers["location"] == "/sign-in"
    assert ada.get("/review").status_code == 303 and ada.sign_in("ada").headers["location"] == "/"


def test_an_administrator_takes_a_lost_factor_away_and_so_does_the_command(
    desk: Desk, arrive: Any, clock: Callable[[int], None]
) -> None:
    ada, root, tina = (
        arrive("ada", Role.REVIEWER),
        arrive("root", Role.PLATFORM_ADMIN),
        arrive("tina", Role.TENANT_ADMIN, ("acme",)),
    )
    set_up(ada)
    with desk.store.read(ACTOR) as session:
        page = f"/users/{session.scalars(select(User.id).where(User.name == 'ada')).one()}"
    assert "Second factor since" in root.get(page).text
    assert tina.form(f"{page}/second-factor").status_code == 404
    assert root.form(f"{page}/second-factor").status_code == 303
    assert ada.get("/review").status_code == 303 and ada.sign_in("ada").headers["location"] == "/"
    set_up(ada)
    without_second_factor(desk, "ada")
    assert ada.sign_in("ada").headers["location"] == "/"
    assert [kind for kind, _ in events(desk)].count("user.second_factor_ended") == 2
    with pytest.raises(ConfigurationError):
        without_second_factor(desk, "nobody")


@pytest.mark.parametrize(
    ("setting", "role", "asked"),
    [
        ("administrators", Role.PLATFORM_ADMIN, True),
        ("administrators", Role.TENANT_ADMIN, True),
        ("administrators", Role.REVIEWER, False),
        ("everybody", Role.REVIEWER, True),
        ("nobody", Role.PLATFORM_ADMIN, False),
    ],
)
def test_whose_role_asks_for_it_sees_nothing_else_before(
    desk: Desk, clock: Callable[[int], None], setting: str, role: Role, asked: bool
) -> None:
    strict = replace(desk, settings=desk.settings.model_copy(update={"second_factor": setting}))
    browser = Browser(TestClient(create_app(strict, DrawnPages()), raise_server_exceptions=False))  # type: ignore[arg-type]
    person(desk, "ada", role, ("acme",))
    browser.csrf = token_in(browser.get("/sign-in"))
    assert browser.form("/sign-in", name="ada", password=PASSWORD).status_code == 303
    browser.csrf = token_in(browser.get("/account"))
    work = "/review" if role == Role.REVIEWER else "/users"
    assert (browser.get(work).headers.get("location") == "/account/second-factor") is asked
    if asked:
        assert browser.get(work, Accept="application/json").json()["code"] == "A508"
        set_up(browser)
        assert browser.form("/account/second-factor/end", password=PASSWORD).status_code == 403
    assert browser.get(work).status_code == 200


def test_a_lost_password_is_replaced_without_a_way_around_the_second_factor(
    desk: Desk, arrive: Any, clock: Callable[[int], None]
) -> None:
    ada, root = arrive("ada", Role.REVIEWER), arrive("root", Role.PLATFORM_ADMIN)
    phone, _ = set_up(ada)
    clock(60)
    with desk.store.read(ACTOR) as session:
        page = f"/users/{session.scalars(select(User.id).where(User.name == 'ada')).one()}"
    found = re.search(r"<code>([^<]{16,})</code>", root.form(f"{page}/password").text)
    assert found
    ada.csrf = token_in(ada.get("/sign-in"))
    assert ada.form("/sign-in", name="ada", password=found[1]).headers["location"] == "/sign-in/code"
    ada.csrf = token_in(ada.get("/sign-in/code"))
    assert ada.form("/sign-in/code", code=phone.code()).status_code == 303
    assert ada.get("/review").headers["location"] == "/account"  # and the password is changed first
