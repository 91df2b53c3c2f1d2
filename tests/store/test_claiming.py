"""Who gets which task: the most pressing one that is theirs to do, in runs while nothing presses, and never two people one."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text, update

from schemas.errors import FourEyesError, IllegalTransitionError, LeaseLostError
from schemas.lifecycle import TaskKind, TaskState
from store.claiming import Claimer, Runs, claim_task, reserve_task, tasks_waiting
from store.database import Store
from store.drafts import load_draft, save_draft
from store.queue import Lease
from store.review import LEFT, hold_task, pin_task, press_task, release_task
from store.tables import ReviewTask, Skip
from store.transitions import close_task
from tests.store.waiting import LEASE, ME, claim, given_clients, waiting

ADA, BEN = Claimer("ada"), Claimer("ben")
GONE = dt.timedelta(seconds=-1)


@pytest.fixture(autouse=True)
def clients(store: Store) -> None:
    given_clients(store, "acme", "blue")


def taken(store: Store, claimer: Claimer = ADA, **how: object) -> str | None:
    lease = claim(store, claimer, **how)  # type: ignore[arg-type]
    return lease.id if lease else None


def done(store: Store, claimer: Claimer = ADA, **how: object) -> str | None:
    """Claim the next task and finish it."""
    lease = claim(store, claimer, **how)  # type: ignore[arg-type]
    if lease is None:
        return None
    with store.session(ME) as session:
        close_task(session, hold_task(session, lease), TaskState.DONE, by=claimer.name, result="submitted")
    return lease.id


def release(store: Store, lease: Lease | None, reason: str) -> None:
    assert lease is not None
    with store.session(ME) as session:
        release_task(session, lease, reason=reason)


def test_the_most_pressing_comes_first_whatever_its_client_and_queue(store: Store) -> None:
    third, first = waiting(store, hours=3), waiting(store, client="blue", queue="orders", hours=1)
    second = waiting(store, queue="orders", hours=2)
    assert [done(store) for _ in range(4)] == [first, second, third, None]


def test_people_get_work_of_their_queues_and_clients_only(store: Store) -> None:
    waiting(store, queue="orders", hours=1), waiting(store, client="blue", hours=2)
    mine = waiting(store, hours=3)
    assert taken(store, Claimer("ada", queues=("review", "empty")), clients=frozenset({"acme"})) == mine


def test_who_lacks_the_skill_is_passed_over_and_of_equals_the_rare_one_goes_first(store: Store) -> None:
    plain = waiting(store, hours=2)
    french = waiting(store, hours=1, skill="french")
    with store.session(ME) as session:
        session.execute(update(ReviewTask).values(press_at=ReviewTask.created_at))
        session.execute(text("UPDATE review_tasks SET press_at = (SELECT MIN(press_at) FROM review_tasks)"))
    assert taken(store, ADA) == plain
    assert taken(store, Claimer("ben", skills=("french", "tax"))) == french


def test_a_pinned_task_waits_for_its_person_and_comes_to_them_first(store: Store) -> None:
    pressing, pinned = waiting(store, hours=1), waiting(store, hours=9, queue="elsewhere", skill="french")
    with store.session(ME) as session:
        pin_task(session, pinned, "ben")
    assert done(store, ADA) == pressing
    assert taken(store, ADA) is None
    assert taken(store, Claimer("ben", queues=("review",))) == pinned


def test_a_skipped_pin_goes_back_to_the_queue(store: Store) -> None:
    pinned = waiting(store, pinned_to="ada")
    release(store, claim(store, ADA), "need_help")
    assert taken(store, BEN) == pinned


def test_nobody_is_pinned_to_what_needs_other_eyes_than_theirs(store: Store) -> None:
    task = waiting(store, not_by="ada")
    with pytest.raises(FourEyesError), store.session(ME) as session:
        pin_task(session, task, "ada")
    assert taken(store, ADA) is None and taken(store, BEN) == task


def test_skipping_needs_a_reason_is_counted_and_the_task_comes_last(store: Store) -> None:
    first, second = waiting(store, hours=1), waiting(store, hours=2)
    lease = claim(store, ADA)
    with pytest.raises(IllegalTransitionError):
        release(store, lease, " ")
    release(store, lease, "need_help")
    assert (done(store, ADA), taken(store, ADA)) == (second, first)
    release(store, claim(store, ADA), "not_my_skill")
    release(store, claim(store, BEN), "need_help")
    with store.read(ME) as session:
        assert session.get_one(Skip, (first, "ada")).times == 2
    third = waiting(store, hours=3)
    assert (taken(store, ADA), taken(store, BEN)) == (third, first)  # ben is left with what both have skipped


def test_one_supplier_follows_itself_while_nothing_presses_and_not_for_ever(store: Store) -> None:
    runs = Runs(most=2, slack=dt.timedelta(minutes=30))
    ours = [waiting(store, hours=hours, supplier_key="nord") for hours in (2, 6, 7)]
    other = waiting(store, hours=3, supplier_key="sud")
    assert [done(store, runs=runs) for _ in range(4)] == [ours[0], ours[1], other, ours[2]]


def test_a_run_is_broken_off_when_something_presses(store: Store) -> None:
    runs = Runs(most=9, slack=dt.timedelta(minutes=30))
    first, _ = waiting(store, hours=2, supplier_key="nord"), waiting(store, hours=6, supplier_key="nord")
    assert done(store, runs=runs) == first
    pressing = waiting(store, hours=0.2, supplier_key="sud")
    assert done(store, runs=runs) == pressing


def test_the_next_task_is_leased_ahead_and_given_out_when_this_one_is_done(store: Store) -> None:
    first, second = waiting(store, hours=1), waiting(store, hours=2)
    now_at = claim(store, ADA)
    with store.session(ME) as session:
        ahead, again = (reserve_task(session, ADA, lease=LEASE) for _ in range(2))
    assert ahead is not None and again is not None and ahead.id == again.id == second
    assert taken(store, BEN) is None
    assert taken(store, ADA) == first  # a reload shows the task at hand
    assert now_at is not None
    with store.session(ME) as session:
        close_task(session, hold_task(session, now_at), TaskState.DONE, by="ada", result="submitted")
    assert claim(store, ADA) == Lease(second, ahead.lease_epoch, "ada")


def test_who_leaves_gives_both_back(store: Store) -> None:
    tasks = {waiting(store), waiting(store)}
    lease = claim(store, ADA)
    with store.session(ME) as session:
        reserve_task(session, ADA, lease=LEASE)
    release(store, lease, LEFT)
    assert {done(store, BEN), done(store, BEN)} == tasks


def test_an_expired_lease_is_taken_over_and_the_late_one_is_refused(store: Store) -> None:
    waiting(store)
    late, taker = claim(store, ADA, lease=GONE), claim(store, BEN)
    assert late is not None and taker is not None and taker.epoch == late.epoch + 1
    with pytest.raises(LeaseLostError):
        release(store, late, LEFT)


def test_a_lead_may_name_a_task_but_not_one_that_somebody_holds(store: Store) -> None:
    waiting(store, hours=1)
    named = waiting(store, hours=9, skill="french")
    assert taken(store, ADA, task_id=named) == named
    assert taken(store, BEN, task_id=named) is None


def test_urgent_work_goes_first(store: Store) -> None:
    waiting(store, hours=1)
    later = waiting(store, hours=9)
    with store.session(ME) as session:
        press_task(session, later, urgent=True, weight=1)
    assert taken(store) == later


@pytest.mark.parametrize(("kind", "passes_on"), [(TaskKind.EXCEPTION, True), (TaskKind.BLIND_KEY, False)])
def test_a_draft_passes_to_the_next_holder_but_never_in_blind_work(
    store: Store, kind: TaskKind, passes_on: bool
) -> None:
    task_id = waiting(store)
    with store.session(ME) as session:
        task = session.get_one(ReviewTask, task_id)
        task.kind = kind
        save_draft(session, task, "invoice", [{"name": "number", "text": "R-"}], by="ada")
        save_draft(session, task, "invoice", [{"name": "number", "text": "R-1"}], by="ada")
    with store.read(ME) as session:
        task = session.get_one(ReviewTask, task_id)
        own, passed = load_draft(session, task, "ada"), load_draft(session, task, "ben")
    assert own is not None and own.values == [{"name": "number", "text": "R-1"}]
    assert (passed is not None) is passes_on


def test_many_people_at_once_share_without_overlap(store: Store) -> None:
    tasks = {waiting(store, queue=queue) for _ in range(10) for queue in ("review", "orders", "papers")}
    people = [Claimer(f"person-{n}") for n in range(6)]

    def work(claimer: Claimer) -> list[str | None]:
        return [done(store, claimer) for _ in range(5)]

    with ThreadPoolExecutor(6) as threads:
        given = [task for each in threads.map(work, people) for task in each]
    assert sorted(filter(None, given)) == sorted(tasks)


def test_two_windows_of_one_person_lease_one_task(store: Store) -> None:
    for _ in range(4):
        waiting(store)
    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(lambda _: taken(store, ADA), range(4)))) == 1


def test_claims_read_the_index_and_not_the_queue(store: Store) -> None:
    """The lane's index serves the whole order; a query that misses its condition by a word would sort the queue."""
    for _ in range(3):
        waiting(store)
    seen: list[str] = []
    with store.session(ME) as session:
        if store.is_sqlite:
            session.connection().connection.driver_connection.set_trace_callback(seen.append)  # type: ignore[union-attr]
            claim_task(session, ADA, lease=LEASE)
            locking = next(
                each for each in seen if "ORDER BY review_tasks.press_at" in each and "RECURSIVE" not in each
            )
            heads = next(each for each in seen if "RECURSIVE" in each)
            plans = [
                str(row) for each in (locking, heads) for row in session.execute(text(f"EXPLAIN QUERY PLAN {each}"))
            ]
            assert any("review_tasks_lane" in plan for plan in plans)
            assert not any("SCAN review_tasks" in plan for plan in plans)


def test_the_count_is_of_what_one_could_get_and_stops_where_it_is_long(store: Store) -> None:
    waiting(store), waiting(store, queue="orders"), waiting(store, skill="french")
    waiting(store, not_by="ada"), waiting(store, pinned_to="ben")
    claim(store, Claimer("ben", queues=("elsewhere",)))
    with store.read(ME) as session:
        assert tasks_waiting(session, ADA, most=10) == 2
        assert tasks_waiting(session, Claimer("ben", skills=("french",)), most=10) == 5
        assert tasks_waiting(session, Claimer("cal", queues=("orders",)), most=10) == 1
        assert tasks_waiting(session, BEN, most=2) == 2
