"""Every page of every role, looked at by axe-core in a real browser: no violation, in light and in dark."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Page

from schemas.roles import Role
from tasks.desk import Desk
from tests.given import process_of
from tests.workbench.browser import take_next
from tests.workbench.scene import PASSWORD, in_review, person, printed_invoice
from tests.workbench.test_access import GUARDED, things_of
from workbench.access import required_permission
from workbench.permissions import PERMISSIONS

AXE = Path(__file__).parent / "axe" / "axe.min.js"
NO_PAGE = {
    "/session",
    "/desk/figures",
    "/desk/events",
    "/documents/{document_id}/original",
    "/documents/{document_id}/pages/{number}/words",
    "/people/{name}",
    "/review/{task_id}",
    "/keying/{task_id}",
    "/deciding/{task_id}",
}
"""GET routes that answer with data or a part of a page, or only to who holds the task or has figures."""

LOOK = """async () => {
    const found = await axe.run({resultTypes: ["violations"]});
    return found.violations.map((each) => `${each.id}: ${each.nodes.slice(0, 3).map((node) => node.target).join(", ")}`);
}"""

pytestmark = [pytest.mark.parametrize("database_url", ["sqlite"], indirect=True), pytest.mark.timeout(600)]


@cache
def axe() -> str:
    return AXE.read_text(encoding="utf-8")


def violations(page: Page) -> list[str]:
    """What axe-core finds on the page as it is; its script passes by the page's own policy, as a debugger does."""
    page.evaluate(axe())
    found: list[str] = page.evaluate(LOOK)
    return found


def pages_of(role: Role) -> list[str]:
    """The addresses, with placeholders, of all pages that the role may open."""
    addresses = {
        route.path for route in GUARDED if route.methods == {"GET"} and required_permission(route) in PERMISSIONS[role]
    }
    return sorted(
        each for each in addresses if each not in NO_PAGE and "." not in each and not each.startswith("/api/")
    )


def faults(page: Page, desk: Desk, address: str, role: Role, scheme: str) -> dict[str, list[str]]:
    """Violations by page, of all pages of a role in one colour scheme, as far as there is something to show."""
    things = vars(things_of(desk, "acme"))
    person(desk, "eve", role, ("acme",))
    enter(page, address, "eve")
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    found = {}
    for path in (each for each in pages_of(role) if set(re.findall(r"{(\w+)}", each)) <= things.keys()):
        answer = page.goto(address + path.format(**things))
        if answer and answer.headers.get("content-type", "").startswith("text/html"):
            found[path] = violations(page)
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found[path].append("wider than the window")
    return {path: each for path, each in found.items() if each}


def enter(page: Page, address: str, name: str) -> None:
    page.goto(f"{address}/sign-in")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector(".top-bar")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_review_screen_and_the_sign_in_have_no_violation(desk: Desk, address: str, page: Page, scheme: str) -> None:
    in_review(desk, process_of(desk), *printed_invoice(doubtful=("gross_total",), misread={"net_total": "700.00"}))
    person(desk, "ada", Role.REVIEWER)
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    page.goto(f"{address}/sign-in")
    assert violations(page) == []
    take_next(page, address, "ada")
    assert violations(page) == []
    page.keyboard.press("?")
    assert violations(page) == []


def test_a_clients_pages_have_no_violation(desk: Desk, address: str, page: Page) -> None:
    assert faults(page, desk, address, Role.CLIENT_VIEWER, "light") == {}


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("role", [role for role in Role if PERMISSIONS[role] and role != Role.CLIENT_VIEWER])
def test_no_page_of_a_role_has_a_violation(desk: Desk, address: str, page: Page, role: Role, scheme: str) -> None:
    assert faults(page, desk, address, role, scheme) == {}
