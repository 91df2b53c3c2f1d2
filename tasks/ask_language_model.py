"""Ask a language model beside the machine: only where the client's process permits it, and only where a person would be asked.

Nothing here can stop a document, nor let one through that a person would have seen. What was sent, what came of it and what
it cost stands in the audit trail at once, whatever becomes of the document afterwards. No transaction is open while it is asked.
"""

from __future__ import annotations

import logging
import threading
import time
from decimal import Decimal

from extraction.language_model import UNWELL, Endpoint, Outcome, Reply, ask
from extraction.language_model_words import permitted
from extraction.second_opinion import with_second_opinion
from schemas.document_type import DocumentType
from schemas.narrowing import type_in_process
from schemas.reading import Reading, Source
from schemas.settings import Settings
from schemas.values import Extraction
from store.database import system
from store.definitions import Definition
from store.events import record
from store.tables import Document
from tasks.desk import Desk
from tasks.judge import judge_draft
from tasks.route import FOUR_EYES, route

log = logging.getLogger(__name__)

ACTOR = system("flow:process")
ASKED = "document.language_model"  # the event's kind
MICRO = Decimal("0.000001")


class Breaker:
    """Leaves a server alone for a while after failures in a row; then one question shows whether it is well again."""

    def __init__(self, failures: int, rest: float) -> None:
        self._most, self._rest = failures, rest
        self._failed, self._until = 0, 0.0
        self._lock = threading.Lock()

    @property
    def resting(self) -> bool:
        return time.monotonic() < self._until

    def note(self, outcome: Outcome) -> None:
        """Count an outcome; a document that was not sent says nothing about the server."""
        if outcome is Outcome.TOO_LONG:
            return
        with self._lock:
            self._failed = self._failed + 1 if outcome in UNWELL else 0
            if self._failed >= self._most:
                self._until = time.monotonic() + self._rest
                log.warning("language model left alone", extra={"outcome": outcome, "seconds": self._rest})


_breakers: dict[tuple[str, str], Breaker] = {}  # one a server and model, shared by the threads of this process


def second_opinion(
    desk: Desk, document: Document, definition: Definition, reading: Reading, extraction: Extraction
) -> Extraction:
    """The extraction with what a language model says beside it; as it was where none may, can or need be asked."""
    process = definition.process
    endpoint = endpoint_of(desk.settings)
    kind = type_in_process(process, extraction.document_type)
    if endpoint is None or kind is None or not process.language_model.allowed:
        return extraction
    breaker = _breaker(endpoint, desk.settings)
    if breaker.resting or not _wants_help(extraction, reading, kind, definition):
        return extraction
    asked_for = permitted(kind, process.language_model.fields)
    reply = ask(endpoint, reading, asked_for)
    breaker.note(reply.outcome)
    _record(desk, document, endpoint.model, reply)
    return with_second_opinion(extraction, reply.answer, asked_for, reading) if reply.answer else extraction


def endpoint_of(settings: Settings) -> Endpoint | None:
    """The server that the desk is set up with; None where it is switched off."""
    if not (settings.language_model_url and settings.language_model):
        return None
    return Endpoint(
        settings.language_model_url,
        settings.language_model,
        settings.language_model_key.get_secret_value(),
        seconds=settings.language_model_seconds,
        tokens=settings.language_model_tokens,
    )


def cost(reply: Reply, settings: Settings) -> Decimal:
    """What the tokens of a reply cost, to the millionth, in the currency of the prices that ops set."""
    price = reply.tokens_in * settings.language_model_price_in + reply.tokens_out * settings.language_model_price_out
    return (price / 1000).quantize(MICRO)


def _breaker(endpoint: Endpoint, settings: Settings) -> Breaker:
    made = Breaker(settings.language_model_failures, settings.language_model_rest)
    return _breakers.setdefault((endpoint.url, endpoint.model), made)


def _wants_help(extraction: Extraction, reading: Reading, kind: DocumentType, definition: Definition) -> bool:
    """Whether a value is doubtful, missing or at odds with the others, so that a person would be asked for it."""
    scanned = any(page.source is Source.OCR for page in reading.pages)
    findings = judge_draft(extraction, definition)
    reasons = route(extraction, findings, [], definition.process, kind, scanned=scanned).reasons
    return any(reason != FOUR_EYES for reason in reasons)


def _record(desk: Desk, document: Document, model: str, reply: Reply) -> None:
    with desk.store.session(ACTOR) as session:
        record(
            session,
            document.client_id,
            ASKED,
            document.id,
            model=model,
            outcome=reply.outcome.value,
            tries=reply.tries,
            tokens_in=reply.tokens_in,
            tokens_out=reply.tokens_out,
            cost=f"{cost(reply, desk.settings):f}",
            seconds=round(reply.seconds, 3),
        )
