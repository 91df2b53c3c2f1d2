"""A month is over: its report says what is true, once, and no client ever reads of people or cost."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import select, update

from schemas.clock import now
from schemas.errors import NotFoundError
from schemas.lifecycle import TaskKind
from store.database import Scope, Store, system
from store.tables import Claim, Delivery, Document, Event, Report
from tasks.audit.keying import next_blind
from tasks.audit.lots import close_lots, decide_lots
from tasks.deliver import deliver
from tasks.desk import Desk
from tasks.report.periods import bounds, finished
from tasks.report.write import digest, load, write_due_reports, write_report
from tests.given import BERLIN, desk_on, process_of, this_month
from tests.tasks.test_audits import BEN, CAT, LOTS, decide_all, key_all, reviewed

ME = system("test")


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return desk_on(store, tmp_path, cost_per_hour="30")


def delivered_lot(desk: Desk) -> str:
    """Two documents went through their lot; one audited value was wrong and put right."""
    definition = process_of(
        desk, LOTS.replace("crq: 2%", "crq: 45%").replace("consumer_risk: 1%", "consumer_risk: 0.1%")
    )
    document_id = reviewed(desk, definition, "R-1")
    reviewed(desk, definition, "R-2")
    close_lots(desk)
    key_all(desk, BEN)
    assert next_blind(desk, CAT, TaskKind.ADJUDICATION) is None
    decide_lots(desk)
    deliver(desk, "worker")
    return document_id


def test_what_the_month_was_like(desk: Desk) -> None:
    delivered_lot(desk)
    data = load(write_report(desk, Scope("ops"), "acme", "invoices", this_month(), "ops"))
    assert (data.received, data.delivered, data.open_count, data.stp) == (2, 2, 0, 0.0)
    assert data.accuracy.fields.share == 1.0 and data.accuracy.fields.lower < 1.0 and data.accuracy.fields.total > 0
    assert data.accuracy.documents.total > 0  # the share of documents stands beside that of fields
    assert [lot.state for lot in data.lots] == ["accepted"]
    assert data.ops is not None and {each.person for each in data.ops.work} == {"ada", "ben"}
    assert data.ops.cost is not None


def test_the_clients_report_knows_no_people_and_no_cost(desk: Desk) -> None:
    delivered_lot(desk)
    report = write_report(desk, Scope("ops"), "acme", "invoices", this_month(), "client")
    kept = str(report.data)
    assert load(report).ops is None
    assert not any(word in kept for word in ("'ada'", "'ben'", "cost", "seconds"))


def test_a_report_can_be_checked_against_the_trail(desk: Desk) -> None:
    delivered_lot(desk)
    report = write_report(desk, Scope("ops"), "acme", "invoices", this_month(), "client")
    assert digest(report.data) == report.sha256
    with desk.store.read(ME) as session:
        event = session.scalars(select(Event).where(Event.kind == "report.written")).one()
    assert report.sha256 in event.data and event.seq == load(report).chain_seq + 1


def test_finished_periods_are_written_once_and_restated_after_a_claim(desk: Desk) -> None:
    document_id = delivered_lot(desk)
    earlier = now() - dt.timedelta(days=1)
    with desk.store.session(ME) as session:
        session.execute(update(Document).values(received_at=earlier, delivered_at=earlier))
        session.execute(update(Delivery).values(sent_at=earlier))
    written = write_due_reports(desk)
    assert written == 4  # a day and a month, for the client and for ops
    assert write_due_reports(desk) == 0
    with desk.store.session(ME) as session:
        version = session.get_one(Document, document_id).version
        session.add(
            Claim(
                id="clm_1",
                client_id="acme",
                process="invoices",
                document_id=document_id,
                version=version,
                name="invoice_number",
                delivered="R-1",
                claimed="R-9",
                raised_by="carl",
                raised_at=now(),
                verdict="our_error",
                decided_by="lea",
                decided_at=now(),
            )
        )
    assert write_due_reports(desk) >= 2
    with desk.store.read(ME) as session:
        day, _ = finished(BERLIN, now())
        first, second = session.scalars(
            select(Report).where(Report.period == day, Report.audience == "client").order_by(Report.id)
        ).all()
    assert second.supersedes == first.id
    assert [each.field for each in load(second).adjustments] == ["invoice_number"]
    assert not load(first).adjustments  # what was written stays as it was


def test_a_period_is_the_clients_own_day() -> None:
    begins, ends = bounds("2026-03-29", BERLIN)  # the clocks go forward
    assert (begins.isoformat(), ends - begins) == ("2026-03-28T23:00:00+00:00", dt.timedelta(hours=23))
    assert bounds("2026-12", BERLIN)[1].isoformat() == "2026-12-31T23:00:00+00:00"
    for wrong in ("2026", "2026-13", "2026-02-30", "x"):
        with pytest.raises(NotFoundError):
            bounds(wrong, BERLIN)


def test_decided_disputes_count_as_wrong_values(desk: Desk) -> None:
    definition = process_of(desk, LOTS.replace("before_delivery", "after_delivery"))
    for number in ("R-1", "R-2"):
        reviewed(desk, definition, number)
    deliver(desk, "worker")
    close_lots(desk)
    key_all(desk, BEN, wrong=("invoice_number",))
    decide_all(desk, CAT, truth="R-77")
    data = load(write_report(desk, Scope("ops"), "acme", "invoices", this_month(), "client"))
    judged = next(each for each in data.accuracy.by_field if each.name == "invoice_number")
    assert judged.values.share == 0.0 and judged.characters is not None and judged.characters < 1.0
    assert data.accuracy.documents.share == 0.0 and data.accuracy.fields.share > 0.0
