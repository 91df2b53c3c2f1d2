"""A batch scan arrives as one file: three invoices, separator sheets, a blank back page. Three documents leave."""

from __future__ import annotations

import io
import json
import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pikepdf
import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from sqlalchemy import select

import tasks.work
from reading.pool import ReaderPool
from reading.separator_sheets import write_sheets
from schemas.lifecycle import DocumentState
from store.database import system
from store.definitions import load_definition
from store.documents import load_extraction, load_pages
from store.ledger import balances
from store.queue import claim_documents
from store.tables import Delivery, Document, Event, Page, ReviewTask
from tasks.define import import_folder
from tasks.deliver import deliver
from tasks.desk import Desk
from tasks.previews import page_image
from tasks.read import known_reading
from tasks.reconcile import reconcile
from tasks.work import work_on
from tests.tasks.conftest import SAMPLE
from tests.tasks.test_intake import NORTHWIND, documents, receipt_file, receipts, take_in
from tests.tasks.test_work import work_off

ME = system("test")
INVOICES = ("mueller.pdf", "elbtal.pdf", "brandt.pdf")
SHEET, PRINTED, BLANK = "CLEARDESK-SEPARATOR", "printed", ""
WITH_SHEETS = "split: {separators: [CLEARDESK-SEPARATOR], first_pages: true}"


@pytest.fixture
def splitting(desk: Desk, tmp_path: Path) -> Desk:
    """The desk, with a client who sends batch scans."""
    folder = tmp_path / "northwind"
    shutil.copytree(SAMPLE / "clients" / "northwind", folder)
    definition = folder / "supplier-invoices.yaml"
    definition.write_text(definition.read_text().replace("duplicates: hold", f"duplicates: hold, {WITH_SHEETS}"))
    import_folder(desk, folder)
    return desk


def sheet(text: str) -> io.BytesIO:
    """A page with one line in large letters, a blank one, or a printed sheet that was scanned."""
    page = io.BytesIO()
    if text == PRINTED:
        write_sheets(page, SHEET, 1)
        return page
    canvas = Canvas(page, pagesize=A4)
    canvas.setFont("Helvetica", 24)
    canvas.drawString(100, 500, text)
    canvas.showPage()
    canvas.save()
    return page


def batch_scan(desk: Desk, pieces: Sequence[str]) -> Path:
    """One file in the inbox: invoices by name, separator sheets and blank pages."""
    folder = SAMPLE / "inbox" / NORTHWIND / "batch-2026-11-03"
    path = desk.folder / "inbox" / NORTHWIND / "scan_0001.pdf"
    path.parent.mkdir(parents=True, exist_ok=True)
    with pikepdf.new() as file:
        for piece in pieces:
            with pikepdf.open(folder / piece if piece.endswith(".pdf") else sheet(piece)) as source:
                file.pages.extend(source.pages)
        file.save(path)
    return path


def split_events(desk: Desk) -> list[dict[str, object]]:
    with desk.store.read(ME) as session:
        return [json.loads(e.data) for e in session.scalars(select(Event).where(Event.kind == "document.split"))]


def kept_and_dropped(desk: Desk, document: Document) -> tuple[list[int], dict[int, str]]:
    """Numbers in the file."""
    with desk.store.read(ME) as session:
        pages = load_pages(session, document.id)
    return [p.file_page for p in pages if not p.dropped], {p.file_page: p.dropped for p in pages if p.dropped}


def test_three_documents_leave_and_every_page_is_accounted_for(splitting: Desk, pool: ReaderPool) -> None:
    one, two, three = INVOICES
    batch_scan(splitting, [SHEET, one, BLANK, SHEET, two, SHEET, three])
    take_in(splitting, pool)
    work_off(splitting, pool)
    deliver(splitting, "test")
    first, *others = documents(splitting)
    assert [d.state for d in (first, *others)] == [DocumentState.DELIVERED] * 3
    assert first.split_from is None and {d.split_from for d in others} == {first.id}
    assert len({d.number for d in (first, *others)}) == 3
    assert kept_and_dropped(splitting, first) == ([2], {1: "SEPARATOR", 3: "BLANK"})
    assert [kept_and_dropped(splitting, each)[1] for each in others] == [{4: "SEPARATOR"}, {6: "SEPARATOR"}]
    with splitting.store.read(ME) as session:
        by_fate = next(b for b in balances(session) if (b.grain, b.what) == ("page", "received"))
        assert {d.pages for d in session.scalars(select(Delivery))} == {1}
    assert (by_fate.total, by_fate.parts) == (7, {"kept": 3, "dropped": 4, "unread": 0})
    assert reconcile(splitting).residual == 0
    (told,) = [receipt_file(splitting, receipt) for receipt in receipts(splitting)]
    assert len(told["documents"]) == 3  # type: ignore[arg-type]


def test_printed_sheets_come_back_from_the_scanner(splitting: Desk, pool: ReaderPool) -> None:
    batch_scan(splitting, [INVOICES[0], PRINTED, INVOICES[1], PRINTED, PRINTED, INVOICES[2]])
    take_in(splitting, pool)
    work_off(splitting, pool)
    assert [d.state for d in documents(splitting)] == [DocumentState.READY] * 3
    dropped = [kept_and_dropped(splitting, each)[1] for each in documents(splitting)]
    assert dropped == [{}, {2: "SEPARATOR"}, {4: "SEPARATOR", 5: "SEPARATOR"}]


def test_without_sheets_the_pages_say_where_a_document_begins(splitting: Desk, pool: ReaderPool) -> None:
    batch_scan(splitting, INVOICES)
    take_in(splitting, pool)
    work_off(splitting, pool)
    assert [kept_and_dropped(splitting, d)[0] for d in documents(splitting)] == [[1], [2], [3]]
    (event,) = split_events(splitting)
    assert event["pages"] == [[1], [2], [3]]
    assert reconcile(splitting).residual == 0


def test_each_document_shows_its_own_pages_and_keeps_its_own_reading(splitting: Desk, pool: ReaderPool) -> None:
    batch_scan(splitting, [SHEET, INVOICES[0], SHEET, INVOICES[1]])
    take_in(splitting, pool)
    work_off(splitting, pool)
    _, second = documents(splitting)
    images = [page_image(splitting, pool, ME, second.id, number, 1000, quarantine=False) for number in (1, 2)]
    assert images[0] != images[1]  # the invoice, then the sheet that lay before it
    with splitting.store.read(ME) as session:
        definition = load_definition(session, second.definition_id)
        extraction = load_extraction(session, second.id, 1)
    reading = known_reading(splitting, second, definition)
    assert reading is not None and [page.number for page in reading.pages] == [1]
    assert second.number and second.number in reading.text and SHEET not in reading.text
    assert extraction is not None and {v.page for v in extraction.values} <= {1, None}


def test_the_file_is_read_once(splitting: Desk, pool: ReaderPool, monkeypatch: pytest.MonkeyPatch) -> None:
    batch_scan(splitting, [INVOICES[0], SHEET, INVOICES[1]])
    take_in(splitting, pool)
    calls = Counter[str]()
    read = pool.read
    monkeypatch.setattr(pool, "read", lambda *a, **k: (calls.update(["read"]), read(*a, **k))[1])
    work_off(splitting, pool)
    assert (len(documents(splitting)), calls["read"]) == (2, 1)


def test_a_doubtful_cut_goes_to_a_person_with_the_reason(splitting: Desk, pool: ReaderPool) -> None:
    """A sheet was forgotten between two invoices: nobody delivers one of them as a page of the other."""
    batch_scan(splitting, [SHEET, INVOICES[0], INVOICES[1], SHEET, INVOICES[2]])
    take_in(splitting, pool)
    work_off(splitting, pool)
    doubtful, sure = documents(splitting)
    assert (doubtful.state, sure.state) == (DocumentState.IN_REVIEW, DocumentState.READY)
    with splitting.store.read(ME) as session:
        (task,) = session.scalars(select(ReviewTask))
    assert task.document_id == doubtful.id and "DOUBTFUL_SPLIT" in task.reasons
    assert reconcile(splitting).residual == 0


@pytest.mark.parametrize("moment", ["divide", "save_pages", "save_version"])
def test_killed_while_splitting_nothing_is_lost_and_nothing_is_there_twice(
    splitting: Desk, pool: ReaderPool, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    batch_scan(splitting, [INVOICES[0], SHEET, INVOICES[1]])
    take_in(splitting, pool)

    class Killed(BaseException):
        pass

    done = getattr(tasks.work, moment)

    def dies(*arguments: object) -> None:
        done(*arguments)
        raise Killed

    with splitting.store.session(ME) as session:
        leases = claim_documents(session, "northwind", "dead", 1, lease=-splitting.settings.lease, max_attempts=9)
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(tasks.work, moment, dies)
        patch.setattr("tasks.work.renew", lambda *_a, **_k: None)
        work_on(splitting, pool, leases)
    assert len(documents(splitting)) == 1 and reconcile(splitting).residual == 0
    work_off(splitting, pool)
    assert [d.state for d in documents(splitting)] == [DocumentState.READY] * 2
    assert len(split_events(splitting)) == 1 and reconcile(splitting).residual == 0
    assert work_on(splitting, pool, leases) == 0  # the dead one wakes up
    assert len(documents(splitting)) == 2 and reconcile(splitting).residual == 0


def test_a_page_that_two_documents_claim_is_named(splitting: Desk, pool: ReaderPool) -> None:
    batch_scan(splitting, INVOICES[:2])
    take_in(splitting, pool)
    work_off(splitting, pool)
    with splitting.store.session(ME) as session:
        for page in session.scalars(select(Page)):
            page.file_page = 1
    found = reconcile(splitting)
    assert {p.id for p in found.problems} == {d.id for d in documents(splitting)}


def test_without_the_setting_a_file_is_one_document(desk: Desk, pool: ReaderPool) -> None:
    batch_scan(desk, [INVOICES[0], SHEET, INVOICES[1]])
    take_in(desk, pool)
    work_off(desk, pool)
    (document,) = documents(desk)
    assert (document.file_pages, document.page_count) == (None, 3)


def test_a_blank_back_page_alone_is_no_reason_for_a_person(desk: Desk, pool: ReaderPool) -> None:
    batch_scan(desk, [INVOICES[0], BLANK])
    take_in(desk, pool)
    work_off(desk, pool)
    (document,) = documents(desk)
    assert document.state == DocumentState.READY
    assert kept_and_dropped(desk, document) == ([1], {2: "BLANK"})
