"""The language-model extractor's client: one question to an OpenAI-compatible server, and what became of it.

The one file of extraction that talks to the outside. Nothing that the server does is an error of the document: bad
answers, refusals and time-outs are outcomes. Off unless the desk names a server and the client's process permits it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field, ValidationError

from extraction.language_model_words import Answer, answer_schema, messages, printed_text, read_answer
from extraction.page_layout import layouts
from schemas.document_type import DocumentType
from schemas.reading import Reading

if TYPE_CHECKING:
    from openai import OpenAI

LONGEST_DOCUMENT = 200_000  # characters; a longer one is not sent
MOST_BYTES = 4_000_000  # of a reply, whatever its tokens
NO_KEY = "none"  # servers of one's own often want none, the client always does
CUT_OFF = "length"


class Outcome(StrEnum):
    """What became of a question."""

    ANSWERED = "answered"
    REFUSED = "refused"  # the model declined
    UNUSABLE = "unusable"  # empty, not JSON, or not of the form that was asked for
    CUT_OFF = "cut_off"  # longer than an answer may be
    TOO_LONG = "too_long"  # the document: it was not sent
    TIMED_OUT = "timed_out"
    UNAVAILABLE = "unavailable"  # no connection, too many requests, a fault of the server
    NOT_ACCEPTED = "not_accepted"  # the server wants another key, model or question: our set-up is wrong


WORTH_A_RETRY = frozenset({Outcome.UNUSABLE, Outcome.TIMED_OUT, Outcome.UNAVAILABLE})
UNWELL = WORTH_A_RETRY | {Outcome.NOT_ACCEPTED}


@dataclass(frozen=True)
class Endpoint:
    """Where to ask. `seconds` bounds each of two tries, `tokens` an answer, `pause` (seconds) lies between the tries."""

    url: str
    model: str
    key: str = field(repr=False)
    seconds: float = 30.0
    tokens: int = 4000
    pause: float = 1.0


@dataclass(frozen=True)
class Reply:
    """What came back, and what it cost: tokens and seconds of all tries together, as far as the server told them."""

    outcome: Outcome
    answer: Answer | None = None
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = 0.0
    tries: int = 0


def ask(endpoint: Endpoint, reading: Reading, definition: DocumentType) -> Reply:
    """Ask for the fields and tables of `definition` (narrow it with `permitted`), once more where that may help.

    Only the words of the pages and the names of the fields leave the house; the file and the client's name do not.
    """
    text = printed_text(layouts(reading))
    if len(text) > LONGEST_DOCUMENT:
        return Reply(Outcome.TOO_LONG)
    started = time.monotonic()
    reply = _try(endpoint, text, definition)
    if reply.outcome in WORTH_A_RETRY:
        time.sleep(endpoint.pause)
        again = _try(endpoint, text, definition)
        reply = replace(
            again,
            tokens_in=reply.tokens_in + again.tokens_in,
            tokens_out=reply.tokens_out + again.tokens_out,
            tries=2,
        )
    return replace(reply, seconds=time.monotonic() - started)


def _try(endpoint: Endpoint, text: str, definition: DocumentType) -> Reply:
    import httpx2
    import openai

    try:
        with _client(endpoint) as client:
            body = _send(client, endpoint, text, definition)
    except (openai.APITimeoutError, httpx2.TimeoutException, TimeoutError):
        return Reply(Outcome.TIMED_OUT, tries=1)
    except (openai.APIConnectionError, openai.RateLimitError, openai.InternalServerError, httpx2.HTTPError):
        return Reply(Outcome.UNAVAILABLE, tries=1)
    except openai.OpenAIError:
        return Reply(Outcome.NOT_ACCEPTED, tries=1)
    return _understood(body, definition)


def _client(endpoint: Endpoint) -> OpenAI:
    """A client that follows no redirect, so that nothing goes where nobody agreed, and whose log holds no document."""
    from openai import DefaultHttpxClient, OpenAI

    logging.getLogger("openai").setLevel(logging.WARNING)  # its debug lines hold the whole question
    return OpenAI(
        base_url=endpoint.url,
        api_key=endpoint.key or NO_KEY,
        timeout=endpoint.seconds,
        max_retries=0,
        http_client=DefaultHttpxClient(follow_redirects=False, timeout=endpoint.seconds),
    )


def _send(client: OpenAI, endpoint: Endpoint, text: str, definition: DocumentType) -> bytes:
    """The body of the reply. Raises TimeoutError where it drips in for too long; what outgrows all limits is cut."""
    told, document = messages(text, definition)
    until = time.monotonic() + endpoint.seconds
    body = bytearray()
    with client.chat.completions.with_streaming_response.create(
        model=endpoint.model,
        temperature=0,
        max_tokens=endpoint.tokens,
        messages=[{"role": "system", "content": told}, {"role": "user", "content": document}],
        response_format={
            "type": "json_schema",
            "json_schema": {"name": definition.name, "strict": True, "schema": answer_schema(definition)},
        },
    ) as response:
        for part in response.iter_bytes():
            body += part
            if time.monotonic() > until:
                raise TimeoutError
            if len(body) > MOST_BYTES:
                break
    return bytes(body)


class _Usage(BaseModel):
    prompt_tokens: int = Field(0, ge=0)
    completion_tokens: int = Field(0, ge=0)


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Completion(BaseModel):
    """The part of the protocol's reply that counts."""

    choices: Sequence[_Choice] = Field(min_length=1)
    usage: _Usage | None = None


def _understood(body: bytes, definition: DocumentType) -> Reply:
    """What a reply says; anything that is not an answer is an outcome."""
    try:
        completion = _Completion.model_validate_json(body)
    except ValidationError:
        return Reply(Outcome.UNUSABLE, tries=1)
    usage = completion.usage or _Usage()
    first = completion.choices[0]
    answer = read_answer(first.message.content or "", definition)
    outcome = _outcome(first, answer)
    return Reply(
        outcome,
        answer if outcome is Outcome.ANSWERED else None,
        tokens_in=usage.prompt_tokens,
        tokens_out=usage.completion_tokens,
        tries=1,
    )


def _outcome(choice: _Choice, answer: Answer | None) -> Outcome:
    if choice.message.refusal:
        return Outcome.REFUSED
    if choice.finish_reason == CUT_OFF:
        return Outcome.CUT_OFF
    return Outcome.ANSWERED if answer is not None else Outcome.UNUSABLE
