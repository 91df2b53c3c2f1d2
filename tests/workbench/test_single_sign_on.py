"""Single sign-on: the right answer lets its person in with the right role, and no wrong one ever does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from sqlalchemy import func, select

from schemas.errors import ConfigurationError
from schemas.roles import Role
from schemas.settings import Settings
from store.database import Store
from store.tables import Event, User, WebSession
from tasks.desk import Desk, open_desk
from tasks.users import set_password, set_user_active
from tests.given import ACTOR, process_of
from tests.workbench.conftest import HOST, Browser, DrawnPages, token_in
from tests.workbench.provider import CLIENT, SECRET, Claims, Provider, serving, unsigned
from tests.workbench.scene import PASSWORD, person
from workbench.app import create_app

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
pytestmark = ON_SQLITE
ROLES = {"desk-leads": Role.SUPERVISOR, "desk-reviewers": Role.REVIEWER, "acme-people": Role.CLIENT_VIEWER}


@pytest.fixture
def provider() -> Iterator[Provider]:
    with serving(Provider()) as it:
        yield it


def settings_for(provider: Provider, store: Store, folder: Path, **more: Any) -> Settings:
    given: dict[str, Any] = {
        "desk": folder / "desk",
        "database_url": store.url,
        "public_url": HOST,
        "sso_issuer": provider.issuer,
        "sso_client_id": CLIENT,
        "sso_client_secret": SECRET,
        "sso_name": "Example Inc.",
        "sso_roles": ROLES,
        "outbound_networks": "127.0.0.0/8",
    }
    return Settings(**{**given, **more})


@pytest.fixture
def desk(store: Store, tmp_path: Path, provider: Provider) -> Desk:
    return open_desk(settings_for(provider, store, tmp_path), create=True)


def on(desk: Desk, **settings: Any) -> Desk:
    return replace(desk, settings=desk.settings.model_copy(update=settings))


def browser_of(desk: Desk) -> Browser:
    return Browser(TestClient(create_app(desk, DrawnPages()), raise_server_exceptions=False))  # type: ignore[arg-type]


def sent_away(browser: Browser, goal: str = "/") -> str:
    answer = browser.get(f"/sign-in/sso?next={goal}")
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def through(browser: Browser, provider: Provider, goal: str = "/") -> Response:
    """The whole way: to the provider, and back with its answer."""
    answer = browser.get(provider.authorize(sent_away(browser, goal)))
    if answer.status_code == 303:
        browser.csrf = token_in(browser.get("/patterns"))
    return answer


def sessions(desk: Desk) -> int:
    with desk.store.read(ACTOR) as session:
        return session.scalar(select(func.count()).select_from(WebSession)) or 0


def users(desk: Desk) -> dict[str, User]:
    with desk.store.read(ACTOR) as session:
        return {user.name: user for user in session.scalars(select(User))}


def failures(desk: Desk) -> list[str]:
    with desk.store.read(ACTOR) as session:
        return list(session.scalars(select(Event.data).where(Event.kind == "sign_in.failed").order_by(Event.seq)))


def test_the_right_answer_lets_its_person_in_with_the_role_of_their_group(desk: Desk, provider: Provider) -> None:
    browser = browser_of(desk)
    page = browser.get("/sign-in?next=/review").text
    assert "Sign in with Example Inc." in page and 'href="/sign-in/sso?next=/review"' in page
    answer = through(browser, provider, "/review")
    assert answer.headers["location"] == "/review"
    assert browser.get("/review").status_code == 200 and browser.get("/audits").status_code == 403
    ada = users(desk)["ada"]
    assert (ada.role, ada.issuer, ada.subject, ada.password_hash) == ("reviewer", provider.issuer, "248289761001", "")


def test_what_goes_to_the_provider_is_a_code_flow_with_pkce_state_and_nonce(desk: Desk, provider: Provider) -> None:
    query = {name: value[0] for name, value in parse_qs(urlsplit(sent_away(browser_of(desk))).query).items()}
    assert query["response_type"] == "code" and query["code_challenge_method"] == "S256"
    assert query["redirect_uri"] == f"{HOST}/sign-in/sso/return" and query["scope"].startswith("openid")
    assert all(len(query[part]) >= 43 for part in ("state", "nonce", "code_challenge"))
    assert len({query[part] for part in ("state", "nonce", "code_challenge")}) == 3


def changed(**claims: Any) -> Any:
    def change(good: Claims) -> Claims:
        return {name: value for name, value in {**good, **claims}.items() if value is not None}

    return change


def signed_by_another(_: str, claims: Claims) -> str:
    return jwt.encode({"alg": "RS256", "kid": "one"}, claims, RSAKey.generate_key(2048, {"kid": "one"}))


def signed_with_our_secret(_: str, claims: Claims) -> str:
    return jwt.encode({"alg": "HS256", "kid": "one"}, claims, OctKey.import_key(SECRET * 2))


def bringing_its_own_key(_: str, claims: Claims) -> str:
    """Signed by a stranger, whose key lies in the token's own header, at an address and as itself."""
    key = RSAKey.generate_key(2048)
    header = {"alg": "RS256", "jwk": key.as_dict(private=False), "jku": "https://evil.example/keys"}
    return jwt.encode(header, claims, key)


WRONG_CLAIMS = {
    "nonce of another sign-in": changed(nonce="0" * 64),
    "no nonce": changed(nonce=None),
    "for another desk": changed(aud="another"),
    "for several, not authorised for us": changed(aud=[CLIENT, "another"]),
    "authorised for another": changed(azp="another"),
    "of another issuer": changed(iss="https://evil.example"),
    "no issuer": changed(iss=None),
    "expired": changed(exp=int(time.time()) - 3600, iat=int(time.time()) - 7200),
    "no end": changed(exp=None),
    "of tomorrow": changed(iat=int(time.time()) + 86_400),
    "nobody": changed(sub=None),
    "an empty subject": changed(sub=""),
    "of another access token": changed(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
    "no group that counts": changed(groups=["everybody"]),
    "groups that are none": changed(groups=7),
}


@pytest.mark.parametrize("what", WRONG_CLAIMS)
def test_no_wrong_claim_lets_anybody_in(desk: Desk, provider: Provider, what: str) -> None:
    provider.claims = WRONG_CLAIMS[what]
    browser = browser_of(desk)
    answer = through(browser, provider)
    assert answer.status_code == 403 and "A509" in answer.text
    assert sessions(desk) == 0 and users(desk) == {}
    assert len(failures(desk)) == 1 and browser.get("/review").status_code == 303


@pytest.mark.parametrize(
    "token", [unsigned, signed_by_another, signed_with_our_secret, bringing_its_own_key, lambda *_: "no token"]
)
def test_no_token_without_the_providers_own_signature_lets_anybody_in(
    desk: Desk, provider: Provider, token: Any
) -> None:
    provider.token = token
    assert through(browser_of(desk), provider).status_code == 403
    assert sessions(desk) == 0


def test_an_answer_is_worth_nothing_in_another_browser(desk: Desk, provider: Provider) -> None:
    mine, theirs = browser_of(desk), browser_of(desk)
    answer = provider.authorize(sent_away(mine))
    assert theirs.get(answer).status_code == 403  # without a sign-in of its own
    sent_away(theirs)
    assert theirs.get(answer).status_code == 403  # with one
    assert sessions(desk) == 0 and "token" not in provider.asked


@pytest.mark.parametrize("forgetful", [False, True])
def test_an_answer_counts_once_even_where_the_provider_forgets(desk: Desk, provider: Provider, forgetful: bool) -> None:
    provider.forgetful = forgetful
    browser = browser_of(desk)
    answer = provider.authorize(sent_away(browser))
    kept = dict(browser.http.cookies)
    assert browser.get(answer).status_code == 303 and sessions(desk) == 1
    for name, value in kept.items():
        browser.http.cookies.set(name, value)
    assert browser.get(answer).status_code == 403
    sent_away(browser)
    state = parse_qs(urlsplit(sent_away(browser)).query)["state"][0]
    code = parse_qs(urlsplit(answer).query)["code"][0]
    assert browser.get(f"/sign-in/sso/return?code={code}&state={state}").status_code == 403
    assert sessions(desk) == 1


@pytest.mark.parametrize("issuer", ["https://evil.example", None])
def test_an_answer_of_another_issuer_is_not_even_redeemed(desk: Desk, provider: Provider, issuer: str | None) -> None:
    provider.description = {"authorization_response_iss_parameter_supported": True}
    provider.answer = lambda answer: {k: v for k, v in {**answer, "iss": issuer}.items() if v is not None}
    assert through(browser_of(desk), provider).status_code == 403
    assert sessions(desk) == 0 and "token" not in provider.asked


def test_a_person_who_says_no_is_not_signed_in(desk: Desk, provider: Provider) -> None:
    provider.answer = lambda answer: {"error": "access_denied", "state": answer["state"]}
    assert through(browser_of(desk), provider).status_code == 403 and sessions(desk) == 0


def test_a_provider_that_calls_itself_otherwise_or_is_away_lets_nobody_in(desk: Desk, provider: Provider) -> None:
    provider.description = {"issuer": "https://evil.example"}
    assert browser_of(desk).get("/sign-in/sso").status_code == 503
    away = on(desk, sso_issuer="http://127.0.0.1:1")
    answer = browser_of(away).get("/sign-in/sso")
    assert answer.status_code == 503 and "Who has a password" in answer.text


@pytest.mark.parametrize(
    ("described", "status"),
    [
        ({"jwks_uri": "http://169.254.169.254/keys"}, 500),  # ours to permit or not: C305
        ({"token_endpoint": "https://elsewhere.example/token"}, 500),
        ({"jwks_uri": "file:///etc/passwd"}, 503),
        ({"authorization_endpoint": "javascript:alert(1)"}, 503),
    ],
)
def test_a_provider_that_points_elsewhere_is_not_followed(
    desk: Desk, provider: Provider, described: Claims, status: int
) -> None:
    provider.description = described
    browser = browser_of(desk)
    answer = browser.get("/sign-in/sso")
    if answer.status_code == 303:
        answer = browser.get(provider.authorize(answer.headers["location"]))
    assert answer.status_code == status and sessions(desk) == 0


def test_groups_told_beside_the_token_count_where_they_are_the_same_persons(desk: Desk, provider: Provider) -> None:
    provider.groups, provider.userinfo = None, {"groups": ["desk-leads"], "sub": "somebody else"}
    assert through(browser_of(desk), provider).status_code == 403 and sessions(desk) == 0
    provider.userinfo = {"groups": ["desk-leads", "desk-reviewers"]}
    assert through(browser_of(desk), provider).status_code == 303
    assert users(desk)["ada"].role == "supervisor"  # the first of the setting's order


def test_rights_follow_the_groups_at_each_sign_in_and_the_person_stays_the_same(desk: Desk, provider: Provider) -> None:
    process_of(desk), process_of(desk, client="umbra")
    bound = on(desk, sso_clients={"acme-people": "acme", "all-clients": "*"})
    provider.groups = ["acme-people"]
    assert through(browser_of(bound), provider).status_code == 303
    ada = users(desk)["ada"]
    assert (ada.role, ada.client_ids) == ("client_viewer", ["acme"])
    provider.groups, provider.name = ["desk-leads", "all-clients"], "ada-married"
    assert through(browser_of(bound), provider).status_code == 303
    later = users(desk)
    assert list(later) == ["ada"] and (later["ada"].id, later["ada"].role) == (ada.id, "supervisor")
    provider.groups = ["desk-leads"]  # no client at all
    assert through(browser_of(bound), provider).status_code == 403


def test_a_name_proves_nothing(desk: Desk, provider: Provider) -> None:
    """Somebody at the provider who calls themselves like a person here does not get that person's account."""
    person(desk, "ada", Role.PLATFORM_ADMIN)
    assert through(browser_of(desk), provider).status_code == 303
    assert {name: user.role for name, user in users(desk).items()} == {
        "ada": "platform_admin",
        "ada@127.0.0.1": "reviewer",
    }
    provider.subject = "another"
    assert through(browser_of(desk), provider).status_code == 303
    assert len(users(desk)) == 3


def test_who_is_switched_off_here_stays_out_and_their_sessions_end(desk: Desk, provider: Provider) -> None:
    browser = browser_of(desk)
    assert through(browser, provider).status_code == 303
    set_user_active(desk, "ada", active=False)
    assert browser.get("/review").status_code == 303
    assert through(browser, provider).status_code == 403 and sessions(desk) == 1


def test_who_comes_through_single_sign_on_has_no_password(desk: Desk, provider: Provider) -> None:
    browser = browser_of(desk)
    through(browser, provider)
    page = browser.get("/account").text
    assert "single sign-on" in page and 'type="password"' not in page
    assert "asked for there" in browser.get("/account/second-factor").text
    for form in (
        {"old": "", "new": PASSWORD, "again": PASSWORD},
        {"old": " ", "new": PASSWORD, "again": PASSWORD},
    ):
        assert browser.form("/account/password", **form).status_code == 422
    with pytest.raises(ConfigurationError):
        set_password(desk, "ada", PASSWORD)
    stranger = browser_of(desk)
    assert stranger.sign_in("ada", PASSWORD).status_code == 401
    root = browser_of(desk)
    person(desk, "root", Role.PLATFORM_ADMIN)
    root = browser_of(on(desk, second_factor="nobody"))
    root.sign_in("root")
    ada = users(desk)["ada"]
    assert root.form(f"/users/{ada.id}/password").status_code == 409
    assert f"/users/{ada.id}/password" not in root.get(f"/users/{ada.id}").text


def test_signing_out_shows_the_way_out_of_the_provider_too(desk: Desk, provider: Provider) -> None:
    browser = browser_of(desk)
    through(browser, provider)
    assert browser.form("/sign-out").headers["location"] == "/sign-in?out=1"
    assert browser.get("/review").status_code == 303
    assert 'href="/sign-in/sso/out"' in browser.get("/sign-in?out=1").text
    there = urlsplit(browser.get("/sign-in/sso/out").headers["location"])
    assert f"{there.scheme}://{there.netloc}{there.path}" == f"{provider.issuer}/end"
    assert parse_qs(there.query)["post_logout_redirect_uri"] == [f"{HOST}/sign-in"]


def test_without_single_sign_on_there_is_no_way_to_it(store: Store, tmp_path: Path) -> None:
    desk = open_desk(Settings(desk=tmp_path / "plain", database_url=store.url), create=True)
    browser = browser_of(desk)
    assert "/sign-in/sso" not in browser.get("/sign-in").text
    for path in ("/sign-in/sso", "/sign-in/sso/return", "/sign-in/sso/out"):
        assert browser.get(path).status_code == 404


def test_cookies_on_the_way_are_as_closed_as_the_sessions(desk: Desk, provider: Provider) -> None:
    browser = browser_of(on(desk, secure_cookies=True))
    for path in ("/sign-in", "/sign-in/sso"):
        cookie = browser.get(path).headers["set-cookie"]
        assert cookie.startswith("__Host-cleardesk-") and "Secure" in cookie
        assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/" in cookie and "Domain" not in cookie
