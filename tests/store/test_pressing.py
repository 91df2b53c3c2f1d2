"""The order of the queue: what it puts first, and that it costs less lateness than first come, first served."""

from __future__ import annotations

import datetime as dt
import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.pressing import handling_seconds, press_at

DUE = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
SECONDS = st.floats(1, 600)


@given(SECONDS, SECONDS, st.integers(1, 10))
def test_longer_weightier_and_urgent_work_begins_earlier(short: float, more: float, weight: int) -> None:
    plain = press_at(DUE, short)
    assert plain < DUE
    assert press_at(DUE, short + more) < plain
    assert press_at(DUE, short, weight=weight) <= plain
    assert press_at(DUE, short, urgent=True) == plain - dt.timedelta(days=1)


def test_what_must_be_keyed_takes_longest_and_each_doubt_takes_its_time() -> None:
    one, two = ["LOW_CONFIDENCE:iban"], ["LOW_CONFIDENCE:iban", "sum_equals"]
    assert handling_seconds([]) < handling_seconds(one) < handling_seconds(two) < handling_seconds(["OTHER_TYPE"])


@dataclass(frozen=True)
class Job:
    """A task of the simulation; times in hours."""

    arrives: float
    due: float
    hours: float
    weight: int

    @property
    def pressing(self) -> float:
        due = DUE + dt.timedelta(hours=self.due)
        return (press_at(due, self.hours * 3600, weight=self.weight) - DUE).total_seconds()


def penalty(jobs: list[Job], people: int, order: Callable[[Job], float]) -> float:
    """Weighted hours of lateness when free people always take the first waiting job of this order."""
    free, late = [0.0] * people, 0.0
    waiting: list[tuple[float, float, Job]] = []
    coming = sorted(jobs, key=lambda job: job.arrives, reverse=True)
    while coming or waiting:
        at = heapq.heappop(free)
        if not waiting:
            at = max(at, coming[-1].arrives)
        while coming and coming[-1].arrives <= at:
            job = coming.pop()
            heapq.heappush(waiting, (order(job), job.arrives, job))
        job = heapq.heappop(waiting)[2]
        heapq.heappush(free, at + job.hours)
        late += job.weight * max(0.0, at + job.hours - job.due)
    return late


@pytest.mark.parametrize("load", [0.9, 1.1])
def test_pressing_first_costs_a_fraction_of_first_come_first_served(load: float) -> None:
    """A day of three people with 1, 4 and 8 hours of turnaround, in quiet and in busy hours."""
    chance, people, mean = random.Random(4), 3, 80 / 3600
    pressed = served = 0.0
    for _ in range(10):
        jobs, at = [], 0.0
        while at < 10:
            at += chance.expovariate(load * people / mean * (1.5 if at < 3 else 0.8))
            due, weight = at + chance.choice([1.0, 4.0, 8.0]), chance.choice([1, 1, 1, 5, 10])
            jobs.append(Job(at, due, chance.lognormvariate(0, 0.7) * mean / 1.28, weight))
        pressed += penalty(jobs, people, lambda job: job.pressing)
        served += penalty(jobs, people, lambda job: job.arrives)
    assert served > 0
    assert pressed < served / 3
