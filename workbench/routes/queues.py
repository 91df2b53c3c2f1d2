"""Queues: which exist, how much waits in them, and who serves them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from store.queues import QueueRow, queues_seen
from store.tables import User
from tasks.administration import people_seen
from workbench.access import DeskHere, Requires
from workbench.pages import page
from workbench.permissions import PERMISSIONS, Permission
from workbench.routes.users import administrator
from workbench.visitor import Visitor

router = APIRouter(prefix="/queues")
Admin = Annotated[Visitor, Depends(Requires(Permission.USER_ADMIN))]
WORKING = {role for role, permissions in PERMISSIONS.items() if Permission.TASK_WORK in permissions}


@router.get("")
def show(request: Request, desk: DeskHere, visitor: Admin) -> Response:
    """Every queue with its servers; counts only, nothing of what waits."""
    with desk.store.read(visitor.scope) as session:
        queues = queues_seen(session)
    people = [row.user for row in people_seen(desk, administrator(visitor))]
    rows = [(queue, [user.name for user in people if _serves(user, queue)]) for queue in queues]
    return page(request, "queues.html", rows=rows)


def _serves(user: User, queue: QueueRow) -> bool:
    return (
        user.active
        and user.role in WORKING
        and (not user.queues or queue.queue in user.queues)
        and (not user.client_ids or queue.client_id in user.client_ids)
    )
