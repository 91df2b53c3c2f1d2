"""A real browser at a served desk: fixtures for tests that look at pages as people do."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi import FastAPI
from playwright.sync_api import Page, expect, sync_playwright

from reading.pool import ReaderPool
from tasks.desk import Desk
from tests.workbench.scene import PASSWORD
from workbench.serve import server

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 60_000  # milliseconds: a busy machine is no error
expect.set_options(timeout=PATIENCE)


@contextmanager
def served(desk: Desk) -> Iterator[tuple[str, FastAPI]]:
    """The workbench, served on a free loopback port: its address and the application."""
    quiet = Desk(
        desk.settings.model_copy(update={"workbench_port": 0, "review_lease_seconds": 60.0}), desk.store, desk.blobs
    )
    with ReaderPool(1) as pool:
        serving = server(quiet, pool)
        thread = threading.Thread(target=serving.run, daemon=True)
        thread.start()
        while not serving.started:
            time.sleep(0.02)
        port = serving.servers[0].sockets[0].getsockname()[1]
        assert isinstance(serving.config.app, FastAPI)
        yield f"http://127.0.0.1:{port}", serving.config.app
        serving.should_exit = True
        thread.join(timeout=10)


@pytest.fixture
def address(desk: Desk) -> Iterator[str]:
    """Where the workbench is served."""
    with served(desk) as (address, _):
        yield address


@pytest.fixture(scope="module")
def chromium() -> Iterator[object]:
    program = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")
    assert program, "install Chromium: `make setup` does"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: object, tmp_path: Path) -> Iterator[Page]:
    """A browser tab; whatever the console complains of fails the test."""
    context = chromium.new_context(viewport={"width": 1366, "height": 768})  # type: ignore[attr-defined]
    tab: Page = context.new_page()
    tab.set_default_timeout(PATIENCE)
    complaints: list[str] = []
    tab.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    yield tab
    tab.screenshot(path=tmp_path / "last.png")
    context.close()
    assert [each for each in complaints if "409" not in each and "401" not in each] == []


def type_in(page: Page, field: str, text: str) -> None:
    """Type where the page has put the cursor: once it has, for letters typed before that reach nobody."""
    expect(page.locator(field)).to_be_focused()
    page.keyboard.type(text)


def type_name_and_password(page: Page, address: str, name: str) -> None:
    page.goto(f"{address}/sign-in")
    type_in(page, "#name", name)
    page.keyboard.press("Tab")
    type_in(page, "#password", PASSWORD)
    page.keyboard.press("Enter")


def sign_in(page: Page, address: str, name: str) -> None:
    """By keyboard, up to the start of the work."""
    type_name_and_password(page, address, name)
    expect(page.get_by_role("button", name="Take the next")).to_be_focused()


def take_next(page: Page, address: str, name: str) -> None:
    """Sign in and open the first task, by keyboard."""
    sign_in(page, address, name)
    page.keyboard.press("Enter")
    page.wait_for_url("**/review/tsk_*")
