"""The API's door: a bearer token names the machine; cookies count for nothing here, so no other site can borrow a browser."""

from __future__ import annotations

import threading
import time
from collections import deque

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from schemas.errors import AccessDeniedError, NotFoundError, SignInNeededError, TooManyRequestsError
from schemas.roles import TokenAction
from store.users import note_denial
from tasks.tokens import Machine, machine_behind
from workbench.access import Guard, desk_of

PER_MINUTE = 600
WINDOW = 60.0


class RateLimit:
    """At most so many requests in any minute, per key; counted in this server process."""

    def __init__(self, per_minute: int) -> None:
        self.per_minute = per_minute
        self._times: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def take(self, key: str) -> None:
        """Count a request. Raises TooManyRequestsError."""
        at = time.monotonic()
        with self._lock:
            times = self._times.setdefault(key, deque())
            while times and times[0] <= at - WINDOW:
                times.popleft()
            if len(times) >= self.per_minute:
                raise TooManyRequestsError(max(1, int(times[0] + WINDOW - at) + 1))
            times.append(at)


class RequiresAction(Guard):
    """A route's action: the machine whose token is good for it, or an error."""

    def __init__(self, action: TokenAction) -> None:
        self.action = self.needs = action

    async def __call__(self, request: Request) -> Machine:
        """Raises SignInNeededError, TooManyRequestsError or AccessDeniedError."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        machine = None
        if kind.lower() == "bearer" and token:
            machine = await run_in_threadpool(machine_behind, desk_of(request), token.strip())
        if machine is None:
            raise SignInNeededError("no live token")
        limit: RateLimit = request.app.state.rate_limit
        limit.take(machine.token_id)
        if self.action not in machine.actions:
            await run_in_threadpool(_note_denial, request, machine, self.action)
            raise AccessDeniedError(f"the token is not good for {self.action}")
        return machine


def _note_denial(request: Request, machine: Machine, action: TokenAction) -> None:
    with desk_of(request).store.session(machine.scope) as session:
        note_denial(session, machine.token_id, permission=action, route=request.scope["route"].path)


def check_process(machine: Machine, process: str) -> None:
    """Raise NotFoundError where the token is not good for this process."""
    if not machine.reaches(process):
        raise NotFoundError(process)
