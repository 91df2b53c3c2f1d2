"""The order of the review queue: when a task should be begun at the latest. Pure.

The Apparent Tardiness Cost rule (Vepsalainen and Morton, "Priority rules for job shops with weighted tardiness costs",
Management Science 33(8), 1987) serves first where `w * exp(-(due - p - now) / K)` is highest: weight w, handling time p,
look-ahead K. Its logarithm, times K, is now minus `due - p - K * ln(w)`. That is an instant which does not depend on now: it is
kept once, an index holds the order, and nothing starves, for whatever comes later presses later.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence

LOOK_AHEAD = dt.timedelta(minutes=30)  # what a factor of e in weight is worth
URGENT_LEAD = dt.timedelta(days=1)  # urgent work goes before all that is due within a day after it

OPENING_SECONDS = 15.0  # to see what it is
FIELD_SECONDS = 8.0  # to look at a doubtful field, and to type it over where it is wrong
RULE_SECONDS = 20.0  # to find out why a rule is broken
KEYING_SECONDS = 150.0  # to key a document from scratch
FIELD_REASON = "LOW_CONFIDENCE:"
KEYED_REASONS = frozenset({"OTHER_TYPE", "PAGE_UNREADABLE"})


def press_at(due_at: dt.datetime, seconds: float, *, weight: int = 1, urgent: bool = False) -> dt.datetime:
    """When a task should be begun at the latest: what comes first in the queue.

    Args:
        due_at: aware; by when the document must be finished.
        seconds: predicted handling time.
        weight: what lateness costs with this client, 1 to 10.
        urgent: somebody asked for it before all else.
    """
    worth = LOOK_AHEAD * math.log(weight)
    return due_at - dt.timedelta(seconds=seconds) - worth - (URGENT_LEAD if urgent else dt.timedelta())


def handling_seconds(reasons: Sequence[str]) -> float:
    """How long a person will probably need, from why they are asked: the keystroke-level model's rough figures."""
    fields = sum(reason.startswith(FIELD_REASON) for reason in reasons)
    keying = KEYING_SECONDS if KEYED_REASONS.intersection(reasons) else 0.0
    return OPENING_SECONDS + FIELD_SECONDS * fields + RULE_SECONDS * (len(reasons) - fields) + keying
