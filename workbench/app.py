"""The application: routes, static files and the protection around them, for one desk."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from reading.pool import ReaderPool
from schemas.errors import CleardeskError
from tasks.desk import Desk
from tasks.desk_figures import SharedFigures
from tasks.rate_limit import RateLimit
from workbench.access import check_declared
from workbench.api_access import PER_MINUTE
from workbench.pages import STATIC
from workbench.problems import answer_problem
from workbench.protection import Protection
from workbench.routes import (
    account,
    api,
    api_docs,
    audits,
    books,
    bulk,
    certificates,
    claims,
    desk_page,
    documents,
    explanations,
    finished,
    group_check,
    health,
    held,
    instructions,
    keying,
    lots,
    models,
    originals,
    page_images,
    page_plan,
    page_words,
    patterns,
    pauses,
    people,
    questions,
    queues,
    reports,
    review,
    review_ends,
    scorecards,
    second_factor,
    sign_in,
    single_sign_on,
    steering,
    suppliers,
    tokens,
    training,
    users,
)

ROUTERS = (
    sign_in.router,
    single_sign_on.router,
    desk_page.router,
    books.router,
    review.router,
    review_ends.router,
    group_check.router,
    instructions.router,
    finished.router,
    steering.router,
    questions.router,
    reports.router,
    keying.router,
    lots.router,
    certificates.router,
    claims.router,
    documents.router,
    bulk.router,
    explanations.router,
    page_images.router,
    originals.router,
    page_words.router,
    page_plan.router,
    audits.router,
    scorecards.router,
    people.router,
    training.router,
    held.router,
    models.router,
    suppliers.router,
    pauses.router,
    account.router,
    second_factor.router,
    users.router,
    queues.router,
    tokens.router,
    api.router,
    api_docs.router,
    patterns.router,
    health.router,
)


def create_app(desk: Desk, pool: ReaderPool) -> FastAPI:
    """The workbench of a desk; `pool` makes page images.

    Raises:
        ConfigurationError: a route declares no permission.
    """
    check_declared(ROUTERS)
    app = FastAPI(title="Cleardesk", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.desk, app.state.pool, app.state.figures = desk, pool, SharedFigures(desk)
    app.state.rate_limit = RateLimit(desk.store, PER_MINUTE)
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/static", _Static(directory=STATIC), name="static")
    for kind in (CleardeskError, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, answer_problem)
    app.add_middleware(Protection, secure=desk.settings.secure_cookies)
    return app


class _Static(StaticFiles):
    """Our own files. An address with a version never changes its content; the others are asked for again each time."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        versioned = scope["query_string"].startswith(b"v=")
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if versioned else "no-cache"
        return response
