"""Signing in with a real browser: by keyboard, under the content security policy, with nothing that keeps people out."""

from __future__ import annotations

import re
import time
from dataclasses import replace

import pyotp
import pytest
from playwright.sync_api import Page

from schemas.roles import Role
from tasks.desk import Desk
from tests.workbench.browser import served, type_in, type_name_and_password
from tests.workbench.provider import CLIENT, SECRET, Provider, serving
from tests.workbench.scene import PASSWORD, person
from tests.workbench.test_accessibility import violations

pytestmark = [pytest.mark.parametrize("database_url", ["sqlite"], indirect=True), pytest.mark.timeout(300)]


def faults(page: Page) -> list[str]:
    """What axe-core finds in light and in dark, and whether the page is wider than the window."""
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        found += violations(page)
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append("wider than the window")
    return found


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_second_factor_is_set_up_and_used_by_keyboard(desk: Desk, address: str, page: Page, language: str) -> None:
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if "Content Security" in message.text else None)
    person(desk, "ada", Role.REVIEWER, language=language)
    type_name_and_password(page, address, "ada")
    page.wait_for_selector(".top-bar")
    page.goto(f"{address}/account")
    assert faults(page) == []
    page.goto(f"{address}/account/second-factor")
    assert faults(page) == []
    page.locator("#begin").focus()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector(".qr svg")
    assert faults(page) == []
    box = page.locator(".qr svg").bounding_box()
    assert box and 180 <= box["width"] <= 320 and box["height"] == pytest.approx(box["width"], abs=1)
    secret = re.sub(r"\s", "", page.locator(".qr ~ p code").inner_text())
    phone = pyotp.TOTP(secret)
    step = int(time.time()) // 30
    type_in(page, "#code", phone.generate_otp(step))
    page.keyboard.press("Enter")
    page.wait_for_selector(".recovery-codes")
    assert faults(page) == [] and page.locator(".recovery-codes li").count() == 10
    page.locator(".top-bar form[action='/sign-out'] button").press("Enter")
    page.wait_for_url("**/sign-in")
    type_name_and_password(page, address, "ada")
    page.wait_for_url("**/sign-in/code")
    assert faults(page) == []
    type_in(page, "#code", phone.generate_otp(max(step + 1, int(time.time()) // 30)))
    page.keyboard.press("Enter")
    page.wait_for_selector(".top-bar")
    assert refused == []


def test_a_browser_goes_to_the_single_sign_on_and_comes_back(desk: Desk, page: Page) -> None:
    with serving(Provider()) as provider, served(desk) as (address, app):
        settings = {
            "public_url": address,
            "sso_issuer": provider.issuer,
            "sso_client_id": CLIENT,
            "sso_client_secret": type(desk.settings.sso_client_secret)(SECRET),
            "sso_roles": {"desk-reviewers": Role.REVIEWER},
            "outbound_networks": "127.0.0.0/8",
        }
        app.state.desk = replace(desk, settings=desk.settings.model_copy(update=settings))
        page.goto(f"{address}/sign-in?next=/patterns")
        assert faults(page) == []
        page.get_by_role("link", name="127.0.0.1").press("Enter")
        page.wait_for_url("**/patterns")
        assert "ada" in page.locator(".who").inner_text()
        page.locator(".top-bar form[action='/sign-out'] button").press("Enter")
        page.wait_for_url("**/sign-in?out=1")
        assert faults(page) == [] and page.locator("a[href='/sign-in/sso/out']").count() == 1
