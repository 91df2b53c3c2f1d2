"""The words of a page for a pointer, and what stands in a box that was drawn for a field."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import Field, field_validator

from schemas.reading import Box
from tasks.audit.looking import look_at
from tasks.crops import Found, Spot, page_words, read_box
from tasks.masking import mask_for, without_hidden
from workbench.access import DeskHere, Requires
from workbench.permissions import Permission
from workbench.reviewing import Held, Reviewer, lease_of, person_of
from workbench.shown_values import shown
from workbench.visitor import Visitor

router = APIRouter()
Viewer = Annotated[Visitor, Depends(Requires(Permission.DOCUMENT_VIEW))]


class Drawn(Held):
    """A box on a page, for a field of the task at hand; `rows`: each line in it is a value of its own."""

    page: int = Field(ge=1, le=10_000)
    box: Box
    name: str = Field(max_length=100)
    table: str = Field("", max_length=100)
    rows: bool = False

    @field_validator("box")
    @classmethod
    def _on_the_page(cls, box: Box) -> Box:
        if not (0 <= box.x0 < box.x1 <= 1 and 0 <= box.y0 < box.y1 <= 1):
            raise ValueError("a box is left, top, right, bottom in shares of the page")
        return box


@router.get("/documents/{document_id}/pages/{number}/words")
def words(document_id: str, number: int, desk: DeskHere, visitor: Viewer) -> dict[str, Any]:
    """A page's words in reading order, with their boxes. Raises NotFoundError, FourEyesError."""
    look_at(desk, visitor.scope, document_id)
    may = visitor.may(Permission.QUARANTINE_VIEW)
    whole = page_words(desk, visitor.scope, document_id, number, quarantine=may)
    page = without_hidden(whole, mask_for(desk, visitor.scope, document_id).boxes.get(number, ()))
    return {
        "width": page.width,
        "height": page.height,
        "words": [{"text": word.text, "box": word.box} for word in page.words],
    }


@router.post("/review/{task_id}/read-box")
def read(request: Request, task_id: str, drawn: Drawn, desk: DeskHere, visitor: Reviewer) -> dict[str, Any]:
    """What stands in the box, as this person's language writes it; an empty text where nothing does.

    With `rows` also one answer for each line. Raises LeaseLostError, NotFoundError.
    """
    spot = Spot(drawn.page, drawn.box, drawn.name, drawn.table, drawn.rows)
    lease = lease_of(visitor, task_id, drawn.epoch)
    found = read_box(desk, request.app.state.pool, lease, person_of(visitor), spot)
    answers = [_answer(each, visitor.language) for each in found]
    nothing = {"text": "", "raw": "", "page": drawn.page, "box": drawn.box}
    return {**(answers[0] if answers else nothing), **({"rows": answers} if drawn.rows else {})}


def _answer(found: Found, language: str) -> dict[str, Any]:
    """What is no value of the field's type is given as printed: the rules name it."""
    text = found.raw if found.text is None else shown(found.text, found.type, language)
    return {"text": text, "raw": found.raw, "page": found.page, "box": found.box}
