"""The reviewer's work: take the next task, look, correct, submit; or reject, skip, leave."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse, Response

from schemas.document_type import DocumentType
from schemas.errors import LeaseLostError
from schemas.lifecycle import DocumentState
from schemas.narrowing import type_in_process
from schemas.reasons import REASONS
from schemas.values import Address, Finding, Severity
from store.figures import tasks_waiting
from store.queue import Lease
from tasks import resplit, review
from tasks.desk import Desk
from tasks.review import Person, Submitted, TaskView
from tasks.route import FOUR_EYES
from workbench.access import DeskHere, Requires
from workbench.pages import page, words_for
from workbench.permissions import Permission
from workbench.review_form import Form, Read, TypedValue, build_form, carried_over, key_of, read_typed, remarks_on
from workbench.visitor import Visitor
from workbench.words import Words

router = APIRouter(prefix="/review")

Reviewer = Annotated[Visitor, Depends(Requires(Permission.TASK_WORK))]
Chooser = Annotated[Visitor, Depends(Requires(Permission.TASK_CHOOSE))]

REJECT_REASONS = ("NOT_AGREED", "WRONG_RECIPIENT", "UNREADABLE", "DUPLICATE_BUSINESS", "CLIENT_REJECTED", "WITHDRAWN")
SKIP_REASONS = ("need_help", "not_my_skill", "interrupted", "other")


class Held(BaseModel):
    """The lease under which the page works."""

    epoch: int


class Draft(Held):
    """The form as it stands while a person types."""

    document_type: str = Field(max_length=100)
    values: list[TypedValue] = Field(max_length=5000)


class TypeChange(Draft):
    """The form under its old type, to be laid out as `document_type`."""

    from_type: str = Field(max_length=100)


class Submission(Draft):
    """The form as it is submitted. `accept_reason`: why it goes on although errors are left."""

    accept_reason: str | None = Field(None, max_length=500)
    seconds: float = Field(0, ge=0, le=86_400)


class Rejection(Held):
    """Back to the client, with a reason code and a note."""

    reason: str
    note: str = Field("", max_length=2000)


class Skipping(Held):
    """Back to the queue, with a reason."""

    reason: str = Field(max_length=100)


class Pages(Held):
    """What the pages really are: `before` (they belong to the document before), `each`, or the page a new one begins on."""

    where: str = Field(pattern=r"^(before|each|[1-9]\d{0,3})$")


def person_of(visitor: Visitor) -> Person:
    """The visitor as the one who works."""
    return Person(visitor.name, visitor.client_ids, visitor.queues)


@router.get("")
def start(request: Request, desk: DeskHere, visitor: Reviewer) -> Response:
    """How much there is to do, and the way to the next task."""
    with desk.store.read(visitor.scope) as session:
        waiting = tasks_waiting(session, visitor.name, visitor.queues)
    return page(request, "review_start.html", waiting=waiting)


@router.post("/next")
def take_next(desk: DeskHere, visitor: Reviewer) -> Response:
    """Lease the most pressing task and show it."""
    return RedirectResponse(_next_url(desk, person_of(visitor)) or "/review", 303)


@router.post("/{task_id}/take")
def take_named(task_id: str, desk: DeskHere, visitor: Chooser) -> Response:
    """Lease a named task and show it. Raises LeaseLostError where it is not free."""
    lease = review.next_task(desk, person_of(visitor), task_id=task_id)
    if lease is None:
        raise LeaseLostError(f"{task_id} is not free")
    return RedirectResponse(_url(lease), 303)


@router.get("/{task_id}")
def show(request: Request, task_id: str, epoch: int, desk: DeskHere, visitor: Reviewer, last: str = "") -> Response:
    """The review screen of a task that this person holds."""
    view = review.load_task(desk, person_of(visitor), Lease(task_id, epoch, visitor.name))
    words = words_for(request)
    return page(
        request,
        "review.html",
        view=view,
        form=build_form(view.extraction, view.findings, view.kind, view.definition.process, words),
        types=_type_titles(view, words),
        reasons=_reason_texts(view, words),
        reject_reasons={code: REASONS[code].text[words.language] for code in REJECT_REASONS},
        skip_reasons=SKIP_REASONS,
        data_pages=_data_pages(view),
        may_join=_may_join(desk, visitor, view),
        beat_seconds=max(1, int(desk.settings.review_lease_seconds / 3)),
        last=last if last in set(DocumentState) else "",
    )


def _data_pages(view: TaskView) -> list[int]:
    return [row.number for row in view.pages if row.dropped is None]


def _may_join(desk: Desk, visitor: Visitor, view: TaskView) -> bool:
    with desk.store.read(visitor.scope) as session:
        return resplit.may_join(session, view.document)


def _reason_texts(view: TaskView, words: Words) -> list[str]:
    """Why a person is asked, but for what the fields say themselves: broken rules and doubtful values."""
    codes = [code for code in view.task.reasons if code in REASONS]
    four_eyes = [words("review.four_eyes")] if FOUR_EYES in view.task.reasons else []
    return four_eyes + [REASONS[code].text[words.language] for code in codes]


def _type_titles(view: TaskView, words: Words) -> dict[str, str]:
    kinds = {name: type_in_process(view.definition.process, name) for name in view.definition.process.document_types}
    return {name: kind.title.get(words.language, name) for name, kind in kinds.items() if kind}


@router.post("/{task_id}/form")
def change_type(request: Request, task_id: str, draft: TypeChange, desk: DeskHere, visitor: Reviewer) -> Response:
    """The form as another document type, with what was typed carried over."""
    view = _held(desk, visitor, task_id, draft.epoch)
    old, new = (
        type_in_process(view.definition.process, draft.from_type),
        type_in_process(view.definition.process, draft.document_type),
    )
    if new is None:
        return page(request, "_review_form.html", form=Form(draft.document_type, [], [], []))
    typed = read_typed(draft.values, view.extraction, old, visitor.language).values if old else view.extraction.values
    values = carried_over(typed, old, new)
    findings = review.check(desk, person_of(visitor), view.document.id, new.name, values)
    extraction = view.extraction.model_copy(update={"document_type": new.name, "values": values})
    form = build_form(extraction, findings, new, view.definition.process, words_for(request))
    return page(request, "_review_form.html", form=form)


@router.post("/{task_id}/check")
def check(request: Request, task_id: str, draft: Draft, desk: DeskHere, visitor: Reviewer) -> dict[str, Any]:
    """Run the rules on what is typed; nothing is written."""
    view = _held(desk, visitor, task_id, draft.epoch)
    kind = type_in_process(view.definition.process, draft.document_type)
    if kind is None:
        return _checked([], {}, None, words_for(request))
    read = read_typed(draft.values, view.extraction, kind, visitor.language)
    findings = review.check(desk, person_of(visitor), view.document.id, kind.name, read.values)
    return _checked(findings, read.shown, kind, words_for(request))


@router.post("/{task_id}/submit")
def submit(request: Request, task_id: str, work: Submission, desk: DeskHere, visitor: Reviewer) -> dict[str, Any]:
    """Write the person's version and send it on, then lease the next task; with errors left, say them instead."""
    view = _held(desk, visitor, task_id, work.epoch)
    kind = type_in_process(view.definition.process, work.document_type)
    read = read_typed(work.values, view.extraction, kind, visitor.language) if kind else Read([], {})
    reason = (work.accept_reason or "").strip() or None
    done = review.submit(
        desk,
        view.lease,
        person_of(visitor),
        work.document_type,
        read.values,
        accept_reason=reason,
        seconds=work.seconds,
    )
    if _is_refused(done, kind, reason):
        return {"submitted": False, **_checked(done.findings, read.shown, kind, words_for(request))}
    return {"submitted": True, "next": _next_url(desk, person_of(visitor), last=done.state) or "/review"}


@router.post("/{task_id}/reject")
def reject(task_id: str, work: Rejection, desk: DeskHere, visitor: Reviewer) -> dict[str, str]:
    """Send the document back to the client with a reason."""
    person = person_of(visitor)
    review.reject(desk, Lease(task_id, work.epoch, visitor.name), person, work.reason, work.note)
    return {"next": _next_url(desk, person, last=DocumentState.REJECTED) or "/review"}


@router.post("/{task_id}/pages")
def put_pages_right(task_id: str, work: Pages, desk: DeskHere, visitor: Reviewer) -> dict[str, str]:
    """Cut the document, or join it to the one before; what changed is read again, and the next task is leased."""
    person, lease = person_of(visitor), Lease(task_id, work.epoch, visitor.name)
    if work.where == "before":
        resplit.join_before(desk, lease, person)
    else:
        later = _data_pages(review.load_task(desk, person, lease))[1:]
        resplit.cut(desk, lease, person, later if work.where == "each" else [int(work.where)])
    return {"next": _next_url(desk, person) or "/review"}


@router.post("/{task_id}/skip")
def skip(task_id: str, work: Skipping, desk: DeskHere, visitor: Reviewer) -> dict[str, str]:
    """Give the task back to the queue with the reason."""
    review.release(desk, Lease(task_id, work.epoch, visitor.name), person_of(visitor), f"skipped:{work.reason}")
    return {"next": "/review"}


@router.post("/{task_id}/heartbeat")
def heartbeat(task_id: str, work: Held, desk: DeskHere, visitor: Reviewer) -> dict[str, str]:
    """The page is still open: the lease goes on. Raises LeaseLostError (409)."""
    review.heartbeat(desk, Lease(task_id, work.epoch, visitor.name), person_of(visitor))
    return {"status": "held"}


def _is_refused(done: Submitted, kind: DocumentType | None, reason: str | None) -> bool:
    """Whether nothing was written: no type was chosen, or errors are left and nobody says why that is right."""
    errors = any(finding.severity is Severity.ERROR for finding in done.findings)
    return done.state is DocumentState.IN_REVIEW and (kind is None or (errors and reason is None))


def _held(desk: Desk, visitor: Visitor, task_id: str, epoch: int) -> TaskView:
    return review.load_task(desk, person_of(visitor), Lease(task_id, epoch, visitor.name))


def _url(lease: Lease) -> str:
    return f"/review/{lease.id}?epoch={lease.epoch}"


def _next_url(desk: Desk, person: Person, *, last: str = "") -> str | None:
    """Where the next task is shown; None where there is nothing to do."""
    lease = review.next_task(desk, person)
    return (_url(lease) + (f"&last={last}" if last else "")) if lease else None


def _checked(
    findings: list[Finding], shown: dict[Address, str], kind: DocumentType | None, words: Words
) -> dict[str, Any]:
    """Findings by field key (`line_items.2.quantity`), those of the whole document under "", and values as shown."""
    addresses = {address for finding in findings for address in finding.fields}
    remarks: dict[str, list[dict[str, str]]] = {}
    if kind is not None:
        for address in [None, *sorted(addresses)]:
            on_it = remarks_on(findings, address, kind, words)
            if on_it:
                remarks[key_of(address) if address else ""] = [asdict(remark) for remark in on_it]
    return {"remarks": remarks, "shown": {key_of(address): text for address, text in shown.items()}}
