"""The API's door: a bearer token names the machine; cookies count for nothing here, so no other site can borrow a browser."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from schemas.errors import AccessDeniedError, NotFoundError, SignInNeededError
from schemas.roles import TokenAction
from store.database import Scope
from store.users import note_denial
from tasks.audit.looking import closed_to, look_at, note_shown
from tasks.desk import Desk
from tasks.rate_limit import RateLimit
from tasks.tokens import Machine, machine_behind
from workbench.access import Guard, desk_of
from workbench.api_shapes import DocumentStatus
from workbench.permissions import Permission, permissions_of

PER_MINUTE = 600


class RequiresAction(Guard):
    """A route's action: the machine whose token is good for it, or an error."""

    def __init__(self, action: TokenAction) -> None:
        self.action = self.needs = action

    async def __call__(self, request: Request) -> Machine:
        """Raises SignInNeededError, TooManyRequestsError or AccessDeniedError."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        machine = None
        if kind.lower() == "bearer" and token:
            machine = await run_in_threadpool(_counted_machine, request, token.strip())
        if machine is None:
            raise SignInNeededError("no live token")
        if self.action not in machine.actions:
            await run_in_threadpool(_note_denial, request, machine, self.action)
            raise AccessDeniedError(f"the token is not good for {self.action}")
        return machine


def _counted_machine(request: Request, token: str) -> Machine | None:
    """Who sends this token, with the request counted; None where it is no live one. Raises TooManyRequestsError."""
    machine = machine_behind(desk_of(request), token)
    if machine is not None:
        limit: RateLimit = request.app.state.rate_limit
        limit.take(machine.token_id)
    return machine


def _note_denial(request: Request, machine: Machine, action: TokenAction) -> None:
    with desk_of(request).store.session(machine.scope) as session:
        note_denial(session, machine.token_id, permission=action, route=request.scope["route"].path)


def refuse_to_keyer(desk: Desk, machine: Machine, document_id: str) -> None:
    """Before a document's data goes out. Raises FourEyesError: who made the token keys the document blind."""
    keyer = _keyer_behind(machine)
    if keyer is not None:
        look_at(desk, keyer, document_id)


def told(desk: Desk, machine: Machine, documents: Sequence[DocumentStatus]) -> list[DocumentStatus]:
    """Documents as this token may see them: without number and type where who made it keys them blind."""
    keyer = _keyer_behind(machine)
    if keyer is None:
        return list(documents)
    closed = closed_to(desk, keyer, [each.document for each in documents])
    note_shown(desk, keyer, [each.document for each in documents if each.document not in closed])
    untold = {"number": None, "document_type": None}
    return [each.model_copy(update=untold) if each.document in closed else each for each in documents]


def _keyer_behind(machine: Machine) -> Scope | None:
    """Who made the token, where they have come to key blind since: it is no way around what pages keep from them."""
    if Permission.KEY_BLIND not in permissions_of(machine.maker_role):
        return None
    return Scope(machine.made_by, frozenset({machine.client_id}))


def check_process(machine: Machine, process: str) -> None:
    """Raise NotFoundError where the token is not good for this process."""
    if not machine.reaches(process):
        raise NotFoundError(process)
