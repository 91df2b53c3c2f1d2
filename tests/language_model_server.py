"""A stub that speaks the chat-completions protocol on loopback: it answers as it is told and keeps what it was sent."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from schemas.document_type import DocumentType

Quote = tuple[str, str, int]  # value, printed, page


@dataclass(frozen=True)
class Told:
    """One reply: status, body, and how slowly it comes (seconds before it, and between its bytes)."""

    status: int = 200
    body: bytes = b""
    wait: float = 0.0
    drip: float = 0.0
    location: str = ""


Behaviour = Told | Callable[[dict[str, Any]], Told]


class LanguageModelServer:
    """Gives its behaviours one after the other, the last one again and again. `requests`: (headers, body) as received."""

    def __init__(self, *behaviours: Behaviour) -> None:
        self.behaviours = list(behaviours)
        self.requests: list[tuple[Message, dict[str, Any]]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self) -> LanguageModelServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                stub.requests.append((self.headers, body))
                now = stub.behaviours.pop(0) if len(stub.behaviours) > 1 else stub.behaviours[0]
                told = now if isinstance(now, Told) else now(body)
                time.sleep(told.wait)
                self.send_response(told.status)
                if told.location:
                    self.send_header("Location", told.location)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(told.body)))
                self.end_headers()
                self._write(told)

            def _write(self, told: Told) -> None:
                try:
                    for byte in told.body if told.drip else ():
                        self.wfile.write(bytes([byte]))
                        self.wfile.flush()
                        time.sleep(told.drip)
                    self.wfile.write(b"" if told.drip else told.body)
                except OSError:
                    return  # the client has hung up

            def log_message(self, *_: object) -> None:
                """Silent."""

        return Handler


def completion(content: str | None, *, finish: str = "stop", refusal: str | None = None) -> Told:
    """A reply of the protocol with 1,200 tokens in and 300 out."""
    message = {"role": "assistant", "content": content, "refusal": refusal}
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "stub",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {"prompt_tokens": 1200, "completion_tokens": 300, "total_tokens": 1500},
    }
    return Told(body=json.dumps(body).encode())


def answer(definition: DocumentType, lines: list[dict[str, Quote]] | None = None, **quotes: Quote) -> Told:
    """A well-formed answer: header quotes by name, line items as rows of quotes; everything else is null."""
    tables: dict[str, list[dict[str, Any]]] = {name: [] for name in definition.tables}
    if lines:
        columns = definition.tables["line_items"].columns
        tables["line_items"] = [{name: _quoted(row.get(name)) for name in columns} for row in lines]
    said = {"fields": {name: _quoted(quotes.get(name)) for name in definition.fields}, "tables": tables}
    return completion(json.dumps(said))


def _quoted(quote: Quote | None) -> dict[str, Any] | None:
    return dict(zip(("value", "printed", "page"), quote, strict=True)) if quote else None
