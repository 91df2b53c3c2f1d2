"""Periods: a day `2026-11-22` or a month `2026-11`, in the client's time zone."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

from schemas.errors import NotFoundError


def bounds(period: str, zone: ZoneInfo) -> tuple[dt.datetime, dt.datetime]:
    """The first instant of a period and the first after it. Raises NotFoundError for what is no period."""
    if not re.fullmatch(r"\d{4}-\d{2}(-\d{2})?", period):
        raise NotFoundError(period)
    try:
        first = dt.date.fromisoformat(period if len(period) == 10 else f"{period}-01")
    except ValueError as error:
        raise NotFoundError(period) from error
    after = first + dt.timedelta(days=1) if len(period) == 10 else (first + dt.timedelta(days=32)).replace(day=1)
    return _midnight(first, zone), _midnight(after, zone)


def finished(zone: ZoneInfo, at: dt.datetime) -> tuple[str, str]:
    """The last day and the last month that are over."""
    today = at.astimezone(zone).date()
    yesterday, last_month = today - dt.timedelta(days=1), today.replace(day=1) - dt.timedelta(days=1)
    return f"{yesterday:%Y-%m-%d}", f"{last_month:%Y-%m}"


def _midnight(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC)
