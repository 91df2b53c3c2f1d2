"""Pages put right: a person's plan for them, or their way back to the document before."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field, Json

from store.queue import Lease
from tasks import resplit
from tasks.resplit import PlannedPage
from tasks.review import Person, next_task
from workbench.access import DeskHere, Requires
from workbench.permissions import Permission
from workbench.visitor import Visitor

router = APIRouter(prefix="/review")
Reviewer = Annotated[Visitor, Depends(Requires(Permission.TASK_WORK))]


class Planned(BaseModel):
    """A page as it is wanted; see `tasks.resplit.PlannedPage`."""

    number: int = Field(ge=1, le=10_000)
    turn: Literal[0, 90, 180, 270] = 0
    dropped: bool = False
    begins: bool = False


class Plan(BaseModel):
    """All pages in their new order, as JSON; or `before`: they belong to the document before."""

    epoch: int
    plan: Json[Annotated[list[Planned], Field(max_length=10_000)]]
    before: bool = False


@router.post("/{task_id}/arrange")
def arrange(task_id: str, work: Plan, desk: DeskHere, visitor: Reviewer) -> dict[str, str]:
    """What changed is read again, and the next task is leased. Raises LeaseLostError, IllegalTransitionError."""
    person, lease = Person(visitor.name, visitor.client_ids, visitor.queues), Lease(task_id, work.epoch, visitor.name)
    if work.before:
        resplit.join_before(desk, lease, person)
    else:
        resplit.arrange(desk, lease, person, [PlannedPage(**page.model_dump()) for page in work.plan])
    following = next_task(desk, person)
    return {"next": f"/review/{following.id}?epoch={following.epoch}" if following else "/review"}
