"""Errors as people and programs see them: a code, what happened, what to do, and the request's id; never a trace."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from schemas.errors import (
    AccessDeniedError,
    CleardeskError,
    ConflictError,
    DocumentError,
    NotFoundError,
    PasswordChangeError,
    SecondFactorError,
    SignInNeededError,
    TooManyAttemptsError,
    TransientError,
)
from workbench.pages import page, words_for
from workbench.words import Words

API = "/api"

STATUSES: tuple[tuple[type[CleardeskError], int], ...] = (
    (SignInNeededError, 401),
    (NotFoundError, 404),
    (TooManyAttemptsError, 429),
    (AccessDeniedError, 403),
    (ConflictError, 409),
    (DocumentError, 422),
    (TransientError, 503),
)


FIRST_STEPS = {PasswordChangeError.code: "/account", SecondFactorError.code: "/account/second-factor"}
"""Where people are led to whom nothing else is shown before they have done something."""


class BodyTooLargeError(CleardeskError):
    """The request's body is larger than any of our forms."""

    code = "W413"
    remedy = "Send less at once."


@dataclass(frozen=True)
class Problem:
    """One refused or failed request."""

    status: int
    code: str
    headers: dict[str, str]


def problem_of(error: Exception) -> Problem:
    """Status and code of any error."""
    match error:
        case TooManyAttemptsError():
            return Problem(429, error.code, {"Retry-After": str(error.wait)})
        case BodyTooLargeError():
            return Problem(413, error.code, {})
        case CleardeskError():
            status = next((status for kind, status in STATUSES if isinstance(error, kind)), 500)
            return Problem(status, error.code, {})
        case RequestValidationError():
            return Problem(422, "W422", {})
        case HTTPException():
            return Problem(error.status_code, f"W{error.status_code}", dict(error.headers or {}))
        case _:
            return Problem(500, "X000", {})


def problem_response(request: Request, error: Exception) -> Response:
    """The answer to a request that failed: JSON for programs, a page for people, the sign-in page for strangers."""
    problem = problem_of(error)
    if request.url.path.startswith(f"{API}/"):
        return _to_machine(request, problem)
    wants_json = "application/json" in request.headers.get("accept", "")
    if problem.status == 401 and not wants_json:
        return _to_sign_in(request)
    if problem.code in FIRST_STEPS and not wants_json:
        return RedirectResponse(FIRST_STEPS[problem.code], status_code=303)
    words = words_for(request)
    facts = {
        "code": problem.code,
        "what": words.of_problem(problem.code, problem.status, "what"),
        "do": words.of_problem(problem.code, problem.status, "do"),
        "request_id": request.state.request_id,
    }
    if wants_json:
        return JSONResponse(facts, problem.status, problem.headers)
    return page(request, "problem.html", status=problem.status, headers=problem.headers, **facts)


def _to_machine(request: Request, problem: Problem) -> Response:
    """Problem details for HTTP APIs (RFC 9457), in English."""
    words = Words("en")
    content = {
        "type": "about:blank",
        "title": words.of_problem(problem.code, problem.status, "what"),
        "status": problem.status,
        "detail": words.of_problem(problem.code, problem.status, "do"),
        "code": problem.code,
        "request_id": request.state.request_id,
    }
    challenge = {"WWW-Authenticate": "Bearer"} if problem.status == 401 else {}
    headers = {**problem.headers, **challenge}
    return JSONResponse(content, problem.status, headers, media_type="application/problem+json")


async def answer_problem(request: Request, error: Exception) -> Response:
    """FastAPI's exception handler for all of our errors and its own."""
    return problem_response(request, error)


def _to_sign_in(request: Request) -> Response:
    goal = request.url.path if request.method == "GET" else "/"
    address = "/sign-in" if goal == "/" else f"/sign-in?next={quote(goal)}"
    if request.headers.get("hx-request"):
        return Response(status_code=401, headers={"HX-Redirect": address})
    return RedirectResponse(address, status_code=303)
