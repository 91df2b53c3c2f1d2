"""A ready document's way out: frozen, shipped in files that appear whole, once, whatever crashes."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, update

from schemas.clock import now
from schemas.errors import LeaseLostError
from schemas.lifecycle import DocumentState, ReceiptState, ShipmentState
from store.database import Store
from store.documents import save_version
from store.pauses import lift, pause
from store.queue import Lease
from store.shipments import Group, claim_shipments, due_groups, shipment_values
from store.tables import Delivery, Document, Event, Receipt, Shipment
from store.transitions import move_document, move_receipt
from tasks import deliver as step
from tasks.deliver import deliver
from tasks.desk import Desk
from tests.given import (
    ACTOR,
    batch_of,
    desk_on,
    invoice,
    make_ready,
    new_document,
    process_of,
    ready_documents,
    receipt_of,
    work_on,
)


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return desk_on(store, tmp_path, lease_seconds=60, retry_seconds=0, sqlite_journal="wal")


def outbox(desk: Desk, target: str = "csv") -> Path:
    return desk.outbox("acme", "invoices", target)


def visible(desk: Desk, target: str = "csv") -> list[str]:
    return sorted(p.name for p in outbox(desk, target).iterdir())


def rows_in(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def state_of(desk: Desk, document_id: str) -> str:
    with desk.store.read(ACTOR) as session:
        return session.get_one(Document, document_id).state


def entries_of(desk: Desk, document_id: str) -> list[Delivery]:
    with desk.store.read(ACTOR) as session:
        return list(
            session.scalars(
                select(Delivery).where(Delivery.document_id == document_id).order_by(Delivery.version, Delivery.target)
            )
        )


def expire_leases(desk: Desk) -> None:
    with desk.store.session(ACTOR) as session:
        session.execute(update(Shipment).values(lease_expires_at=now() - dt.timedelta(seconds=1)))


def the_group(desk: Desk) -> Group:
    with desk.store.read(ACTOR) as session:
        (group,) = due_groups(session)
    return group


# what the client sees


def test_each_document_in_one_file_with_a_manifest_over_it(desk: Desk) -> None:
    ids = ready_documents(desk, process_of(desk), 3)
    (shipment_id,) = deliver(desk, "worker")
    assert visible(desk) == [
        "invoices-000001-line_items.csv",
        "invoices-000001-taxes.csv",
        "invoices-000001.csv",
        "invoices-000001.manifest.json",
    ]
    assert [row["document"] for row in rows_in(outbox(desk) / "invoices-000001.csv")] == ids
    assert len(rows_in(outbox(desk) / "invoices-000001-line_items.csv")) == 6
    manifest = json.loads((outbox(desk) / "invoices-000001.manifest.json").read_text())
    for file in manifest["files"]:
        content = (outbox(desk) / file["name"]).read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (file["sha256"], file["size"])
    assert (manifest["count"], manifest["pages"], manifest["totals"]) == (3, 3, {"EUR": "357.00"})
    assert [d["document"] for d in manifest["documents"]] == ids
    assert {state_of(desk, i) for i in ids} == {DocumentState.DELIVERED}
    with desk.store.read(ACTOR) as session:
        by_type = shipment_values(session, shipment_id)
        assert list(by_type["invoice"]) == ids
        anchored = session.get_one(Event, ("acme", manifest["ledger"]["seq"]))
    assert anchored.hash == manifest["ledger"]["hash"]
    assert deliver(desk, "worker") == []


def test_a_document_is_delivered_once_every_target_has_it(desk: Desk) -> None:
    definition = process_of(desk, "delivery: [{name: csv}, {name: json, format: jsonl, reader: machine}]")
    (document_id,) = ready_documents(desk, definition, 1)
    with desk.store.session(ACTOR) as session:
        stop = pause(session, "delivery", "acme", process="invoices", target="json", reason="ERP is down", by="ops")
    assert len(deliver(desk, "worker")) == 1
    assert state_of(desk, document_id) == DocumentState.READY
    with desk.store.session(ACTOR) as session:
        lift(session, stop.id, by="ops")
    assert len(deliver(desk, "worker")) == 1
    assert state_of(desk, document_id) == DocumentState.DELIVERED
    (line,) = (outbox(desk, "json") / "invoices-000001.jsonl").read_text().splitlines()
    assert line == entries_of(desk, document_id)[1].payload


def test_a_correction_is_delivered_again_and_says_what_it_supersedes(desk: Desk) -> None:
    (document_id,) = ready_documents(desk, process_of(desk), 1)
    deliver(desk, "worker")
    with desk.store.session(ACTOR) as session:
        document = session.get_one(Document, document_id)
        move_document(session, document, DocumentState.IN_REVIEW)
        save_version(session, document, invoice("R-9"), [])
        make_ready(session, document, invoice("R-9"))
    deliver(desk, "worker")
    first, second = entries_of(desk, document_id)
    manifest = json.loads((outbox(desk) / "invoices-000002.manifest.json").read_text())
    assert [(d["delivery"], d["supersedes"]) for d in manifest["documents"]] == [(second.id, first.id)]
    assert (first.version, second.version) == (1, 2)


def test_entries_made_under_different_process_versions_leave_apart(desk: Desk) -> None:
    ready_documents(desk, process_of(desk), 1)
    ready_documents(desk, process_of(desk, "delivery: [{name: csv, format: xlsx}]"), 1)
    assert len(deliver(desk, "worker")) == 2
    assert "invoices-000001.csv" in visible(desk) and "invoices-000002.xlsx" in visible(desk)


# when it leaves


def test_a_batch_leaves_together_when_its_last_document_has_ended(desk: Desk) -> None:
    definition = process_of(desk, "delivery: [{name: csv, when: batch}]")
    batch = batch_of(desk, definition)
    first, second = (new_document(desk, definition, batch=batch) for _ in range(2))
    waiting = receipt_of(desk, definition, batch=batch)
    work_on(desk, first, invoice("R-1"))
    work_on(desk, second, invoice("R-2"), accepted=False)
    assert deliver(desk, "worker") == []
    with desk.store.session(ACTOR) as session:
        move_document(session, session.get_one(Document, second), DocumentState.REJECTED, reason="UNREADABLE")
    assert deliver(desk, "worker") == []  # a file of the batch has not been looked at
    with desk.store.session(ACTOR) as session:
        move_receipt(session, session.get_one(Receipt, waiting), ReceiptState.REJECTED, reason="UNREADABLE")
    assert len(deliver(desk, "worker")) == 1
    assert state_of(desk, first) == DocumentState.DELIVERED


def test_two_batches_leave_apart(desk: Desk) -> None:
    definition = process_of(desk, "delivery: [{name: csv, when: batch}]")
    for _ in range(2):
        work_on(desk, new_document(desk, definition, batch=batch_of(desk, definition)), invoice("R-1"))
    assert len(deliver(desk, "worker")) == 2


def test_what_is_not_due_waits(desk: Desk) -> None:
    ready_documents(desk, process_of(desk), 1)
    with desk.store.session(ACTOR) as session:
        session.execute(update(Delivery).values(not_before=now() + dt.timedelta(hours=1)))
    assert deliver(desk, "worker") == []


# whatever crashes


def crash_after_opening(desk: Desk, lease: Lease) -> None:
    pass


def crash_after_half_a_file(desk: Desk, lease: Lease) -> None:
    outbox(desk).mkdir(parents=True, exist_ok=True)
    (outbox(desk) / f".invoices-000001.csv.{lease.epoch}.tmp").write_text("docu")


def crash_after_writing(desk: Desk, lease: Lease) -> None:
    step.write_files(desk, lease)


def crash_after_names(desk: Desk, lease: Lease) -> None:
    step.commit_files(desk, lease, step.write_files(desk, lease))


def crash_between_renames(desk: Desk, lease: Lease) -> None:
    files = step.write_files(desk, lease)
    step.commit_files(desk, lease, files)
    for file in files[:2]:
        (outbox(desk) / file.temp).rename(outbox(desk) / file.name)


def crash_after_renaming(desk: Desk, lease: Lease) -> None:
    step.commit_files(desk, lease, step.write_files(desk, lease))
    step.rename_files(desk, lease)


CRASHES = [
    crash_after_opening,
    crash_after_half_a_file,
    crash_after_writing,
    crash_after_names,
    crash_between_renames,
    crash_after_renaming,
]


@pytest.mark.parametrize("crash", CRASHES)
@pytest.mark.parametrize("client_takes_files", [False, True])
def test_a_crash_anywhere_delivers_each_document_once(
    desk: Desk, crash: Callable[[Desk, Lease], None], client_takes_files: bool
) -> None:
    ids = ready_documents(desk, process_of(desk), 2)
    lease = step.open_next(desk, the_group(desk), "dead")
    assert lease
    crash(desk, lease)
    assert deliver(desk, "worker") == []  # the lease holds
    taken = take_files(desk) if client_takes_files else {}
    expire_leases(desk)
    assert deliver(desk, "worker") == [lease.id]
    seen = taken | take_files(desk)
    assert set(seen) == {f"invoices-000001{s}" for s in (".csv", "-line_items.csv", "-taxes.csv", ".manifest.json")}
    assert sorted(row["document"] for row in csv.DictReader(io.StringIO(seen["invoices-000001.csv"]))) == sorted(ids)
    assert {state_of(desk, i) for i in ids} == {DocumentState.DELIVERED}
    assert not list(outbox(desk).iterdir())  # no temp file is left


def take_files(desk: Desk) -> dict[str, str]:
    """The client moves away what is visible; no file is ever seen twice."""
    taken = {}
    for path in outbox(desk).glob("[!.]*") if outbox(desk).is_dir() else ():
        taken[path.name] = path.read_text(encoding="utf-8-sig")
        path.unlink()
    return taken


@pytest.mark.parametrize("stopped_in", ["writing", "names", "renaming"])
def test_a_worker_that_wakes_up_after_its_lease_does_no_harm(desk: Desk, stopped_in: str) -> None:
    ids = ready_documents(desk, process_of(desk), 2)
    stale = step.open_next(desk, the_group(desk), "asleep")
    assert stale
    files = step.write_files(desk, stale) if stopped_in != "writing" else []
    if stopped_in == "renaming":
        step.commit_files(desk, stale, files)
    expire_leases(desk)
    assert deliver(desk, "awake") == [stale.id]
    before = {p.name: p.read_bytes() for p in outbox(desk).iterdir()}
    if stopped_in == "names":
        with pytest.raises(LeaseLostError):
            step.commit_files(desk, stale, files)
    assert step.send(desk, stale) is False
    assert {p.name: p.read_bytes() for p in outbox(desk).iterdir()} == before
    with desk.store.read(ACTOR) as session:
        assert session.scalar(select(Event.subject).where(Event.kind == "lease.lost")) == stale.id
    assert {state_of(desk, i) for i in ids} == {DocumentState.DELIVERED}


def test_a_worker_asleep_between_its_check_and_its_rename_does_no_harm(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready_documents(desk, process_of(desk), 1)
    stale = step.open_next(desk, the_group(desk), "asleep")
    assert stale
    step.commit_files(desk, stale, step.write_files(desk, stale))
    rename = step._rename

    def fall_asleep_first(temp: Path, final: Path) -> None:
        monkeypatch.setattr(step, "_rename", rename)
        expire_leases(desk)
        deliver(desk, "awake")
        take_files(desk)
        rename(temp, final)

    monkeypatch.setattr(step, "_rename", fall_asleep_first)
    assert step.send(desk, stale) is False
    assert list(outbox(desk).iterdir()) == []


def test_a_target_that_takes_nothing_is_tried_again_and_stops_nobody_else(desk: Desk) -> None:
    definition = process_of(desk, "delivery: [{name: csv}, {name: json, format: jsonl}]")
    (document_id,) = ready_documents(desk, definition, 1)
    outbox(desk).parent.mkdir(parents=True)
    outbox(desk).write_text("a file where the folder should be")
    assert len(deliver(desk, "worker")) == 1
    with desk.store.read(ACTOR) as session:
        (stuck,) = session.scalars(select(Shipment).where(Shipment.target == "csv"))
        assert (stuck.state, stuck.error, stuck.lease_owner) == (ShipmentState.ASSEMBLING, "T203", None)
    ready_documents(desk, definition, 1)
    assert len(deliver(desk, "worker")) == 1  # the stuck target opens no second shipment
    outbox(desk).unlink()
    assert len(deliver(desk, "worker")) == 2
    assert state_of(desk, document_id) == DocumentState.DELIVERED


def test_a_file_that_is_there_is_never_overwritten(desk: Desk) -> None:
    ready_documents(desk, process_of(desk), 1)
    outbox(desk).mkdir(parents=True)
    (outbox(desk) / "invoices-000001.csv").write_text("the client's own")
    assert deliver(desk, "worker") == []
    assert visible(desk) == ["invoices-000001.csv"]
    assert (outbox(desk) / "invoices-000001.csv").read_text() == "the client's own"


def test_random_crashes_end_with_each_document_once_and_numbers_without_gaps(desk: Desk) -> None:
    definition = process_of(desk)
    chance = random.Random(7)
    ids: list[str] = []
    seen: dict[str, str] = {}
    for _ in range(12):
        ids += ready_documents(desk, definition, chance.randint(1, 3))
        with desk.store.read(ACTOR) as session:
            groups = due_groups(session)
        for group in groups:
            lease = step.open_next(desk, group, "dead")
            if lease:
                chance.choice([crash_after_opening, crash_after_writing, crash_after_names, crash_after_renaming])(
                    desk, lease
                )
        fresh = take_files(desk)
        assert not fresh.keys() & seen.keys()
        seen |= fresh
        expire_leases(desk)
        deliver(desk, "worker")
    fresh = take_files(desk)
    assert not fresh.keys() & seen.keys()
    seen |= fresh
    data = [text for name, text in seen.items() if name.removeprefix("invoices-").removesuffix(".csv").isdigit()]
    assert sorted(row["document"] for text in data for row in csv.DictReader(io.StringIO(text))) == sorted(ids)
    assert sorted(seen)[-1].startswith(f"invoices-{len(data):06d}")


def test_shipments_are_claimed_by_one_worker_only(desk: Desk) -> None:
    ready_documents(desk, process_of(desk), 1)
    assert step.open_next(desk, the_group(desk), "dead")
    expire_leases(desk)
    with desk.store.session(ACTOR) as session:
        assert len(claim_shipments(session, "one", lease=dt.timedelta(minutes=1))) == 1
    with desk.store.session(ACTOR) as session:
        assert claim_shipments(session, "two", lease=dt.timedelta(minutes=1)) == []
