"""Blind work: keying sampled values again without seeing any, and deciding where two keys differ.

What these pages send holds no value that the machine or a colleague gave, but for a decision's two readings, which bear no name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from schemas.document_type import FieldType
from schemas.lifecycle import TaskKind
from schemas.values import ValueState
from store.blind_claims import blind_waiting
from store.queue import Lease
from tasks.audit.keying import Asked, Keyed, adjudicate, key_blind, leave_blind, load_blind, next_blind
from tasks.desk import Desk
from tasks.review import heartbeat
from workbench.access import DeskHere, Requires
from workbench.document_words import table_title
from workbench.pages import page, words_for
from workbench.permissions import Permission
from workbench.reviewing import person_of
from workbench.shown_values import canonical, shown
from workbench.visitor import Visitor
from workbench.words import Words

router = APIRouter()
Seconds = Annotated[float, Form(ge=0, le=86_400)]
Keyer = Annotated[Visitor, Depends(Requires(Permission.KEY_BLIND))]
Decider = Annotated[Visitor, Depends(Requires(Permission.ADJUDICATE))]
KEYING, DECIDING = "/keying", "/deciding"


@router.get("/keying")
def start_keying(request: Request, desk: DeskHere, visitor: Keyer) -> Response:
    """How much waits to be keyed blind, and the way to the next."""
    return _start(request, desk, visitor, TaskKind.BLIND_KEY)


@router.get("/deciding")
def start_deciding(request: Request, desk: DeskHere, visitor: Decider) -> Response:
    """How many disagreements wait for a third person, and the way to the next."""
    return _start(request, desk, visitor, TaskKind.ADJUDICATION)


def _start(request: Request, desk: Desk, visitor: Visitor, kind: TaskKind) -> Response:
    with desk.store.read(visitor.scope) as session:
        waiting = blind_waiting(session, visitor.name, kind)
    return page(request, "keying_start.html", waiting=waiting, at=request.url.path, kind=kind.value)


@router.post("/keying/next")
def next_key(desk: DeskHere, visitor: Keyer) -> Response:
    """Lease the most pressing values that this person may key, and show them."""
    return RedirectResponse(_next(desk, visitor, TaskKind.BLIND_KEY), 303)


@router.post("/deciding/next")
def next_decision(desk: DeskHere, visitor: Decider) -> Response:
    """Lease the most pressing disagreement that this person may decide, and show it."""
    return RedirectResponse(_next(desk, visitor, TaskKind.ADJUDICATION), 303)


def _next(desk: Desk, visitor: Visitor, kind: TaskKind) -> str:
    at = KEYING if kind is TaskKind.BLIND_KEY else DECIDING
    lease = next_blind(desk, person_of(visitor), kind)
    return f"{at}/{lease.id}?epoch={lease.epoch}" if lease else at


@router.get("/keying/{task_id}")
def show_keys(request: Request, task_id: str, epoch: int, desk: DeskHere, visitor: Keyer) -> Response:
    """The pages, and what is to be keyed. Raises LeaseLostError."""
    return _show(request, desk, visitor, Lease(task_id, epoch, visitor.name), KEYING)


@router.get("/deciding/{task_id}")
def show_decision(request: Request, task_id: str, epoch: int, desk: DeskHere, visitor: Decider) -> Response:
    """The pages, and two readings of each value that bear no name. Raises LeaseLostError."""
    return _show(request, desk, visitor, Lease(task_id, epoch, visitor.name), DECIDING)


def _show(request: Request, desk: Desk, visitor: Visitor, lease: Lease, at: str) -> Response:
    view, words = load_blind(desk, person_of(visitor), lease), words_for(request)
    return page(
        request,
        "keying.html",
        view=view,
        at=at,
        title_of=lambda asked: _title(asked, words),
        choice_text=lambda asked, choice: words.maybe(f"{asked.name}.{choice}", words.maybe(f"type.{choice}", choice)),
        shown=lambda keyed, asked: shown(keyed.text, _type(asked), words.language),
        beat_seconds=max(1, int(desk.settings.review_lease_seconds / 3)),
    )


@router.post("/keying/{task_id}")
async def keep_keys(
    request: Request, task_id: str, desk: DeskHere, visitor: Keyer, epoch: Annotated[int, Form()]
) -> Response:
    """Keep what was keyed, and go on. Raises LeaseLostError, FourEyesError, IllegalTransitionError."""
    return _keep(desk, visitor, Lease(task_id, epoch, visitor.name), dict(await request.form()), TaskKind.BLIND_KEY)


@router.post("/deciding/{task_id}")
async def keep_decision(
    request: Request, task_id: str, desk: DeskHere, visitor: Decider, epoch: Annotated[int, Form()]
) -> Response:
    """Keep what is true, and go on. Raises LeaseLostError, FourEyesError, IllegalTransitionError."""
    return _keep(desk, visitor, Lease(task_id, epoch, visitor.name), dict(await request.form()), TaskKind.ADJUDICATION)


def _keep(desk: Desk, visitor: Visitor, lease: Lease, typed: Mapping[str, Any], kind: TaskKind) -> Response:
    person = person_of(visitor)
    asked = load_blind(desk, person, lease).asked
    keyed = {each.sample_id: _keyed(each, typed, visitor.language) for each in asked}
    seconds = min(max(float(typed.get("seconds") or 0), 0.0), 86_400.0)
    finish = key_blind if kind is TaskKind.BLIND_KEY else adjudicate
    finish(desk, lease, person, {k: v for k, v in keyed.items() if v is not None}, seconds=seconds)
    return RedirectResponse(_next(desk, visitor, kind), 303)


def _keyed(asked: Asked, typed: Mapping[str, Any], language: str) -> Keyed | None:
    """One answer of the form; None where it was left open."""
    state = str(typed.get(f"state-{asked.sample_id}") or "present")
    if state in (ValueState.ABSENT, ValueState.UNREADABLE):
        return Keyed("", ValueState(state))
    text = str(typed.get(f"value-{asked.sample_id}") or "").strip()
    if not text:
        return None
    return Keyed(canonical(text, _type(asked), language) or text)


@router.post("/keying/{task_id}/heartbeat")
def beat(
    task_id: str, desk: DeskHere, visitor: Keyer, epoch: Annotated[int, Form()], seconds: Seconds = 0
) -> dict[str, str]:
    """The page is still open. Raises LeaseLostError."""
    heartbeat(desk, Lease(task_id, epoch, visitor.name), person_of(visitor), seconds=seconds)
    return {"status": "held"}


@router.post("/keying/{task_id}/release")
def leave(task_id: str, desk: DeskHere, visitor: Keyer, epoch: Annotated[int, Form()]) -> Response:
    """Give the task back. Raises LeaseLostError."""
    leave_blind(desk, person_of(visitor), Lease(task_id, epoch, visitor.name))
    return RedirectResponse(KEYING, 303)


def _type(asked: Asked) -> FieldType:
    return asked.definition.type if asked.definition else FieldType.TEXT


def _title(asked: Asked, words: Words) -> str:
    """The field as people call it; a table's cell with its row; a decision as a question."""
    if asked.name.startswith("#"):
        if asked.file:
            return words("keying.duplicate", file=asked.file)
        return words.maybe(f"keying.{asked.name[1:]}", words("keying.lines", table=table_title(words, asked.name[1:])))
    title = asked.definition.title.get(words.language, asked.name) if asked.definition else asked.name
    return f"{title} ({words('keying.row', row=asked.row)})" if asked.table else title
