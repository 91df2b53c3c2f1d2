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
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from schemas.clock import now
from schemas.document_type import FieldType
from schemas.errors import IllegalTransitionError, LeaseLostError
from schemas.lifecycle import DeliveryState, DocumentState, ReceiptState, ShipmentState
from schemas.payload import Payload
from schemas.process import Target
from schemas.values import Value, ValueState
from store.database import Store
from store.documents import save_version
from store.outbox import cancel_deliveries, next_departure
from store.pauses import lift, pause
from store.queue import Lease
from store.shipments import Group, claim_shipments, due_groups, shipment_values
from store.tables import Delivery, Document, Event, Receipt, Shipment
from store.transitions import move_document, move_receipt
from tasks import deliver as step
from tasks.deliver import deliver
from tasks.desk import Desk
from tasks.formats.comma_separated import comma_separated, defused
from tasks.formats.sheets import Sheet
from tasks.formats.workbook import workbook
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

PAYLOADS = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3+cmd",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    '=HYPERLINK("x")',
    "-A1",
    "+49 30 1234",
]


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return desk_on(store, tmp_path, lease_seconds=60, retry_seconds=0)


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


# what is frozen


def test_the_payload_holds_what_is_there_and_names_what_is_not(desk: Desk) -> None:
    definition = process_of(desk, "fields: {iban: {ignore: true}}")
    document_id = new_document(desk, definition, pages=3)
    extraction = invoice("R-1", iban="DE02120300000000202051")
    unreadable = Value(name="due_date", state=ValueState.UNREADABLE)
    absent = Value(name="unit", table="line_items", row=2, state=ValueState.ABSENT)
    work_on(
        desk, document_id, extraction.model_copy(update={"values": [*extraction.values, unreadable, absent]}), blank=1
    )
    (entry,) = entries_of(desk, document_id)
    payload = Payload.model_validate_json(entry.payload)
    assert payload.canonical() == entry.payload
    assert hashlib.sha256(entry.payload.encode()).hexdigest() == entry.payload_sha256
    assert payload.fields["invoice_number"] == "R-1" and "iban" not in payload.fields
    assert [row["description"] for row in payload.tables["line_items"]] == ["Item 1", "Item 2"]
    assert (payload.absent, payload.unreadable) == (["line_items[2].unit"], ["due_date"])
    assert (payload.pages, payload.total and payload.total.amount) == (2, "119.00")


def test_a_version_that_left_is_not_frozen_again(desk: Desk) -> None:
    (document_id,) = ready_documents(desk, process_of(desk), 1)
    deliver(desk, "worker")
    with pytest.raises(IllegalTransitionError), desk.store.session(ACTOR) as session:
        document = session.get_one(Document, document_id)
        move_document(session, document, DocumentState.IN_REVIEW)
        make_ready(session, document, invoice("R-1"))


def test_a_cancelled_version_may_be_frozen_anew_under_the_same_id(desk: Desk) -> None:
    (document_id,) = ready_documents(desk, process_of(desk), 1)
    (before,) = entries_of(desk, document_id)
    with desk.store.session(ACTOR) as session:
        document = session.get_one(Document, document_id)
        cancel_deliveries(session, document)
        move_document(session, document, DocumentState.IN_REVIEW)
    assert deliver(desk, "worker") == []
    with desk.store.session(ACTOR) as session:
        make_ready(session, session.get_one(Document, document_id), invoice("R-2"))
    (after,) = entries_of(desk, document_id)
    assert (after.id, after.state) == (before.id, DeliveryState.QUEUED)
    assert after.payload != before.payload
    assert len(deliver(desk, "worker")) == 1


def test_what_is_leaving_cannot_be_cancelled(desk: Desk) -> None:
    (document_id,) = ready_documents(desk, process_of(desk), 1)
    assert step.open_next(desk, the_group(desk), "worker")
    with pytest.raises(IllegalTransitionError), desk.store.session(ACTOR) as session:
        cancel_deliveries(session, session.get_one(Document, document_id))


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


def test_times_of_day_are_the_clients() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    target = Target(when=["12:00", "17:00"])
    at = dt.datetime(2026, 11, 3, 10, 59, tzinfo=dt.UTC)
    assert next_departure(target, berlin, at) == dt.datetime(2026, 11, 3, 11, tzinfo=dt.UTC)
    assert next_departure(target, berlin, at + dt.timedelta(minutes=2)) == dt.datetime(2026, 11, 3, 16, tzinfo=dt.UTC)
    assert next_departure(target, berlin, at + dt.timedelta(hours=9)) == dt.datetime(2026, 11, 4, 11, tzinfo=dt.UTC)


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


# the forms


def sheet(*texts: str, kind: FieldType = FieldType.TEXT) -> Sheet:
    return Sheet("documents", {"value": kind}, [{"value": text} for text in texts])


def cells(content: bytes) -> list[str]:
    return [row["value"] for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_for_people_no_cell_is_a_formula_and_for_machines_nothing_is_altered(payload: str) -> None:
    assert cells(comma_separated(sheet(payload), for_people=True)) == [f"'{payload}"]
    assert cells(comma_separated(sheet(payload), for_people=False)) == [payload]
    (cell,) = xlsx_cells(sheet(payload))
    assert (cell.data_type, cell.value.strip("\t\r\n")) == ("s", payload.strip("\t\r\n"))
    assert cell.quotePrefix


def test_negative_amounts_stay_numbers_for_everybody() -> None:
    assert defused("-12.50") == "-12.50"
    (cell,) = xlsx_cells(sheet("-12.50", kind=FieldType.AMOUNT))
    assert (cell.data_type, cell.value) == ("n", -12.5)


def xlsx_cells(one: Sheet) -> list[Any]:
    book = openpyxl.load_workbook(io.BytesIO(workbook([one], for_people=True)))
    return [row[0] for row in book["documents"].iter_rows(min_row=2)]


def test_spreadsheet_cells_have_types() -> None:
    def one(text: str, kind: FieldType) -> Any:
        return xlsx_cells(sheet(text, kind=kind))[0].value

    assert one("2026-11-03", FieldType.DATE) == dt.datetime(2026, 11, 3)
    assert one("1234.50", FieldType.AMOUNT) == 1234.5
    assert one("00123", FieldType.IDENTIFIER) == "00123"
    assert one("12345678901234567890", FieldType.QUANTITY) == "12345678901234567890"
    assert one("3 pcs", FieldType.QUANTITY) == "3 pcs"
    assert one("bell\a", FieldType.TEXT) == "bell\N{REPLACEMENT CHARACTER}"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1))
def test_machine_csv_comes_back_as_it_went(texts: list[str]) -> None:
    two = Sheet(
        "documents", {"value": FieldType.TEXT, "other": FieldType.TEXT}, [{"value": t, "other": "x"} for t in texts]
    )
    content = comma_separated(two, for_people=False)
    assert cells(content) == texts
    assert content.endswith(b"\r\n")
