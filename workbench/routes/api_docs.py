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
LIMITS = {
    "enum": "one of {0}",
    "pattern": "like {0}",
    "minimum": "from {0}",
    "maximum": "to {0}",
    "minItems": "at least {0}",
    "maxItems": "at most {0}",
    "maxLength": "at most {0} characters",
    "default": "else {0!r}",
}
SCHEME = {"token": {"type": "http", "scheme": "bearer", "description": "An API token, from an administrator."}}


@router.get("/openapi.json", include_in_schema=False)
def schema() -> Response:
    """OpenAPI 3.1 of the API."""
    return JSONResponse(described())


@router.get("/docs", include_in_schema=False)
def reference(request: Request) -> Response:
    """The same for people."""
    visitor_behind(request)
    return page(request, "api_docs.html", api=described(), shape=shape, per_minute=PER_MINUTE)


def shape(schema: dict[str, Any]) -> str:
    """A JSON schema in words: `string or null`, `list of CorrectedValue (at least 1, at most 500)`."""
    if "$ref" in schema:
        return str(schema["$ref"].rsplit("/", 1)[-1])
    if "anyOf" in schema:
        return " or ".join(shape(each) for each in schema["anyOf"])
    kind = schema.get("format") or schema.get("type", "anything")
    if "items" in schema:
        kind = f"list of {shape(schema['items'])}"
    if isinstance(schema.get("additionalProperties"), dict):
        kind = f"object of {shape(schema['additionalProperties'])}"
    limits = [words.format(schema[name]) for name, words in LIMITS.items() if name in schema]
    return f"{kind} ({', '.join(limits)})" if limits else kind


@cache
def described() -> dict[str, Any]:
    """The schema."""
    schema = get_openapi(title="Cleardesk API", version="1", routes=api.router.routes)
    schema["components"]["securitySchemes"] = SCHEME
    return {**schema, "security": [{"token": []}]}
