"""One browser tab through a working day: documents reviewed one after the other; does it stay as fast, and as small?

`python -m benchmarks.review_tab --documents 500 --json F` seeds a desk, serves it in a process of its own, and works in Chromium
by keyboard: a field is typed over, the rules answer, submit, next. Page images are one made-up page, so that drawing them, which
`benchmarks.digital_pages` measures, takes no part. Figures: `submit_to_next_ms` around the fifth and the last document (medians
of five) and at the 95th percentile, `check_p95_ms` from the keystroke to the rules' answer, `heap_mb` of the script after a
collection of garbage early and at the end.
"""

from __future__ import annotations

import argparse
import datetime as dt
import io
import json
import shutil
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import CDPSession, Page, sync_playwright
from sqlalchemy import select

from benchmarks.desk_seed import fill, sign_people_in
from benchmarks.queue_seed import ACTOR
from benchmarks.workbench import served
from schemas.roles import Role
from schemas.settings import load_settings
from store.tables import FieldValue
from tasks.desk import Desk, open_desk

ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
ARGUMENTS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
EARLY = 5  # the document that the last one is compared with
WAIT = 40  # ms after a keystroke until the rules are asked (`screen.js`)
SUBMIT = """() => new Promise((resolve, reject) => {
    const from = location.href, began = performance.now();
    const key = new KeyboardEvent("keydown", {key: "Enter", code: "Enter", ctrlKey: true, bubbles: true});
    document.activeElement.dispatchEvent(key);
    const look = () => {
        if (location.href !== from && document.activeElement?.matches(".value")) resolve(performance.now() - began);
        else if (performance.now() - began > 30000) reject(new Error(document.querySelector("#status")?.value));
        else setTimeout(look, 2);
    };
    look();
})"""
CHECKS = """() => {
    const all = performance.getEntriesByType("resource").filter((each) => each.name.endsWith("/check"));
    performance.clearResourceTimings();
    return all.map((each) => each.duration);
}"""


def main() -> None:
    """Run the benchmark and print its figures."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        desk = open_desk(load_settings(desk=Path(folder)), create=True)
        fill(desk, options.documents * 2 + 20)  # some ask for a skill that she does not have
        _set_apart(desk)
        (token,) = sign_people_in(desk, Role.REVIEWER, ["ada"])
        with served(desk) as address, _tab(address, token) as tab:
            report = _work(tab, address, options.documents)
        desk.close()
    text = json.dumps(report, indent=2)
    print(text)
    if options.json:
        options.json.write_text(text + "\n", encoding="utf-8")


def _set_apart(desk: Desk) -> None:
    """Every document gets a date of its own, or the rules would take them for the same invoice."""
    first = dt.date(2024, 1, 2)
    with desk.store.session(ACTOR) as session:
        dates = session.scalars(select(FieldValue).where(FieldValue.name == "invoice_date")).all()
        for at, value in enumerate(dates):
            value.text = value.raw = (first + dt.timedelta(days=at)).isoformat()


def _work(tab: Page, address: str, documents: int) -> dict[str, Any]:
    """Review so many documents; the figures."""
    session = tab.context.new_cdp_session(tab)
    tab.goto(f"{address}/review")
    tab.keyboard.press("Enter")
    tab.wait_for_selector(".value:focus")
    waits: list[float] = []
    checks: list[float] = []
    heaps: list[float] = []
    for number in range(1, documents + 1):
        with tab.expect_response("**/check"):
            tab.locator("#f-order_number").fill(f"PO {number}")
        waits.append(float(tab.evaluate(SUBMIT)))
        checks += tab.evaluate(CHECKS)
        if number % 50 == 0 or number in (EARLY, documents):
            heaps.append(_heap_mb(session))
        tab.wait_for_timeout(150)  # the next one is fetched meanwhile; people take longer
    return {
        "documents": documents,
        "submit_to_next_ms_early": round(statistics.median(waits[EARLY - 3 : EARLY + 2]), 1),
        "submit_to_next_ms_last": round(statistics.median(waits[-5:]), 1),
        "submit_to_next_p95_ms": _p95(waits),
        "check_p95_ms": _p95(checks) + WAIT,
        "heap_mb_early": heaps[0],
        "heap_mb_last": heaps[-1],
        "heap_mb": heaps,
    }


def _p95(times: list[float]) -> float:
    ranked = sorted(times)
    return round(ranked[min(len(ranked) - 1, len(ranked) * 95 // 100)], 1)


def _heap_mb(session: CDPSession) -> float:
    session.send("HeapProfiler.collectGarbage")
    used: float = session.send("Runtime.getHeapUsage")["usedSize"]
    return round(used / 1e6, 2)


@contextmanager
def _tab(address: str, token: str) -> Iterator[Page]:
    """A signed-in tab; every page image is the same."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        context = browser.new_context(viewport={"width": 1366, "height": 768})
        context.add_cookies([{"name": "cleardesk", "value": token, "url": address}])
        picture = _picture()
        context.route("**/pages/*.jpg*", lambda route: route.fulfill(body=picture, content_type="image/jpeg"))
        yield context.new_page()
        browser.close()


def _picture() -> bytes:
    made = io.BytesIO()
    Image.effect_noise((1000, 1414), 12).convert("RGB").save(made, "JPEG", quality=70)
    return made.getvalue()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=500)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
