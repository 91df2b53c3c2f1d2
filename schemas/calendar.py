"""Business time: when the clock of an SLA runs, by when work is due, and how often it was done in time.

The clock runs while the client's calendar is open (weekday, hours, no public holiday, no closure; half days close
early) and our own site is not closed: a day in `site_closures` counts for nobody. Open hours are wall-clock times in
the client's time zone, so that a change to summer time moves them in UTC. All instants that come out are aware UTC.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Iterable, Iterator
from decimal import Decimal
from functools import cache
from itertools import islice
from typing import NamedTuple
from zoneinfo import ZoneInfo

from holidays import country_holidays

from schemas.errors import DefinitionError, SettingsError
from schemas.process import CalendarSetting, Turnaround, days_in

LONGEST_CLOSURE = 400  # days; a calendar that is shut for longer never opens
DAY = dt.timedelta(days=1)


class Window(NamedTuple):
    """One stretch of business time, both ends in UTC."""

    opens: dt.datetime
    closes: dt.datetime


class Stop(NamedTuple):
    """A stretch in which the clock stands still, such as a question to the client; `ends` None: still standing."""

    begins: dt.datetime
    ends: dt.datetime | None = None


class Work(NamedTuple):
    """When a document was due and when it was finished; None: not due while its clock stands, not finished yet."""

    due: dt.datetime | None
    finished: dt.datetime | None


class Attainment(NamedTuple):
    """How many documents were in time, late (finished or not) and are still open in time."""

    met: int
    missed: int
    running: int

    @property
    def share(self) -> Decimal | None:
        """Met of all that is decided, 0 to 1; None where nothing is."""
        decided = self.met + self.missed
        return Decimal(self.met) / decided if decided else None


def due_at(
    start: dt.datetime,
    turnaround: Turnaround,
    calendar: CalendarSetting,
    zone: ZoneInfo,
    site_closures: Container[dt.date] = frozenset(),
) -> dt.datetime:
    """By when work that arrived at `start` must be done; always within open hours, their ends included.

    Open time is counted from `start`, or from the next opening. Business days end when the calendar closes: `1d` is the
    close of the business day after the one on which the work arrived; what comes on a closed day or after hours arrives
    on the next business day.

    Raises:
        DefinitionError: the calendar never opens, or has holidays of an unknown place.
    """
    windows = _windows(start, calendar, zone, site_closures)
    if turnaround.business_days:
        return next(islice(windows, turnaround.business_days, None)).closes
    return _after(start, turnaround.open_time, windows)


def due_with_stops(
    start: dt.datetime,
    turnaround: Turnaround,
    calendar: CalendarSetting,
    zone: ZoneInfo,
    stops: Iterable[Stop],
    site_closures: Container[dt.date] = frozenset(),
) -> dt.datetime | None:
    """The due time put off by the open time in which the clock stood; None while it stands.

    Stops may overlap; one that begins when the work was already due changes nothing.
    """
    due = due_at(start, turnaround, calendar, zone, site_closures)
    counted_until = start
    for stop in sorted(stops, key=lambda s: s.begins):
        begins = max(stop.begins, counted_until)
        if begins >= due:
            continue
        if stop.ends is None:
            return None
        stood = open_seconds_between(begins, stop.ends, calendar, zone, site_closures)
        due = _after(due, dt.timedelta(seconds=stood), _windows(due, calendar, zone, site_closures))
        counted_until = max(begins, stop.ends)
    return due


def warning_at(
    start: dt.datetime,
    due: dt.datetime,
    share: Decimal,
    calendar: CalendarSetting,
    zone: ZoneInfo,
    site_closures: Container[dt.date] = frozenset(),
) -> dt.datetime:
    """When this share (0 to 1) of the open time from `start` to `due` has gone."""
    seconds = open_seconds_between(start, due, calendar, zone, site_closures) * float(share)
    return _after(start, dt.timedelta(seconds=seconds), _windows(start, calendar, zone, site_closures))


def open_seconds_between(
    begin: dt.datetime,
    end: dt.datetime,
    calendar: CalendarSetting,
    zone: ZoneInfo,
    site_closures: Container[dt.date] = frozenset(),
) -> float:
    """How many seconds of business time lie between two instants; 0 where the end is not after the begin."""
    total = dt.timedelta()
    if end <= begin:
        return 0.0
    for window in _windows(begin, calendar, zone, site_closures):
        if window.opens >= end:
            break
        total += min(window.closes, end) - max(window.opens, begin)
    return total.total_seconds()


def attainment(works: Iterable[Work], now: dt.datetime) -> Attainment:
    """Count what was in time. Unfinished work is late from its due time on."""
    counts = {"met": 0, "missed": 0, "running": 0}
    for due, finished in works:
        if due is None or (finished is None and now <= due):
            counts["running"] += 1
        else:
            counts["met" if finished is not None and finished <= due else "missed"] += 1
    return Attainment(**counts)


def site_closures(setting: str) -> frozenset[dt.date]:
    """The days in a setting such as `2026-12-24, 2026-12-28/2026-12-31`. Raises SettingsError."""
    try:
        return frozenset(day for entry in setting.split(",") if entry.strip() for day in days_in(entry))
    except ValueError as error:
        raise SettingsError(f"CLEARDESK_SITE_CLOSURES: {error}") from error


def _after(start: dt.datetime, open_time: dt.timedelta, windows: Iterator[Window]) -> dt.datetime:
    """The instant at which so much open time has gone since `start`."""
    opens, closes = next(windows)
    while open_time > closes - max(opens, start):
        open_time -= closes - max(opens, start)
        opens, closes = next(windows)
    return max(opens, start) + open_time


def _windows(
    start: dt.datetime, calendar: CalendarSetting, zone: ZoneInfo, site_closures: Container[dt.date]
) -> Iterator[Window]:
    """The stretches of business time that end after `start`, without end."""
    opens_at, closes_at, half_day_closes_at = calendar.opens_at, calendar.closes_at, calendar.half_day_closes_at
    day, closed_days = start.astimezone(zone).date(), 0
    while closed_days < LONGEST_CLOSURE:
        closed_days += 1
        if _is_open(day, calendar, site_closures):
            closes = _instant(day, half_day_closes_at if day in calendar.half_days else closes_at, zone)
            if closes > start:
                yield Window(_instant(day, opens_at, zone), closes)
                closed_days = 0
        day += DAY
    raise DefinitionError("the calendar never opens", mend="look at weekdays and closures")


def _is_open(day: dt.date, calendar: CalendarSetting, site_closures: Container[dt.date]) -> bool:
    return (
        day.weekday() in calendar.weekdays
        and day not in calendar.closures
        and day not in site_closures
        and day not in public_holidays(calendar.country, calendar.subdivision, day.year)
    )


def _instant(day: dt.date, minutes: int, zone: ZoneInfo) -> dt.datetime:
    """A wall-clock time of the day in UTC."""
    wall = dt.datetime.combine(day, dt.time(), zone) + dt.timedelta(minutes=minutes)
    return wall.astimezone(dt.UTC)


@cache
def public_holidays(country: str, subdivision: str | None, year: int) -> frozenset[dt.date]:
    """One year's public holidays; a whole year at once, as the library's own lazy years are not safe between threads.

    Raises:
        DefinitionError: there is no such country or subdivision.
    """
    try:
        return frozenset(country_holidays(country, subdiv=subdivision, years=year))
    except NotImplementedError as error:
        place = f"{country}-{subdivision}" if subdivision else country
        raise DefinitionError(f"no holidays are known for {place}", mend="use ISO 3166 codes") from error
