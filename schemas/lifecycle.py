"""Which state may follow which. Nothing else decides; `store.transitions` is the one place that changes a state.

A document's way::

    received --> in_work --> ready --> delivered
                   |  ^        |           |  (a correction makes a new version: in_work again)
                   v  |        v           v
              in_review      held
                   |  ^
                   v  |
            awaiting_client
"""

from __future__ import annotations

from enum import StrEnum


class DocumentState(StrEnum):
    """Where a document stands."""

    RECEIVED = "received"
    IN_WORK = "in_work"  # a lease, not a place to rest
    IN_REVIEW = "in_review"
    AWAITING_CLIENT = "awaiting_client"
    READY = "ready"  # accepted, outbox entry frozen
    HELD = "held"  # waits for a decision or a batch
    DELIVERED = "delivered"
    REJECTED = "rejected"  # the sender is told why
    WITHDRAWN = "withdrawn"  # by the client
    TRANSFERRED = "transferred"  # to another client
    FAILED = "failed"  # N attempts; ops must look
    QUARANTINED = "quarantined"  # a danger; opened by few


_D = DocumentState

TRANSITIONS: dict[DocumentState, frozenset[DocumentState]] = {
    _D.RECEIVED: frozenset({_D.IN_WORK, _D.HELD, _D.REJECTED, _D.WITHDRAWN, _D.TRANSFERRED, _D.QUARANTINED}),
    _D.IN_WORK: frozenset(
        {
            _D.IN_WORK,  # an expired lease is taken over
            _D.RECEIVED,  # tried again later
            _D.IN_REVIEW,
            _D.READY,
            _D.HELD,
            _D.REJECTED,
            _D.FAILED,
            _D.QUARANTINED,
        }
    ),
    _D.IN_REVIEW: frozenset(
        {_D.IN_WORK, _D.IN_REVIEW, _D.AWAITING_CLIENT, _D.READY, _D.HELD, _D.REJECTED, _D.WITHDRAWN, _D.TRANSFERRED}
    ),
    _D.AWAITING_CLIENT: frozenset({_D.IN_REVIEW, _D.REJECTED, _D.WITHDRAWN, _D.TRANSFERRED}),
    _D.READY: frozenset({_D.DELIVERED, _D.HELD, _D.IN_REVIEW, _D.WITHDRAWN}),
    _D.HELD: frozenset(
        {_D.RECEIVED, _D.IN_WORK, _D.IN_REVIEW, _D.READY, _D.REJECTED, _D.WITHDRAWN, _D.TRANSFERRED, _D.QUARANTINED}
    ),
    _D.DELIVERED: frozenset({_D.IN_WORK, _D.IN_REVIEW}),
    _D.FAILED: frozenset({_D.RECEIVED, _D.IN_REVIEW, _D.REJECTED, _D.WITHDRAWN, _D.QUARANTINED}),
    _D.QUARANTINED: frozenset({_D.RECEIVED, _D.REJECTED, _D.WITHDRAWN}),
    _D.REJECTED: frozenset(),
    _D.WITHDRAWN: frozenset(),
    _D.TRANSFERRED: frozenset(),
}

TERMINAL = frozenset({_D.DELIVERED, _D.REJECTED, _D.WITHDRAWN, _D.TRANSFERRED})
CLAIMABLE = frozenset({_D.RECEIVED, _D.IN_WORK})


def may_follow(old: DocumentState, new: DocumentState) -> bool:
    """Whether the table allows `new` after `old`."""
    return new in TRANSITIONS[old]


class ReceiptState(StrEnum):
    """What became of one byte stream."""

    RECEIVED = "received"  # stored, not looked at yet
    REGISTERED = "registered"  # one or more documents were made of it
    EXPANDED = "expanded"  # a container: its members have receipts of their own
    CONTROL = "control"  # a batch's control sheet: checked, no document
    SUPPRESSED = "suppressed"  # exact duplicate, by policy
    REJECTED = "rejected"
    QUARANTINED = "quarantined"
    HELD = "held"  # waits: a password, a decision on a whole batch
    FAILED = "failed"  # N attempts; ops must look


_R = ReceiptState

RECEIPT_TRANSITIONS: dict[ReceiptState, frozenset[ReceiptState]] = {
    _R.RECEIVED: frozenset(set(_R)),
    _R.HELD: frozenset({_R.RECEIVED, _R.REGISTERED, _R.REJECTED, _R.SUPPRESSED, _R.QUARANTINED}),
    _R.FAILED: frozenset({_R.RECEIVED, _R.REJECTED, _R.QUARANTINED}),
    _R.QUARANTINED: frozenset({_R.RECEIVED, _R.REJECTED}),
    _R.REGISTERED: frozenset(),
    _R.EXPANDED: frozenset(),
    _R.CONTROL: frozenset(),
    _R.SUPPRESSED: frozenset({_R.RECEIVED}),  # an audit found that it was no duplicate
    _R.REJECTED: frozenset(),
}


class TaskKind(StrEnum):
    """Why a person is asked."""

    EXCEPTION = "exception"
    BLIND_KEY = "blind_key"
    ADJUDICATION = "adjudication"
    SAMPLE = "sample"
    QUESTION = "question"
    OPS = "ops"
    SEEDED = "seeded"  # a known answer on a copy; to the reviewer it looks like an exception


SEEDED_QUEUE = "#seeded"
"""Where seeded tasks stand, so that no queue's figures count them."""

BLIND_KINDS = frozenset({TaskKind.BLIND_KEY, TaskKind.ADJUDICATION})
"""Work in which nobody may see what others made of a value; its pages are its own."""


class TaskState(StrEnum):
    """The small life of a review task."""

    OPEN = "open"
    LEASED = "leased"
    DONE = "done"
    CANCELLED = "cancelled"


class ShipmentState(StrEnum):
    """A batch of documents leaving together to one target, as files."""

    ASSEMBLING = "assembling"  # entries are frozen in it; temp files may exist
    RENAMING = "renaming"  # temp names are committed: "temp gone" means delivered
    SENT = "sent"


class DeliveryState(StrEnum):
    """One outbox entry: document x target."""

    QUEUED = "queued"
    HELD = "held"  # waits for a batch, or a held document
    SHIPPING = "shipping"
    SENT = "sent"
    CANCELLED = "cancelled"


_S = DeliveryState

DELIVERY_TRANSITIONS: dict[DeliveryState, frozenset[DeliveryState]] = {
    _S.QUEUED: frozenset({_S.SHIPPING, _S.CANCELLED}),
    _S.HELD: frozenset({_S.QUEUED, _S.CANCELLED}),
    _S.SHIPPING: frozenset({_S.SENT}),  # in a shipment there is no way back, only forward
    _S.CANCELLED: frozenset({_S.QUEUED, _S.HELD}),  # never left: the same version may be frozen anew
    _S.SENT: frozenset(),
}

SHIPMENT_TRANSITIONS: dict[ShipmentState, frozenset[ShipmentState]] = {
    ShipmentState.ASSEMBLING: frozenset({ShipmentState.RENAMING}),
    ShipmentState.RENAMING: frozenset({ShipmentState.SENT}),
    ShipmentState.SENT: frozenset(),
}


class ModelState(StrEnum):
    """What became of a learned model: one champion at most for each document type of a process."""

    CHALLENGER = "challenger"  # was not better than the champion of its day; kept with its figures
    CHAMPION = "champion"  # reads the documents
    RETIRED = "retired"  # a better one came
    ROLLED_BACK = "rolled_back"  # people took it out


_M = ModelState

MODEL_TRANSITIONS: dict[ModelState, frozenset[ModelState]] = {
    _M.CHALLENGER: frozenset({_M.CHAMPION}),
    _M.CHAMPION: frozenset({_M.RETIRED, _M.ROLLED_BACK}),
    _M.RETIRED: frozenset({_M.CHAMPION}),
    _M.ROLLED_BACK: frozenset({_M.CHAMPION}),
}
