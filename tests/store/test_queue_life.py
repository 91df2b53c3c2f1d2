"""Whatever people do with the queue: nobody holds what is not theirs, no two people hold one task, and nothing is lost."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import delete, select, update

from schemas.clock import now
from schemas.errors import LeaseLostError
from schemas.lifecycle import TaskState
from store.claiming import Claimer, Runs, claim_task, reserve_task
from store.database import Scope, Session, Store
from store.queue import Lease
from store.review import LEFT, hold_task, pin_task, release_task, renew_task
from store.tables import ReviewTask, Skip
from store.transitions import close_task
from tests.store.waiting import LEASE, ME, given_clients, waiting

CLIENTS, QUEUES, SKILLS = ("acme", "blue"), ("review", "orders"), ("", "french")
PEOPLE = {
    "ada": (Claimer("ada"), None),
    "ben": (Claimer("ben", queues=("orders",)), None),
    "cal": (Claimer("cal", skills=("french",)), None),
    "dan": (Claimer("dan", skills=("french",)), frozenset({"blue"})),
}
PERSON = st.sampled_from(sorted(PEOPLE))
NUMBER = st.integers(0, 50)


@dataclass(frozen=True)
class Known:
    """What must be true of a task."""

    client: str
    queue: str
    skill: str
    not_by: str | None
    pinned_to: str | None = None
    holder: Lease | None = None
    expired: bool = False
    done: bool = False

    def is_for(self, name: str) -> bool:
        """Whether the person may be given it."""
        claimer, clients = PEOPLE[name]
        if self.done or self.not_by == name or (clients is not None and self.client not in clients):
            return False
        if self.pinned_to is not None:
            return self.pinned_to == name
        return self.skill in ("", *claimer.skills) and (not claimer.queues or self.queue in claimer.queues)

    @property
    def is_free(self) -> bool:
        return self.holder is None or self.expired


class QueueLife(RuleBasedStateMachine):
    """People at a queue; `tasks` is what the queue should look like."""

    store: Store

    def __init__(self) -> None:
        super().__init__()
        self.tasks: dict[str, Known] = {}
        self.leases: list[Lease] = []
        with self.store.session(ME) as session:
            session.execute(delete(Skip))
            session.execute(delete(ReviewTask))

    @rule(
        client=st.sampled_from(CLIENTS),
        queue=st.sampled_from(QUEUES),
        skill=st.sampled_from(SKILLS),
        not_by=st.sampled_from([None, "ada", "cal"]),
        supplier=st.sampled_from([None, "nord"]),
        hours=st.integers(0, 9),
    )
    def a_task_is_opened(
        self, client: str, queue: str, skill: str, not_by: str | None, supplier: str | None, hours: int
    ) -> None:
        task_id = waiting(
            self.store, client=client, hours=hours, queue=queue, skill=skill, not_by=not_by, supplier_key=supplier
        )
        self.tasks[task_id] = Known(client, queue, skill, not_by)

    @rule(name=PERSON, ahead=st.booleans())
    def a_person_asks_for_work(self, name: str, ahead: bool) -> None:
        claimer, clients = PEOPLE[name]
        held = [task for task in self.tasks.values() if task.holder and task.holder.owner == name and not task.expired]
        with self.store.session(Scope(name, clients)) as session:
            task = (reserve_task if ahead else claim_task)(session, claimer, lease=LEASE, runs=Runs(most=2))
            lease = Lease(task.id, task.lease_epoch, name) if task else None
        if lease is None:
            free = [each for each in self.tasks.values() if each.is_free and each.is_for(name)]
            assert not free and (ahead or not held)
            return
        before = self.tasks[lease.id]
        own = before.holder is not None and before.holder.owner == name
        assert own or (before.is_free and before.is_for(name))
        assert before.holder is None or lease.epoch >= before.holder.epoch
        self.tasks[lease.id] = replace(before, holder=lease, expired=False)
        self.leases.append(lease)

    @rule(task=NUMBER, name=st.one_of(st.none(), PERSON))
    @precondition(lambda self: self.tasks)
    def a_lead_pins_a_task(self, task: int, name: str | None) -> None:
        task_id = list(self.tasks)[task % len(self.tasks)]
        known = self.tasks[task_id]
        if known.done or (name is not None and known.not_by == name):
            return
        with self.store.session(ME) as session:
            pin_task(session, task_id, name)
        self.tasks[task_id] = replace(known, pinned_to=name)

    @rule(task=NUMBER)
    @precondition(lambda self: self.tasks)
    def a_lease_runs_out(self, task: int) -> None:
        task_id = list(self.tasks)[task % len(self.tasks)]
        known = self.tasks[task_id]
        if known.holder is None or known.done:
            return
        with self.store.session(ME) as session:
            gone = now() - dt.timedelta(seconds=1)
            session.execute(update(ReviewTask).where(ReviewTask.id == task_id).values(lease_expires_at=gone))
        self.tasks[task_id] = replace(known, expired=True)

    @rule(lease=NUMBER, what=st.sampled_from(["renew", LEFT, "need_help", "submit"]))
    @precondition(lambda self: self.leases)
    def a_person_writes_under_a_lease(self, lease: int, what: str) -> None:
        held = self.leases[lease % len(self.leases)]
        known = self.tasks[held.id]
        if known.holder != held or known.done:
            with pytest.raises(LeaseLostError), self.store.session(ME) as session:
                self.write(session, held, what)
            return
        with self.store.session(ME) as session:
            self.write(session, held, what)
        if what == "renew":
            self.tasks[held.id] = replace(known, expired=False)
        elif what == "submit":
            self.tasks[held.id] = replace(known, holder=None, expired=False, done=True)
        else:
            self.set_free(held, left=what == LEFT)

    def write(self, session: Session, lease: Lease, what: str) -> None:
        """What a person's page asks for."""
        if what == "renew":
            renew_task(session, lease, duration=LEASE)
        elif what == "submit":
            close_task(session, hold_task(session, lease), TaskState.DONE, by=lease.owner, result="submitted")
        else:
            release_task(session, lease, reason=what)

    def set_free(self, lease: Lease, *, left: bool) -> None:
        """Skipping takes the pin off; leaving gives back what was leased ahead too, as the store shows."""
        known = self.tasks[lease.id]
        self.tasks[lease.id] = replace(known, holder=None, expired=False, pinned_to=known.pinned_to if left else None)
        with self.store.read(ME) as session:
            freed = set(session.scalars(select(ReviewTask.id).where(ReviewTask.state == TaskState.OPEN)))
        for task_id, task in self.tasks.items():
            if left and task.holder and task.holder.owner == lease.owner and task_id in freed:
                self.tasks[task_id] = replace(task, holder=None, expired=False)

    @invariant()
    def the_store_agrees(self) -> None:
        with self.store.read(ME) as session:
            rows = session.scalars(select(ReviewTask)).all()
        assert {row.id for row in rows} == set(self.tasks)
        for row in rows:
            known = self.tasks[row.id]
            holder = Lease(row.id, row.lease_epoch, row.lease_owner) if row.lease_owner else None
            assert (holder, row.state == TaskState.DONE) == (known.holder, known.done)
            assert row.pinned_to == known.pinned_to
        held = [row.lease_owner for row in rows if row.state == TaskState.LEASED and not self.tasks[row.id].expired]
        assert all(held.count(name) <= 2 for name in held)


def test_nothing_is_lost_and_nobody_holds_what_is_not_theirs(store: Store) -> None:
    given_clients(store, *CLIENTS)
    life = type("Life", (QueueLife,), {"store": store})
    limits = settings(
        max_examples=10, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    run_state_machine_as_test(life, settings=limits)
