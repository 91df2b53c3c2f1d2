"""The one place that changes a state: it asks the lifecycle table, and writes the event in the same transaction."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy.orm import Session

from schemas.clock import now
from schemas.errors import IllegalTransitionError
from schemas.ids import new_id
from schemas.lifecycle import (
    BLIND_KINDS,
    DELIVERY_TRANSITIONS,
    MODEL_TRANSITIONS,
    RECEIPT_TRANSITIONS,
    SHIPMENT_TRANSITIONS,
    DeliveryState,
    DocumentState,
    ModelState,
    ReceiptState,
    ShipmentState,
    TaskKind,
    TaskState,
    may_follow,
)
from store.definitions import load_definition
from store.events import record
from store.pressing import handling_seconds, press_at
from store.search import enter_document
from store.tables import Delivery, Document, LearnedModel, Receipt, ReviewTask, Shipment


def move_document(
    session: Session, document: Document, new: DocumentState, *, reason: str | None = None, **data: Any
) -> None:
    """Change a document's state.

    Raises:
        IllegalTransitionError: the lifecycle table does not allow it.
    """
    old = DocumentState(document.state)
    if not may_follow(old, new):
        raise IllegalTransitionError(f"{document.id} cannot go from {old} to {new}")
    document.state = new
    document.reason = reason
    if new is not DocumentState.IN_WORK:
        document.lease_owner = document.lease_expires_at = None
    if new is DocumentState.READY:
        document.ready_at = now()
    if new is DocumentState.DELIVERED:
        document.delivered_at = now()
    record(
        session,
        document.client_id,
        "document.state",
        document.id,
        old=old,
        new=new,
        reason=reason,
        version=document.version,
        **data,
    )


def move_receipt(
    session: Session, receipt: Receipt, new: ReceiptState, *, reason: str | None = None, **data: Any
) -> None:
    """Change a receipt's state. Raises IllegalTransitionError."""
    old = ReceiptState(receipt.state)
    if new not in RECEIPT_TRANSITIONS[old]:
        raise IllegalTransitionError(f"{receipt.id} cannot go from {old} to {new}")
    receipt.state = new
    receipt.reason = reason
    receipt.lease_owner = receipt.lease_expires_at = None
    record(
        session,
        receipt.client_id,
        "receipt.state",
        receipt.id,
        old=old,
        new=new,
        reason=reason,
        pages=receipt.pages,
        **data,
    )


def create_receipt(session: Session, receipt: Receipt) -> Receipt:
    """Enter a byte stream into the journal, in the state that it begins with, and say so in the trail."""
    session.add(receipt)
    record(
        session,
        receipt.client_id,
        "receipt.received",
        receipt.id,
        state=receipt.state,
        reason=receipt.reason,
        sha256=receipt.sha256,
        size=receipt.size,
        process=receipt.process,
        parent=receipt.parent_id,
    )
    return receipt


def create_document(session: Session, document: Document) -> Document:
    """Add a document, in the state that it begins with, and say so in the trail; from now on it is found by its name."""
    session.add(document)
    enter_document(session, document)
    record(
        session,
        document.client_id,
        "document.created",
        document.id,
        state=document.state,
        reason=document.reason,
        receipt=document.receipt_id,
        sha256=document.sha256,
        split_from=document.split_from,
    )
    return document


def open_task(
    session: Session, document: Document, kind: TaskKind, queue: str, *, due_at: dt.datetime, reasons: list[str]
) -> ReviewTask:
    """Put a document before a person. How pressing it is and what skill it asks for, its process says."""
    process = load_definition(session, document.definition_id).process
    task = ReviewTask(
        id=new_id("tsk"),
        client_id=document.client_id,
        document_id=document.id,
        kind=kind,
        queue=queue,
        state=TaskState.OPEN,
        urgent=document.urgent,
        due_at=due_at,
        press_at=press_at(due_at, handling_seconds(reasons), weight=process.sla.weight, urgent=document.urgent),
        supplier_key=document.supplier_key,
        skill=_skill(kind, process.review.skills.get(document.document_type or "", "")),
        created_at=now(),
        reasons=reasons,
    )
    session.add(task)
    record(session, document.client_id, "task.opened", task.id, document=document.id, kind=kind, queue=queue)
    return task


def _skill(kind: TaskKind, of_type: str) -> str:
    """What the task asks of a person. Blind work stands in lanes of its own: nobody is given it with the exceptions."""
    if kind in BLIND_KINDS:
        return kind.value
    return "" if kind is TaskKind.OPS else of_type


def close_task(session: Session, task: ReviewTask, state: TaskState, *, by: str | None, result: str) -> None:
    """End a task: done or cancelled. Raises IllegalTransitionError where it has ended already."""
    if task.state in (TaskState.DONE, TaskState.CANCELLED):
        raise IllegalTransitionError(f"{task.id} has ended already")
    task.state = state
    task.lease_owner = task.lease_expires_at = None
    task.done_at, task.done_by, task.result = now(), by, result
    record(session, task.client_id, "task.closed", task.id, document=task.document_id, state=state, result=result)


def move_delivery(session: Session, delivery: Delivery, new: DeliveryState) -> None:
    """Change an outbox entry's state. Raises IllegalTransitionError."""
    old = DeliveryState(delivery.state)
    if new not in DELIVERY_TRANSITIONS[old]:
        raise IllegalTransitionError(f"{delivery.id} cannot go from {old} to {new}")
    delivery.state = new
    record(session, delivery.client_id, "delivery.state", delivery.id, old=old, new=new, shipment=delivery.shipment_id)


def move_shipment(session: Session, shipment: Shipment, new: ShipmentState, **data: Any) -> None:
    """Change a shipment's state. Raises IllegalTransitionError."""
    old = ShipmentState(shipment.state)
    if new not in SHIPMENT_TRANSITIONS[old]:
        raise IllegalTransitionError(f"{shipment.id} cannot go from {old} to {new}")
    shipment.state = new
    record(session, shipment.client_id, "shipment.state", shipment.id, old=old, new=new, **data)


def move_model(session: Session, model: LearnedModel, new: ModelState, *, reason: str) -> None:
    """Change a model's state; written at once, as there is never more than one champion. Raises IllegalTransitionError."""
    old = ModelState(model.state)
    if new not in MODEL_TRANSITIONS[old]:
        raise IllegalTransitionError(f"{model.id} cannot go from {old} to {new}")
    model.state = new
    if new is ModelState.CHAMPION:
        model.promoted_at, model.promoted_by = now(), session.info["scope"].actor
    session.flush()
    record(session, model.client_id, "model.state", model.id, old=old, new=new, reason=reason)
