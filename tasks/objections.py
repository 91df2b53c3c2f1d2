"""Objections: a client says that values of a document are wrong. A person decides; what has left stays until then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.errors import IllegalTransitionError, NotFoundError
from schemas.lifecycle import DocumentState
from schemas.narrowing import type_in_process
from schemas.values import Address
from store.database import Scope, Session
from store.definitions import load_definition
from store.review import add_note
from store.tables import Document
from tasks.back_to_review import take_back
from tasks.desk import Desk

FINISHED = (DocumentState.READY, DocumentState.DELIVERED)
WITH_A_PERSON = (DocumentState.IN_REVIEW, DocumentState.AWAITING_CLIENT)


class UnknownFieldError(NotFoundError):
    """The process has no such field."""


@dataclass(frozen=True)
class Objection:
    """What one value should be; empty text: it is not on the paper."""

    address: Address
    text: str


def object_to(desk: Desk, scope: Scope, document_id: str, objections: Sequence[Objection], note: str) -> DocumentState:
    """Put a client's corrections before a person: ready and delivered documents come back for a new version.

    Returns the state that the document is in now.

    Raises:
        NotFoundError: no such document in scope. UnknownFieldError: no such field.
        IllegalTransitionError: it is still being read, on its way out at this moment, or has ended.
    """
    with desk.store.session(scope) as session:
        document = _document(session, document_id)
        text = _as_note(session, document, objections, note)
        if document.state in FINISHED:
            take_back(session, document, text, by=scope.actor)
        elif document.state in WITH_A_PERSON:
            add_note(session, document, text, by=scope.actor)
        else:
            raise IllegalTransitionError(f"{document.id} is {document.state}: nothing to correct yet, or any more")
        return DocumentState(document.state)


def _document(session: Session, document_id: str) -> Document:
    document = session.get(Document, document_id, with_for_update=True)
    if document is None or document.client_id not in (session.info["scope"].client_ids or {document.client_id}):
        raise NotFoundError(document_id)
    return document


def _as_note(session: Session, document: Document, objections: Sequence[Objection], note: str) -> str:
    definition = load_definition(session, document.definition_id)
    kind = type_in_process(definition.process, document.document_type or "")
    lines = [note.strip()] if note.strip() else []
    for each in objections:
        if kind is None or kind.definition(each.address.name, each.address.table) is None:
            raise UnknownFieldError(each.address.name)
        where = (
            f"{each.address.table}[{each.address.row}].{each.address.name}" if each.address.table else each.address.name
        )
        lines.append(f"{where}: {each.text or '–'}")
    return "\n".join(lines)
