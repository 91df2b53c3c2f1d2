"""The API's own description: the OpenAPI schema, and a page of it that needs no script."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.responses import JSONResponse, Response

from workbench.access import open_to_all, visitor_behind
from workbench.api_access import PER_MINUTE
from workbench.pages import page

router = APIRouter(prefix="/api/v1", dependencies=[Depends(open_to_all)])
SCHEME = {"token": {"type": "http", "scheme": "bearer", "description": "An API token, from an administrator."}}


@router.get("/openapi.json", include_in_schema=False)
def schema(request: Request) -> Response:
    """OpenAPI 3.1 of the API."""
    return JSONResponse(described(request.app))


@router.get("/docs", include_in_schema=False)
def reference(request: Request) -> Response:
    """The same for people."""
    visitor_behind(request)
    api = described(request.app)
    return page(request, "api_docs.html", api=api, per_minute=PER_MINUTE)


def described(app: FastAPI) -> dict[str, Any]:
    """The schema; made once."""
    if not hasattr(app.state, "api_schema"):
        routes = [each for each in app.routes if isinstance(each, APIRoute) and each.path.startswith("/api/v1/")]
        api = get_openapi(title="Cleardesk API", version="1", routes=routes)
        api.setdefault("components", {})["securitySchemes"] = SCHEME
        api["security"] = [{"token": []}]
        app.state.api_schema = api
    described: dict[str, Any] = app.state.api_schema
    return described
