"""`python -m docs.screenshots --desk D [--out docs/images/pages]`: picture every page of a desk, as the docs show them.

`D` is a demo desk (`cleardesk demo --once --desk D`) that nobody else serves; its logins are read from `demo-logins.json`.
Pages are 1366x768, in light; the main ones in dark too. Pictures have 256 colours, so that all of them stay small.
"""

from __future__ import annotations

import argparse
import io
import json
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from reading.pool import ReaderPool
from schemas.settings import load_settings
from tasks.desk import Desk, open_desk
from workbench.serve import server

OUT = Path(__file__).parent / "images" / "pages"
PAGES = {
    "lea": (
        *("desk", "held", "pauses", "documents", "questions", "instructions", "reports", "claims", "audits", "lots"),
        *(
            "lots/plan",
            "certificates",
            "people",
            "courses",
            "scorecards",
            "models",
            "suppliers",
            "group-check",
            "account",
        ),
        "patterns",
    ),
    "ada": ("mine", "training"),
    "vera": ("documents", "claims", "reports"),
    "paul": ("users", "tokens", "queues"),
}
"""Whose pages are pictured; a client's have names of their own."""

FIRST_OF = {
    "documents": "document",
    "reports": "report",
    "claims": "claim",
    "audits": "audit",
    "lots": "lot",
    "certificates": "certificate",
    "people": "person",
    "scorecards": "scorecard",
    "models": "model",
    "suppliers": "supplier",
    "users": "user",
}
"""Lists whose first entry is pictured too."""

CLIENT = "vera"
DARK = {"desk", "documents", "document", "report", "review"}
WORK = (
    ("keying", "tsk", "Take the next"),
    ("deciding", "tsk", "Take the next"),
    ("scorecards", "sco", "Score the next contact"),
)
"""Work beside the review: where it starts, what its tasks are called, and the button to the next."""
WINDOW = {"width": 1366, "height": 768}
COLOURS = 256


def main() -> None:
    """Serve the desk on a free loopback port, walk over its pages, and write a picture of each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--desk", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    logins = json.loads((options.desk / "demo-logins.json").read_text(encoding="utf-8"))
    with _served(options.desk) as address, _tab() as page:
        for name, pages in PAGES.items():
            _sign_in(page, address, name, logins[name]["password"])
            _picture_all(page, address, pages, options.out, "client-" if name == CLIENT else "")
        _sign_in(page, address, "ada", logins["ada"]["password"])
        _take_an_invoice(page, address)
        _picture(page, "review", options.out)
        _sign_in(page, address, "mia", logins["mia"]["password"])
        for start, task, button in WORK:
            if _take(page, address, start, task, button):
                _picture(page, f"{start}-task", options.out)
    total = sum(path.stat().st_size for path in options.out.glob("*.png"))
    sys.stdout.write(f"{total / 1e6:.1f} MB in {options.out}\n")


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    desk = open_desk(load_settings(desk=folder))
    settings = desk.settings.model_copy(update={"workbench_port": 0, "second_factor": "nobody"})
    quiet = Desk(settings, desk.store, desk.blobs)
    with ReaderPool(1) as pool:
        serving = server(quiet, pool)
        thread = threading.Thread(target=serving.run, daemon=True)
        thread.start()
        while not serving.started:
            time.sleep(0.05)
        yield f"http://127.0.0.1:{serving.servers[0].sockets[0].getsockname()[1]}"
        serving.should_exit = True
        thread.join(timeout=10)
    desk.close()


@contextmanager
def _tab() -> Iterator[Page]:
    with sync_playwright() as playwright:
        program = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield browser.new_context(viewport=WINDOW, locale="en-GB").new_page()  # type: ignore[arg-type]
        browser.close()


def _sign_in(page: Page, address: str, name: str, password: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{address}/sign-in")
    page.fill("#name", name)
    page.fill("#password", password)
    page.keyboard.press("Enter")
    page.wait_for_selector(".top-bar")


def _take_an_invoice(page: Page, address: str) -> None:
    """Open a task whose form has fields, past those that have none."""
    _take_next(page, address)
    if (changed := page.locator("form[action$='/instructions'] .primary")).count():
        changed.click()
        page.wait_for_load_state("networkidle")
    while not page.locator(".fields .value").count():
        page.keyboard.press("Alt+k")
        page.locator("#skip-dialog input[type=radio]").first.check()
        page.locator("#skip-dialog .primary").click()
        page.wait_for_url("**/review")
        _take_next(page, address)
    page.keyboard.press("F2")


def _take_next(page: Page, address: str) -> None:
    _take(page, address, "review", "tsk", "Take the next")


def _take(page: Page, address: str, start: str, task: str, button: str) -> bool:
    """Open the next task of a kind; False where there is nothing to do."""
    page.goto(f"{address}/{start}")
    waiting = page.get_by_role("button", name=button)
    if not waiting.count():
        return False
    waiting.click()
    page.wait_for_url(f"**/{start}/{task}_*")
    page.wait_for_load_state("networkidle")  # the keys are listened to once the scripts are there
    return True


def _picture_all(page: Page, address: str, pages: tuple[str, ...], out: Path, whose: str) -> None:
    for name in pages:
        page.goto(f"{address}/{name}")
        _picture(page, whose + name.replace("/", "-"), out)
        first = page.locator(f'main td a[href^="/{name}/"]') if name in FIRST_OF else None
        if first and first.count():
            page.goto(address + (first.first.get_attribute("href") or ""))
            _picture(page, whose + FIRST_OF[name], out)


def _picture(page: Page, name: str, out: Path) -> None:
    schemes: dict[str, Any] = {"light": name, **({"dark": f"{name}-dark"} if name in DARK else {})}
    for scheme, file in schemes.items():
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.wait_for_timeout(700)  # page images and charts arrive after the page
        taken = Image.open(io.BytesIO(page.screenshot())).convert("RGB").quantize(COLOURS)
        taken.save(out / f"{file}.png", optimize=True)


if __name__ == "__main__":
    main()
