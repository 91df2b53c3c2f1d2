"""Lots: when a rolling one closes, and what the keyed sample decides about it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from schemas.errors import DefinitionError
from validations.audit.plans import Plan


class Closed(StrEnum):
    """Why a lot takes no more documents."""

    SIZE = "size"
    TIME = "time"


class Decision(StrEnum):
    """What a sample says about its lot."""

    OPEN = "open"  # more of the sample must be keyed
    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True)
class RollingRule:
    """A lot closes with `size` items or after `time` since its first one, whichever comes first.

    `time` is what the promised turnaround leaves after keying the sample: an audit before delivery with a day's lot cannot
    keep four hours.
    """

    size: int
    time: dt.timedelta

    def __post_init__(self) -> None:
        if self.size < 1 or self.time <= dt.timedelta(0):
            raise DefinitionError("a rolling lot needs a size of one or more and a time above zero")


def closes(rule: RollingRule, items: int, opened: dt.datetime, now: dt.datetime) -> Closed | None:
    """Why a lot closes now, None while it stays open; a lot without items stays open for ever. Times are aware, UTC."""
    if items >= rule.size:
        return Closed.SIZE
    return Closed.TIME if items and now - opened >= rule.time else None


def decide(plan: Plan, checked: int, wrong: int) -> Decision:
    """What `wrong` wrong items among `checked` ones decide; a lot is refused as soon as it can no longer pass.

    A lot that must pass is still keyed to the end: the count feeds certificates and people's figures.
    """
    if not plan.accepts(wrong):
        return Decision.REFUSED
    return Decision.ACCEPTED if checked >= plan.sample_size else Decision.OPEN
