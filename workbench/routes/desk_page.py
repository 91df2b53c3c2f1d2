"""The desk at a glance, live, for leads and ops: what came and left, where it stands, what will be late, what is wrong.

The page is told of changes by server-sent events, and then asks for its figures again; where the stream cannot be had, it asks
every few seconds. Neither counts as a sign that anybody is there. All watchers of a scope share one computation.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from tasks.desk_figures import DeskFigures, SharedFigures
from workbench.access import Requires, visitor_behind
from workbench.charts import Chart, Series, bar_chart
from workbench.pages import page, words_for
from workbench.permissions import Permission
from workbench.visitor import Visitor
from workbench.words import Words

router = APIRouter(prefix="/desk")
Viewer = Annotated[Visitor, Depends(Requires(Permission.DESK_VIEW))]
TICK_SECONDS = 4.0
RETRY_MILLISECONDS = 4000  # after which a browser comes again
TICKS = 150  # of one stream: ten minutes; the browser then comes again, and its session is looked at again
ASK_SESSION_EVERY = 15  # ticks


@router.get("")
def show(request: Request, visitor: Viewer) -> Response:
    """The whole page."""
    return page(request, "desk.html", **_shown(request, visitor))


@router.get("/figures")
def figures(request: Request, visitor: Viewer) -> Response:
    """The figures alone, for the refresh."""
    return page(request, "_desk_figures.html", **_shown(request, visitor))


@router.get("/events")
def events(request: Request, visitor: Viewer) -> Response:
    """Says `changed` whenever the figures look different than before, until the session ends or ten minutes are over."""
    return StreamingResponse(_changes(request, visitor), media_type="text/event-stream")


async def _changes(request: Request, visitor: Visitor) -> AsyncIterator[str]:
    yield f"retry: {RETRY_MILLISECONDS}\n\n"
    last = ""
    for tick in range(TICKS):
        if tick and tick % ASK_SESSION_EVERY == 0 and not await run_in_threadpool(_is_still_here, request):
            return
        look = await run_in_threadpool(_look, request, visitor)
        if look != last:
            yield f"event: changed\ndata: {look}\n\n"
            last = look
        else:
            yield ": still here\n\n"
        await asyncio.sleep(TICK_SECONDS)


def _look(request: Request, visitor: Visitor) -> str:
    """What the visitor would see now, as a short digest."""
    html = page(request, "_desk_figures.html", **_shown(request, visitor)).body
    return hashlib.sha256(html).hexdigest()[:16]


def _is_still_here(request: Request) -> bool:
    """Whether the session still lives and may still see the desk."""
    del request.state.visitor  # looked up anew
    visitor = visitor_behind(request)
    return visitor is not None and visitor.may(Permission.DESK_VIEW)


def _shown(request: Request, visitor: Visitor) -> dict[str, Any]:
    shared: SharedFigures = request.app.state.figures
    counted, words = shared.now(visitor.scope), words_for(request)
    return {
        "figures": counted,
        "passed": _passed_chart(counted, words),
        "ahead": _ahead_chart(counted, words),
        "hour": dt.timedelta(hours=1),
    }


def _passed_chart(counted: DeskFigures, words: Words) -> Chart:
    """What came and what left, day by day."""
    return bar_chart(
        [words.day(day.day) for day in counted.days],
        [
            Series("came", words("desk.received"), [day.received for day in counted.days]),
            Series("left", words("desk.delivered"), [day.delivered for day in counted.days]),
        ],
        every=2,
    )


def _ahead_chart(counted: DeskFigures, words: Words) -> Chart:
    """All that is due by the end of each hour, against all that people will have finished by then."""
    due, total = [], 0
    for hour in counted.hours:
        total += hour.due
        due.append(total)
    return bar_chart(
        [words.clock(hour.begins + dt.timedelta(hours=1)) for hour in counted.hours],
        [Series("due", words("desk.due_by_then"), due)],
        Series("pace", words("desk.finished_by_then"), [hour.finished for hour in counted.hours]),
        every=2,
    )
