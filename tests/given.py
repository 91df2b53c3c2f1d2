"""A desk with a client and documents in any state, made through the same functions that the flows use."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from benchmarks.postgresql import signed_in_as, superuser
from schemas.clock import now
from schemas.ids import new_id
from schemas.lifecycle import DocumentState, ReceiptState, TaskKind
from schemas.quality import SampleState, Stream
from schemas.reading import PageReading, Reading, Source
from schemas.settings import Settings
from schemas.values import Extraction, Value
from store.database import Session, Store, system
from store.definitions import Definition, current_definitions, import_client, import_process, load_definition
from store.documents import save_pages, save_version
from store.outbox import freeze_deliveries
from store.queue import claim_documents, hold_document
from store.tables import Batch, Document, Receipt, Sample
from store.transitions import create_document, create_receipt, move_document, move_receipt, open_task
from tasks.desk import Desk, open_desk

ACTOR = system("test")
BERLIN = ZoneInfo("Europe/Berlin")  # where the made clients are
AT_ONCE = "delivery: [{name: csv, format: csv}]"
LEASE = dt.timedelta(minutes=5)
LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def this_month() -> str:
    """As the made clients' reports name it."""
    return f"{now().astimezone(BERLIN):%Y-%m}"


def desk_on(store: Store, folder: Path, **settings: object) -> Desk:
    """A desk whose database is `store`'s."""
    return open_desk(Settings(desk=folder / "desk", database_url=store.url, **settings), create=True)  # type: ignore[arg-type]


@contextmanager
def behind_the_books(store: Store) -> Iterator[Connection]:
    """A connection that nothing holds back, row security and references least of all; it commits when it is told to."""
    if store.is_sqlite:
        with store.engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            driver.execute("PRAGMA foreign_keys = OFF")  # must be said before the transaction begins
            yield connection
        return
    above = Store(signed_in_as(superuser(), store.url))
    with above.engine.connect() as connection:
        connection.execute(text("SET session_replication_role = replica"))
        yield connection
    above.close()


def process_of(desk: Desk, delivery: str = AT_ONCE, *, client: str = "acme") -> Definition:
    """A client with an invoice process, delivered as the YAML says."""
    folder = desk.clients / client
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "client.yaml").write_text(f"client: {client}\nname: {client.title()}\ntime_zone: Europe/Berlin\n")
    (folder / "invoices.yaml").write_text(
        f"process: invoices\nclient: {client}\ndocument_types: [invoice, credit_note]\n{delivery}\n"
    )
    with desk.store.session(ACTOR) as session:
        import_client(session, folder / "client.yaml")
        import_process(session, folder / "invoices.yaml")
    with desk.store.read(ACTOR) as session:
        return next(d for d in current_definitions(session) if d.process.client == client)


def batch_of(desk: Desk, definition: Definition) -> str:
    """A batch whose files have all come."""
    batch = Batch(
        id=new_id("bat"),
        client_id=definition.process.client,
        process="invoices",
        name="monday",
        received_at=now(),
        closed_at=now(),
    )
    with desk.store.session(ACTOR) as session:
        session.add(batch)
    return batch.id


def receipt_of(desk: Desk, definition: Definition, content: bytes | None = None, *, batch: str | None = None) -> str:
    """A stored byte stream that nobody has looked at."""
    id_ = new_id("rcp")
    blob = desk.blobs.put(definition.process.client, io.BytesIO(content or id_.encode()))
    receipt = Receipt(
        id=id_,
        client_id=definition.process.client,
        process="invoices",
        definition_id=definition.id,
        batch_id=batch,
        claim=id_,
        name=f"{id_[-6:]}.pdf",
        sha256=blob.sha256,
        size=blob.size,
        media_type="application/pdf",
        state=ReceiptState.RECEIVED,
        received_at=now(),
    )
    with desk.store.session(ACTOR) as session:
        create_receipt(session, receipt)
    return id_


def document_of(desk: Desk, receipt_id: str, *, pages: int = 1) -> str:
    """The receipt was looked at and became one document."""
    with desk.store.session(ACTOR) as session:
        receipt = session.get_one(Receipt, receipt_id)
        receipt.pages = pages
        document = Document(
            id=new_id("doc"),
            client_id=receipt.client_id,
            process=receipt.process,
            definition_id=receipt.definition_id,
            receipt_id=receipt.id,
            batch_id=receipt.batch_id,
            name=receipt.name,
            sha256=receipt.sha256,
            media_type="application/pdf",
            state=DocumentState.RECEIVED,
            page_count=receipt.pages,
            received_at=receipt.received_at,
            due_at=receipt.received_at + dt.timedelta(hours=8),
        )
        create_document(session, document)
        move_receipt(session, receipt, ReceiptState.REGISTERED)
    return document.id


def new_document(
    desk: Desk, definition: Definition, content: bytes | None = None, *, pages: int = 1, batch: str | None = None
) -> str:
    """A received document."""
    return document_of(desk, receipt_of(desk, definition, content, batch=batch), pages=pages)


def invoice(number: str, total: str = "119.00", *, currency: str = "EUR", **fields: str) -> Extraction:
    """An invoice with two line items."""
    header = {
        "invoice_number": number,
        "gross_total": total,
        "currency": currency,
        "invoice_date": "2026-11-03",
        **fields,
    }
    lines = [
        Value(name=name, table="line_items", row=row, text=text)
        for row in (1, 2)
        for name, text in {"description": f"Item {row}", "quantity": "2", "line_total": "50.00"}.items()
    ]
    return Extraction(
        document_type="invoice",
        type_probability=1.0,
        language="en",
        values=[Value(name=name, text=text, probability=1.0) for name, text in header.items()] + lines,
    )


def reading_of(pages: int, blank: int = 0) -> Reading:
    """A reading of so many pages, the last ones blank."""
    return Reading(
        pages=[
            PageReading(
                number=n,
                width=595,
                height=842,
                source=Source.NONE if n > pages - blank else Source.TEXT_LAYER,
                words=[],
            )
            for n in range(1, pages + 1)
        ],
        reader="test-1",
    )


def work_on(desk: Desk, document_id: str, extraction: Extraction, *, accepted: bool = True, blank: int = 0) -> None:
    """Claim, read and finish a document: ready, or in review."""
    with desk.store.session(ACTOR) as session:
        waiting = session.get_one(Document, document_id)
        waiting.urgent, waiting.due_at = True, LONG_AGO  # so that it is claimed before all others
        (lease,) = claim_documents(session, waiting.client_id, "worker", 1, lease=LEASE, max_attempts=5)
        document = hold_document(session, lease)
        save_pages(session, document, reading_of(document.page_count or 1, blank))
        save_version(session, document, extraction, [])
        if accepted:
            make_ready(session, document, extraction)
        else:
            move_document(session, document, DocumentState.IN_REVIEW, reason="SUM")
            open_task(session, document, TaskKind.EXCEPTION, "review", due_at=document.due_at, reasons=["SUM"])


def make_ready(session: Session, document: Document, extraction: Extraction) -> None:
    """Ready, with its outbox entries frozen, as `tasks.work.accept` does."""
    move_document(session, document, DocumentState.READY)
    freeze_deliveries(session, document, extraction, load_definition(session, document.definition_id))


def ready_documents(desk: Desk, definition: Definition, count: int) -> list[str]:
    """So many documents that are ready to leave."""
    ids = []
    for number in range(count):
        ids.append(new_document(desk, definition))
        work_on(desk, ids[-1], invoice(f"R-{number}"))
    return ids


def audited_total(
    number: int, document_id: str, definition: Definition, *, right: bool, stream: Stream, **about: Any
) -> Sample:
    """A gross total of one of acme's invoices, audited and decided; `about` says what else is known of it."""
    known = {
        "probability": 1.0,
        "untouched": False,
        "truth": "1.00",
        "truth_state": "present",
        "drawn_at": now(),
        **about,
    }
    return Sample(
        id=f"smp_{number:06d}",
        client_id="acme",
        process="invoices",
        document_id=document_id,
        version=1,
        document_type="invoice",
        stream=stream,
        name="gross_total",
        critical=True,
        value="1.00",
        value_state="present",
        definition_id=definition.id,
        state=SampleState.DECIDED,
        right=right,
        **known,
    )
