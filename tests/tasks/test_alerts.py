"""Alerts: each cause is told once, with what to do, and cleared when it is gone."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from sqlalchemy import select, update

from reading.pool import ReaderPool
from schemas.clock import now
from store.database import system
from store.marks import mark_start
from store.pauses import active_pauses, lift, pause
from store.tables import Alert, FlowMark, Reconciliation
from tasks.alerts import check_alerts
from tasks.desk import Desk
from tasks.marks import marked
from tasks.receive import sweep_inboxes
from tests.tasks.conftest import drop
from tests.tasks.test_intake import take_in
from tests.tasks.test_work import work_off

ME = system("test")


def causes(desk: Desk) -> list[str]:
    return [cause.key for cause in check_alerts(desk) if cause.key != "disk_full"]


def told(desk: Desk) -> list[dict[str, str]]:
    return [json.loads(line) for line in desk.alerts.read_text().splitlines()] if desk.alerts.exists() else []


def test_a_failed_flow_is_told_once_and_cleared_by_a_good_run(desk: Desk) -> None:
    with pytest.raises(ZeroDivisionError), marked(desk, "deliver"):
        raise ZeroDivisionError
    assert causes(desk) == ["flow_failed:deliver"]
    assert causes(desk) == []
    with marked(desk, "deliver"):
        pass
    assert causes(desk) == []
    with desk.store.read(ME) as session:
        assert all(a.cleared_at for a in session.scalars(select(Alert)) if a.cause != "disk_full")
    assert [line["cause"] for line in told(desk) if line["cause"] != "disk_full"] == ["flow_failed:deliver"]


def test_a_missed_flow_is_noticed_whatever_prefect_says(desk: Desk) -> None:
    with desk.store.session(ME) as session:
        mark_start(session, "intake")
    assert causes(desk) == []
    with desk.store.session(ME) as session:
        session.execute(update(FlowMark).values(beat_at=now() - dt.timedelta(hours=1)))
    assert causes(desk) == ["flow_missed:intake"]


def test_a_ledger_that_does_not_close_is_told(desk: Desk) -> None:
    with desk.store.session(ME) as session:
        session.add(Reconciliation(at=now(), residual=2, result={}))
    assert causes(desk) == ["ledger_residual"]


class _Hook(BaseHTTPRequestHandler):
    got: list[bytes]

    def do_POST(self) -> None:
        type(self).got.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def webhook() -> Iterator[tuple[str, list[bytes]]]:
    _Hook.got = []
    server = HTTPServer(("127.0.0.1", 0), _Hook)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", _Hook.got
    server.shutdown()


def test_a_webhook_gets_the_alert_and_a_dead_one_hides_nothing(desk: Desk, webhook: tuple[str, list[bytes]]) -> None:
    address, got = webhook
    for url, cause in ((address, "intake"), ("http://127.0.0.1:1/", "process")):
        here = {"alert_webhook": url, "outbound_networks": "127.0.0.0/8"}
        told_to = Desk(desk.settings.model_copy(update=here), desk.store, desk.blobs)
        with pytest.raises(ZeroDivisionError), marked(desk, cause):
            raise ZeroDivisionError
        assert f"flow_failed:{cause}" in [c.key for c in check_alerts(told_to)]
    assert any(b"flow_failed:intake" in body for body in got)
    assert {"flow_failed:intake", "flow_failed:process"} <= {line["cause"] for line in told(desk)}


def test_ops_pause_one_clients_intake_and_the_others_go_on(desk: Desk) -> None:
    drop(desk, "northwind/supplier-invoices/batch-2026-11-03/mueller.pdf")
    drop(desk, "lumen/expense-receipts/download(1).pdf", to="lumen/expense-receipts")
    with desk.store.session(ME) as session:
        pause(session, "intake", "northwind", process=None, target=None, reason="maintenance", by="olga")
    assert len(sweep_inboxes(desk)) == 1
    with desk.store.session(ME) as session:
        (stopped,) = active_pauses(session)
        lift(session, stopped.id, by="olga")
    assert len(sweep_inboxes(desk)) == 1


@pytest.mark.parametrize(("announced", "told"), [("562.42", False), ("600.00", True)])
def test_a_batch_that_adds_up_to_another_amount_than_announced_is_told(
    desk: Desk, pool: ReaderPool, announced: str, told: bool
) -> None:
    to = "northwind/supplier-invoices/november"
    drop(desk, "northwind/supplier-invoices/batch-2026-11-03/mueller.pdf", to=to)
    (desk.folder / "inbox" / to / "control.csv").write_text(f"file,amount\nmueller.pdf,{announced}\n")
    take_in(desk, pool)
    assert not [key for key in causes(desk) if key.startswith("batch_amount")]
    work_off(desk, pool)
    assert bool([key for key in causes(desk) if key.startswith("batch_amount")]) is told
