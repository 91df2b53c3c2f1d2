"""People's pages; and a known answer's page, which differs from a real one in its ids and values alone."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import func, select

from schemas.clock import now
from schemas.lifecycle import DocumentState, TaskKind, TaskState
from schemas.quality import Stream
from schemas.roles import Role
from schemas.values import ValueState
from store.documents import load_extraction
from store.samples import Draw, add_samples, decide_sample
from store.tables import Document, ExtractionRun, ReviewTask, Seed
from store.transitions import move_document
from tasks.desk import Desk
from tests.given import ACTOR, AT_ONCE, process_of
from tests.workbench.conftest import Browser
from tests.workbench.scene import RIGHT, in_review, printed_invoice
from tests.workbench.test_review_work import submit, take_next, typed


def known(desk: Desk, document_id: str) -> None:
    """The document is finished, and what the machine misread is known."""
    with desk.store.session(ACTOR) as session:
        document = session.get_one(Document, document_id)
        document.document_type = "invoice"
        for task in session.scalars(select(ReviewTask).where(ReviewTask.document_id == document_id)):
            task.state, task.done_at, task.done_by = TaskState.DONE, now(), "zoe"
        move_document(session, document, DocumentState.READY)
        extraction = load_extraction(session, document_id, document.version)
        total = extraction.get("gross_total") if extraction else None
        assert total is not None
        (sample,) = add_samples(session, document, [Draw(total, True)], Stream.CERTIFICATE)
        decide_sample(session, sample, right=False, truth="119.00", state=ValueState.PRESENT)


def bare(screen: str) -> str:
    """A review page without ids, epochs, times, names of files and what tells pages of one person apart anyhow."""
    screen = re.sub(r"(doc|tsk|rcp|def|smp)_[0-9a-f]+", "ID", screen)
    screen = re.sub(r'epoch="\d+"|epoch=\d+', "EPOCH", screen)
    screen = re.sub(r"[0-9a-f]{6}\.pdf", "FILE", screen)
    screen = re.sub(r'datetime="[^"]+"|title="\d+ \w+ \d{4}, \d\d:\d\d"', "TIME", screen)
    return re.sub(r"in \d+ (hours|minutes)", "SOON", screen)


def test_a_known_answers_page_is_like_any_other(desk: Desk, arrive: Any) -> None:
    definition = process_of(desk, f"{AT_ONCE}\naudit: {{seed_rate: 1}}")
    misread = {"gross_total": "120.00"}
    known(desk, in_review(desk, definition, *printed_invoice(misread=misread)))
    real_id = in_review(desk, definition, *printed_invoice(misread=misread))
    with desk.store.session(ACTOR) as session:
        session.get_one(Document, real_id).document_type = "invoice"
    ada = arrive("ada", Role.REVIEWER)
    path, epoch = take_next(ada)
    real = ada.get(f"{path}?epoch={epoch}").text
    answered = submit(ada, path, epoch, typed(gross_total="119.00"), seconds=9).json()
    seeded_path = answered["next"]
    assert re.fullmatch(r"/review/tsk_[0-9a-f]+\?epoch=1(&last=\w+)?", seeded_path)
    seeded = ada.get(seeded_path.split("&")[0]).text
    assert real_id in real and real_id not in seeded
    assert bare(seeded) == bare(real)
    assert "seed" not in seeded.replace(ada.csrf, "").lower()  # a random token may spell a word

    path, _, query = seeded_path.partition("?epoch=")
    seeded_epoch = int(query.split("&")[0])
    checked = ada.json(
        f"{path}/check", {"epoch": seeded_epoch, "document_type": "invoice", "values": typed(gross_total="120.00")}
    ).json()
    assert "1.00 too much" in checked["remarks"]["gross_total"][0]["text"]
    with desk.store.read(ACTOR) as session:
        versions = session.scalar(select(func.count()).select_from(ExtractionRun))
    assert submit(ada, path, seeded_epoch, typed(gross_total="119.00"), seconds=9).json()["submitted"]
    with desk.store.read(ACTOR) as session:
        assert session.scalar(select(func.count()).select_from(ExtractionRun)) == versions
        assert session.scalars(select(Seed.caught)).one() is True
        assert session.scalars(select(ReviewTask.kind).where(ReviewTask.done_by == "ada")).all() == [
            TaskKind.EXCEPTION,
            TaskKind.SEEDED,
        ]
    shows_people(ada, arrive)


def shows_people(ada: Browser, arrive: Any) -> None:
    """What is known of ada: to leads and auditors; to herself her own."""
    lea = arrive("lea", Role.SUPERVISOR)
    assert 'href="/people/ada"' in lea.get("/people").text
    person = lea.get("/people/ada").text
    assert "Known answers" in person and "Amounts" in person and "100.0" in person
    assert lea.get("/people/ada/weeks.svg").headers["content-type"].startswith("image/svg")
    assert arrive("quinn", Role.QA_AUDITOR, (), "de").get("/people/ada").status_code == 200
    assert ada.get("/people/ada").status_code == 403
    assert "My figures" in ada.get("/mine/figures").text
    assert ada.get("/mine/weeks.svg").status_code == 200
    assert arrive("carl", Role.CLIENT_VIEWER, ("acme",)).get("/people").status_code == 403


def test_somebody_learns_on_the_pages_and_their_lead_sees_it(desk: Desk, arrive: Any) -> None:
    document_id = in_review(desk, process_of(desk), *printed_invoice(misread={"gross_total": "120.00"}))
    ben = arrive("ben", Role.REVIEWER)
    submit(ben, *take_next(ben), typed(gross_total="119.00"), seconds=9)
    lea, ada = arrive("lea", Role.SUPERVISOR), arrive("ada", Role.REVIEWER, (), "de")
    form = {"process": "acme/invoices", "title": "Invoices", "skill": "invoices", "mark": "90", "size": "3"}
    assert ada.form("/courses", **form).status_code == 403
    assert lea.form("/courses", **form).status_code == 303
    (course,) = set(re.findall(r"/training/(crs_[0-9a-f]+)/start", ada.get("/training").text))
    assert "Beginnen" in ada.get(f"/training/{course}").text
    assert ada.form(f"/training/{course}/start").status_code == 303
    lesson = ada.get(f"/training/{course}").text
    assert f"/documents/{document_id}/pages/1.jpg" in lesson and "119.00" not in lesson and "119,00" not in lesson
    answers = {f"field-{name}": text for name, text in RIGHT.items()}
    german = {"field-net_total": "100,00", "field-tax_total": "19,00", "field-gross_total": "191,00"}
    told = ada.form(f"/training/{course}", number="1", seconds="41", **{**answers, **german}).text
    assert told.count("outcome failed") == 1 and "119,00" in told
    assert ada.form(f"/training/{course}", number="1", accept="application/json").status_code == 409
    assert ada.get(f"/training/{course}/curve.svg").headers["content-type"].startswith("image/svg")
    assert ">ada<" in lea.get("/courses").text
    assert arrive("eve", Role.REVIEWER, ("umbra",)).form(f"/training/{course}/start").status_code == 404
    assert ada.form(f"/courses/{course}", title="Mine", mark="1").status_code == 403
    assert lea.form(f"/courses/{course}", title="Invoices, first week", mark="80").status_code == 303
    assert "Invoices, first week" in ada.get("/training").text and 'value="80"' in lea.get("/courses").text
    assert lea.form("/courses", **form, lines="true").status_code == 303
    (other,) = set(re.findall(r"/training/(crs_[0-9a-f]+)/start", ada.get("/training").text)) - {course}
    ada.form(f"/training/{other}/start")
    assert 'name="field-line_items.1.quantity"' in ada.get(f"/training/{other}").text
    assert lea.form(f"/courses/{course}/close").status_code == 303
    assert course not in ada.get("/training").text and "Invoices, first week" not in lea.get("/courses").text
