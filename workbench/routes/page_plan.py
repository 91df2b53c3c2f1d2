"""Pages put right: a person's plan for them, or their way back to the document before."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field, Json

from tasks import resplit
from tasks.resplit import PlannedPage
from workbench.access import DeskHere
from workbench.reviewing import Held, Reviewer, lease_of, next_url, person_of

router = APIRouter(prefix="/review")


class Planned(BaseModel):
    """A page as it is wanted; see `tasks.resplit.PlannedPage`."""

    number: int = Field(ge=1, le=10_000)
    turn: Literal[0, 90, 180, 270] = 0
    dropped: bool = False
    begins: bool = False


class Plan(Held):
    """All pages in their new order, as JSON; or `before`: they belong to the document before."""

    plan: Json[Annotated[list[Planned], Field(max_length=10_000)]]
    before: bool = False


@router.post("/{task_id}/arrange")
def arrange(task_id: str, work: Plan, desk: DeskHere, visitor: Reviewer) -> dict[str, str]:
    """What changed is read again, and the next task is leased. Raises LeaseLostError, IllegalTransitionError."""
    person, lease = person_of(visitor), lease_of(visitor, task_id, work.epoch)
    if work.before:
        resplit.join_before(desk, lease, person)
    else:
        resplit.arrange(desk, lease, person, [PlannedPage(**page.model_dump()) for page in work.plan])
    return {"next": next_url(desk, person)}
