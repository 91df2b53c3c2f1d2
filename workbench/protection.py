"""Around every request: an id, the same-origin check, a bound on the body, the security headers, and the last net for errors."""

from __future__ import annotations

import logging
import secrets
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from schemas.errors import CleardeskError, ForeignRequestError
from store.events import REQUEST
from tasks.upload import MOST_BYTES as MOST_UPLOADED
from workbench.access import SAFE_METHODS
from workbench.problems import API, BodyTooLargeError, problem_response

log = logging.getLogger(__name__)

MOST_BYTES = 2 * 1024 * 1024
UPLOADS = {f"{API}/v1/receipts": MOST_UPLOADED + 64 * 1024}  # the file and the form around it
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
YEAR = 365 * 24 * 3600


class Protection:
    """ASGI middleware, the outermost of ours. `secure`: served behind TLS."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self.app = app
        self.secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope.setdefault("state", {})["request_id"] = request_id = secrets.token_hex(8)
        REQUEST.set(request_id)
        request = Request(scope)
        guarded = _Guarded(scope, send, secure=self.secure)
        try:
            self._check(request)
            await self.app(scope, _bounded(receive, _most_bytes(request)), guarded)
        except CleardeskError as error:
            await guarded.answer(request, error)
        except Exception as error:  # noqa: BLE001 - the outermost edge: nothing may show a trace
            log.error("request failed", extra=_facts(request, error))
            await guarded.answer(request, error)

    def _check(self, request: Request) -> None:
        """Raise unless the request is small and, if it changes something, comes from our own pages."""
        length = request.headers.get("content-length", "0")
        if not length.isdigit() or int(length) > _most_bytes(request):
            raise BodyTooLargeError(f"over {_most_bytes(request)} bytes")
        if request.url.path.startswith(f"{API}/"):
            return  # its tokens are in no browser's keeping: another site has nothing to send along
        if request.method not in SAFE_METHODS and not _is_same_origin(request, secure=self.secure):
            raise ForeignRequestError("another origin")


def _is_same_origin(request: Request, *, secure: bool) -> bool:
    """Whether our own page sent it, by Sec-Fetch-Site and Origin; a request with neither is refused.

    Under our referrer policy browsers write `Origin: null` for forms; then Sec-Fetch-Site alone speaks. It is sent to
    loopback and TLS addresses, which are those that the workbench is meant to be reached by.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin", "null")
    if site is not None and site != "same-origin":
        return False
    if origin == "null":
        return site == "same-origin"
    parts = urlsplit(origin)
    return parts.netloc == request.headers.get("host") and (parts.scheme == "https" or not secure)


def _most_bytes(request: Request) -> int:
    return UPLOADS.get(request.url.path, MOST_BYTES)


def _bounded(receive: Receive, most: int) -> Receive:
    """The same body, cut off with an error where it is longer than it may be, whatever its headers say."""
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise BodyTooLargeError(f"over {most} bytes")
        return message

    return bounded


class _Guarded:
    """Sends a response with our headers, and knows whether one has begun."""

    def __init__(self, scope: Scope, send: Send, *, secure: bool) -> None:
        self.scope, self.send, self.secure = scope, send, secure
        self.begun = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)  # originals have a stricter policy of their own
            headers["X-Request-Id"] = self.scope["state"]["request_id"]
            headers.setdefault("Cache-Control", "no-store")
            if self.secure:
                headers["Strict-Transport-Security"] = f"max-age={YEAR}; includeSubDomains"
        await self.send(message)

    async def answer(self, request: Request, error: Exception) -> None:
        if not self.begun:
            await problem_response(request, error)(self.scope, request.receive, self)


def _facts(request: Request, error: Exception) -> dict[str, str]:
    """What may be logged of a fault: kinds and ids, never texts."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    return {
        "request_id": request.state.request_id,
        "method": request.method,
        "error": type(error).__name__,
        "at": f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else "",
    }
