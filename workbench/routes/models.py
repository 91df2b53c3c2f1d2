"""Models: what was learned, how well it did on documents that it had not seen, and the way back."""

from __future__ import annotations

from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from schemas.document_type import document_types
from schemas.errors import NotFoundError
from schemas.lifecycle import ModelState
from store.models import models_seen
from store.tables import LearnedModel
from tasks.model_plots import plots_of
from tasks.models import card_of, plot, rollback
from workbench.access import DeskHere, Requires
from workbench.pages import page
from workbench.permissions import Permission
from workbench.visitor import Visitor

router = APIRouter(prefix="/models")
Viewer = Annotated[Visitor, Depends(Requires(Permission.LEARNING_VIEW))]
Changer = Annotated[Visitor, Depends(Requires(Permission.LEARNING_CHANGE))]


@router.get("")
def list_page(request: Request, desk: DeskHere, visitor: Viewer) -> Response:
    """For each process and document type what reads it now: the champion, or the rules alone."""
    with desk.store.read(visitor.scope) as session:
        rows = models_seen(session)
    subjects = [_newest_or_champion(list(group)) for _, group in groupby(rows, key=_subject)]
    return page(request, "models.html", subjects=subjects, card_of=card_of, types=document_types())


@router.get("/{model_id}")
def show(request: Request, model_id: str, desk: DeskHere, visitor: Viewer) -> Response:
    """One model's card, and the others of its process and document type. Raises NotFoundError."""
    with desk.store.read(visitor.scope) as session:
        row = next((each for each in models_seen(session) if each.id == model_id), None)
        if row is None:
            raise NotFoundError(model_id)
        others = models_seen(session, client_id=row.client_id, process=row.process)
    return page(
        request,
        "model.html",
        model=row,
        card=card_of(row),
        plots=list(plots_of(card_of(row))),
        others=[each for each in others if each.document_type == row.document_type],
        kind=document_types()[row.document_type],
        card_of=card_of,
    )


@router.get("/{model_id}/plots/{name}.svg")
def draw(model_id: str, name: str, desk: DeskHere, visitor: Viewer) -> Response:
    """One of a model's curves. Raises NotFoundError."""
    return Response(plot(desk, visitor.scope, model_id, name, visitor.language), media_type="image/svg+xml")


@router.post("/{model_id}/rollback")
def take_back(
    model_id: str,
    desk: DeskHere,
    visitor: Changer,
    reason: Annotated[str, Form(min_length=3, max_length=500)],
    to: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Take a champion out, for the model `to` or, without one, the one that it replaced. Raises NotFoundError."""
    with desk.store.read(visitor.scope) as session:
        row = next((each for each in models_seen(session) if each.id == model_id), None)
    if row is None or row.state != ModelState.CHAMPION:
        raise NotFoundError(model_id)
    rollback(desk, visitor.scope, row.client_id, row.process, row.document_type, to=to or None, because=reason)
    return RedirectResponse("/models", 303)


def _subject(row: LearnedModel) -> tuple[str, str, str]:
    return row.client_id, row.process, row.document_type


def _newest_or_champion(rows: list[LearnedModel]) -> LearnedModel:
    return next((row for row in rows if row.state == ModelState.CHAMPION), rows[0])
