"""Suppliers: what is remembered of each, for ops to correct, lock and forget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import RedirectResponse, Response

from schemas.document_type import FieldDefinition, FieldType, document_types
from schemas.errors import NotFoundError
from schemas.learning import RememberedField, RememberedSupplier
from schemas.normalisation import normalise
from store.lists import clients_seen
from tasks.audit.looking import refuse_while_blind_for
from tasks.masking import SENSITIVE, masked
from tasks.suppliers import (
    forget_supplier,
    hides_values,
    may_be_written,
    set_locked,
    set_value,
    supplier_seen,
    suppliers_seen,
    unmask_supplier,
)
from workbench.access import DeskHere, Requires
from workbench.pages import page
from workbench.permissions import Permission
from workbench.shown_values import canonical, shown
from workbench.visitor import Visitor

router = APIRouter(prefix="/suppliers")
Viewer = Annotated[Visitor, Depends(Requires(Permission.LEARNING_VIEW))]
Changer = Annotated[Visitor, Depends(Requires(Permission.LEARNING_CHANGE))]
Unmasker = Annotated[Visitor, Depends(Requires(Permission.VALUE_UNMASK))]
MOST_SHOWN = 5  # values and forms of one field


@dataclass(frozen=True)
class Known:
    """One field of a supplier in the reader's words: values and printed forms with the number of documents that had them."""

    name: str
    title: str
    values: list[tuple[str, int]]
    shapes: list[tuple[str, int]]
    places: int
    absent: int
    locked: bool
    writable: bool
    masked: bool


@router.get("")
def list_page(
    request: Request, desk: DeskHere, visitor: Viewer, client: Annotated[str, Query(max_length=100)] = ""
) -> Response:
    """The remembered suppliers by name, of one client or all."""
    with desk.store.read(visitor.scope) as session:
        clients = clients_seen(session)
    rows = suppliers_seen(desk, visitor.scope, client=client or None)
    return page(request, "suppliers.html", rows=rows, clients=clients, client=client, types=document_types())


@router.get("/{supplier_id}")
def show(request: Request, supplier_id: str, desk: DeskHere, visitor: Viewer) -> Response:
    """All that is remembered of one supplier. Raises NotFoundError, FourEyesError."""
    row = supplier_seen(desk, visitor.scope, supplier_id)
    refuse_while_blind_for(desk, visitor.scope, row.client_id)
    memory = RememberedSupplier.model_validate(row.memory)
    kind = document_types()[row.document_type]
    hidden = SENSITIVE if hides_values(desk, visitor.scope, row) else frozenset[FieldType]()
    fields = [
        _known(name, definition, memory.fields[name], visitor.language, masks=definition.type in hidden)
        for name, definition in kind.fields.items()
        if name in memory.fields
    ]
    codes = [masked(code) if hidden and normalise(code, FieldType.IBAN) else code for code in memory.codes]
    return page(request, "supplier.html", row=row, memory=memory, fields=fields, codes=codes, kind=kind)


@router.post("/{supplier_id}/unmask")
def show_all(
    supplier_id: str, desk: DeskHere, visitor: Unmasker, reason: Annotated[str, Form(min_length=3, max_length=300)]
) -> Response:
    """Open the supplier's bank details to this person for a quarter of an hour. Raises NotFoundError."""
    unmask_supplier(desk, visitor.scope, supplier_id, reason)
    return RedirectResponse(f"/suppliers/{supplier_id}", 303)


def _known(name: str, definition: FieldDefinition, field: RememberedField, language: str, *, masks: bool) -> Known:
    kind = definition.type

    def said(text: str) -> str:
        return masked(text) if masks else shown(text, kind, language)

    def most(counts: dict[str, int]) -> list[tuple[str, int]]:
        return sorted(counts.items(), key=lambda each: -each[1])[:MOST_SHOWN]

    return Known(
        name=name,
        title=definition.title.get(language, name),
        values=[(said(text), count) for text, count in most(field.values)],
        shapes=most(field.shapes),
        places=len(field.anchors),
        absent=field.absent,
        locked=field.locked,
        writable=may_be_written(kind),
        masked=masks and bool(field.values),
    )


@router.post("/{supplier_id}/fields/{field}")
def correct(
    supplier_id: str, field: str, desk: DeskHere, visitor: Changer, text: Annotated[str, Form(max_length=1000)] = ""
) -> Response:
    """Write a field's value, as the person's language writes it, and lock it. Raises NotFoundError."""
    row = supplier_seen(desk, visitor.scope, supplier_id)
    definition = document_types()[row.document_type].fields.get(field)
    if definition is None:
        raise NotFoundError(field)
    value = canonical(text, definition.type, visitor.language)
    if value is None or not may_be_written(definition.type):
        raise RequestValidationError([])
    set_value(desk, visitor.scope, supplier_id, field, value)
    return RedirectResponse(f"/suppliers/{supplier_id}", 303)


@router.post("/{supplier_id}/fields/{field}/lock")
def lock(supplier_id: str, field: str, desk: DeskHere, visitor: Changer) -> Response:
    """Keep a field as it is known. Raises NotFoundError."""
    set_locked(desk, visitor.scope, supplier_id, field, locked=True)
    return RedirectResponse(f"/suppliers/{supplier_id}", 303)


@router.post("/{supplier_id}/fields/{field}/unlock")
def unlock(supplier_id: str, field: str, desk: DeskHere, visitor: Changer) -> Response:
    """Let a field learn again. Raises NotFoundError."""
    set_locked(desk, visitor.scope, supplier_id, field, locked=False)
    return RedirectResponse(f"/suppliers/{supplier_id}", 303)


@router.post("/{supplier_id}/forget")
def forget(supplier_id: str, desk: DeskHere, visitor: Changer) -> Response:
    """Take a supplier out of the memory. Raises NotFoundError."""
    forget_supplier(desk, visitor.scope, supplier_id)
    return RedirectResponse("/suppliers", 303)
