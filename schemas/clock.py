"""The one clock: aware UTC instants with microseconds."""

from __future__ import annotations

import datetime as dt


def now() -> dt.datetime:
    """This instant in UTC."""
    return dt.datetime.now(dt.UTC)
