"""The other pages: the desk, documents and their stories, audits, pauses; and that no document text ever becomes markup."""

from __future__ import annotations

import datetime as dt
from html.parser import HTMLParser
from typing import Any

import pytest
from sqlalchemy import select, update

from schemas.audit import AuditResult, ExpectationResult, Place
from schemas.clock import now
from schemas.ids import new_id
from schemas.lifecycle import DocumentState
from schemas.roles import Role
from store.events import record
from store.questions import add_question, set_answer
from store.review import add_note
from store.tables import Alert, Audit, Document, Event, Page, Pause, Receipt, Reconciliation
from store.transitions import move_document
from tasks.desk import Desk
from tests.given import ACTOR, new_document, process_of
from tests.workbench.conftest import JPEG, DrawnPages
from tests.workbench.scene import in_review, printed_invoice

EVIL = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' autofocus onfocus=alert(1) x='",
    "<svg/onload=alert(1)>",
    "</textarea><script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "javascript:alert(1)",
    "{{7*7}}${7*7}",
    "<a href=javascript:alert(1)>x</a>",
    "</title><script>alert(1)</script>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "\u202e<b>evil</b>",
]


class Markup(HTMLParser):
    """What a browser would find in a page that could run something."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.dangers: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        ours = (names.get("src") or "").startswith("/static/")
        if tag in ("iframe", "object", "embed", "style") or (tag == "script" and not ours):
            self.dangers.append(tag)
        self.dangers += [name for name in names if name.startswith("on") or name in ("style", "srcdoc")]
        self.dangers += [
            v for n in ("href", "src", "action") if (v := names.get(n) or "").startswith(("java", "data:"))
        ]


def test_text_from_documents_never_becomes_markup(desk: Desk, arrive: Any) -> None:
    content, extraction = printed_invoice()
    evil = [v.model_copy(update={"text": e, "raw": e}) for v, e in zip(extraction.values, EVIL, strict=False)]
    found = [c.model_copy(update={"text": e, "raw": e}) for c, e in zip(extraction.candidates, EVIL, strict=False)]
    extraction = extraction.model_copy(update={"values": evil, "candidates": found, "extractor": EVIL[0]})
    document_id = in_review(desk, process_of(desk), content, extraction)
    with desk.store.session(ACTOR) as session:
        session.execute(update(Receipt).values(name="".join(EVIL)))
        session.execute(update(Document).values(name="".join(EVIL), reason=EVIL[0], number=EVIL[1]))
        session.add(Alert(id=new_id("alr"), cause="x", message=EVIL[0], remedy=EVIL[1], raised_at=now()))
    lea = arrive("lea", Role.SUPERVISOR)
    for evil_text in EVIL:
        lea.form("/pauses", what="work", client="acme", reason=evil_text)
    task = lea.form("/review/next").headers["location"]
    check = f"{task.partition('?')[0]}/form"
    draft = {"epoch": 1, "document_type": "credit_note", "from_type": "invoice"}
    typed = [{"name": "supplier_name", "text": each} for each in EVIL]
    pages = [
        lea.get(p)
        for p in ("/desk", "/documents", f"/documents?q={EVIL[1]}", f"/documents/{document_id}", "/pauses", task)
    ]
    pages.append(lea.json(check, {**draft, "values": typed}))
    for page in pages:
        assert page.status_code == 200 and Markup(page.text).dangers == [], page.url


def test_the_desk_page_shows_what_stands_where(desk: Desk, arrive: Any) -> None:
    definition = process_of(desk)
    in_review(desk, definition, *printed_invoice())
    new_document(desk, definition)
    with desk.store.session(ACTOR) as session:
        session.add(Reconciliation(at=now(), residual=0, result={}))
        session.add(
            Alert(id=new_id("alr"), cause="disk", message="The disk is full.", remedy="Free some.", raised_at=now())
        )
    page = arrive("otto", Role.OPS).get("/desk").text
    for text in ("Provisional mode", "The disk is full.", "Free some.", "Ledger residual", "invoices", "In review"):
        assert text in page
    assert "<b>2</b><span>Received today" in page and 'q=state%3Ain_review"><b>1</b>' in page


def test_an_empty_desk_is_calm(arrive: Any) -> None:
    lea = arrive("lea", Role.SUPERVISOR)
    assert "No open tasks." in lea.get("/desk").text
    assert "Nothing to do" in lea.get("/review").text
    assert "No document fits." in lea.get("/documents").text
    assert "No audit yet." in lea.get("/audits").text
    assert "Nothing is paused." in lea.get("/pauses").text


def test_documents_are_found_by_client_state_and_number(desk: Desk, arrive: Any) -> None:
    acme, umbra = process_of(desk), process_of(desk, client="umbra")
    in_review(desk, acme, *printed_invoice("NB-1"))
    in_review(desk, umbra, *printed_invoice("NB-2"))
    new_document(desk, acme)
    lea = arrive("lea", Role.SUPERVISOR)

    def found(query: str) -> int:
        return lea.get(f"/documents?{query}").text.count('<td class="clip"><a href="/documents/doc_')

    assert [found(q) for q in ("", "client=acme", "state=in_review", "q=nb-2", "q=NB-&client=acme", "q=%25")] == [
        3, 2, 2, 1, 1, 0,
    ]  # fmt: skip
    assert "<html" not in lea.get("/documents", **{"HX-Request": "true"}).text


def test_a_long_list_is_paged_by_key_without_gaps(desk: Desk, arrive: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.routes.documents.PAGE", 3)
    definition = process_of(desk)
    ids = [new_document(desk, definition) for _ in range(8)]
    lea, address, seen = arrive("lea", Role.SUPERVISOR), "/documents", []
    while address:
        page = lea.get(address).text
        seen += [part.split('"')[0] for part in page.split('<td class="clip"><a href="/documents/')[1:]]
        older = page.split('">Older</a>')[0].rsplit('href="', 1)[-1] if ">Older<" in page else ""
        address = older.replace("&amp;", "&")
    assert seen == sorted(ids, reverse=True)


def test_a_documents_page_tells_its_story(desk: Desk, arrive: Any) -> None:
    document_id = in_review(desk, process_of(desk), *printed_invoice(misread={"gross_total": "120.00"}))
    page = arrive("lea", Role.SUPERVISOR).get(f"/documents/{document_id}").text
    for text in ("File received", "Document made", "Review task opened", "Nordlicht", "1.00 too much", "No person has"):
        assert text in page


def test_the_story_says_who_changed_what_and_why_and_leads_to_the_flow_run(desk: Desk, arrive: Any) -> None:
    document_id = in_review(desk, process_of(desk), *printed_invoice(misread={"order_number": "450001"}))
    ada = arrive("ada", Role.REVIEWER)
    task = ada.form("/review/next").headers["location"].partition("?")[0]
    _, right = printed_invoice()
    values = [{"name": v.name, "table": v.table, "row": v.row, "text": v.text} for v in right.values]
    submission = {
        "epoch": 1,
        "document_type": "invoice",
        "values": values,
        "accept_reason": "as printed",
        "seconds": 41,
    }
    assert ada.json(f"{task}/submit", submission).status_code == 200
    with desk.store.session(ACTOR) as session:
        document = session.get_one(Document, document_id)
        add_note(session, document, "They always forget a digit.", by="ada")
        set_answer(session, add_question(session, document, "Whose order?", field=None, by="ada"), "Ours.", by="carl")
        move_document(session, document, DocumentState.HELD)
        record(session, "acme", "document.state", document_id, old="held", new="received", run="0197-run")
    page = arrive("lea", Role.SUPERVISOR).get(f"/documents/{document_id}").text
    for text in (
        '<span class="old">450001</span> → 4500012345', "as printed", "41 s", "submitted", "document with us",
        "They always forget a digit.", "Whose order?", "Ours.", "1 page, by test-1", "rules-1",
    ):  # fmt: skip
        assert text in page, text
    theirs = arrive("carl", Role.CLIENT_VIEWER, ("acme",)).get(f"/documents/{document_id}").text
    assert "Whose order?" in theirs and "forget a digit" not in theirs and ">ada" not in theirs


def test_a_page_of_a_split_file_says_where_it_lay_there(desk: Desk, arrive: Any) -> None:
    document_id = in_review(desk, process_of(desk), *printed_invoice())
    with desk.store.session(ACTOR) as session:
        document = session.get_one(Document, document_id)
        document.file_pages, document.reason = [[4, None]], "DOUBTFUL_SPLIT"
        session.get_one(Receipt, document.receipt_id).pages = 6
        session.get_one(Page, (document_id, 1)).file_page = 4
    page = arrive("lea", Role.SUPERVISOR).get(f"/documents/{document_id}").text
    assert "of 6 in the file, which was split" in page and "(page 4 of the file)" in page
    ada = arrive("ada", Role.REVIEWER)
    assert "1 / 1 (page 4 of the file)" in ada.get(ada.form("/review/next").headers["location"]).text


def test_page_images_are_drawn_once_and_of_ones_own_documents_only(desk: Desk, arrive: Any, pages: DrawnPages) -> None:
    document_id = in_review(desk, process_of(desk), *printed_invoice())
    image = f"/documents/{document_id}/pages/1.jpg"
    ada, eve = arrive("ada", Role.REVIEWER), arrive("eve", Role.CLIENT_VIEWER, ("umbra",))
    answer = ada.get(image)
    assert (answer.content, answer.headers["content-type"], answer.headers["cache-control"]) == (
        JPEG, "image/jpeg", "no-store",
    )  # fmt: skip
    pages.broken = True
    assert ada.get(image).status_code == 200
    assert eve.get(image).status_code == 404
    for path in (f"/documents/{document_id}/pages/2.jpg", f"{image}?width=7", "/documents/doc_0/pages/1.jpg"):
        assert ada.get(path).status_code == 404


def test_quarantined_pages_are_for_the_security_officer(desk: Desk, arrive: Any) -> None:
    document_id = in_review(desk, process_of(desk), *printed_invoice())
    with desk.store.session(ACTOR) as session:
        session.execute(update(Document).values(state=DocumentState.QUARANTINED))
    image = f"/documents/{document_id}/pages/1.jpg"
    assert arrive("ada", Role.REVIEWER).get(image).status_code == 404
    assert arrive("sam", Role.SECURITY_OFFICER).get(image).status_code == 200


def test_an_audit_names_what_was_broken_and_by_whom(desk: Desk, arrive: Any) -> None:
    process_of(desk)
    broken = ExpectationResult(
        table="lines",
        name="expect_column_values_to_be_between",
        columns=["_line_difference"],
        limits={"min_value": "0.0", "max_value": "0.02"},
        success=False,
        ran=True,
        checked=9,
        unexpected=1,
        failures=[Place(document="doc_7", line=3)],
    )
    held = ExpectationResult(
        table="documents",
        name="expect_column_values_to_not_be_null",
        columns=["invoice_number"],
        limits={},
        success=True,
        ran=True,
        checked=2,
        unexpected=0,
        failures=[],
    )
    result = AuditResult(
        document_type="invoice", engine="test", documents=2, lines=9, success=False, expectations=[held, broken]
    )
    audit_id = new_id("aud")
    with desk.store.session(ACTOR) as session:
        session.add(
            Audit(
                id=audit_id,
                client_id="acme",
                process="invoices",
                document_type="invoice",
                kind="shipment",
                subject="invoices-000001",
                passed=False,
                documents=2,
                result=result.model_dump(mode="json"),
                created_at=now(),
            )
        )
    quinn = arrive("quinn", Role.QA_AUDITOR)
    assert "invoices-000001" in quinn.get("/audits").text
    page = quinn.get(f"/audits/{audit_id}").text
    assert page.index("quantity times price against the line") < page.index("Invoice number")
    assert "is between 0 and 0.02" in page and "is there" in page
    assert '<a href="/documents/doc_7">' in page and "line 3" in page


def test_ops_pause_and_resume_one_client_with_a_reason(desk: Desk, arrive: Any) -> None:
    process_of(desk)
    otto = arrive("otto", Role.OPS)
    assert otto.form(
        "/pauses", what="delivery", client="acme", process="invoices", reason="Their server is down"
    ).is_redirect
    assert "Their server is down" in otto.get("/pauses").text
    with desk.store.read(ACTOR) as session:
        paused = session.scalars(select(Pause)).one()
    assert (paused.what, paused.client_id, paused.process, paused.by) == ("delivery", "acme", "invoices", "otto")
    assert otto.form(f"/pauses/{paused.id}/lift").is_redirect
    assert "Nothing is paused." in otto.get("/pauses").text
    with desk.store.read(ACTOR) as session:
        kinds = session.scalars(select(Event.kind).where(Event.subject == paused.id).order_by(Event.seq)).all()
    assert kinds == ["work.paused", "work.resumed"]


@pytest.mark.parametrize("fields", [{"client": "nobody"}, {"client": "acme", "process": "unknown"}])
def test_only_what_is_there_can_be_paused(desk: Desk, arrive: Any, fields: dict[str, str]) -> None:
    process_of(desk)
    assert arrive("otto", Role.OPS).form("/pauses", what="work", reason="because", **fields).status_code == 404


def test_the_pattern_page_shows_every_state_in_both_languages(arrive: Any) -> None:
    for name, language in (("ada", "en"), ("berta", "de")):
        assert arrive(name, Role.REVIEWER, language=language).get("/patterns").status_code == 200


def test_health_is_open_and_says_nothing(stranger: Any) -> None:
    assert stranger.get("/healthz").json() == {"status": "ok"}
    assert stranger.get("/readyz").json() == {"status": "ready"}


def test_a_due_time_that_is_over_is_marked(desk: Desk, arrive: Any) -> None:
    in_review(desk, process_of(desk), *printed_invoice())
    with desk.store.session(ACTOR) as session:
        session.execute(update(Document).values(due_at=now() - dt.timedelta(hours=3)))
    assert 'class="due late"' in arrive("lea", Role.SUPERVISOR).get("/documents").text
