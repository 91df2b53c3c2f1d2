"""Business time: an SLA's clock runs only while the client is open, over nights, holidays, closures and summer time."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.calendar import (
    Attainment,
    Stop,
    Work,
    attainment,
    due_at,
    due_with_stops,
    open_seconds_between,
    site_closures,
    warning_at,
)
from schemas.errors import DefinitionError, SettingsError
from schemas.process import CalendarSetting, Sla, Turnaround

BERLIN, LONDON, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("Europe/London"), ZoneInfo("America/New_York")
GERMAN = CalendarSetting()
BAVARIAN = CalendarSetting(subdivision="BY")
BRITISH = CalendarSetting(country="GB", subdivision="ENG", hours="09:00-17:30")
ROUND_THE_CLOCK = CalendarSetting(hours="00:00-24:00", weekdays=[0, 1, 2, 3, 4, 5, 6])
AWKWARD = CalendarSetting.model_validate(
    {
        "country": "US",
        "hours": "01:30-03:15",  # over the hour that summer time takes and gives
        "weekdays": [0, 2, 5, 6],
        "closures": ["2026-12-20/2027-01-06"],
        "half_days": ["2026-03-08", "2026-11-01"],
        "half_day_ends": "02:30",
    }
)
DESKS = [(GERMAN, BERLIN), (BAVARIAN, BERLIN), (BRITISH, LONDON), (ROUND_THE_CLOCK, LONDON), (AWKWARD, NEW_YORK)]
NO_TIME = dt.timedelta()

desks = st.sampled_from(DESKS)
instants = st.datetimes(dt.datetime(2025, 12, 1), dt.datetime(2027, 2, 1)).map(lambda t: t.replace(tzinfo=dt.UTC))
open_times = st.timedeltas(NO_TIME, dt.timedelta(hours=60))
turnarounds = st.one_of(
    st.builds(Turnaround, open_time=open_times), st.builds(Turnaround, business_days=st.integers(1, 12))
)


def berlin(text: str) -> dt.datetime:
    """Local time in Berlin as an instant."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(dt.UTC)


def hours(number: float) -> Turnaround:
    return Turnaround(open_time=dt.timedelta(hours=number))


@pytest.mark.parametrize(
    ("arrives", "turnaround", "due"),
    [
        ("2026-11-03T09:00", hours(4), "2026-11-03T13:00"),  # a Tuesday
        ("2026-11-03T16:00", hours(4), "2026-11-04T10:00"),
        ("2026-11-03T22:00", hours(4), "2026-11-04T12:00"),
        ("2026-11-06T16:00", hours(4), "2026-11-09T10:00"),  # over a weekend
        ("2026-11-03T09:00", hours(9), "2026-11-03T18:00"),  # just at the close, not the next morning
        ("2026-12-23T17:00", hours(2), "2026-12-24T09:00"),  # the 24th is no public holiday
        ("2026-12-24T17:00", hours(2), "2026-12-28T09:00"),  # Christmas and a weekend
        ("2026-03-27T17:00", hours(2), "2026-03-30T09:00"),  # summer time begins in between
        ("2026-11-03T09:00", Turnaround(business_days=1), "2026-11-04T18:00"),
        ("2026-11-03T17:59", Turnaround(business_days=1), "2026-11-04T18:00"),
        ("2026-11-03T18:01", Turnaround(business_days=1), "2026-11-05T18:00"),  # arrives on the 4th
        ("2026-11-07T10:00", Turnaround(business_days=2), "2026-11-11T18:00"),  # a Saturday arrives on Monday
    ],
)
def test_when_work_is_due(arrives: str, turnaround: Turnaround, due: str) -> None:
    assert due_at(berlin(arrives), turnaround, GERMAN, BERLIN) == berlin(due)


def test_a_holiday_of_one_subdivision_counts_only_there() -> None:
    """Epiphany, 6 January, is a holiday in Bavaria."""
    start = berlin("2026-01-05T17:00")
    assert due_at(start, hours(2), GERMAN, BERLIN) == berlin("2026-01-06T09:00")
    assert due_at(start, hours(2), BAVARIAN, BERLIN) == berlin("2026-01-07T09:00")


def test_closures_half_days_and_our_own_site() -> None:
    calendar = CalendarSetting.model_validate({"closures": ["2026-11-04/2026-11-05"], "half_days": ["2026-11-06"]})
    start = berlin("2026-11-03T17:00")
    assert due_at(start, hours(5), calendar, BERLIN) == berlin("2026-11-06T12:00")
    assert due_at(start, hours(6), calendar, BERLIN) == berlin("2026-11-09T09:00")
    ours = site_closures("2026-11-06, 2026-11-09/2026-11-10")
    assert due_at(start, hours(5), calendar, BERLIN, ours) == berlin("2026-11-11T12:00")


def test_48_hours_are_open_hours_and_2_days_are_business_days() -> None:
    assert Sla.model_validate({"turnaround": "48h"}).turnaround == hours(48)
    assert Sla.model_validate({"turnaround": "2d"}).turnaround == Turnaround(business_days=2)
    start = berlin("2026-11-02T08:00")
    assert due_at(start, hours(48), GERMAN, BERLIN) == berlin("2026-11-06T16:00")
    assert due_at(start, Turnaround(business_days=2), GERMAN, BERLIN) == berlin("2026-11-04T18:00")


def test_a_setting_survives_being_written_and_read() -> None:
    sla = Sla.model_validate({"turnaround": "2d", "calendar": {"closures": ["2026-12-24/2026-12-31"]}})
    assert Sla.model_validate(sla.model_dump()) == sla


@given(desks, instants, open_times)
def test_open_time_added_and_then_measured_is_the_same(
    desk: tuple[CalendarSetting, ZoneInfo], start: dt.datetime, open_time: dt.timedelta
) -> None:
    due = due_at(start, Turnaround(open_time=open_time), *desk)
    assert open_seconds_between(start, due, *desk) == pytest.approx(open_time.total_seconds(), abs=1e-6)


@given(desks, instants, turnarounds)
def test_work_is_always_due_within_open_hours(
    desk: tuple[CalendarSetting, ZoneInfo], start: dt.datetime, turnaround: Turnaround
) -> None:
    due = due_at(start, turnaround, *desk)
    around = dt.timedelta(microseconds=1)
    assert due >= start
    assert open_seconds_between(due - around, due + around, *desk) > 0


@given(desks, instants, instants, turnarounds)
def test_what_comes_later_is_never_due_earlier(
    desk: tuple[CalendarSetting, ZoneInfo], one: dt.datetime, other: dt.datetime, turnaround: Turnaround
) -> None:
    first, second = sorted([one, other])
    assert due_at(first, turnaround, *desk) <= due_at(second, turnaround, *desk)


@given(desks, st.lists(instants, min_size=3, max_size=3).map(sorted))
def test_open_time_adds_up(desk: tuple[CalendarSetting, ZoneInfo], points: list[dt.datetime]) -> None:
    a, b, c = points
    parts = open_seconds_between(a, b, *desk) + open_seconds_between(b, c, *desk)
    assert parts == pytest.approx(open_seconds_between(a, c, *desk), abs=1e-6)
    assert 0 <= open_seconds_between(a, c, *desk) <= (c - a).total_seconds()


def test_the_days_on_which_the_clocks_change_have_23_and_25_hours() -> None:
    def day(date: str) -> float:
        start = dt.datetime.fromisoformat(date).replace(tzinfo=LONDON)
        return open_seconds_between(start, start + dt.timedelta(days=1), ROUND_THE_CLOCK, LONDON) / 3600

    assert (day("2026-03-29"), day("2026-10-25"), day("2026-06-01")) == (23, 25, 24)


def test_an_answered_question_puts_the_due_time_off_by_the_open_time_it_took() -> None:
    start, asked = berlin("2026-11-03T09:00"), berlin("2026-11-03T11:00")
    answered = Stop(asked, berlin("2026-11-04T10:00"))  # 7 hours on Tuesday, 2 on Wednesday
    assert due_with_stops(start, hours(4), GERMAN, BERLIN, [answered]) == berlin("2026-11-04T12:00")
    assert due_with_stops(start, hours(4), GERMAN, BERLIN, [Stop(asked)]) is None
    assert due_with_stops(start, hours(4), GERMAN, BERLIN, [answered, answered]) == berlin("2026-11-04T12:00")


def test_a_question_asked_too_late_saves_nothing() -> None:
    start, late = berlin("2026-11-03T09:00"), berlin("2026-11-03T14:00")
    assert due_with_stops(start, hours(4), GERMAN, BERLIN, [Stop(late)]) == berlin("2026-11-03T13:00")


@given(desks, instants, turnarounds, st.lists(st.tuples(instants, instants).map(sorted), max_size=4))
def test_stops_never_make_work_due_earlier_and_never_give_more_than_they_took(
    desk: tuple[CalendarSetting, ZoneInfo],
    start: dt.datetime,
    turnaround: Turnaround,
    pairs: list[list[dt.datetime]],
) -> None:
    plain = due_at(start, turnaround, *desk)
    due = due_with_stops(start, turnaround, *desk, [Stop(begins, ends) for begins, ends in pairs])
    assert due is not None
    stood = sum(open_seconds_between(begins, ends, *desk) for begins, ends in pairs)
    assert 0 <= open_seconds_between(plain, due, *desk) <= stood + 1e-3


def test_the_warning_comes_when_its_share_of_open_time_has_gone() -> None:
    start = berlin("2026-11-03T16:00")
    due = due_at(start, hours(10), GERMAN, BERLIN)
    assert warning_at(start, due, Decimal("0.8"), GERMAN, BERLIN) == berlin("2026-11-04T14:00")


def test_attainment_counts_late_work_whether_finished_or_not() -> None:
    due, now = berlin("2026-11-03T12:00"), berlin("2026-11-03T15:00")
    works = [
        Work(due, due),
        Work(due, berlin("2026-11-03T11:00")),
        Work(due, now),
        Work(due, None),
        Work(now, None),
        Work(None, None),
    ]
    result = attainment(works, now)
    assert result == Attainment(met=2, missed=2, running=2)
    assert result.share == Decimal("0.5")
    assert attainment([], now).share is None


def test_what_cannot_work_is_refused() -> None:
    start = berlin("2026-11-03T09:00")
    with pytest.raises(DefinitionError, match="no holidays are known for DE-ZZ"):
        due_at(start, hours(1), CalendarSetting(subdivision="ZZ"), BERLIN)
    with pytest.raises(DefinitionError, match="never opens"):
        everyday = site_closures("2026-01-01/2028-12-31")
        due_at(start, hours(1), GERMAN, BERLIN, everyday)
    with pytest.raises(SettingsError, match="CLEARDESK_SITE_CLOSURES"):
        site_closures("tomorrow")


@pytest.mark.parametrize(
    "wrong",
    [
        {"hours": "18:00-08:00"},
        {"hours": "8-18"},
        {"hours": "13:00-18:00", "half_days": ["2026-12-24"]},
        {"weekdays": []},
        {"weekdays": [7]},
        {"closures": ["2026-12-31/2026-12-24"]},
    ],
)
def test_a_wrong_calendar_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        CalendarSetting.model_validate(wrong)
