"""Leads steer: who works on a task, and what is read and extracted again before it leaves."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from schemas.lifecycle import DocumentState, TaskState
from schemas.roles import Role
from schemas.values import Value
from store.review import add_correction
from store.story import tell_story
from store.tables import Delivery, Document, Event, ExtractionRun, ReviewTask, Sample
from tasks.audit.lots import close_lots
from tasks.deliver import deliver
from tasks.desk import Desk
from tasks.reconcile import reconcile
from tests.given import ACTOR, AT_ONCE, invoice, new_document, process_of, work_on
from tests.tasks.test_audits import LOTS, reviewed
from tests.workbench.scene import in_review, printed_invoice


def row(desk: Desk, document_id: str) -> Document:
    with desk.store.read(ACTOR) as session:
        return session.get_one(Document, document_id)


def task_of(desk: Desk, document_id: str) -> ReviewTask:
    with desk.store.read(ACTOR) as session:
        return session.scalars(
            select(ReviewTask).where(ReviewTask.document_id == document_id).order_by(ReviewTask.id.desc()).limit(1)
        ).one()


def test_a_lead_gives_a_task_to_one_person_and_takes_it_back(desk: Desk, arrive: Any) -> None:
    document_id = in_review(desk, process_of(desk), *printed_invoice())
    lea, ada, ben = arrive("lea", Role.SUPERVISOR), arrive("ada", Role.REVIEWER), arrive("ben", Role.REVIEWER)
    task_id = task_of(desk, document_id).id
    page = lea.get(f"/documents/{document_id}").text
    assert f"/tasks/{task_id}/pin" in page and "<option>ada</option>" in page and "carl" not in page
    assert "/pin" not in ada.get(f"/documents/{document_id}").text
    assert lea.form(f"/tasks/{task_id}/pin", person="ada").headers["location"] == f"/documents/{document_id}"
    assert "Assigned to ada" in lea.get(f"/documents/{document_id}").text
    assert ben.form("/review/next").headers["location"] == "/review"
    assert lea.form(f"/tasks/{task_id}/unpin").status_code == 303
    assert "epoch" in ben.form("/review/next").headers["location"]
    with desk.store.read(ACTOR) as session:
        pinned = session.scalars(select(Event).where(Event.kind == "task.pinned").order_by(Event.seq)).all()
    assert [each.actor for each in pinned] == ["lea", "lea"]


def test_only_leads_pin_only_to_reviewers_and_only_what_waits(desk: Desk, arrive: Any) -> None:
    document_id = in_review(desk, process_of(desk), *printed_invoice())
    task_id = task_of(desk, document_id).id
    lea, ada = arrive("lea", Role.SUPERVISOR), arrive("ada", Role.REVIEWER)
    arrive("carl", Role.CLIENT_VIEWER, ("acme",))
    assert ada.form(f"/tasks/{task_id}/pin", person="ada").status_code == 403
    assert [lea.form(f"/tasks/{task_id}/pin", person=name).status_code for name in ("carl", "nobody")] == [404, 404]
    assert arrive("uma", Role.SUPERVISOR, ("umbra",)).form(f"/tasks/{task_id}/pin", person="ada").status_code == 404
    assert task_of(desk, document_id).pinned_to is None


def test_a_document_is_read_again_and_its_old_values_stay_in_its_history(desk: Desk, arrive: Any) -> None:
    definition = process_of(desk, AT_ONCE)
    document_id = new_document(desk, definition)
    work_on(desk, document_id, invoice("R-1", "190.00"), accepted=False)
    lea = arrive("lea", Role.SUPERVISOR)
    assert "Read again" in lea.get(f"/documents/{document_id}").text
    assert lea.form(f"/documents/{document_id}/reprocess").status_code == 303
    assert row(desk, document_id).state == DocumentState.RECEIVED
    assert (task_of(desk, document_id).state, task_of(desk, document_id).result) == (TaskState.CANCELLED, "read_again")
    assert reconcile(desk).residual == 0
    work_on(desk, document_id, invoice("R-1", "119.00"))
    with desk.store.read(ACTOR) as session:
        story = tell_story(session, document_id)
        versions = session.scalars(select(ExtractionRun.version).where(ExtractionRun.document_id == document_id)).all()
    assert story is not None and story.extraction is not None
    total = story.extraction.get("gross_total")
    assert total is not None and total.text == "119.00" and sorted(versions) == [1, 2]
    assert "Sent to be read again" in lea.get(f"/documents/{document_id}").text


def test_what_is_ready_leaves_the_outbox_and_what_has_left_stays(desk: Desk, arrive: Any) -> None:
    definition = process_of(desk, AT_ONCE)
    document_id = new_document(desk, definition)
    work_on(desk, document_id, invoice("R-1"))
    lea = arrive("lea", Role.SUPERVISOR)
    assert lea.form(f"/documents/{document_id}/reprocess").status_code == 303
    deliver(desk, "worker")
    with desk.store.read(ACTOR) as session:
        assert session.scalars(select(Delivery.state)).all() == ["cancelled"]
    work_on(desk, document_id, invoice("R-1"))
    deliver(desk, "worker")
    assert row(desk, document_id).state == DocumentState.DELIVERED
    assert lea.form(f"/documents/{document_id}/reprocess").status_code == 409
    assert reconcile(desk).residual == 0


def test_what_somebody_corrected_is_not_lost_without_being_asked(desk: Desk, arrive: Any) -> None:
    definition = process_of(desk)
    corrected, other = (new_document(desk, definition) for _ in range(2))
    for each, number in ((corrected, "R-1"), (other, "R-2")):
        work_on(desk, each, invoice(number), accepted=False)
    with desk.store.session(ACTOR) as session:
        document = session.get_one(Document, corrected)
        new = Value(name="invoice_number", text="R-7")
        add_correction(session, document, None, new, task_id=None, by="ada", reason=None)
    lea, ada = arrive("lea", Role.SUPERVISOR), arrive("ada", Role.REVIEWER)
    assert ada.form(f"/documents/{other}/reprocess").status_code == 403
    assert "these may be lost" in lea.get(f"/documents/{corrected}").text
    assert lea.form(f"/documents/{corrected}/reprocess").status_code == 409
    done = lea.form("/documents/bulk/do", action="reprocess", ids=[corrected, other]).text
    assert "Done: 1. Not done: 1." in done and "Somebody corrected it." in done
    assert [row(desk, each).state for each in (corrected, other)] == [DocumentState.IN_REVIEW, DocumentState.RECEIVED]
    assert lea.form(f"/documents/{corrected}/reprocess", corrected_too="true").status_code == 303
    assert row(desk, corrected).state == DocumentState.RECEIVED
    assert "R-7" in lea.get(f"/documents/{corrected}").text  # the correction is kept, as history
    assert arrive("otto", Role.OPS).form("/documents/bulk", action="reprocess", ids=other).status_code == 403


def test_a_lot_that_is_being_inspected_keeps_its_documents(desk: Desk, arrive: Any) -> None:
    definition = process_of(desk, LOTS)
    first, _ = (reviewed(desk, definition, f"R-{n}") for n in (1, 2))
    close_lots(desk)
    assert arrive("lea", Role.SUPERVISOR).form(f"/documents/{first}/reprocess").status_code == 409
    with desk.store.read(ACTOR) as session:
        assert set(session.scalars(select(Sample.state))) == {"open"}


def test_the_books_name_what_differs_and_the_files_behind_each_count(desk: Desk, arrive: Any) -> None:
    document_id = in_review(desk, process_of(desk), *printed_invoice())
    lea = arrive("lea", Role.SUPERVISOR)
    assert reconcile(desk).residual == 0
    desk_page, shown = lea.get("/desk").text, lea.get("/desk/books?files=registered").text
    assert 'href="/desk/books"' in desk_page and 'href="/desk/books?files=registered"' in desk_page
    assert "All sources agree." in shown and row(desk, document_id).receipt_id in shown
    with desk.store.session(ACTOR) as session:
        session.execute(update(Document).values(state=DocumentState.READY))
    assert reconcile(desk).residual > 0
    assert f"/documents/{document_id}" in lea.get("/desk/books").text
    bound = arrive("uma", Role.SUPERVISOR, ("umbra",)).get("/desk/books?files=registered").text
    assert document_id not in bound and row(desk, document_id).receipt_id not in bound
    assert arrive("ada", Role.REVIEWER).get("/desk/books").status_code == 403
