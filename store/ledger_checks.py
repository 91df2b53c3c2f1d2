"""The ledger row by row: each check is one query for the ids of rows on which two independently written sources disagree.

The sources: the receipt journal, the documents with their pages and tasks, and the outbox with its shipments. `CHECKS` is
the table of all checks, those against the audit trail included.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, String, and_, cast, exists, func, or_, select
from sqlalchemy.orm import aliased

from schemas.lifecycle import DeliveryState, DocumentState, ReceiptState, ShipmentState, TaskKind, TaskState
from store.facts import fact
from store.ledger_trail import TRAIL_CHECKS, Check, Ids, with_latest_event
from store.tables import Delivery, Document, Event, ExtractionRun, Page, Receipt, ReviewTask, Shipment

OPEN_ENTRY = (DeliveryState.QUEUED, DeliveryState.HELD, DeliveryState.SHIPPING)
OPEN_TASK = (TaskState.OPEN, TaskState.LEASED)
WAITS_FOR_PERSON = (
    DocumentState.IN_REVIEW,
    DocumentState.AWAITING_CLIENT,
    DocumentState.HELD,
    DocumentState.FAILED,
    DocumentState.QUARANTINED,
)


# receipts and documents


def registered_without_document() -> Ids:
    return select(Receipt.id).where(
        Receipt.state == ReceiptState.REGISTERED, ~exists().where(Document.receipt_id == Receipt.id)
    )


def documents_without_registered_receipt() -> Ids:
    """The receipt must be there, registered, of the same client and process, and of the same bytes."""
    return select(Document.id).where(
        ~exists().where(
            Receipt.id == Document.receipt_id,
            Receipt.state == ReceiptState.REGISTERED,
            Receipt.client_id == Document.client_id,
            Receipt.process == Document.process,
            Receipt.sha256 == Document.sha256,
        )
    )


def documents_with_another_version() -> Ids:
    newest = select(func.max(ExtractionRun.version)).where(ExtractionRun.document_id == Document.id).scalar_subquery()
    return select(Document.id).where(Document.version != func.coalesce(newest, 0))


def documents_waiting_for_nobody() -> Ids:
    has_task = exists().where(
        ReviewTask.document_id == Document.id, ReviewTask.state.in_(OPEN_TASK), ReviewTask.kind != TaskKind.SEEDED
    )
    return select(Document.id).where(Document.state.in_((DocumentState.IN_REVIEW, DocumentState.FAILED)), ~has_task)


def tasks_without_waiting_document() -> Ids:
    """Exceptions and ops tasks: the document stands still until they are done. Audits may follow a delivery."""
    waits = exists().where(Document.id == ReviewTask.document_id, Document.state.in_(WAITS_FOR_PERSON))
    return select(ReviewTask.id).where(
        ReviewTask.state.in_(OPEN_TASK), ReviewTask.kind.in_((TaskKind.EXCEPTION, TaskKind.OPS)), ~waits
    )


# pages


def receipts_with_other_pages() -> Ids:
    """What inspection counted, against what the trail wrote down."""
    return with_latest_event(Receipt, ("receipt.received", "receipt.state")).where(
        fact("pages").is_distinct_from(cast(Receipt.pages, String))
    )


def documents_unlike_their_receipts_pages() -> Ids:
    """A receipt's pages are those of all its documents together."""
    by_receipt = (
        select(Document.receipt_id, func.sum(Document.page_count).label("pages"))
        .group_by(Document.receipt_id)
        .subquery()
    )
    return (
        select(Document.id)
        .join(Receipt, Receipt.id == Document.receipt_id)
        .join(by_receipt, by_receipt.c.receipt_id == Document.receipt_id)
        .where(Receipt.pages.is_distinct_from(by_receipt.c.pages))
    )


def documents_with_other_pages() -> Ids:
    """Page rows against the number of pages read, and of those dropped, as the trail has them; numbered from 1."""
    rows = (
        select(
            Page.document_id,
            func.count().label("pages"),
            func.count(Page.dropped).label("dropped"),
            func.min(Page.number).label("first"),
            func.max(Page.number).label("last"),
        )
        .group_by(Page.document_id)
        .subquery()
    )
    return (
        with_latest_event(Document, ("document.read",))
        .outerjoin(rows, rows.c.document_id == Document.id)
        .where(
            or_(
                fact("pages").is_distinct_from(cast(func.coalesce(rows.c.pages, 0), String)),
                fact("dropped").is_distinct_from(cast(func.coalesce(rows.c.dropped, 0), String)),
                Document.page_count.is_distinct_from(func.coalesce(rows.c.pages, 0)),
                rows.c.first != 1,
                rows.c.last != rows.c.pages,
            )
        )
    )


def pages_out_of_place() -> Ids:
    """The documents of a file have its pages between them: each page exists, and once."""
    document, page = aliased(Document), aliased(Page)
    twice = exists().where(
        document.receipt_id == Document.receipt_id,
        page.document_id == document.id,
        page.file_page == Page.file_page,
        or_(page.document_id != Page.document_id, page.number != Page.number),
    )
    return (
        select(Document.id)
        .join(Page, Page.document_id == Document.id)
        .join(Receipt, Receipt.id == Document.receipt_id)
        .where(or_(Page.file_page < 1, Page.file_page > Receipt.pages, twice))
        .distinct()
    )


def pages_of_unread_documents() -> Ids:
    read = exists().where(
        Event.subject == Page.document_id, Event.client_id == Page.client_id, Event.kind == "document.read"
    )
    return select(Page.document_id).where(~read).distinct()


def entries_with_other_pages() -> Ids:
    """A read document's current version delivers the pages that were kept."""
    kept = (
        select(func.count()).where(Page.document_id == Delivery.document_id, Page.dropped.is_(None)).scalar_subquery()
    )
    return (
        select(Delivery.id)
        .join(Document, Document.id == Delivery.document_id)
        .where(
            Document.reader.is_not(None),
            Document.version == Delivery.version,
            Document.state.in_((DocumentState.READY, DocumentState.DELIVERED)),
            Delivery.pages != kept,
        )
    )


# documents and the outbox


def _entry_of_current_version(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(Delivery.document_id == Document.id, Delivery.version == Document.version, *conditions)


def ready_without_open_entry() -> Ids:
    return select(Document.id).where(
        Document.state == DocumentState.READY,
        or_(
            ~_entry_of_current_version(Delivery.state.in_(OPEN_ENTRY)),
            _entry_of_current_version(Delivery.state == DeliveryState.CANCELLED),
        ),
    )


def delivered_without_being_sent() -> Ids:
    return select(Document.id).where(
        Document.state == DocumentState.DELIVERED,
        or_(
            ~_entry_of_current_version(Delivery.state == DeliveryState.SENT),
            _entry_of_current_version(Delivery.state != DeliveryState.SENT),
        ),
    )


def open_entries_of_other_documents() -> Ids:
    """What has not left belongs to the current version of a document that is ready, or held back."""
    belongs = exists().where(
        Document.id == Delivery.document_id,
        Document.version == Delivery.version,
        Document.client_id == Delivery.client_id,
        Document.process == Delivery.process,
        Document.state.in_((DocumentState.READY, DocumentState.HELD)),
    )
    return select(Delivery.id).where(Delivery.state.in_(OPEN_ENTRY), ~belongs)


def entries_unlike_their_shipment() -> Ids:
    """On its way or sent means: in a shipment of the same target that stands the same; all else is in none."""
    unfinished = Shipment.state.in_((ShipmentState.ASSEMBLING, ShipmentState.RENAMING))
    travels_along = exists().where(
        Shipment.id == Delivery.shipment_id,
        Shipment.client_id == Delivery.client_id,
        Shipment.process == Delivery.process,
        Shipment.target == Delivery.target,
        or_(
            and_(Delivery.state == DeliveryState.SHIPPING, unfinished),
            and_(Delivery.state == DeliveryState.SENT, Shipment.state == ShipmentState.SENT),
        ),
    )
    travels = Delivery.state.in_((DeliveryState.SHIPPING, DeliveryState.SENT))
    return select(Delivery.id).where(
        or_(and_(travels, ~travels_along), and_(~travels, Delivery.shipment_id.is_not(None)))
    )


def shipments_with_other_contents() -> Ids:
    contents = (
        select(Delivery.shipment_id, func.count().label("documents"), func.sum(Delivery.pages).label("pages"))
        .group_by(Delivery.shipment_id)
        .subquery()
    )
    return (
        select(Shipment.id)
        .outerjoin(contents, contents.c.shipment_id == Shipment.id)
        .where(
            or_(
                Shipment.documents != func.coalesce(contents.c.documents, 0),
                Shipment.pages != func.coalesce(contents.c.pages, 0),
            )
        )
    )


def shipments_after_a_gap() -> Ids:
    before = aliased(Shipment)
    has_predecessor = exists().where(
        before.client_id == Shipment.client_id,
        before.process == Shipment.process,
        before.target == Shipment.target,
        before.number == Shipment.number - 1,
    )
    return select(Shipment.id).where(Shipment.number > 1, ~has_predecessor)


CHECKS = (
    *TRAIL_CHECKS,
    Check("receipt", "registered, but no document was made of it", registered_without_document),
    Check("document", "it has no registered receipt of the same bytes", documents_without_registered_receipt),
    Check("document", "its version is not the newest that was written", documents_with_another_version),
    Check("document", "it waits for a person, but nobody is asked", documents_waiting_for_nobody),
    Check("task", "a person is asked, but the document does not wait", tasks_without_waiting_document),
    Check("page", "it has other pages than the trail says", receipts_with_other_pages),
    Check("page", "other pages arrived than its receipt's documents have", documents_unlike_their_receipts_pages),
    Check("page", "its pages are not those that were read", documents_with_other_pages),
    Check("page", "it has a page that its file does not have, or has once for another", pages_out_of_place),
    Check("page", "it has pages, but was never read", pages_of_unread_documents),
    Check("page", "it delivers other pages than were kept", entries_with_other_pages),
    Check("document", "ready, but nothing of it is to leave", ready_without_open_entry),
    Check("document", "delivered, but not everything was sent", delivered_without_being_sent),
    Check("delivery", "it is to leave, but its document is not ready", open_entries_of_other_documents),
    Check("delivery", "it does not stand where its shipment stands", entries_unlike_their_shipment),
    Check("shipment", "it does not hold what it says", shipments_with_other_contents),
    Check("shipment", "the number before it is missing", shipments_after_a_gap),
)
