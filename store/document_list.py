"""The list of documents, newest first, that fit a search; paged by key, so that the last page is as fast as the first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from schemas.lifecycle import DocumentState, TaskState
from schemas.search_query import WITH_US, Range, SearchQuery
from store.blind_claims import given_blind
from store.lists import Listing
from store.search import place, place_of, with_words
from store.tables import Document, ReviewTask


@dataclass(frozen=True)
class DocumentRow:
    """One line of the list."""

    id: str
    client_id: str
    process: str
    name: str
    number: str | None
    document_type: str | None
    state: str
    reason: str | None
    urgent: bool
    received_at: dt.datetime
    due_at: dt.datetime
    supplier: str | None
    gross_total: Decimal | None
    currency: str | None

    @property
    def tells_values(self) -> bool:
        """Whether anything is told that was read from the document."""
        return self.without_values() != self

    def without_values(self) -> DocumentRow:
        """What is known of the document without reading it."""
        return replace(self, number=None, document_type=None, supplier=None, gross_total=None, currency=None)


COLUMNS = (
    Document.id,
    Document.client_id,
    Document.process,
    Document.name,
    Document.number,
    Document.document_type,
    Document.state,
    Document.reason,
    Document.urgent,
    Document.received_at,
    Document.due_at,
    Document.supplier_key,
    Document.gross_total,
    Document.currency,
)


def list_documents(
    session: Session, query: SearchQuery, *, before: str | None = None, limit: int
) -> Listing[DocumentRow]:
    """Documents that fit, after the key of the page before. A search with problems finds nothing.

    What the person was given to key blind is left out: its number or supplier would tell them, and so would a search.
    """
    if query.problems:
        return Listing([], None)
    blind = given_blind(session.info["scope"].actor)
    statement = select(*COLUMNS).where(*_conditions(query), Document.id.not_in(blind))
    if query.by_words:
        statement = with_words(session, statement, query).order_by(place(session).desc())
        statement = statement.where(place(session) < place_of(before)) if before else statement
    else:
        statement = statement.order_by(Document.id.desc())
        statement = statement.where(Document.id < before) if before else statement
    rows = [DocumentRow(*row) for row in session.execute(statement.limit(limit + 1))]
    return Listing(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)


def these_documents(session: Session, ids: list[str]) -> list[DocumentRow]:
    """The documents of these ids that this session may see, newest first; without what the person was given to key blind."""
    blind = given_blind(session.info["scope"].actor)
    statement: Select[Any] = select(*COLUMNS).where(Document.id.in_(ids), Document.id.not_in(blind))
    statement = statement.order_by(Document.id.desc())
    return [DocumentRow(*row) for row in session.execute(statement)]


def _conditions(query: SearchQuery) -> Iterator[ColumnElement[bool]]:
    """What is asked of a document's own columns."""
    exact = (
        (Document.client_id, query.client),
        (Document.process, query.process),
        (Document.document_type, query.type),
        (Document.reason, query.reason),
    )
    yield from (its == wanted for its, wanted in exact if wanted)
    parts = ((Document.number, query.number), (Document.name, query.file))
    yield from (its.icontains(wanted, autoescape=True) for its, wanted in parts if wanted)
    if query.ids:
        yield or_(Document.id.in_(query.ids), Document.receipt_id.in_(query.ids))
    if query.states:
        yield _state_in(query.states)
    if query.touched is not None:
        yield Document.touched.is_(query.touched)
    if query.urgent is not None:
        yield Document.urgent.is_(query.urgent)
    if query.queue:
        yield Document.id.in_(_in_queue(query.queue))
    yield from _ranges(query)


def _state_in(states: frozenset[DocumentState]) -> ColumnElement[bool]:
    """Most states are said by those left out: then the newest are walked through, not all that fit gathered and sorted."""
    others = frozenset(DocumentState) - states
    return Document.state.not_in(sorted(others)) if len(others) < len(states) else Document.state.in_(sorted(states))


def _in_queue(queue: str) -> Select[tuple[str]]:
    waiting = ReviewTask.state.in_((TaskState.OPEN, TaskState.LEASED))
    return select(ReviewTask.document_id).where(ReviewTask.queue == queue, waiting)


def _ranges(query: SearchQuery) -> Iterator[ColumnElement[bool]]:
    if query.amount is not None:
        yield from _from(Document.gross_total, query.amount)
        if query.amount.high is not None:
            yield Document.gross_total <= query.amount.high
    if query.due is not None:  # what has ended, or waits for the client, is not due
        yield _state_in(WITH_US)
        yield from _within(Document.due_at, query.due)
    if query.received is not None:
        yield from _within(Document.received_at, query.received)
    if query.delivered is not None:
        yield from _within(Document.delivered_at, query.delivered)


def _within(its: InstrumentedAttribute[Any], wanted: Range[dt.datetime]) -> Iterator[ColumnElement[bool]]:
    yield from _from(its, wanted)
    if wanted.high is not None:
        yield its < wanted.high


def _from(its: InstrumentedAttribute[Any], wanted: Range[Any]) -> Iterator[ColumnElement[bool]]:
    if wanted.low is not None:
        yield its >= wanted.low
