"""What stands on paper is text on every page: forty ways to smuggle a script in, planted wherever a stranger's words go."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page
from sqlalchemy import update

from schemas.roles import Role
from store.questions import add_question
from store.review import add_note
from store.tables import Document, Receipt
from tasks.desk import Desk
from tests.given import ACTOR, process_of
from tests.workbench.browser import sign_in
from tests.workbench.scene import RIGHT, in_review, person, printed_invoice

pytestmark = [
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    pytest.mark.usefixtures("quick_hashing"),
]
HIT = "window.evil=1"
PAYLOADS = [
    f"<script>{HIT}</script>",
    f"</script><script>{HIT}</script>",
    f"</title><script>{HIT}</script>",
    f"</textarea><script>{HIT}</script>",
    f"</style><script>{HIT}</script>",
    f"--><script>{HIT}</script><!--",
    f"]]><script>{HIT}</script>",
    f'"><script>{HIT}</script>',
    f"'><script>{HIT}</script>",
    f"<ScRiPt>{HIT}</sCrIpT>",
    f"<script/x>{HIT}</script>",
    f"<<script>{HIT}//<</script>",
    "<script src=data:,window.evil=1></script>",
    f"<img src=x onerror={HIT}>",
    f'<img src="x" onerror="{HIT}">',
    f'"><img src=x onerror="{HIT}">',
    f"' onerror='{HIT}' src='x",
    f'" onfocus="{HIT}" autofocus="',
    f'" onmouseover="{HIT}" x="',
    f"' onfocus={HIT} autofocus '",
    f"<svg onload={HIT}>",
    f"<svg><script>{HIT}</script></svg>",
    f"<svg><animate onbegin={HIT} attributeName=x dur=1s>",
    f"<math><mtext></table><img src=x onerror={HIT}>",
    f"<details open ontoggle={HIT}>",
    f"<body onload={HIT}>",
    f"<input autofocus onfocus={HIT}>",
    f"<video><source onerror={HIT}></video>",
    f"<iframe srcdoc='<script>parent.{HIT}</script>'></iframe>",
    f"<iframe src=javascript:parent.{HIT}></iframe>",
    f"<object data=javascript:{HIT}></object>",
    f"<a href=javascript:{HIT} autofocus>x</a>",
    f"javascript:{HIT}",
    f"<form action=javascript:{HIT}><button>x",
    f"<meta http-equiv=refresh content='0;url=javascript:{HIT}'>",
    f"<base href=javascript:{HIT}//>",
    f"<div hx-on:load='{HIT}' hx-get='/x' hx-trigger='load'>",
    f"{{{{ {HIT} }}}}${{{HIT}}}{{% {HIT} %}}",
    f"&lt;script&gt;{HIT}&lt;/script&gt;&#60;script&#62;{HIT}&#60;/script&#62;",
    f"\u2028<script>{HIT}</script>\u202e\x0b",
]
EACH = len(RIGHT) - 3  # texts; totals and the date are kept, so that rules have something to work on


def planted(desk: Desk, payloads: list[str]) -> str:
    """A document whose values, runners-up, names, notes and questions are these texts."""
    texts = [name for name in RIGHT if name not in ("net_total", "tax_total", "invoice_date")]
    wrong = dict(zip(texts, payloads, strict=True))
    document_id = in_review(desk, process_of(desk), *printed_invoice(misread=wrong))
    with desk.store.session(ACTOR) as session:
        document = session.get_one(Document, document_id)
        for payload in payloads:
            add_note(session, document, payload, by="ada")
            add_question(session, document, payload, field=None, by=payload)
        session.execute(update(Document).where(Document.id == document_id).values(name=payloads[0]))
        session.execute(update(Receipt).where(Receipt.id == document.receipt_id).values(name=payloads[1]))
    return document_id


def test_nothing_that_a_stranger_wrote_ever_runs(desk: Desk, address: str, page: Page) -> None:
    assert len(PAYLOADS) == len(set(PAYLOADS)) == 40 == 8 * EACH
    documents = [planted(desk, PAYLOADS[start : start + EACH]) for start in range(0, 40, EACH)]
    person(desk, "lea", Role.SUPERVISOR)
    sign_in(page, address, "lea")
    paths = ["/documents", "/documents?q=script", "/questions", "/desk", "/mine", "/suppliers", "/group-check"]
    for path in [*paths, *(f"/documents/{each}" for each in documents)]:
        page.goto(address + path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.evil") is None, path
    for _ in documents:
        page.goto(f"{address}/review")
        page.get_by_role("button", name="Take the next").click()
        page.wait_for_url("**/review/tsk_*")
        page.wait_for_load_state("networkidle")
        page.keyboard.press("F2")
        page.keyboard.press("Alt+2")
        assert page.evaluate("window.evil") is None
        assert page.locator("main img[src='x'], main svg[onload], iframe, object, main base").count() == 0
