"""Who works on what: people lease tasks from the review queue, the most pressing first, and nobody chooses.

The queue has lanes: one for each client, queue and skill. Each lane lies in press order in one index, so that the most pressing
task is the first of a few lanes' heads, however many tasks wait. A claim looks, in this order, at what the person holds already,
what was pinned to them, the client and supplier that they are at (while nothing presses), the lanes, and what they skipped.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import (
    CTE,
    ColumnElement,
    ScalarSelect,
    SQLColumnExpression,
    and_,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session

from schemas.clock import now
from schemas.lifecycle import BLIND_KINDS, TaskState
from store.blind_claims import given_blind_too, works_blind_on
from store.events import record
from store.looks import note_looks
from store.queue import serialise_on
from store.tables import Client, ReviewTask, Skip


@dataclass(frozen=True)
class Claimer:
    """Who asks for work: `queues` empty: from all queues; `skills`: what they can do beside what everybody can.

    `wary`: documents that they key blind are left out; few have any, so that it is asked where it matters alone (`_pick`).
    """

    name: str
    queues: Sequence[str] = ()
    skills: Sequence[str] = ()
    wary: bool = False


@dataclass(frozen=True)
class Runs:
    """How long a person stays with one client and supplier: `most` tasks in a row, while the queue has so much slack."""

    most: int = 10
    slack: dt.timedelta = dt.timedelta(minutes=30)


@dataclass(frozen=True)
class _Head:
    """The first task of a lane that may be given away."""

    client_id: str
    queue: str
    skill: str
    press_at: dt.datetime

    @property
    def order(self) -> tuple[dt.datetime, bool]:
        """Most pressing first; of equals the one that fewer people can do."""
        return self.press_at, not self.skill


NO_RUNS = Runs(most=1)


def claim_task(
    session: Session, claimer: Claimer, *, lease: dt.timedelta, runs: Runs = NO_RUNS, task_id: str | None = None
) -> ReviewTask | None:
    """Lease the next task, or the named one, whatever its skill and whoever it is pinned to.

    A task that the person already holds comes first: a reload never loses it.
    """
    _one_claim_at_a_time(session, claimer)
    at = now()
    held = _held(session, claimer, at)
    if task_id is not None:
        task = next((each for each in held if each.id == task_id), None)
        task = task or _pick(session, claimer, lambda who: _named(session, who, at, task_id))
    else:
        task = held[0] if held else _pick(session, claimer, lambda who: _free(session, who, at, runs, None))
    return _give(session, claimer, task, at + lease, reserved=False)


def reserve_task(session: Session, claimer: Claimer, *, lease: dt.timedelta, runs: Runs = NO_RUNS) -> ReviewTask | None:
    """Lease one task ahead for a person who works on another; the next claim gives it to them, or its lease runs out."""
    _one_claim_at_a_time(session, claimer)
    at = now()
    held = _held(session, claimer, at)
    ahead = next((each for each in held if each.reserved), None)
    at_hand = held[0] if held else None
    task = ahead or _pick(session, claimer, lambda who: _free(session, who, at, runs, at_hand))
    return _give(session, claimer, task, at + lease, reserved=True)


def _pick(session: Session, claimer: Claimer, choose: Callable[[Claimer], ReviewTask | None]) -> ReviewTask | None:
    """What comes next, once more with care where that is of a document that the person keys blind."""
    task = choose(claimer)
    if task is not None and works_blind_on(session, claimer.name, [task.document_id]):
        return choose(replace(claimer, wary=True))
    return task


def in_hands(session: Session, claimer: Claimer) -> set[str]:
    """What the person holds now, by task id."""
    return set(session.scalars(select(ReviewTask.id).where(_in_hands(claimer, now()))))


def tasks_waiting(session: Session, claimer: Claimer, *, most: int) -> int:
    """How many tasks the person could be given now, those in their hands included; counted up to `most`."""
    at = now()
    # naming every client makes the database jump along the lanes' index
    theirs = [ReviewTask.client_id.in_(select(Client.id)), ReviewTask.skill.in_(("", *claimer.skills)), _anyones()]
    if claimer.queues:
        theirs.append(ReviewTask.queue.in_(claimer.queues))
    groups = (
        and_(*theirs, _claimable(claimer, at)),
        and_(ReviewTask.pinned_to == claimer.name, _claimable(claimer, at)),
        _in_hands(claimer, at),
    )
    each = [select(ReviewTask.id).where(group).limit(most).subquery() for group in groups]
    return min(most, sum(session.scalar(select(func.count()).select_from(some)) or 0 for some in each))


def _one_claim_at_a_time(session: Session, claimer: Claimer) -> None:
    """Two windows of one person must not lease two tasks."""
    serialise_on(session, f"claims of {claimer.name}")


def _give(
    session: Session, claimer: Claimer, task: ReviewTask | None, until: dt.datetime, *, reserved: bool
) -> ReviewTask | None:
    if task is None:
        return None
    if task.lease_owner != claimer.name or task.state != TaskState.LEASED:
        task.lease_epoch += 1
        task.seconds = None
        record(session, task.client_id, "task.leased", task.id, document=task.document_id, person=claimer.name)
        note_looks(session, claimer.name, [task.document_id])
    task.state, task.lease_owner, task.lease_expires_at, task.reserved = TaskState.LEASED, claimer.name, until, reserved
    return task


def _held(session: Session, claimer: Claimer, at: dt.datetime) -> Sequence[ReviewTask]:
    """What the person holds already: the task at hand, then the one leased ahead."""
    return session.scalars(
        select(ReviewTask).where(_in_hands(claimer, at)).order_by(ReviewTask.reserved, ReviewTask.id).with_for_update()
    ).all()


def _named(session: Session, claimer: Claimer, at: dt.datetime, task_id: str) -> ReviewTask | None:
    wanted = _first(session, ReviewTask.id == task_id, _claimable(claimer, at))
    if wanted is not None and wanted.kind in BLIND_KINDS:
        return None  # it has a door of its own: `store.blind_claims`
    return wanted if wanted is None or not claimer.queues or wanted.queue in claimer.queues else None


def _free(
    session: Session, claimer: Claimer, at: dt.datetime, runs: Runs, current: ReviewTask | None
) -> ReviewTask | None:
    """What nobody holds, in the order that the module's first lines say."""
    free = _claimable(claimer, at)
    pinned = _first(session, ReviewTask.pinned_to == claimer.name, free)
    if pinned is not None:
        return pinned
    fresh = and_(free, ~_skipped(claimer))
    heads = _heads(session, claimer, fresh)
    if heads and heads[0].press_at > at + runs.slack:
        same = _in_run(session, claimer, runs, current, fresh)
        if same is not None:
            return same
    return _from_heads(session, heads, fresh) or _from_heads(session, _heads(session, claimer, free), free)


def _from_heads(session: Session, heads: Sequence[_Head], free: ColumnElement[bool]) -> ReviewTask | None:
    """The first task of the most pressing lane; lanes whose free tasks others have just taken are passed over."""
    for head in heads:
        lane = (ReviewTask.client_id == head.client_id, ReviewTask.queue == head.queue, ReviewTask.skill == head.skill)
        task = _first(session, and_(*lane, _anyones()), free)
        if task is not None:
            return task
    return None


def _first(session: Session, where: ColumnElement[bool], free: ColumnElement[bool]) -> ReviewTask | None:
    """The most pressing of these that can be locked now."""
    return session.scalars(
        select(ReviewTask)
        .where(where, free)
        .order_by(ReviewTask.press_at, ReviewTask.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()


def _heads(session: Session, claimer: Claimer, free: ColumnElement[bool]) -> list[_Head]:
    """The first free task of every lane that the person may work in, most pressing first."""
    lanes = _client_queues(session)
    skills = union_all(*(select(literal(skill).label("skill")) for skill in ("", *claimer.skills))).subquery()
    first = (
        select(ReviewTask.press_at)
        .where(
            ReviewTask.client_id == lanes.c.client_id,
            ReviewTask.queue == lanes.c.queue,
            ReviewTask.skill == skills.c.skill,
            _anyones(),
            free,
        )
        .order_by(ReviewTask.press_at, ReviewTask.id)
        .limit(1)
        .scalar_subquery()
    )
    found = (
        select(lanes.c.client_id, lanes.c.queue, skills.c.skill, first)
        .select_from(lanes.join(skills, true()))
        .where(lanes.c.queue.is_not(None))
    )
    if claimer.queues:
        found = found.where(lanes.c.queue.in_(claimer.queues))
    heads = [_Head(*row) for row in session.execute(found) if row[3] is not None]
    return sorted(heads, key=lambda head: head.order)


def _client_queues(session: Session) -> CTE:
    """Every client with each of its queues that holds a task; found by jumping along the index, not by reading it."""
    allowed = session.info["scope"].client_ids
    clients = select(Client.id.label("client_id"), _queue_after(Client.id, literal("")).label("queue"))
    if allowed is not None:
        clients = clients.where(Client.id.in_(allowed))
    seen = clients.cte("client_queues", recursive=True)
    after = select(seen.c.client_id, _queue_after(seen.c.client_id, seen.c.queue)).where(seen.c.queue.is_not(None))
    return seen.union_all(after)


def _queue_after(client_id: SQLColumnExpression[str], queue: ColumnElement[str]) -> ScalarSelect[str]:
    return (
        select(ReviewTask.queue)
        .where(ReviewTask.client_id == client_id, ReviewTask.queue > queue, _anyones())
        .order_by(ReviewTask.queue)
        .limit(1)
        .scalar_subquery()
    )


def _in_run(
    session: Session, claimer: Claimer, runs: Runs, current: ReviewTask | None, free: ColumnElement[bool]
) -> ReviewTask | None:
    """The next task of the client and supplier that the person is at, unless they had enough of them in a row."""
    done = session.execute(
        select(ReviewTask.client_id, ReviewTask.supplier_key)
        .where(ReviewTask.done_by == claimer.name, ReviewTask.state == TaskState.DONE)
        .order_by(ReviewTask.done_at.desc())
        .limit(runs.most)
    ).all()
    at_hand = [(current.client_id, current.supplier_key)] if current else []
    before = [*at_hand, *((row.client_id, row.supplier_key) for row in done)][: runs.most]
    if not before or before[0][1] is None or (len(before) == runs.most and len(set(before)) == 1):
        return None
    client_id, supplier_key = before[0]
    same = [
        ReviewTask.client_id == client_id,
        ReviewTask.supplier_key == supplier_key,
        ReviewTask.skill.in_(("", *claimer.skills)),
    ]
    if claimer.queues:
        same.append(ReviewTask.queue.in_(claimer.queues))
    return _first(session, and_(*same, _anyones()), free)


def _claimable(claimer: Claimer, at: dt.datetime) -> ColumnElement[bool]:
    """Open, or held by somebody who gave no sign of life; and not for other eyes than this person's."""
    abandoned = and_(ReviewTask.state == TaskState.LEASED, ReviewTask.lease_expires_at < at)
    return and_(
        or_(ReviewTask.state == TaskState.OPEN, abandoned),
        or_(ReviewTask.not_by.is_(None), ReviewTask.not_by != claimer.name),
        *([~given_blind_too(claimer.name)] if claimer.wary else []),
    )


def _in_hands(claimer: Claimer, at: dt.datetime) -> ColumnElement[bool]:
    return and_(
        ReviewTask.lease_owner == claimer.name,
        ReviewTask.state == TaskState.LEASED,
        ReviewTask.lease_expires_at >= at,
        ReviewTask.kind.not_in(BLIND_KINDS),
    )


def _skipped(claimer: Claimer) -> ColumnElement[bool]:
    return exists().where(Skip.task_id == ReviewTask.id, Skip.person == claimer.name)


def _anyones() -> ColumnElement[bool]:
    """Waits or is worked on, and was pinned to nobody: the indexes' condition (`store.tables.reviews`), word for word."""
    states: list[ColumnElement[str]] = [literal_column(f"'{s}'") for s in (TaskState.OPEN, TaskState.LEASED)]
    return and_(ReviewTask.state.in_(states), ReviewTask.pinned_to.is_(None))
