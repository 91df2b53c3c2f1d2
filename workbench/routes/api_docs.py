"""The API's own description: the OpenAPI schema, and a page of it that needs no script."""

from __future__ import annotations

from functools import cache
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.openapi.utils import get_openapi
from starlette.responses import JSONResponse, Response

from workbench.access import open_to_all, visitor_behind
from workbench.api_access import PER_MINUTE
from workbench.pages import page
from workbench.routes import api

router = APIRouter(prefix="/api/v1", dependencies=[Depends(open_to_all)])
SCHEME = {"token": {"type": "http", "scheme": "bearer", "description": "An API token, from an administrator."}}


@router.get("/openapi.json", include_in_schema=False)
def schema() -> Response:
    """OpenAPI 3.1 of the API."""
    return JSONResponse(described())


@router.get("/docs", include_in_schema=False)
def reference(request: Request) -> Response:
    """The same for people."""
    visitor_behind(request)
    return page(request, "api_docs.html", api=described(), per_minute=PER_MINUTE)


@cache
def described() -> dict[str, Any]:
    """The schema."""
    schema = get_openapi(title="Cleardesk API", version="1", routes=api.router.routes)
    schema["components"]["securitySchemes"] = SCHEME
    return {**schema, "security": [{"token": []}]}
