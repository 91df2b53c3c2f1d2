"""Group check: the same field of many documents as a strip of crops, one key for each wrong one, one for all the others."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from schemas.narrowing import type_in_process
from store.definitions import current_definitions, load_definition
from store.queue import Lease
from tasks import group_check
from tasks.desk import Desk
from tasks.group_check import Shown
from workbench.access import DeskHere
from workbench.pages import page, words_for
from workbench.reviewing import Reviewer, lease_of, person_of
from workbench.shown_values import shown
from workbench.visitor import Visitor

router = APIRouter(prefix="/group-check")
MOST_CHOICES = 40


class One(BaseModel):
    """A document on the screen, by its lease."""

    task: str = Field(max_length=100)
    epoch: int


class Decision(BaseModel):
    """What was looked at: where the field is right, and where it is wrong."""

    field: str = Field(max_length=100)
    right: list[One] = Field(max_length=group_check.MOST)
    wrong: list[One] = Field(max_length=group_check.MOST)


@router.get("")
def show(request: Request, desk: DeskHere, visitor: Reviewer) -> Response:
    """Fields that many open documents doubt, the most frequent first."""
    counted = group_check.choices(desk, person_of(visitor)).most_common(MOST_CHOICES)
    titles = _titles(desk, visitor)
    return page(request, "group_check.html", counted=counted, titles=titles, strip=[], field="", title="")


def _titles(desk: Desk, visitor: Visitor) -> dict[tuple[str, str, str], str]:
    """What people call each field of each process: client, process, field -> title."""
    with desk.store.read(visitor.scope) as session:
        processes = [definition.process for definition in current_definitions(session)]
    kinds = [(each, type_in_process(each, name)) for each in processes for name in each.document_types]
    return {
        (process.client, process.process, name): field.title.get(visitor.language, name)
        for process, kind in kinds
        if kind is not None
        for name, field in kind.fields.items()
    }


@router.post("/{client_id}/{process}/{field}")
def take(request: Request, client_id: str, process: str, field: str, desk: DeskHere, visitor: Reviewer) -> Response:
    """Lease documents that doubt this field, and show it."""
    strip = group_check.take_group(desk, person_of(visitor), client_id, process, field)
    language = words_for(request).language
    return page(
        request,
        "group_check.html",
        counted=[],
        strip=[(each, shown(each.value.text, each.type, language)) for each in strip],
        field=field,
        title=_title(desk, visitor, strip, field, language),
    )


@router.get("/{task_id}/{field}.jpg")
def crop(request: Request, task_id: str, field: str, epoch: int, desk: DeskHere, visitor: Reviewer) -> Response:
    """The field's place on the page. Raises LeaseLostError, NotFoundError."""
    lease = lease_of(visitor, task_id, epoch)
    image = group_check.crop(desk, request.app.state.pool, person_of(visitor), lease, field)
    return Response(image, media_type="image/jpeg")


@router.post("/decide")
def decide(work: Decision, desk: DeskHere, visitor: Reviewer) -> dict[str, Any]:
    """Confirm what is right, and leave what is wrong to the normal queue."""
    right, wrong = _leases(visitor, work.right), _leases(visitor, work.wrong)
    confirmed, lost = group_check.decide(desk, person_of(visitor), work.field, right, wrong)
    return {"confirmed": confirmed, "lost": lost, "next": "/group-check"}


def _leases(visitor: Visitor, ones: list[One]) -> list[Lease]:
    return [lease_of(visitor, each.task, each.epoch) for each in ones]


def _title(desk: Desk, visitor: Visitor, strip: list[Shown], field: str, language: str) -> str:
    """What people call the field."""
    if not strip:
        return field
    with desk.store.read(visitor.scope) as session:
        definition = load_definition(session, strip[0].document.definition_id)
    kind = type_in_process(definition.process, strip[0].document.document_type or "")
    known = kind.definition(field) if kind else None
    return known.title.get(language, field) if known else field
