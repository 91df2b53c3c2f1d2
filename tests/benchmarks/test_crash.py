"""Killing workers loses and doubles nothing, and the benchmark would see it if it did."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.bench_desk import drop, new_desk, take_in, work_off
from benchmarks.crash import measure, on_sqlite
from benchmarks.invoices import made_invoices
from benchmarks.outbox import BadShipmentError, delivered, difference
from reading.pool import ReaderPool
from tasks.deliver import deliver


def test_one_kill_loses_and_doubles_nothing() -> None:
    figures = measure(on_sqlite, list(made_invoices(4)), kills=1, seed=3)

    assert figures["kills"] == 1
    assert figures["delivered"] == 8, "each of them to both targets"
    for name in ("lost", "duplicated", "unsettled", "receipts_wrong", "ledger_residual", "leftover_processes"):
        assert figures[name] == 0, name


def test_what_is_missing_changed_or_delivered_twice_is_counted() -> None:
    wanted = {("lines", "a"): ["1"], ("lines", "b"): ["2"], ("table", "a"): ["1"]}

    assert difference(wanted, wanted) == (0, 0)
    assert difference(wanted, {("lines", "a"): ["1"], ("lines", "b"): ["changed"]}) == (2, 0)
    assert difference(wanted, {**wanted, ("lines", "a"): ["1", "1"], ("lines", "c"): ["3"]}) == (0, 2)


def test_a_client_notices_files_that_are_not_what_the_manifest_says(tmp_path: Path) -> None:
    desk = new_desk(tmp_path / "desk")
    drop(desk, made_invoices(2))
    with ReaderPool(1) as pool:
        take_in(desk, pool)
        work_off(desk, pool)
    deliver(desk, "test")
    assert len(delivered(desk.folder / "outbox")) == 4

    data = next((desk.folder / "outbox").rglob("*.jsonl"))
    data.write_bytes(data.read_bytes().replace(b"RE-", b"XX-"))
    with pytest.raises(BadShipmentError):
        delivered(desk.folder / "outbox")
    desk.close()
