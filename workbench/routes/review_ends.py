"""The other ends of a task: reject, skip, ask the client, hand to a lead; and notes on the way."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import Field

from schemas.lifecycle import DocumentState
from schemas.narrowing import type_in_process
from tasks import parting, questions, review
from workbench.access import DeskHere
from workbench.reviewing import START, Draft, Held, Reviewer, lease_of, next_url, person_of
from workbench.typed_values import as_draft

router = APIRouter(prefix="/review")


class Rejection(Held):
    """Back to the client, with a reason code and a note."""

    reason: str
    note: str = Field("", max_length=2000)


class Skipping(Held):
    """Back to the queue, with a reason."""

    reason: str = Field(max_length=100)


class Said(Held):
    """Something written: a note, or why a lead should look."""

    text: str = Field(min_length=1, max_length=2000)


class Asking(Draft):
    """A question to the client, about a field or the whole document, with the form as it stands."""

    text: str = Field(min_length=1, max_length=2000)
    field: str | None = Field(None, max_length=100)


@router.post("/{task_id}/reject")
def reject(task_id: str, work: Rejection, desk: DeskHere, visitor: Reviewer) -> dict[str, str]:
    """Send the document back to the client with a reason."""
    person = person_of(visitor)
    review.reject(desk, lease_of(visitor, task_id, work.epoch), person, work.reason, work.note)
    return {"next": next_url(desk, person, last=DocumentState.REJECTED)}


@router.post("/{task_id}/skip")
def skip(task_id: str, work: Skipping, desk: DeskHere, visitor: Reviewer) -> dict[str, str]:
    """Give the task back to the queue with the reason."""
    review.release(desk, lease_of(visitor, task_id, work.epoch), person_of(visitor), f"skipped:{work.reason}")
    return {"next": START}


@router.post("/{task_id}/ask")
def ask(task_id: str, work: Asking, desk: DeskHere, visitor: Reviewer) -> dict[str, str]:
    """Ask the client; the document waits for the answer, and what was typed waits with it."""
    person, lease = person_of(visitor), lease_of(visitor, task_id, work.epoch)
    definition = review.load_task(desk, person, lease).definition
    kind = type_in_process(definition.process, work.document_type)
    review.keep_draft(desk, lease, person, work.document_type, as_draft(work.values, kind, visitor.language))
    questions.ask(desk, lease, person, work.text, field=work.field)
    return {"next": next_url(desk, person, last=DocumentState.AWAITING_CLIENT)}


@router.post("/{task_id}/escalate")
def escalate(task_id: str, work: Said, desk: DeskHere, visitor: Reviewer) -> dict[str, str]:
    """Hand the task to the leads, with the reason."""
    person = person_of(visitor)
    parting.escalate(desk, lease_of(visitor, task_id, work.epoch), person, work.text)
    return {"next": next_url(desk, person)}


@router.post("/{task_id}/note")
def note(task_id: str, work: Said, desk: DeskHere, visitor: Reviewer) -> dict[str, str]:
    """Leave a note for whoever has the document next."""
    parting.note(desk, lease_of(visitor, task_id, work.epoch), person_of(visitor), work.text)
    return {"noted": work.text.strip()}
