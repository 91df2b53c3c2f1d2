"""Work instructions: leads write them, reviewers see them beside the form and confirm the changed ones."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from starlette.responses import RedirectResponse, Response

from schemas.errors import NotFoundError
from store.definitions import Definition, current_definitions
from store.instructions import current_instructions
from tasks import instructions
from tasks.desk import Desk
from workbench.access import DeskHere, Requires
from workbench.pages import page
from workbench.permissions import Permission
from workbench.reviewing import Reviewer, lease_of, person_of, url_of
from workbench.visitor import Visitor

router = APIRouter()
Writer = Annotated[Visitor, Depends(Requires(Permission.INSTRUCTION_WRITE))]
Text = Annotated[str, Form(max_length=4000)]


@router.get("/instructions")
def show(request: Request, desk: DeskHere, visitor: Writer, process: str = "") -> Response:
    """The instructions of one process (`client/process`), and a form to write another; without one the first."""
    definitions = _definitions(desk, visitor)
    chosen = definitions.get(process) or next(iter(definitions.values()), None)
    rows = []
    if chosen is not None:
        with desk.store.read(visitor.scope) as session:
            rows = list(current_instructions(session, chosen.process.client, chosen.process.process))
    fields = instructions.fields_of(chosen, visitor.language) if chosen else {}
    return page(request, "instructions.html", definitions=definitions, chosen=_name(chosen), rows=rows, fields=fields)


@router.post("/instructions")
def write(
    desk: DeskHere,
    visitor: Writer,
    process: Annotated[str, Form(max_length=200)],
    field: Annotated[str, Form(max_length=200)] = "",
    en: Text = "",
    de: Text = "",
    picture: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Put an instruction in place of the one before; with no text and no picture there is none any more."""
    definition = _definitions(desk, visitor).get(process)
    if definition is None:
        raise NotFoundError(process)
    content = picture.file.read() if picture else None
    instructions.write(desk, visitor.scope, definition, field, {"en": en, "de": de}, content)
    return RedirectResponse(f"/instructions?process={process}", 303)


@router.get("/instructions/{instruction_id}/picture.jpg")
def show_picture(request: Request, instruction_id: str, desk: DeskHere, visitor: Reviewer) -> Response:
    """An instruction's picture. Raises NotFoundError."""
    drawn = instructions.picture(desk, request.app.state.pool, visitor.scope, instruction_id)
    return Response(drawn, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=3600"})


@router.post("/review/{task_id}/instructions")
def confirm(
    task_id: str, epoch: Annotated[int, Form()], desk: DeskHere, visitor: Reviewer, last: Annotated[str, Form()] = ""
) -> Response:
    """The reviewer has read what changed; now the task is shown. Raises LeaseLostError."""
    lease = lease_of(visitor, task_id, epoch)
    instructions.confirm_all(desk, lease, person_of(visitor))
    return RedirectResponse(url_of(lease) + (f"&last={last}" if last.isalpha() else ""), 303)


def _definitions(desk: Desk, visitor: Visitor) -> dict[str, Definition]:
    """The processes that this person sees, by `client/process`."""
    with desk.store.read(visitor.scope) as session:
        return {_name(each): each for each in current_definitions(session)}


def _name(definition: Definition | None) -> str:
    return f"{definition.process.client}/{definition.process.process}" if definition else ""
