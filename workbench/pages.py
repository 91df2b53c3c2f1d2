"""Templates to pages: one way to render, with the reader's words, the visitor and the versioned addresses of static files."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from workbench.document_words import field_name, reason_words, type_title, value_shown
from workbench.places import groups_for
from workbench.visitor import Visitor
from workbench.words import Words

HERE = Path(__file__).parent
STATIC = HERE / "static"


@cache
def static_url(name: str) -> str:
    """The address of a static file, changing with its content."""
    return f"/static/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for known in (static_url, type_title, field_name, value_shown, reason_words):
        environment.globals[known.__name__] = known
    return environment


def words_for(request: Request) -> Words:
    """The visitor's language, or the browser's first one."""
    visitor = current_visitor(request)
    if visitor is not None:
        return Words(visitor.language)
    return Words(request.headers.get("accept-language", "en")[:2].lower())


def current_visitor(request: Request) -> Visitor | None:
    """Who is signed in, where the request has come far enough to know."""
    visitor: Visitor | None = getattr(request.state, "visitor", None)
    return visitor


def page(
    request: Request, template: str, *, status: int = 200, headers: dict[str, str] | None = None, **context: Any
) -> HTMLResponse:
    """Render a template; it gets `t` (words), `visitor`, `path` and the top bar's `groups` beside its own context."""
    visitor, path = current_visitor(request), request.url.path
    groups = groups_for(visitor, path) if visitor else []
    html = (
        _environment()
        .get_template(template)
        .render(t=words_for(request), visitor=visitor, path=path, groups=groups, **context)
    )
    return HTMLResponse(html, status, headers)
