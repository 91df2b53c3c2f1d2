"""What is kept of sorting (kinds of documents, first pages): the documents that teach it, and the newest of what was learned."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from schemas.lifecycle import DocumentState
from store.events import record
from store.tables import Document, Event

LEARNED = "sorting.learned"
NOT_OUR_KIND = "NOT_AGREED"  # rejected as none of the agreed kinds
FINISHED = (DocumentState.READY, DocumentState.DELIVERED)


@dataclass(frozen=True)
class KeptSorting:
    """What was learned last: the hash of its content, and from how many documents."""

    sha256: str
    documents: int


def sorted_by_people(session: Session, client_id: str, process: str, *, most: int) -> Sequence[Document]:
    """The newest documents whose kind a person has seen: finished by one, or rejected as none of the agreed kinds."""
    finished = Document.state.in_(FINISHED)
    refused = and_(Document.state == DocumentState.REJECTED, Document.reason == NOT_OUR_KIND)
    return session.scalars(
        select(Document)
        .where(
            Document.client_id == client_id,
            Document.process == process,
            Document.touched,
            or_(finished, refused),
        )
        .order_by(Document.id.desc())
        .limit(most)
    ).all()


def settled_splits(session: Session, client_id: str, process: str, *, most: int) -> Sequence[Document]:
    """The documents of the newest files that were split, where all documents of the file went through; file by file."""
    other = aliased(Document)
    open_ = exists().where(other.receipt_id == Document.receipt_id, other.state.not_in(FINISHED))
    return session.scalars(
        select(Document)
        .where(
            Document.client_id == client_id,
            Document.process == process,
            Document.split_probability.is_not(None),
            ~open_,
        )
        .order_by(Document.receipt_id.desc())
        .limit(most)
    ).all()


def keep_sorting(session: Session, client_id: str, process: str, kept: KeptSorting) -> None:
    """Say in the trail what documents are sorted with from now on."""
    record(session, client_id, LEARNED, f"{client_id}/{process}", sha256=kept.sha256, documents=kept.documents)


def newest_sorting(session: Session, client_id: str, process: str) -> KeptSorting | None:
    """What the process's documents are sorted with; None: by the rules alone."""
    data = session.scalars(
        select(Event.data)
        .where(Event.client_id == client_id, Event.subject == f"{client_id}/{process}", Event.kind == LEARNED)
        .order_by(Event.seq.desc())
        .limit(1)
    ).first()
    return KeptSorting(**json.loads(data)) if data else None
