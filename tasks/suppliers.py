"""Supplier memory in people's hands: ops correct, lock and forget what was learned; every step is an event."""

from __future__ import annotations

from collections.abc import Sequence

from extraction.learning.memory import COMES_AGAIN
from schemas.amounts import Convention
from schemas.document_type import FieldType, document_types
from schemas.errors import IllegalTransitionError, NotFoundError
from schemas.learning import RememberedField, RememberedSupplier
from schemas.normalisation import normalise
from store.database import Scope, Session
from store.memory import forget, memories_seen, note_edit, write_memory
from store.tables import SupplierMemory
from store.unmasking import has_unmasked, note_supplier_unmasking
from tasks.desk import Desk


def suppliers_seen(desk: Desk, scope: Scope, *, client: str | None = None) -> Sequence[SupplierMemory]:
    """The remembered suppliers of the clients in scope, by name."""
    with desk.store.read(scope) as session:
        return memories_seen(session, client_id=client)


def supplier_seen(desk: Desk, scope: Scope, supplier_id: str) -> SupplierMemory:
    """One remembered supplier. Raises NotFoundError."""
    with desk.store.read(scope) as session:
        return _find(session, supplier_id)


def hides_values(desk: Desk, scope: Scope, row: SupplierMemory) -> bool:
    """Whether this person sees the ends of its bank details only."""
    with desk.store.read(scope) as session:
        return not has_unmasked(session, row, scope.actor)


def unmask_supplier(desk: Desk, scope: Scope, supplier_id: str, reason: str) -> None:
    """Open a supplier's bank details to this person for a quarter of an hour. Raises NotFoundError."""
    with desk.store.session(scope) as session:
        note_supplier_unmasking(session, _find(session, supplier_id), reason)


def may_be_written(kind: FieldType) -> bool:
    """Whether a value of this type comes again on other documents of its supplier, so that one can be written down."""
    return kind in COMES_AGAIN


def set_value(desk: Desk, scope: Scope, supplier_id: str, field: str, text: str) -> None:
    """Say what a supplier's value is; it is locked, so that learning leaves it alone. An empty text: there is never one.

    Raises:
        NotFoundError: no such supplier in scope, or its document type has no such field.
        IllegalTransitionError: the text cannot be such a field's value, or the field's values do not come again.
    """
    with desk.store.session(scope) as session:
        row = _find(session, supplier_id, lock=True)
        memory = RememberedSupplier.model_validate(row.memory)
        known = memory.fields.get(field, RememberedField())
        values = {_canonical(row, field, text): max(row.documents, 1)} if text.strip() else {}
        _write(session, row, field, known.model_copy(update={"values": values, "locked": True}), what="value")


def set_locked(desk: Desk, scope: Scope, supplier_id: str, field: str, *, locked: bool) -> None:
    """Keep a field as it is known, or let it learn again. Raises NotFoundError."""
    with desk.store.session(scope) as session:
        row = _find(session, supplier_id, lock=True)
        known = RememberedSupplier.model_validate(row.memory).fields.get(field)
        if known is None:
            raise NotFoundError(field)
        what = "locked" if locked else "unlocked"
        _write(session, row, field, known.model_copy(update={"locked": locked}), what=what)


def forget_supplier(desk: Desk, scope: Scope, supplier_id: str) -> None:
    """Take a supplier out of the memory; it is learned anew from documents that come. Raises NotFoundError."""
    with desk.store.session(scope) as session:
        forget(session, _find(session, supplier_id, lock=True))


def _find(session: Session, supplier_id: str, *, lock: bool = False) -> SupplierMemory:
    row = session.get(SupplierMemory, supplier_id, with_for_update=lock or None)
    allowed = session.info["scope"].client_ids
    if row is None or (allowed is not None and row.client_id not in allowed):
        raise NotFoundError(supplier_id)
    return row


def _canonical(row: SupplierMemory, field: str, text: str) -> str:
    definition = document_types()[row.document_type].fields.get(field)
    if definition is None:
        raise NotFoundError(field)
    canonical = normalise(text.strip(), definition.type, convention=Convention.POINT)
    if canonical is None or not may_be_written(definition.type):
        raise IllegalTransitionError(f"that cannot be a {definition.type}")
    return canonical


def _write(session: Session, row: SupplierMemory, field: str, known: RememberedField, *, what: str) -> None:
    memory = RememberedSupplier.model_validate(row.memory)
    changed = memory.model_copy(update={"fields": {**memory.fields, field: known}})
    write_memory(session, row, changed)
    note_edit(session, row, field=field, what=what)
