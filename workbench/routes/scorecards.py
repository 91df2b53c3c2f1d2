"""Scorecards: contacts are judged beside their transcripts, disputed and calibrated; results by agent, team, form and item."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from schemas.scorecard import Answer, Place
from store.evaluations import DRAFT, OPEN, periods, work_list
from store.users import evaluators
from tasks.evaluate import dispute, hand_back, keep_answers, load_evaluation, start_calibration, take_next
from tasks.evaluation_results import list_calibrations, load_calibration, results_of
from workbench.access import DeskHere, Requires
from workbench.pages import page
from workbench.permissions import Permission
from workbench.visitor import Visitor

router = APIRouter()
Reader = Annotated[Visitor, Depends(Requires(Permission.EVALUATION_VIEW))]
Evaluator = Annotated[Visitor, Depends(Requires(Permission.EVALUATE))]
Objector = Annotated[Visitor, Depends(Requires(Permission.EVALUATION_DISPUTE))]
MOST_NOTE = 2000


async def _sent(request: Request) -> FormData:
    return await request.form()


@router.get("/scorecards")
def list_page(request: Request, desk: DeskHere, visitor: Reader, period: str = "") -> Response:
    """The contacts to judge, the judged ones, and a period's results."""
    evaluates = visitor.may(Permission.EVALUATE)
    with desk.store.read(visitor.scope) as session:
        rows = [(row, document) for row, document in work_list(session) if evaluates or row.state not in (OPEN, DRAFT)]
        months = periods(session)
    return page(
        request,
        "scorecards.html",
        rows=rows,
        months=months,
        period=period,
        results=results_of(desk, visitor.scope, period or None),
        calibrations=list_calibrations(desk, visitor.scope) if evaluates else [],
    )


@router.post("/scorecards/next")
def take(desk: DeskHere, visitor: Evaluator) -> Response:
    """Go on with the own draft, or take the next contact; back to the list where there is none."""
    found = take_next(desk, visitor.scope)
    return RedirectResponse(f"/scorecards/{found}" if found else "/scorecards", 303)


@router.get("/scorecards/{evaluation_id}")
def show(request: Request, evaluation_id: str, desk: DeskHere, visitor: Reader) -> Response:
    """A form beside its transcript. Raises NotFoundError."""
    return _card(request, desk, visitor, evaluation_id, asked=False)


@router.post("/scorecards/{evaluation_id}")
def keep(
    request: Request,
    evaluation_id: str,
    desk: DeskHere,
    visitor: Evaluator,
    sent: Annotated[FormData, Depends(_sent)],
) -> Response:
    """Keep the answers, or finish; what is missing is shown. Raises NotFoundError, IllegalTransitionError."""
    final = sent.get("action") == "final"
    view = load_evaluation(desk, visitor.scope, evaluation_id)
    given = _answers([item.id for item in view.form.items], {name: str(value) for name, value in sent.items()})
    left = keep_answers(desk, visitor.scope, evaluation_id, given, final=final)
    if final and left:
        return _card(request, desk, visitor, evaluation_id, asked=True)
    calibration = view.evaluation.calibration
    done = f"/calibrations/{calibration}" if calibration else "/scorecards"
    return RedirectResponse(done if final else f"/scorecards/{evaluation_id}", 303)


@router.post("/scorecards/{evaluation_id}/hand-back")
def give_back(evaluation_id: str, desk: DeskHere, visitor: Evaluator) -> Response:
    """Let somebody else judge it. Raises NotFoundError, IllegalTransitionError."""
    hand_back(desk, visitor.scope, evaluation_id)
    return RedirectResponse("/scorecards", 303)


@router.post("/scorecards/{evaluation_id}/dispute")
def object_to(
    evaluation_id: str,
    desk: DeskHere,
    visitor: Objector,
    text: Annotated[str, Form(min_length=1, max_length=MOST_NOTE)],
) -> Response:
    """Ask for a second score by somebody else. Raises NotFoundError, FourEyesError, IllegalTransitionError."""
    dispute(desk, visitor.scope, evaluation_id, text)
    return RedirectResponse(f"/scorecards/{evaluation_id}", 303)


@router.post("/scorecards/{evaluation_id}/calibrate")
def calibrate(
    evaluation_id: str, desk: DeskHere, visitor: Evaluator, people: Annotated[list[str] | None, Form()] = None
) -> Response:
    """Let several people judge the same contact. Raises NotFoundError, FourEyesError, IllegalTransitionError."""
    calibration = start_calibration(desk, visitor.scope, evaluation_id, people or [])
    return RedirectResponse(f"/calibrations/{calibration}", 303)


@router.get("/calibrations/{calibration_id}")
def calibration(request: Request, calibration_id: str, desk: DeskHere, visitor: Evaluator) -> Response:
    """Who has finished; and when all have, their answers side by side and how far they agree. Raises NotFoundError."""
    found = load_calibration(desk, visitor.scope, calibration_id)
    mine = next((part for part in found.parts if part.evaluator == visitor.name), None)
    return page(request, "calibration.html", calibration=found, mine=mine)


def _card(request: Request, desk: DeskHere, visitor: Visitor, evaluation_id: str, *, asked: bool) -> Response:
    view = load_evaluation(desk, visitor.scope, evaluation_id)
    with desk.store.read(visitor.scope) as session:
        people = evaluators(session, view.evaluation.client_id) if visitor.may(Permission.EVALUATE) else []
    return page(request, "scorecard.html", view=view, missing=view.missing if asked else [], people=people)


def _answers(items: list[str], sent: Mapping[str, str]) -> dict[str, Answer]:
    """The form's fields `answer.ITEM`, `note.ITEM` and `place.ITEM` (`line:start:end`)."""
    return {
        item: Answer(
            answer=sent.get(f"answer.{item}", ""),
            note=sent.get(f"note.{item}", "").strip()[:MOST_NOTE],
            place=_place(sent.get(f"place.{item}", "")),
        )
        for item in items
    }


def _place(text: str) -> Place | None:
    """`7` or `7:0:12`; None where it is no place."""
    parts = text.strip().split(":")
    if not all(part.isdecimal() and len(part) < 9 for part in parts) or len(parts) not in (1, 3) or not int(parts[0]):
        return None
    line, start, end = (*map(int, parts), 0, 0)[:3]
    return Place(line=line, start=start, end=end)
