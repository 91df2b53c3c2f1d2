"""Forecast: which open tasks will be late at the pace at which people work now. Pure.

A queue drains in press order: `people / seconds` tasks a second, where a person who works in two queues counts half in each. The
task that is number n in the queue is finished after n times that long; it is late where it is due before. What has been
late already, and what is due after the horizon, uses people's time but is not predicted: pace says little of tomorrow.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from store.figures import Slot, Work

HORIZON = dt.timedelta(hours=12)
ACTIVE = dt.timedelta(minutes=30)  # who finished a task so lately is at work
USUAL_SECONDS = 60.0  # a task, until it is measured


@dataclass(frozen=True)
class Pace:
    """Who works in a queue now (a person in two queues: half in each) and how long a task takes there."""

    people: float
    seconds: float
    measured: bool = True

    @property
    def per_second(self) -> float:
        """Tasks finished a second; 0 where nobody works."""
        return self.people / self.seconds


NOBODY = Pace(0, USUAL_SECONDS, measured=False)


@dataclass(frozen=True)
class QueueForecast:
    """One queue: what waits, how old and how late it is, and what will be late. `empty_at` None: not at this pace."""

    queue: str
    open: int
    leased: int
    urgent: int
    late: int
    first_due: dt.datetime
    oldest: dt.datetime
    pace: Pace
    breaches: int
    first_breach: dt.datetime | None
    empty_at: dt.datetime | None


def paces(done: Iterable[Work], held: Iterable[tuple[str, str]], at: dt.datetime) -> dict[str, Pace]:
    """The pace of each queue in which anybody works or has worked."""
    done = list(done)
    active = {(work.queue, work.person) for work in done if at - work.last_at <= ACTIVE} | set(held)
    queues_of = Counter(person for _, person in active)
    people: Counter[str] = Counter()
    for queue, person in active:
        people[queue] += 1 / queues_of[person]  # type: ignore[assignment]  # a share of a person
    names = people.keys() | {work.queue for work in done}
    return {queue: _pace(people[queue], [work for work in done if work.queue == queue]) for queue in names}


def _pace(people: float, done: Sequence[Work]) -> Pace:
    timed = [(work.seconds, work.tasks) for work in done if work.seconds]
    tasks = sum(count for _, count in timed)
    if not tasks:
        return Pace(people, USUAL_SECONDS, measured=False)
    return Pace(people, sum(seconds * count for seconds, count in timed) / tasks)


def forecast(slots: Iterable[Slot], pace_of: dict[str, Pace], at: dt.datetime) -> list[QueueForecast]:
    """Every queue with work, by name; `slots` as `store.figures.task_slots` gives them."""
    return [
        _of_queue(queue, list(own), pace_of.get(queue, NOBODY), at)
        for queue, own in groupby(slots, key=lambda slot: slot.queue)
    ]


def _of_queue(queue: str, slots: Sequence[Slot], pace: Pace, at: dt.datetime) -> QueueForecast:
    before, breaches, first = 0, 0, None
    for slot in slots:
        if at < slot.due <= at + HORIZON:
            in_time = int((slot.due - at).total_seconds() * pace.per_second) - before
            too_many = slot.count - min(max(in_time, 0), slot.count)
            if too_many:
                breaches += too_many
                first = min(first or slot.due, slot.due)
        before += slot.count
    leased = sum(slot.leased for slot in slots)
    return QueueForecast(
        queue=queue,
        open=before - leased,
        leased=leased,
        urgent=sum(slot.urgent for slot in slots),
        late=sum(slot.late for slot in slots),
        first_due=min(slot.first_due for slot in slots),
        oldest=min(slot.oldest for slot in slots),
        pace=pace,
        breaches=breaches,
        first_breach=first,
        empty_at=at + dt.timedelta(seconds=before / pace.per_second) if pace.people else None,
    )


@dataclass(frozen=True)
class Hour:
    """Tasks due within one hour, and all that people will have finished by its end."""

    begins: dt.datetime
    due: int
    finished: int


def by_hour(slots: Iterable[Slot], pace_of: dict[str, Pace], at: dt.datetime, *, hours: int = 12) -> list[Hour]:
    """What is due in each of the next hours, the running one first; before it all that is late, counted with it."""
    begins = at.replace(minute=0, second=0, microsecond=0)
    due: Counter[int] = Counter()
    waiting: Counter[str] = Counter()
    for slot in slots:
        due[max(0, int((slot.due - begins) // dt.timedelta(hours=1)))] += slot.count
        waiting[slot.queue] += slot.count
    ends = [begins + dt.timedelta(hours=hour + 1) for hour in range(hours)]
    return [
        Hour(end - dt.timedelta(hours=1), due[hour], _finished(waiting, pace_of, (end - at).total_seconds()))
        for hour, end in enumerate(ends)
    ]


def _finished(waiting: Counter[str], pace_of: dict[str, Pace], seconds: float) -> int:
    rates = ((count, pace_of.get(queue, NOBODY).per_second) for queue, count in waiting.items())
    return sum(min(count, int(seconds * rate)) for count, rate in rates)
