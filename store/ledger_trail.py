"""The ledger against the audit trail: every recorded row was made, stands, and is in the state that its events say.

Each check is one query for the ids of the rows that are not. The trail's own chain is checked here too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from schemas.lifecycle import TaskState
from store.events import GENESIS
from store.facts import fact
from store.tables import ChainHead, Delivery, Document, Event, LearnedModel, Receipt, ReviewTask, Shipment

Ids = Select[tuple[str]]


@dataclass(frozen=True)
class Check:
    """One way in which a row can be wrong; `query` yields the ids of those that are."""

    grain: str
    what: str
    query: Callable[[], Ids]


@dataclass(frozen=True)
class Recorded:
    """A table whose rows the trail tells of: when they were made, every state since, and facts that never change."""

    grain: str
    table: Any
    made: str  # the event kind that made a row
    moved: tuple[str, ...]  # the event kinds that changed its state
    facts: dict[str, Any] = field(default_factory=dict)  # name in the event -> column


RECORDED = (
    Recorded(
        "receipt",
        Receipt,
        "receipt.received",
        ("receipt.state",),
        {"sha256": Receipt.sha256, "size": Receipt.size, "process": Receipt.process, "parent": Receipt.parent_id},
    ),
    Recorded(
        "document",
        Document,
        "document.created",
        ("document.state",),
        {"receipt": Document.receipt_id, "sha256": Document.sha256, "split_from": Document.split_from},
    ),
    Recorded(
        "task",
        ReviewTask,
        "task.opened",
        ("task.leased", "task.released", "task.closed"),
        {"document": ReviewTask.document_id, "kind": ReviewTask.kind, "queue": ReviewTask.queue},
    ),
    Recorded(
        "delivery",
        Delivery,
        "delivery.frozen",
        ("delivery.state",),
        {
            "document": Delivery.document_id,
            "version": Delivery.version,
            "target": Delivery.target,
            "sha256": Delivery.payload_sha256,
            "pages": Delivery.pages,
        },
    ),
    Recorded(
        "shipment",
        Shipment,
        "shipment.opened",
        ("shipment.state",),
        {
            "process": Shipment.process,
            "target": Shipment.target,
            "number": Shipment.number,
            "documents": Shipment.documents,
            "pages": Shipment.pages,
        },
    ),
    Recorded(
        "model",
        LearnedModel,
        "model.learned",
        ("model.state",),
        {
            "process": LearnedModel.process,
            "document_type": LearnedModel.document_type,
            "sha256": LearnedModel.sha256,
        },
    ),
)


def rows_lost(kept: Recorded) -> Ids:
    row = kept.table
    return select(Event.subject).where(
        Event.kind == kept.made, ~exists().where(row.id == Event.subject, row.client_id == Event.client_id)
    )


def rows_unrecorded(kept: Recorded) -> Ids:
    row = kept.table
    return select(row.id).where(
        ~exists().where(Event.subject == row.id, Event.client_id == row.client_id, Event.kind == kept.made)
    )


def rows_altered(kept: Recorded) -> Ids:
    differs = (fact(name).is_distinct_from(cast(column, String)) for name, column in kept.facts.items())
    return with_latest_event(kept.table, (kept.made,)).where(or_(*differs))


def rows_in_another_state(kept: Recorded) -> Ids:
    return with_latest_event(kept.table, (kept.made, *kept.moved)).where(
        kept.table.state.is_distinct_from(_state_after())
    )


def with_latest_event(row: Any, kinds: tuple[str, ...]) -> Ids:
    """Rows joined with their newest event of these kinds."""
    latest = (
        select(Event.client_id, Event.subject, func.max(Event.seq).label("seq"))
        .where(Event.kind.in_(kinds))
        .group_by(Event.client_id, Event.subject)
        .subquery()
    )
    return (
        select(row.id)
        .join(latest, and_(latest.c.subject == row.id, latest.c.client_id == row.client_id))
        .join(Event, and_(Event.client_id == latest.c.client_id, Event.seq == latest.c.seq))
    )


def _state_after() -> ColumnElement[Any]:
    """The state that an event left its subject in."""
    return case(
        (Event.kind.in_(("task.opened", "task.released")), literal(TaskState.OPEN.value)),
        (Event.kind == "task.leased", literal(TaskState.LEASED.value)),
        else_=func.coalesce(fact("new"), fact("state")),
    )


# the trail itself


def _event_id(client_id: Any, seq: Any) -> ColumnElement[str]:
    name: ColumnElement[str] = client_id + "#" + cast(seq, String)
    return name


def events_without_predecessor() -> Ids:
    """Names the event that should stand before."""
    before = aliased(Event)
    linked = exists().where(
        before.client_id == Event.client_id, before.seq == Event.seq - 1, before.hash == Event.prev_hash
    )
    first = and_(Event.seq == 1, Event.prev_hash == GENESIS)
    return select(_event_id(Event.client_id, Event.seq - 1)).where(~linked, ~first)


def chains_that_end_elsewhere() -> Ids:
    """Names the event that the chain's head says is the last, where it is not there."""
    last = exists().where(
        Event.client_id == ChainHead.client_id, Event.seq == ChainHead.seq, Event.hash == ChainHead.hash
    )
    return select(_event_id(ChainHead.client_id, ChainHead.seq)).where(ChainHead.seq > 0, ~last)


def events_after_the_head() -> Ids:
    known = exists().where(ChainHead.client_id == Event.client_id, ChainHead.seq >= Event.seq)
    return select(_event_id(Event.client_id, Event.seq)).where(~known)


def _of(kept: Recorded, what: str, query: Callable[[Recorded], Ids]) -> Check:
    return Check(kept.grain, what, lambda: query(kept))


TRAIL_CHECKS = (
    *(_of(kept, "the trail knows it, but it is gone", rows_lost) for kept in RECORDED),
    *(_of(kept, "the trail does not know it", rows_unrecorded) for kept in RECORDED),
    *(_of(kept, "it is not what the trail says was made", rows_altered) for kept in RECORDED),
    *(_of(kept, "its state is not the one that the trail ends with", rows_in_another_state) for kept in RECORDED),
    Check("trail", "it is missing, or not what the next event follows", events_without_predecessor),
    Check("trail", "the chain does not end here", chains_that_end_elsewhere),
    Check("trail", "it stands after the chain's end", events_after_the_head),
)
