"""The reviewer's work: take the next task, look, correct, submit. The other ends of a task are in `review_ends`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from pydantic import Field, ValidationError
from starlette.responses import RedirectResponse, Response

from schemas.document_type import DocumentType
from schemas.errors import LeaseLostError
from schemas.lifecycle import DocumentState
from schemas.narrowing import type_in_process
from schemas.reasons import REASONS
from schemas.values import Extraction, Finding, Severity, Value
from store.claiming import tasks_waiting
from store.instructions import current_instructions, unread
from store.questions import questions_of
from store.review import notes_of
from store.tables import Instruction, Note, Question
from tasks import resplit, review
from tasks.desk import Desk
from tasks.parting import ESCALATED, leave
from tasks.review import Submitted, TaskView
from tasks.route import FOUR_EYES
from workbench.access import DeskHere
from workbench.column_totals import column_totals
from workbench.pages import page, words_for
from workbench.review_form import Form as ReviewForm
from workbench.review_form import build_form, key_of, remarks_on
from workbench.reviewing import Chooser, Draft, Held, Reviewer, lease_of, next_url, person_of, url_of
from workbench.typed_values import Read, Restored, as_draft, carried_over, from_draft, read_typed
from workbench.visitor import Visitor
from workbench.words import Words

router = APIRouter(prefix="/review")

REJECT_REASONS = ("NOT_AGREED", "WRONG_RECIPIENT", "UNREADABLE", "DUPLICATE_BUSINESS", "CLIENT_REJECTED", "WITHDRAWN")
MOST_COUNTED = 1000  # beyond it a person's queue is just long
SKIP_REASONS = ("need_help", "not_my_skill", "interrupted", "other")
SAID = {FOUR_EYES: "review.four_eyes", ESCALATED: "review.escalated"}  # why a person is asked, beside reason codes


Seconds = Annotated[float, Field(ge=0, le=86_400)]


class TypeChange(Draft):
    """The form under its old type, to be laid out as `document_type`."""

    from_type: str = Field(max_length=100)


class Submission(Draft):
    """The form as it is submitted. `accept_reason`: why it goes on although errors are left."""

    accept_reason: str | None = Field(None, max_length=500)
    seconds: Seconds = 0


class Beat(Held):
    """A sign of life, with the seconds of work since the last one."""

    seconds: Seconds = 0


@router.get("")
def start(request: Request, desk: DeskHere, visitor: Reviewer) -> Response:
    """How much there is to do, and the way to the next task."""
    with desk.store.read(visitor.scope) as session:
        waiting = tasks_waiting(session, person_of(visitor).claimer, most=MOST_COUNTED)
    return page(request, "review_start.html", waiting=waiting, more=waiting == MOST_COUNTED)


@router.post("/next")
def take_next(desk: DeskHere, visitor: Reviewer) -> Response:
    """Lease the most pressing task and show it."""
    return RedirectResponse(next_url(desk, person_of(visitor)), 303)


@router.post("/upcoming")
def reserve(desk: DeskHere, visitor: Reviewer) -> dict[str, str | None]:
    """Lease the task after the one at hand, so that the page can prepare it; `address` is None where there is none."""
    lease = review.reserve_next(desk, person_of(visitor))
    return {"address": url_of(lease) if lease else None}


@router.post("/{task_id}/take")
def take_named(task_id: str, desk: DeskHere, visitor: Chooser) -> Response:
    """Lease a named task and show it. Raises LeaseLostError where it is not free."""
    lease = review.next_task(desk, person_of(visitor), task_id=task_id)
    if lease is None:
        raise LeaseLostError(f"{task_id} is not free")
    return RedirectResponse(url_of(lease), 303)


@router.get("/{task_id}")
def show(request: Request, task_id: str, epoch: int, desk: DeskHere, visitor: Reviewer, last: str = "") -> Response:
    """The review screen of a task that this person holds; first what has changed in how it is keyed."""
    view = _held(desk, visitor, task_id, epoch)
    beside = _beside(desk, visitor, view)
    if beside.unread:
        return page(request, "instructions_changed.html", view=view, instructions=beside.unread, last=last)
    words = words_for(request)
    extraction, findings, kind, draft = _as_left(desk, visitor, view)
    values = draft.values if draft else extraction.values
    process = view.definition.process
    return page(
        request,
        "review.html",
        view=view,
        beside=beside,
        form=build_form(extraction, findings, kind, process, words, draft=draft),
        totals=list(column_totals(kind, process, values, words.language)) if kind else [],
        types=_type_titles(view, words),
        reasons=_reason_texts(view, words),
        reject_reasons={code: REASONS[code].text[words.language] for code in REJECT_REASONS},
        skip_reasons=SKIP_REASONS,
        data_pages=[row.number for row in view.pages if row.dropped is None],
        beat_seconds=max(1, int(desk.settings.review_lease_seconds / 3)),
        last=last if last in set(DocumentState) else "",
    )


@dataclass(frozen=True)
class _Beside:
    """What stands beside the form."""

    notes: Sequence[Note]
    questions: Sequence[Question]
    instructions: Sequence[Instruction]
    unread: Sequence[Instruction]
    may_join: bool


def _beside(desk: Desk, visitor: Visitor, view: TaskView) -> _Beside:
    document = view.document
    with desk.store.read(visitor.scope) as session:
        instructions = current_instructions(session, document.client_id, document.process)
        return _Beside(
            notes=notes_of(session, document.id),
            questions=questions_of(session, document.id),
            instructions=instructions,
            unread=unread(session, instructions, visitor.name),
            may_join=resplit.may_join(session, document),
        )


def _as_left(
    desk: Desk, visitor: Visitor, view: TaskView
) -> tuple[Extraction, list[Finding], DocumentType | None, Restored | None]:
    """The document as its form was left: as extracted, or with the draft and what the rules say of it."""
    kept = view.draft
    kind = type_in_process(view.definition.process, kept.document_type) if kept else None
    if kept is None or kind is None:
        return view.extraction, view.findings, view.kind, None
    machine = view.extraction
    if kind.name != machine.document_type:
        values = carried_over(machine.values, view.kind, kind)
        machine = machine.model_copy(update={"document_type": kind.name, "values": values})
    draft = from_draft(kept.values, machine, kind)
    findings = review.check(desk, person_of(visitor), view.document.id, kind.name, draft.values)
    return machine, findings, kind, draft


def _reason_texts(view: TaskView, words: Words) -> list[str]:
    """Why a person is asked, but for what the fields say themselves: broken rules and doubtful values."""
    codes = [code for code in view.task.reasons if code in REASONS]
    said = [words(text) for code, text in SAID.items() if code in view.task.reasons]
    return said + [REASONS[code].text[words.language] for code in codes]


def _type_titles(view: TaskView, words: Words) -> dict[str, str]:
    kinds = {name: type_in_process(view.definition.process, name) for name in view.definition.process.document_types}
    return {name: kind.title.get(words.language, name) for name, kind in kinds.items() if kind}


@router.post("/{task_id}/form")
def change_type(request: Request, task_id: str, draft: TypeChange, desk: DeskHere, visitor: Reviewer) -> Response:
    """The form as another document type, with what was typed carried over."""
    view = _held(desk, visitor, task_id, draft.epoch)
    process = view.definition.process
    old, new = type_in_process(process, draft.from_type), type_in_process(process, draft.document_type)
    if new is None:
        return page(request, "_review_form.html", form=ReviewForm(draft.document_type, [], [], []), totals=[])
    typed = read_typed(draft.values, view.extraction, old, visitor.language).values if old else view.extraction.values
    values = carried_over(typed, old, new)
    findings = review.check(desk, person_of(visitor), view.document.id, new.name, values)
    extraction = view.extraction.model_copy(update={"document_type": new.name, "values": values})
    form = build_form(extraction, findings, new, process, words_for(request))
    totals = list(column_totals(new, process, values, visitor.language))
    return page(request, "_review_form.html", form=form, totals=totals)


@router.post("/{task_id}/check")
def check(request: Request, task_id: str, draft: Draft, desk: DeskHere, visitor: Reviewer) -> dict[str, Any]:
    """Run the rules on what is typed; nothing is written."""
    view = _held(desk, visitor, task_id, draft.epoch)
    kind = type_in_process(view.definition.process, draft.document_type)
    if kind is None:
        return {"remarks": {}, "shown": {}, "totals": []}
    read = read_typed(draft.values, view.extraction, kind, visitor.language)
    findings = review.check(desk, person_of(visitor), view.document.id, kind.name, read.values)
    return _checked(view, findings, read, kind, words_for(request))


@router.post("/{task_id}/draft")
def keep(task_id: str, draft: Draft, desk: DeskHere, visitor: Reviewer) -> dict[str, str]:
    """Keep what is typed, for this person or the next holder. Raises LeaseLostError (409)."""
    view = _held(desk, visitor, task_id, draft.epoch)
    return {"saved_at": _keep(desk, visitor, view, draft)}


def _keep(desk: Desk, visitor: Visitor, view: TaskView, draft: Draft) -> str:
    kind = type_in_process(view.definition.process, draft.document_type)
    values = as_draft(draft.values, kind, visitor.language)
    return review.keep_draft(desk, view.lease, person_of(visitor), draft.document_type, values).isoformat()


@router.post("/{task_id}/submit")
def submit(request: Request, task_id: str, work: Submission, desk: DeskHere, visitor: Reviewer) -> dict[str, Any]:
    """Write the person's version and send it on, then lease the next task; with errors left, say them instead."""
    view = _held(desk, visitor, task_id, work.epoch)
    kind = type_in_process(view.definition.process, work.document_type)
    read = read_typed(work.values, view.extraction, kind, visitor.language) if kind else Read([], {})
    reason = (work.accept_reason or "").strip() or None
    person = person_of(visitor)
    done = review.submit(
        desk, view.lease, person, work.document_type, read.values, accept_reason=reason, seconds=work.seconds
    )
    if _is_refused(done, kind, reason):
        return {"submitted": False, **_checked(view, done.findings, read, kind, words_for(request))}
    return {"submitted": True, "next": next_url(desk, person, last=done.state)}


@router.post("/{task_id}/heartbeat")
def heartbeat(task_id: str, work: Beat, desk: DeskHere, visitor: Reviewer) -> dict[str, str]:
    """The page is still open: the lease goes on. Raises LeaseLostError (409).

    `draft` is when the newest draft was kept: a page that was loaded again may have been sent before its last words came.
    """
    view = _held(desk, visitor, task_id, work.epoch)
    review.heartbeat(desk, view.lease, person_of(visitor), seconds=work.seconds)
    return {"status": "held", "draft": view.draft.at.isoformat() if view.draft else ""}


@router.post("/{task_id}/release", status_code=204)
def go_away(
    task_id: str,
    epoch: Annotated[int, Form()],
    desk: DeskHere,
    visitor: Reviewer,
    draft: Annotated[str, Form(max_length=60_000)] = "",
    seconds: Annotated[Seconds, Form()] = 0,
) -> None:
    """The page goes away: keep what it had not kept yet (the draft as JSON), and let others have the task in a moment."""
    if draft:
        _keep(desk, visitor, _held(desk, visitor, task_id, epoch), _parsed(draft))
    leave(desk, lease_of(visitor, task_id, epoch), person_of(visitor), seconds=seconds)


def _parsed(draft: str) -> Draft:
    try:
        return Draft.model_validate_json(draft)
    except ValidationError as error:
        raise LeaseLostError("what was left is no draft") from error


def _is_refused(done: Submitted, kind: DocumentType | None, reason: str | None) -> bool:
    """Whether nothing was written: no type was chosen, or errors are left and nobody says why that is right."""
    errors = any(finding.severity is Severity.ERROR for finding in done.findings)
    return done.state is DocumentState.IN_REVIEW and (kind is None or (errors and reason is None))


def _held(desk: Desk, visitor: Visitor, task_id: str, epoch: int) -> TaskView:
    return review.load_task(desk, person_of(visitor), lease_of(visitor, task_id, epoch))


def _checked(
    view: TaskView, findings: list[Finding], read: Read, kind: DocumentType | None, words: Words
) -> dict[str, Any]:
    """Findings by field key (`line_items.2.quantity`), those of the whole document under "", values as shown, and sums."""
    addresses = {address for finding in findings for address in finding.fields}
    remarks: dict[str, list[dict[str, str]]] = {}
    if kind is not None:
        for address in [None, *sorted(addresses)]:
            on_it = remarks_on(findings, address, kind, words)
            if on_it:
                remarks[key_of(address) if address else ""] = [asdict(remark) for remark in on_it]
    return {
        "remarks": remarks,
        "shown": {key_of(address): text for address, text in read.shown.items()},
        "totals": _totals(view, read.values, kind, words),
    }


def _totals(view: TaskView, values: list[Value], kind: DocumentType | None, words: Words) -> list[dict[str, Any]]:
    totals = column_totals(kind, view.definition.process, values, words.language) if kind else ()
    return [asdict(total) for total in totals]
