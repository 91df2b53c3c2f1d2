"""The desk's figures, gathered in one snapshot and shared: however many people watch, they are counted once in a few seconds."""

from __future__ import annotations

import datetime as dt
import logging
import math
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from schemas.clock import now
from schemas.errors import CleardeskError
from schemas.lifecycle import DocumentState
from schemas.search_query import WITH_US
from store import figures as rows
from store.database import Scope, Session
from store.lists import processes_seen
from store.pauses import pauses_seen
from store.tables import Alert, FlowMark, Pause
from tasks.desk import Desk
from tasks.forecast import Hour, QueueForecast, by_hour, forecast, paces

DAYS = 14  # of the chart
WEEK = 7  # days of the straight-through rate
PACE = dt.timedelta(hours=8)  # over which seconds a task are measured
FAILURES = 8
FRESH_SECONDS = 3.0
QUICK_SECONDS = 0.05  # a count that takes longer is made less often: while it reads, SQLite's writers wait
KEPT_SECONDS = 60.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Day:
    """What came and what left on one day of the server's own zone; `touched`: of what left, by a person's hand."""

    day: dt.date
    received: int
    delivered: int
    touched: int


@dataclass(frozen=True)
class Rate:
    """Of what was delivered since a day, how many without and with a person's hand."""

    since: dt.date
    delivered: int
    touched: int

    @property
    def straight_through(self) -> float | None:
        """The share without, 0 to 1; None where nothing was delivered."""
        return (self.delivered - self.touched) / self.delivered if self.delivered else None


@dataclass(frozen=True)
class DeskFigures:
    """All that the desk page shows to those of one scope. Lists that belong to the whole desk are empty for others."""

    at: dt.datetime
    states: dict[str, int]
    exceptions: list[rows.StateCount]
    files: dict[str, int]
    days: list[Day]
    rate: Rate
    queues: list[QueueForecast]
    hours: list[Hour]
    failures: list[rows.Failure]
    processes: list[tuple[str, str]]
    pauses: Sequence[Pause]
    whole: bool
    ledger: rows.LedgerStanding | None
    alerts: Sequence[Alert]
    flows: Sequence[FlowMark]

    @property
    def with_us(self) -> int:
        """Documents that we owe something."""
        return sum(self.states[state] for state in WITH_US)

    @property
    def with_clients(self) -> int:
        """Documents whose client owes an answer."""
        return self.states[DocumentState.AWAITING_CLIENT]

    @property
    def today(self) -> Day:
        """The running day."""
        return self.days[-1]


def gather(desk: Desk, scope: Scope) -> DeskFigures:
    """Count everything that the scope may see, in one snapshot."""
    at, whole = now(), scope.client_ids is None
    with desk.store.read(scope) as session:
        slots = rows.task_slots(session)
        pace_of = paces(rows.work_since(session, at - PACE), rows.holders(session), at)
        counts = rows.documents_by_reason(session)
        days = _days(session, at)
        return DeskFigures(
            at=at,
            states={s.value: sum(each.count for each in counts if each.state == s) for s in DocumentState},
            exceptions=[each for each in counts if each.state == DocumentState.IN_REVIEW],
            files=rows.receipts_by_state(session),
            days=days,
            rate=_rate(days[-WEEK:]),
            queues=forecast(slots, pace_of, at),
            hours=by_hour(slots, pace_of, at),
            failures=rows.newest_failures(session, limit=FAILURES),
            processes=processes_seen(session),
            pauses=pauses_seen(session),
            whole=whole,
            ledger=rows.last_reconciliation(session) if whole else None,
            alerts=rows.open_alerts(session) if whole else [],
            flows=rows.flow_marks(session) if whole else [],
        )


def _days(session: Session, at: dt.datetime) -> list[Day]:
    today = at.astimezone().date()
    first = today - dt.timedelta(days=DAYS - 1)
    since = dt.datetime.combine(first, dt.time()).astimezone(dt.UTC)
    received = _by_day(rows.received_since(session, since))
    delivered = _by_day(rows.delivered_since(session, since))
    wanted = [first + dt.timedelta(days=ahead) for ahead in range(DAYS)]
    return [Day(day, received.get(day, (0, 0))[0], *delivered.get(day, (0, 0))) for day in wanted]


def _by_day(passed: Sequence[rows.Passed]) -> dict[dt.date, tuple[int, int]]:
    """Counts and touched ones by day of the server's own zone."""
    days: dict[dt.date, tuple[int, int]] = {}
    for each in passed:
        day = each.at.astimezone().date()
        count, touched = days.get(day, (0, 0))
        days[day] = (count + each.count, touched + each.touched)
    return days


def _rate(days: Sequence[Day]) -> Rate:
    return Rate(days[0].day, sum(day.delivered for day in days), sum(day.touched for day in days))


class SharedFigures:
    """Figures by scope, counted by one thread at a time.

    Whoever asks gets what is there, and sets a new count going when it is older than a few seconds: nobody waits for the count
    but the first, or one who comes when nobody has looked for a minute.
    """

    def __init__(self, desk: Desk, fresh_seconds: float = FRESH_SECONDS) -> None:
        self.desk, self.fresh_seconds = desk, fresh_seconds
        self._kept: dict[frozenset[str] | None, tuple[float, DeskFigures]] = {}
        self._took: dict[frozenset[str] | None, float] = {}
        self._locks: defaultdict[frozenset[str] | None, threading.Lock] = defaultdict(threading.Lock)
        self._guard = threading.Lock()

    def now(self, scope: Scope) -> DeskFigures:
        """Figures that were new when somebody last asked. Raises StoreUnavailableError."""
        with self._guard:
            lock = self._locks[scope.client_ids]
        kept = self._fresh(scope, KEPT_SECONDS)
        if kept is None:
            with lock:
                return self._fresh(scope, self._fresh_for(scope)) or self._count(scope)
        if self._fresh(scope, self._fresh_for(scope)) is None and lock.acquire(blocking=False):
            threading.Thread(target=self._count_behind, args=(scope, lock), name="figures", daemon=True).start()
        return kept

    def _fresh(self, scope: Scope, seconds: float) -> DeskFigures | None:
        counted_at, figures = self._kept.get(scope.client_ids, (-math.inf, None))
        return figures if time.monotonic() - counted_at <= seconds else None

    def _fresh_for(self, scope: Scope) -> float:
        return self.fresh_seconds * max(1.0, self._took.get(scope.client_ids, 0.0) / QUICK_SECONDS)

    def _count(self, scope: Scope) -> DeskFigures:
        began = time.monotonic()
        figures = gather(self.desk, scope)
        self._kept[scope.client_ids] = (time.monotonic(), figures)
        self._took[scope.client_ids] = time.monotonic() - began
        return figures

    def _count_behind(self, scope: Scope, lock: threading.Lock) -> None:
        """Count while the page is already answered; where the database does not, the figures before stay."""
        try:
            self._count(scope)
        except CleardeskError as error:
            log.warning("figures not counted", extra={"code": error.code})
        finally:
            lock.release()
