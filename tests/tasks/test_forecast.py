"""The forecast: queues drain in press order at the pace of those who are at work."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from store.figures import Slot, Work
from tasks.forecast import HORIZON, Pace, by_hour, forecast, paces

NOW = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)


def after(minutes: float) -> dt.datetime:
    return NOW + dt.timedelta(minutes=minutes)


def slot(minutes: int, count: int, queue: str = "ap") -> Slot:
    """So many tasks, due so many minutes from now."""
    due = after(minutes)
    return Slot(
        queue, due, count, leased=0, urgent=0, late=count if minutes < 0 else 0, first_due=due, oldest=after(-60)
    )


def test_what_is_due_before_its_turn_will_be_late() -> None:
    one_a_minute = {"ap": Pace(people=2, seconds=120)}
    (queue,) = forecast([slot(10, 10), slot(20, 15), slot(60, 5)], one_a_minute, NOW)
    assert (queue.breaches, queue.first_breach) == (5, after(20))  # 20 minutes do 20 of the first 25
    assert queue.empty_at == after(30)


def test_what_is_late_already_takes_time_and_is_not_predicted() -> None:
    (queue,) = forecast([slot(-30, 20), slot(10, 5)], {"ap": Pace(people=1, seconds=60)}, NOW)
    assert (queue.late, queue.breaches, queue.first_breach) == (20, 5, after(10))


def test_where_nobody_works_all_that_is_due_within_the_horizon_will_be_late() -> None:
    beyond = int(HORIZON.total_seconds() / 60) + 10
    (queue,) = forecast([slot(30, 3), slot(beyond, 4)], {}, NOW)
    assert (queue.breaches, queue.first_breach, queue.empty_at) == (3, after(30), None)


def test_a_person_in_two_queues_is_half_in_each_and_who_left_is_in_none() -> None:
    done = [
        Work("ap", "ada", 10, 30.0, after(-5)),
        Work("ap", "ben", 30, 50.0, after(-120)),
        Work("po", "ada", 2, None, after(-1)),
    ]
    found = paces(done, [("po", "cleo")], NOW)
    assert found["ap"] == Pace(0.5, 45.0)  # ben's tasks are measured, though he has gone home
    assert (found["po"].people, found["po"].measured) == (1.5, False)


def test_the_hours_add_up_what_is_due_and_what_will_be_done() -> None:
    hours = by_hour([slot(-90, 5), slot(30, 10), slot(70, 20)], {"ap": Pace(1, 360)}, NOW, hours=3)
    assert [each.due for each in hours] == [15, 20, 0]
    assert [each.finished for each in hours] == [10, 20, 30]


@given(
    st.lists(st.tuples(st.integers(-100, 900), st.integers(1, 50)), max_size=20), st.integers(0, 5), st.integers(5, 300)
)
def test_more_people_are_never_later(slots: list[tuple[int, int]], people: int, seconds: int) -> None:
    waiting = [slot(minutes, count) for minutes, count in sorted(slots)]

    def breaches(at_work: int) -> int:
        return sum(each.breaches for each in forecast(waiting, {"ap": Pace(at_work, seconds)}, NOW))

    assert breaches(people + 1) <= breaches(people) <= sum(each.count for each in waiting)
