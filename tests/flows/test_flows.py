"""The flows as ops run them: over one Prefect server, over none, on Dask, and by their schedules."""

from __future__ import annotations

import json
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from flows.prefect_server import free_port, is_healthy
from tests.flows.conftest import COMMAND, CommandLine

pytestmark = pytest.mark.xdist_group("prefect")

CLEAN = ("batch-2026-11-03/mueller.pdf", "batch-2026-11-03/brandt.pdf")


def test_one_pass_takes_documents_from_inbox_to_outbox_and_the_ledger_closes(
    desk: CommandLine, prefect_api: str
) -> None:
    for sample in (*CLEAN, "Mahnung Baltic.pdf"):
        desk.drop(sample)
    said = desk("run", "--once", PREFECT_API_URL=prefect_api)
    assert "received 3" in said and "shipments 2" in said and "ledger_residual 0" in said
    assert "supplier-invoices-000001.csv" in desk.outbox()
    summary = json.loads(desk("status", "--json", "-").partition("\n{")[2].join(["{", ""]))
    assert (summary["receipts"], summary["delivered_untouched"], summary["in_review"]) == (3, 2, 1)


def test_prefect_keeps_nothing_of_a_document(desk: CommandLine, prefect_api: str, tmp_path_factory: object) -> None:
    desk.drop(CLEAN[0], name="CANARY-name.pdf")
    desk("run", "--once", PREFECT_API_URL=prefect_api)
    delivered = next((desk.desk / "outbox").rglob("*.jsonl")).read_text()
    number = json.loads(delivered.splitlines()[0])["fields"]["invoice_number"]
    with urllib.request.urlopen(f"{prefect_api}/health") as answer:
        assert answer.status == 200
    home = Path(str(tmp_path_factory.getbasetemp()))  # type: ignore[attr-defined]
    kept = b"".join(path.read_bytes() for path in home.glob("prefect*/*") if path.is_file())
    assert len(kept) > 100_000
    for canary in ("CANARY-name", "Müller", number):
        assert canary.encode() not in kept


def test_the_audit_flow_runs_where_there_is_nothing_to_judge_yet(desk: CommandLine, prefect_api: str) -> None:
    said = desk("run", "audit", "--once", PREFECT_API_URL=prefect_api)
    told = "lots closed 0, lots judged 0, duplicates drawn 0, certificates 0, contacts drawn 0, skills taken 0"
    assert told in said


def test_the_learn_flow_runs_where_there_is_nothing_to_learn_yet(desk: CommandLine, prefect_api: str) -> None:
    assert "models 0, promoted 0" in desk("run", "learn", "--once", PREFECT_API_URL=prefect_api)


def test_losing_prefects_whole_database_loses_no_document(desk: CommandLine) -> None:
    """Each command has a server of its own, and the first one's database is deleted half-way."""
    for sample in CLEAN:
        desk.drop(sample)
    desk("run", "intake", "--once")
    for path in (desk.desk / "prefect").glob("*.db*"):
        path.unlink()
    desk("run", "--once")
    assert "ledger residual 0" in desk("reconcile").replace("  ", " ")
    assert "supplier-invoices-000001.csv" in desk.outbox()


def test_the_task_runner_is_a_setting(desk: CommandLine, prefect_api: str) -> None:
    desk.drop(CLEAN[0])
    desk("run", "intake", "--once", PREFECT_API_URL=prefect_api)
    said = desk("run", "process", "--once", PREFECT_API_URL=prefect_api, CLEARDESK_TASK_RUNNER="dask")
    assert "documents 1" in said


def test_served_flows_run_by_their_schedules_and_ctrl_c_stops_everything(desk: CommandLine) -> None:
    port = free_port()
    api = f"http://127.0.0.1:{port}/api"
    with _served(desk, port) as workbench:
        _wait(lambda: _runs(api, "COMPLETED", scheduled=False), "a caught-up run")
        desk.drop(CLEAN[0])
        _wait(lambda: "supplier-invoices-000001.csv" in desk.outbox(), "the delivery")
        _wait(lambda: _runs(api, "COMPLETED", scheduled=True), "a scheduled run")
        with urllib.request.urlopen(f"http://127.0.0.1:{workbench}/healthz") as answer:
            assert answer.status == 200
        before, caught_up = _schedules(api), len(_runs(api, "COMPLETED", scheduled=False))
    with _served(desk, port):  # what ops set in Prefect's UI outlives a restart
        _wait(lambda: len(_runs(api, "COMPLETED", scheduled=False)) > caught_up, "another caught-up run")
        assert _schedules(api) == before


@contextmanager
def _served(desk: CommandLine, port: int) -> Iterator[int]:
    """`cleardesk serve` with short sweeps; yields the workbench's port, then Ctrl-C, and nothing may be left."""
    workbench = free_port()
    pace = {"CLEARDESK_SWEEP_SECONDS": "25", "CLEARDESK_INBOX_EVERY": "2", "CLEARDESK_PROCESS_EVERY": "2"}
    pace |= {"CLEARDESK_DELIVER_EVERY": "2", "CLEARDESK_REPORT_EVERY": "40"}
    pace |= {"CLEARDESK_PREFECT_PORT": str(port), "CLEARDESK_WORKBENCH_PORT": str(workbench)}
    served = subprocess.Popen([COMMAND, "serve"], env=desk.variables(**pace))
    try:
        _wait(lambda: is_healthy(port), "Prefect's server")
        yield workbench
    finally:
        children = psutil.Process(served.pid).children(recursive=True)
        served.send_signal(signal.SIGINT)
        served.wait(60)
    _wait(lambda: not [c for c in children if c.is_running() and c.status() != psutil.STATUS_ZOMBIE], "all to stop", 30)
    assert served.returncode == 0


def _schedules(api: str) -> dict[str, object]:
    """Flow id -> the deployment's schedules, without what changes at every look."""
    request = urllib.request.Request(f"{api}/deployments/filter", b"{}", {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        found = json.loads(answer.read())
    return {d["flow_id"]: [(s["schedule"], s["active"]) for s in d["schedules"]] for d in found}


def _runs(api: str, state: str, *, scheduled: bool) -> list[object]:
    body = {
        "flow_runs": {"state": {"type": {"any_": [state]}}, "tags": {"all_": ["auto-scheduled"]} if scheduled else None}
    }
    request = urllib.request.Request(
        f"{api}/flow_runs/filter", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return list(json.loads(answer.read()))
    except OSError:
        return []


def _wait(condition: object, what: str, seconds: float = 150) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.5)
