"""What the review routes share: who works, under which lease, what the page sends, and where the next task is shown."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from pydantic import BaseModel, Field

from store.database import Session
from store.queue import Lease
from store.users import all_users
from tasks import review
from tasks.desk import Desk
from tasks.parting import LEAD
from tasks.review import Person
from workbench.access import Requires
from workbench.permissions import Permission, clients_of, permissions_of
from workbench.typed_values import TypedValue
from workbench.visitor import Visitor

Reviewer = Annotated[Visitor, Depends(Requires(Permission.TASK_WORK))]
Chooser = Annotated[Visitor, Depends(Requires(Permission.TASK_CHOOSE))]
START = "/review"


class Held(BaseModel):
    """The lease under which the page works."""

    epoch: int


class Draft(Held):
    """The form as it stands while a person types."""

    document_type: str = Field(max_length=100)
    values: list[TypedValue] = Field(max_length=5000)


def person_of(visitor: Visitor) -> Person:
    """The visitor as the one who works; leads can do what was escalated to them."""
    skills = (*visitor.skills, LEAD) if visitor.may(Permission.TASK_CHOOSE) else visitor.skills
    return Person(visitor.name, visitor.client_ids, visitor.queues, skills)


def lease_of(visitor: Visitor, task_id: str, epoch: int) -> Lease:
    """The lease that the page says it holds."""
    return Lease(task_id, epoch, visitor.name)


def url_of(lease: Lease) -> str:
    """Where a leased task is shown."""
    return f"{START}/{lease.id}?epoch={lease.epoch}"


def next_url(desk: Desk, person: Person, *, last: str = "") -> str:
    """Lease the next task: where it is shown, or the start where there is none. `last`: what became of the one before."""
    lease = review.next_task(desk, person)
    return (url_of(lease) + (f"&last={last}" if last else "")) if lease else START


def reviewers(session: Session, visitor: Visitor) -> list[str]:
    """Who can be given work: active people who review, and see a client that the visitor sees."""
    return [
        user.name
        for user in all_users(session)
        if user.active and Permission.TASK_WORK in permissions_of(user.role) and _share(clients_of(user), visitor)
    ]


def _share(theirs: frozenset[str] | None, visitor: Visitor) -> bool:
    return theirs is None or visitor.client_ids is None or bool(theirs & visitor.client_ids)
