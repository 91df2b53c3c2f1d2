"""People: how often each is right, for leads and quality auditors; and for everybody their own figures."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from schemas.errors import NotFoundError
from tasks.desk import Desk
from tasks.people import Figures, figures_of, people
from tasks.people_plots import chart
from workbench.access import DeskHere, Requires
from workbench.pages import page
from workbench.permissions import Permission
from workbench.visitor import Visitor

router = APIRouter()
Lead = Annotated[Visitor, Depends(Requires(Permission.PEOPLE_VIEW))]
Own = Annotated[Visitor, Depends(Requires(Permission.TASK_WORK))]


@router.get("/people")
def list_page(request: Request, desk: DeskHere, visitor: Lead) -> Response:
    """Everybody whose work was checked lately."""
    return page(request, "people.html", people=people(desk, visitor.scope))


@router.get("/people/{name}")
def show(request: Request, name: str, desk: DeskHere, visitor: Lead) -> Response:
    """One person by type of field. Raises NotFoundError where nothing of them was checked."""
    figures = _checked(desk, visitor, name)
    return page(request, "person.html", figures=figures, plot=f"/people/{name}/weeks.svg", own=False)


@router.get("/people/{name}/weeks.svg")
def weeks(name: str, desk: DeskHere, visitor: Lead) -> Response:
    """The control chart of a person's weeks. Raises NotFoundError."""
    _checked(desk, visitor, name)
    return Response(chart(desk, visitor.scope, name, visitor.language), media_type="image/svg+xml")


def _checked(desk: Desk, visitor: Visitor, name: str) -> Figures:
    figures = figures_of(desk, visitor.scope, name)
    if not figures.right.total:
        raise NotFoundError(name)
    return figures


@router.get("/mine/figures")
def own(request: Request, desk: DeskHere, visitor: Own) -> Response:
    """The visitor's own figures."""
    figures = figures_of(desk, visitor.scope, visitor.name)
    return page(request, "person.html", figures=figures, plot="/mine/weeks.svg", own=True)


@router.get("/mine/weeks.svg")
def own_weeks(desk: DeskHere, visitor: Own) -> Response:
    """The control chart of the visitor's own weeks."""
    return Response(chart(desk, visitor.scope, visitor.name, visitor.language), media_type="image/svg+xml")
