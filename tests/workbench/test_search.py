"""Search and bulk actions, through the pages: what people type is found, only with their own clients, and acted on."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select, update

from schemas.lifecycle import DocumentState, TaskState
from schemas.reading import Box, PageReading, Reading, Source, Word
from schemas.roles import Role
from store.search import keep_words_of_pages
from store.tables import Document, Event, ReviewTask, SavedFilter
from tasks.desk import Desk
from tests.given import ACTOR, new_document, process_of
from tests.workbench.conftest import Browser
from tests.workbench.scene import in_review, printed_invoice


def found(browser: Browser, line: str) -> list[str]:
    """The ids that a search line finds, newest first."""
    answer = browser.http.get("/documents", params={"q": line})
    assert answer.status_code == 200
    return re.findall(r'<td class="clip"><a href="/documents/(doc_\w+)"', answer.text)


def say(desk: Desk, document_id: str, text: str) -> None:
    """The document's page reads so."""
    words = [Word(word, Box(0, 0, 1, 1)) for word in text.split()]
    page = PageReading(number=1, width=595, height=842, source=Source.OCR, words=words)
    with desk.store.session(ACTOR) as session:
        document = session.get_one(Document, document_id)
        keep_words_of_pages(session, document, Reading(reader="test-1", pages=[page]))


def test_everything_that_a_document_says_finds_it(desk: Desk, arrive: Any) -> None:
    definition = process_of(desk)
    first, second = (in_review(desk, definition, *printed_invoice(f"NB-{n}")) for n in (1, 2))
    unread = new_document(desk, definition)
    say(desk, first, "Lieferung an die Werkstatt in Übersee am Montag")
    with desk.store.session(ACTOR) as session:
        session.execute(update(Document).where(Document.id == first).values(gross_total=119, supplier_key="S-1001"))
        name = session.get_one(Document, unread).name
    lea = arrive("lea", Role.SUPERVISOR)
    for line, expected in {
        "nb-1": [first],
        "bürobedarf": [second, first],
        "Burobedarf werkst": [first],
        '"die werkstatt"': [first],
        '"werkstatt die"': [],
        "ubersee montag": [first],
        "119,00": [second, first],
        "supplier:nordlicht": [second, first],
        "supplier:werkstatt": [],
        "number:2": [second],
        "amount:100..200": [first],
        "amount:..118": [],
        name: [unread],
        f"file:{name[:4]}": [unread],
        "state:received": [unread],
        "state:open": [unread, second, first],
        "queue:invoices": [second, first],
        "reason:SUM nordlicht": [second, first],
        "due:late": [],
        "received:today": [unread, second, first],
        "delivered:today": [],
        "touched:yes": [],
        second: [second],
        "amount:cheap": [],
    }.items():
        assert found(lea, line) == expected, line


def test_a_corrected_value_is_found_and_the_old_one_is_not(desk: Desk, arrive: Any) -> None:
    in_review(desk, process_of(desk), *printed_invoice(misread={"order_number": "misread77"}))
    lea = arrive("lea", Role.SUPERVISOR)
    assert len(found(lea, "misread77")) == 1
    task = lea.form("/review/next").headers["location"].partition("?")[0]
    _, right = printed_invoice()
    values = [{"name": v.name, "table": v.table, "row": v.row, "text": v.text} for v in right.values]
    answer = lea.json(
        f"{task}/submit", {"epoch": 1, "document_type": "invoice", "values": values, "accept_reason": "x"}
    )
    assert answer.status_code == 200
    assert (len(found(lea, "misread77")), len(found(lea, "4500012345"))) == (0, 1)


def test_nobody_finds_what_belongs_to_other_clients(desk: Desk, arrive: Any) -> None:
    own = in_review(desk, process_of(desk), *printed_invoice())
    in_review(desk, process_of(desk, client="umbra"), *printed_invoice())
    carl = arrive("carl", Role.CLIENT_VIEWER, ("acme",))
    for line in ("nordlicht", "", "state:open", "queue:invoices", "client:umbra nordlicht", "supplier:nordlicht"):
        assert found(carl, line) in ([own], []), line
    assert found(carl, "nordlicht") == [own]
    assert "umbra" not in carl.get("/documents.csv").text


def test_a_search_by_words_is_paged_without_gaps(desk: Desk, arrive: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.routes.documents.PAGE", 2)
    definition = process_of(desk)
    ids = [in_review(desk, definition, *printed_invoice(f"NB-{n}")) for n in range(5)]
    lea, seen, before = arrive("lea", Role.SUPERVISOR), [], None
    for _ in range(3):
        params = {"q": "nordlicht"} | ({"before": before} if before else {})
        text = lea.http.get("/documents", params=params).text
        seen += re.findall(r'<td class="clip"><a href="/documents/(doc_\w+)"', text)
        before = seen[-1]
    assert seen == sorted(ids, reverse=True)


@pytest.mark.parametrize(
    "line", ['"', '""', '"a', "a OR", "NEAR(a b)", "a* ^b", "'); DROP", "a:b:c", "supplier:", "-", "*:*"]
)
def test_no_line_breaks_the_search(desk: Desk, arrive: Any, line: str) -> None:
    in_review(desk, process_of(desk), *printed_invoice())
    found(arrive("lea", Role.SUPERVISOR), line)


def test_people_keep_their_own_searches(desk: Desk, arrive: Any) -> None:
    lea, otto = arrive("lea", Role.SUPERVISOR), arrive("otto", Role.OPS)
    assert lea.form("/documents/filters", name="Late ones", q="due:late client:acme").is_redirect
    assert lea.form("/documents/filters", name="Late ones", q="due:late").is_redirect
    assert lea.get("/documents").text.count(">Late ones<") == 1 and "Late ones" not in otto.get("/documents").text
    with desk.store.read(ACTOR) as session:
        kept = session.scalars(select(SavedFilter)).one()
    assert kept.query == "due:late"
    otto.form("/documents/filters/drop", filter_id=kept.id)
    assert "Late ones" in lea.get("/documents").text
    lea.form("/documents/filters/drop", filter_id=kept.id)
    assert "Late ones" not in lea.get("/documents").text


def test_the_exported_list_holds_no_formula_and_is_in_the_trail(desk: Desk, arrive: Any) -> None:
    in_review(desk, process_of(desk), *printed_invoice())
    with desk.store.session(ACTOR) as session:
        session.execute(update(Document).values(name="=HYPERLINK(1)", supplier_key="@cmd"))
    answer = arrive("lea", Role.SUPERVISOR).get("/documents.csv?q=nordlicht")
    assert answer.headers["content-disposition"] == 'attachment; filename="documents.csv"'
    assert "'=HYPERLINK(1)" in answer.text and "'@cmd" in answer.text
    with desk.store.read(ACTOR) as session:
        assert session.scalars(select(Event).where(Event.kind == "documents.exported")).one().actor == "lea"


def test_failed_documents_are_tried_again_after_a_look(desk: Desk, arrive: Any) -> None:
    definition = process_of(desk)
    failed, other = (
        in_review(desk, definition, *printed_invoice("F-1")),
        in_review(desk, definition, *printed_invoice("O-1")),
    )
    with desk.store.session(ACTOR) as session:
        session.execute(update(Document).where(Document.id == failed).values(state=DocumentState.FAILED))
    otto = arrive("otto", Role.OPS)
    asked = otto.form("/documents/bulk", action="retry", ids=[failed, other])
    assert "Documents: 2." in asked.text
    with desk.store.read(ACTOR) as session:
        assert session.get_one(Document, failed).state == DocumentState.FAILED
    done = otto.form("/documents/bulk/do", action="retry", ids=[failed, other])
    assert "Done: 1. Not done: 1." in done.text and "Its state does not allow it." in done.text
    with desk.store.read(ACTOR) as session:
        assert session.get_one(Document, failed).state == DocumentState.RECEIVED


def test_leads_assign_release_and_hurry_what_a_search_finds(desk: Desk, arrive: Any) -> None:
    document_id = in_review(desk, process_of(desk), *printed_invoice())
    lea, ada, ben = arrive("lea", Role.SUPERVISOR), arrive("ada", Role.REVIEWER), arrive("ben", Role.REVIEWER)
    asked = lea.form("/documents/bulk", action="assign", everything="true", q="nordlicht")
    assert "<option>ada</option>" in asked.text and document_id in asked.text
    assert lea.form("/documents/bulk/do", action="assign", ids=document_id, person="nobody").status_code == 404
    lea.form("/documents/bulk/do", action="assign", ids=document_id, person="ada")
    assert ben.form("/review/next").headers["location"] == "/review"
    assert "epoch" in ada.form("/review/next").headers["location"]
    lea.form("/documents/bulk/do", action="release", ids=document_id)
    lea.form("/documents/bulk/do", action="urgent", ids=document_id)
    with desk.store.read(ACTOR) as session:
        task = session.scalars(select(ReviewTask)).one()
        kinds = session.scalars(select(Event.kind).where(Event.actor == "lea")).all()
    assert (task.state, task.pinned_to, task.lease_owner, task.urgent) == (TaskState.OPEN, None, None, True)
    assert task.press_at < task.due_at
    assert {"task.pinned", "task.released", "document.pressed", "task.pressed"} <= set(kinds)
    assert "epoch" in ben.form("/review/next").headers["location"]


def test_ops_do_not_say_who_works_and_foreign_documents_stay_untouched(desk: Desk, arrive: Any) -> None:
    document_id = in_review(desk, process_of(desk, client="umbra"), *printed_invoice())
    assert arrive("otto", Role.OPS).form("/documents/bulk", action="assign", ids=document_id).status_code == 403
    lea = arrive("lea", Role.SUPERVISOR, ("acme",))
    assert "Nothing is ticked." in lea.form("/documents/bulk", action="urgent", ids=document_id).text
    assert "Not done: 1." in lea.form("/documents/bulk/do", action="urgent", ids=document_id).text
    with desk.store.read(ACTOR) as session:
        assert not session.get_one(Document, document_id).urgent
