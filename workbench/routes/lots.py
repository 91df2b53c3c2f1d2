"""Lots: how each stands, what its plan lets through, and a page to try plans on."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from schemas.errors import DefinitionError
from tasks.audit.curves import plan_plot
from tasks.audit.decisions import decision_figures
from tasks.audit.lot_view import list_lots, load_lot, plan_view
from validations.audit.iso2859 import Severity, code_letter, single_plan
from validations.audit.iso2859_tables import AQLS, LEVELS
from validations.audit.plans import Plan, plan_two_point
from workbench.access import DeskHere, Requires
from workbench.pages import page, words_for
from workbench.permissions import Permission
from workbench.visitor import Visitor

router = APIRouter(prefix="/lots")
Viewer = Annotated[Visitor, Depends(Requires(Permission.AUDIT_VIEW))]
SVG = "image/svg+xml"
MOST_VALUES = 1_000_000


class Asked(BaseModel):
    """What a visitor asks of a plan; shares and risks in percent, as the form has them."""

    model_config = ConfigDict(extra="ignore")

    method: Literal["two_point", "aql"] = "two_point"
    prq: float = Field(0.25, ge=0, lt=100)
    crq: float = Field(1.0, gt=0, lt=100)
    producer_risk: float = Field(5.0, gt=0, lt=100)
    consumer_risk: float = Field(10.0, gt=0, lt=100)
    aql: float = 0.65
    level: Literal["I", "II", "III", "S-1", "S-2", "S-3", "S-4"] = "II"
    size: int = Field(5000, ge=1, le=MOST_VALUES)
    seconds: int = Field(8, ge=1, le=3600)

    def plan(self) -> Plan:
        """Raises DefinitionError: no plan keeps these promises."""
        if self.method == "aql":
            return single_plan(code_letter(self.size, self.level), self.aql, Severity.NORMAL, self.size)
        prq, crq = self.prq / 100, self.crq / 100
        return plan_two_point(prq, self.producer_risk / 100, crq, self.consumer_risk / 100, self.size)


@router.get("")
def list_page(request: Request, desk: DeskHere, visitor: Viewer) -> Response:
    """The newest lots with how far each is."""
    lots, progress = list_lots(desk, visitor.scope)
    decisions = decision_figures(desk, visitor.scope)
    return page(request, "lots.html", lots=lots, progress=progress, decisions=decisions)


@router.get("/plan")
def choose_plan(request: Request, visitor: Viewer, asked: Annotated[Asked, Query()]) -> Response:
    """A form, and what the plan that it asks for lets through and costs."""
    context: dict[str, Any] = {"asked": asked, "aqls": AQLS, "levels": LEVELS, "query": request.url.query}
    try:
        return page(request, "lot_plan.html", view=plan_view(asked.plan(), asked.seconds), **context)
    except DefinitionError as error:
        return page(request, "lot_plan.html", status=422, view=None, problem=error, **context)


@router.get("/plan/curve.svg")
def draw_plan(visitor: Viewer, asked: Annotated[Asked, Query()]) -> Response:
    """The operating characteristic of the plan that is asked for. Raises DefinitionError."""
    return Response(plan_plot({"": asked.plan()}, visitor.language), media_type=SVG)


@router.get("/{lot_id}")
def show(request: Request, lot_id: str, desk: DeskHere, visitor: Viewer) -> Response:
    """One lot: plans, sample, result, documents. Raises NotFoundError."""
    return page(request, "lot.html", view=load_lot(desk, visitor.scope, lot_id))


@router.get("/{lot_id}/plan.svg")
def draw(request: Request, lot_id: str, desk: DeskHere, visitor: Viewer) -> Response:
    """The operating characteristic of a lot's plans. Raises NotFoundError, also before the lot has a plan."""
    words, view = words_for(request), load_lot(desk, visitor.scope, lot_id)
    plans = {words("lots.class." + each.name): each.plan.plan for each in view.classes}
    return Response(plan_plot(plans, visitor.language), media_type=SVG)
