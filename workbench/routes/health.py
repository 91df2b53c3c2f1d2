"""For supervisors of processes: is it up, and can it work?"""

from __future__ import annotations

from fastapi import APIRouter, Depends

from store.database import system
from store.figures import receipts_total
from workbench.access import DeskHere, open_to_all

router = APIRouter(dependencies=[Depends(open_to_all)])


@router.get("/healthz")
def alive() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz")
def ready(desk: DeskHere) -> dict[str, str]:
    """The database answers too; 503 where it does not."""
    with desk.store.read(system("workbench")) as session:
        receipts_total(session)
    return {"status": "ready"}
