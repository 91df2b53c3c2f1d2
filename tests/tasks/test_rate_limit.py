"""The API's limit holds over several server processes, to within what the method says, and lets go after a minute."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import event, func, select

from schemas.clock import now
from schemas.errors import StoreUnavailableError, TooManyRequestsError
from store.database import Store
from store.tables import TokenUse
from store.tokens import add_token
from tasks.desk import Desk
from tasks.rate_limit import SETTLED_AFTER, RateLimit
from tests.given import ACTOR, desk_on, process_of

LIMIT = 600


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    desk = desk_on(store, tmp_path)
    process_of(desk)
    return desk


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """A clock that is moved by hand."""
    at = [1_800_000_000.5]
    monkeypatch.setattr("tasks.rate_limit.time.time", lambda: at[0])

    def move(seconds: float) -> None:
        at[0] += seconds

    return move


def token(desk: Desk, name: str = "one") -> str:
    with desk.store.session(ACTOR) as session:
        return add_token(
            session,
            name=name,
            token_sha256=name,
            client_id="acme",
            processes=[],
            actions=["status"],
            expires_at=now(),
            by="otto",
        ).id


def passes(limit: RateLimit, token_id: str) -> bool:
    try:
        limit.take(token_id)
    except TooManyRequestsError:
        return False
    return True


@pytest.mark.parametrize("processes", [1, 2, 4])
def test_however_requests_fall_on_processes_the_limit_holds(
    desk: Desk, wait: Callable[[float], None], processes: int
) -> None:
    mine, limits = token(desk), [RateLimit(desk.store, LIMIT) for _ in range(processes)]
    taken = sum(passes(limits[number * 7 % processes], mine) for number in range(2 * LIMIT))
    assert LIMIT - SETTLED_AFTER * processes <= taken <= LIMIT + SETTLED_AFTER * processes
    assert not passes(limits[0], mine) and passes(limits[0], token(desk, "another"))


def test_processes_that_ask_at_the_same_time_share_the_limit_too(desk: Desk, wait: Callable[[float], None]) -> None:
    mine, limits = token(desk), [RateLimit(desk.store, LIMIT) for _ in range(3)]
    with ThreadPoolExecutor(6) as pool:
        taken = sum(pool.map(lambda number: passes(limits[number % 3], mine), range(2 * LIMIT)))
    assert taken <= LIMIT + SETTLED_AFTER * 3


def test_a_steady_client_just_below_the_limit_is_never_refused(desk: Desk, wait: Callable[[float], None]) -> None:
    mine, limits = token(desk), [RateLimit(desk.store, LIMIT) for _ in range(2)]
    for number in range(1500):
        wait(60 / (LIMIT - 15))
        limits[number % 2].take(mine)


def test_it_says_how_long_to_wait_and_then_lets_in(desk: Desk, wait: Callable[[float], None]) -> None:
    mine, limit = token(desk), RateLimit(desk.store, 20)
    for _ in range(20):
        limit.take(mine)
        wait(1)
    with pytest.raises(TooManyRequestsError) as refused:
        limit.take(mine)
    assert 39 <= refused.value.wait <= 43
    wait(refused.value.wait)
    limit.take(mine)


def test_counting_costs_less_than_one_statement_a_request_and_keeps_nothing_old(
    desk: Desk, wait: Callable[[float], None]
) -> None:
    mine, limit, statements = token(desk), RateLimit(desk.store, 10_000), []
    event.listen(desk.store.engine, "before_cursor_execute", lambda *each: statements.append(each[2]))
    for _ in range(1000):
        limit.take(mine)
        wait(0.2)
    assert len(statements) <= 1000
    with desk.store.read(ACTOR) as session:
        assert session.scalar(select(func.count()).select_from(TokenUse)) <= 63


def test_what_cannot_be_counted_is_not_let_in(
    desk: Desk, wait: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise StoreUnavailableError("away")

    monkeypatch.setattr("tasks.rate_limit.settle_uses", away)
    mine, limit = token(desk), RateLimit(desk.store, LIMIT)
    for _ in range(SETTLED_AFTER - 1):
        limit.take(mine)
    for _ in range(3):
        with pytest.raises(StoreUnavailableError):
            limit.take(mine)
