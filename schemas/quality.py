"""Words of quality: the states of lots, sampled values and certificates, and the parts that people have in them."""

from __future__ import annotations

from enum import StrEnum


class LotState(StrEnum):
    """A lot's life: it collects documents, is closed and inspected, then accepted or refused; a refused one is reviewed whole."""

    COLLECTING = "collecting"
    INSPECTING = "inspecting"
    ACCEPTED = "accepted"
    REFUSED = "refused"  # every document goes to review
    REWORKED = "reworked"  # and has been through it


LOT_TRANSITIONS: dict[LotState, frozenset[LotState]] = {
    LotState.COLLECTING: frozenset({LotState.INSPECTING}),
    LotState.INSPECTING: frozenset({LotState.ACCEPTED, LotState.REFUSED}),
    LotState.ACCEPTED: frozenset(),
    LotState.REFUSED: frozenset({LotState.REWORKED}),
    LotState.REWORKED: frozenset(),
}


class Gate(StrEnum):
    """Whether a lot's documents wait for its verdict."""

    BEFORE_DELIVERY = "before_delivery"
    AFTER_DELIVERY = "after_delivery"


ABSENT = ":absent"
"""Ends the names of groups of certificates that are about values said to be absent: `iban:absent`, `*:absent`."""


class Stream(StrEnum):
    """Why a value was drawn."""

    LOT = "lot"  # to judge a lot
    CERTIFICATE = "certificate"  # one random field of a random document, for thresholds
    DOCUMENT = "document"  # every critical field of a random document, for the document's threshold
    DOUBLE_KEY = "double_key"  # always keyed twice
    PERSON = "person"  # to know how often a person is right
    REJECT = "reject"  # whether a rejection was right
    DUPLICATE = "duplicate"  # whether a suppressed duplicate was one
    TYPE = "type"  # whether the document type is right
    LINES = "lines"  # whether a line was missed
    SPLIT = "split"  # whether these pages are one document


DECISION_STREAMS = (Stream.REJECT, Stream.DUPLICATE, Stream.TYPE, Stream.SPLIT, Stream.LINES)
"""What is audited beside keyed values; each has figures of its own."""


class SampleState(StrEnum):
    """A sampled value waits for a blind key, for a third person's decision, or is decided."""

    OPEN = "open"
    DISPUTED = "disputed"
    DECIDED = "decided"
    VOID = "void"  # the document left the desk before it was keyed


class KeyPart(StrEnum):
    """A person's part in one sampled value."""

    WORKED = "worked"  # corrected, confirmed or keyed it before it was drawn
    BLIND = "blind"
    ADJUDICATED = "adjudicated"


class CertificateState(StrEnum):
    """What a threshold rests on."""

    PROVISIONAL = "provisional"  # not enough audits yet
    CERTIFIED = "certified"
    REVOKED = "revoked"  # drift was detected: the field goes to people
    ENDED = "ended"  # another model, reader or definition took over
