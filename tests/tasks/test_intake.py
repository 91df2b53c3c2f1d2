"""A file's way in: dropped, taken when complete, stored, receipted, looked at, registered or stopped with a reason."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from sqlalchemy import select

from reading.pool import ReaderPool
from schemas.errors import StoreUnavailableError
from schemas.lifecycle import DocumentState, ReceiptState
from store.database import system
from store.tables import Batch, Document, Receipt
from tasks import inboxes
from tasks.batches import close_incomplete, decide_batch, decide_receipt, read_control_sheet
from tasks.desk import Desk
from tasks.receive import files_waiting, sweep_inboxes
from tasks.register import register_receipts
from tests.tasks.conftest import OWNER, drop

NORTHWIND = "northwind/supplier-invoices"
OPS = system("olga")


def take_in(desk: Desk, pool: ReaderPool) -> None:
    """Intake until nothing is left."""
    sweep_inboxes(desk)
    while register_receipts(desk, pool, OWNER):
        pass


def receipts(desk: Desk) -> list[Receipt]:
    with desk.store.read(OPS) as session:
        return list(session.scalars(select(Receipt).order_by(Receipt.id)))


def documents(desk: Desk) -> list[Document]:
    with desk.store.read(OPS) as session:
        return list(session.scalars(select(Document).order_by(Document.id)))


def receipt_file(desk: Desk, receipt: Receipt) -> dict[str, object]:
    (path,) = desk.receipts(receipt.client_id, receipt.process).glob(f"*{receipt.id[-8:]}.json")
    return dict(json.loads(path.read_text()))


def test_a_dropped_invoice_becomes_a_document_and_the_client_finds_a_receipt(desk: Desk, pool: ReaderPool) -> None:
    dropped = drop(desk, f"{NORTHWIND}/batch-2026-11-03/mueller.pdf")
    content = dropped.read_bytes()
    take_in(desk, pool)
    (receipt,), (document,) = receipts(desk), documents(desk)
    assert (receipt.state, document.state) == (ReceiptState.REGISTERED, DocumentState.RECEIVED)
    assert not dropped.exists() and not list(dropped.parent.rglob("*.pdf"))
    with desk.blobs.open("northwind", receipt.sha256) as stream:
        assert stream.read() == content
    told = receipt_file(desk, receipt)
    assert told["sha256"] == receipt.sha256 and told["state"] == "registered"
    assert document.due_at > document.received_at


def test_what_is_still_being_written_stays(desk: Desk) -> None:
    drop(desk, f"{NORTHWIND}/batch-2026-11-03/mueller.pdf", name="scan.pdf.part")
    drop(desk, f"{NORTHWIND}/batch-2026-11-03/mueller.pdf", name=".hidden.pdf")
    young = drop(desk, f"{NORTHWIND}/batch-2026-11-03/mueller.pdf", name="young.pdf")
    assert inboxes.waiting_files(young.parent, 60) == []
    young.unlink()
    assert not files_waiting(desk)
    assert sweep_inboxes(desk) == []


@pytest.mark.parametrize(
    ("sample", "state", "reason"),
    [
        ("leer.pdf", ReceiptState.REJECTED, "EMPTY_FILE"),
        ("setup.exe", ReceiptState.REJECTED, "UNSUPPORTED_TYPE"),
        ("Rechnung_abgebrochen.pdf", ReceiptState.REJECTED, "UNREADABLE"),
        ("Rechnung_Passwort.pdf", ReceiptState.HELD, "NEEDS_PASSWORD"),
        ("Archiv_2025.zip", ReceiptState.QUARANTINED, "ARCHIVE_BOMB"),
        ("Belege.zip", ReceiptState.QUARANTINED, "ARCHIVE_UNSAFE_PATH"),
    ],
)
def test_every_byte_stream_gets_an_outcome_and_a_reason(
    desk: Desk, pool: ReaderPool, sample: str, state: ReceiptState, reason: str
) -> None:
    drop(desk, f"{NORTHWIND}/{sample}")
    take_in(desk, pool)
    (receipt,) = receipts(desk)
    assert (receipt.state, receipt.reason) == (state, reason)
    told = receipt_file(desk, receipt)
    assert told["reason"] == reason and told["message"]
    assert documents(desk) == []


def test_links_and_pipes_are_refused_unread(desk: Desk, tmp_path: Path) -> None:
    inbox = desk.inbox("northwind", "supplier-invoices")
    secret = tmp_path / "secret"
    secret.write_text("not for the client")
    (inbox / "link.pdf").symlink_to(secret)
    os.mkfifo(inbox / "pipe.pdf")
    sweep_inboxes(desk)
    assert {(r.name, r.state, r.reason) for r in receipts(desk)} == {
        ("link.pdf", ReceiptState.REJECTED, "NOT_A_FILE"),
        ("pipe.pdf", ReceiptState.REJECTED, "NOT_A_FILE"),
    }
    assert secret.exists()


def test_an_archive_in_an_archive_is_opened_and_its_members_have_receipts(desk: Desk, pool: ReaderPool) -> None:
    drop(desk, f"{NORTHWIND}/Weiterleitung.zip")
    take_in(desk, pool)
    rows = receipts(desk)
    assert sum(r.state == ReceiptState.EXPANDED for r in rows) == 2
    members = [r for r in rows if r.state == ReceiptState.REGISTERED]
    assert members and {r.receipt_id for r in documents(desk)} == {r.id for r in members}
    assert all(r.parent_id for r in members)


def test_the_same_bytes_are_held_and_a_person_decides(desk: Desk, pool: ReaderPool) -> None:
    for name in ("first.pdf", "second.pdf"):
        drop(desk, f"{NORTHWIND}/batch-2026-11-03/mueller.pdf", name=name)
        take_in(desk, pool)
    first, second = receipts(desk)
    assert (second.state, second.reason, second.duplicate_of) == (ReceiptState.HELD, "DUPLICATE_BYTES", first.id)
    decide_receipt(desk, second.id, accept=True, by=OPS)
    take_in(desk, pool)
    assert len(documents(desk)) == 2


def test_the_same_bytes_are_suppressed_where_the_process_says_so(desk: Desk, pool: ReaderPool) -> None:
    sample = "lumen/expense-receipts/download(1).pdf"
    for name in ("a.pdf", "b.pdf"):
        drop(desk, sample, to="lumen/expense-receipts", name=name)
    take_in(desk, pool)
    assert sorted(r.state for r in receipts(desk)) == [ReceiptState.REGISTERED, ReceiptState.SUPPRESSED]


def test_a_whole_batch_dropped_again_is_one_decision(desk: Desk, pool: ReaderPool) -> None:
    for folder in ("monday", "tuesday"):
        for name in ("mueller.pdf", "brandt.pdf"):
            drop(desk, f"{NORTHWIND}/batch-2026-11-03/{name}", to=f"{NORTHWIND}/{folder}")
        take_in(desk, pool)
    with desk.store.read(OPS) as session:
        monday, tuesday = session.scalars(select(Batch).order_by(Batch.id))
    assert tuesday.repeat_of == monday.id
    assert decide_batch(desk, tuesday.id, accept=False, by=OPS) == 2
    states = [r.state for r in receipts(desk) if r.batch_id == tuesday.id]
    assert states == [ReceiptState.REJECTED, ReceiptState.REJECTED]


def test_a_control_sheet_names_what_was_announced_and_did_not_come(desk: Desk, pool: ReaderPool) -> None:
    to = f"{NORTHWIND}/november"
    drop(desk, f"{NORTHWIND}/batch-2026-11-03/mueller.pdf", to=to)
    (desk.folder / "inbox" / to / "control.csv").write_text("file,amount\nmueller.pdf,562.42\nlate.pdf,10.00\n")
    take_in(desk, pool)
    with desk.store.read(OPS) as session:
        (batch,) = session.scalars(select(Batch))
    assert (batch.announced_count, batch.missing, batch.closed_at) == (2, ["late.pdf"], None)
    drop(desk, f"{NORTHWIND}/batch-2026-11-03/brandt.pdf", to=to, name="late.pdf")
    take_in(desk, pool)
    with desk.store.read(OPS) as session:
        (batch,) = session.scalars(select(Batch))
    assert batch.missing == [] and batch.closed_at is not None


def test_ops_may_close_a_batch_that_will_not_be_complete(desk: Desk, pool: ReaderPool) -> None:
    to = f"{NORTHWIND}/november"
    drop(desk, f"{NORTHWIND}/batch-2026-11-03/mueller.pdf", to=to)
    (desk.folder / "inbox" / to / "control.json").write_text('{"files": [{"file": "mueller.pdf"}, {"file": "no.pdf"}]}')
    take_in(desk, pool)
    with desk.store.read(OPS) as session:
        (batch,) = session.scalars(select(Batch))
    close_incomplete(desk, batch.id, by=OPS)
    with desk.store.read(OPS) as session:
        assert session.get_one(Batch, batch.id).closed_at is not None


def test_a_control_sheet_that_is_nonsense_announces_nothing() -> None:
    assert read_control_sheet("control.json", "[1, 2").lines == []
    assert read_control_sheet("control.csv", "\x00garbage").lines == []
    large = "file,amount\n" + "".join(f"{at}.pdf,99999999999999.00\n" for at in range(12))
    assert read_control_sheet("control.csv", large).amount is None


def test_urgent_files_are_taken_and_worked_first(desk: Desk, pool: ReaderPool) -> None:
    drop(desk, f"{NORTHWIND}/batch-2026-11-03/mueller.pdf")
    drop(desk, f"{NORTHWIND}/batch-2026-11-03/brandt.pdf", to=f"{NORTHWIND}/urgent")
    take_in(desk, pool)
    assert {d.name: d.urgent for d in documents(desk)} == {"mueller.pdf": False, "brandt.pdf": True}


def test_a_file_claimed_by_a_worker_that_died_is_found_again(desk: Desk, pool: ReaderPool) -> None:
    drop(desk, f"{NORTHWIND}/batch-2026-11-03/mueller.pdf")
    inbox = desk.inbox("northwind", "supplier-invoices")
    (waiting,) = inboxes.waiting_files(inbox, 0)
    with desk.store.session(OPS) as session:
        batch = Batch(id="bat_dead", client_id="northwind", process="supplier-invoices", name="x", received_at=_now())
        session.add(batch)
    inboxes.claim(inbox, waiting, "rcp_dead", "bat_dead")
    assert sweep_inboxes(desk) == []  # it may still be busy
    assert sweep_inboxes(desk, orphan_seconds=0) == ["rcp_dead"]
    assert [r.name for r in receipts(desk)] == ["mueller.pdf"]
    assert inboxes.claimed_files(inbox) == []


def test_nothing_is_acknowledged_when_the_disk_is_full(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    drop(desk, f"{NORTHWIND}/batch-2026-11-03/mueller.pdf")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(StoreUnavailableError):
            sweep_inboxes(desk)
    assert receipts(desk) == []
    assert len(sweep_inboxes(desk, orphan_seconds=0)) == 1


def _now() -> object:
    from schemas.clock import now

    return now()
