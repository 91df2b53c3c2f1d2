"""Transcripts of calls, mails and chats (JSON, CSV, text, mail) as a head of facts and turns; everything in them is distrusted.

JSON: an object with facts and `turns`, each with `speaker` and `text`; or the list of turns alone. CSV: a header with
`speaker` and `text`; further columns are facts, of which the first row's count. Text: `name: value` lines up to a blank one,
then `Speaker: words`. Mail (RFC 5322): the text part; the sender is the agent where no `X-Agent` says otherwise.
"""

from __future__ import annotations

import csv
import email
import email.policy
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import parseaddr, parsedate_to_datetime

from schemas.errors import LimitExceededError, UnreadableError

FACTS = ("contact_id", "agent", "team", "customer", "channel", "contact_date", "duration", "topic")
OTHER_NAMES = {"id": "contact_id", "date": "contact_date", "subject": "topic"}
SPEAKERS, TEXTS = ("speaker", "from", "role", "author"), ("text", "message", "body", "content")
MOST_BYTES = 20 * 1024 * 1024
MOST_TURNS = 20_000
RULE = "---"
MEDIA_TYPES = {
    "json": "text/x-transcript-json",
    "csv": "text/x-transcript-csv",
    "mail": "text/x-transcript-mail",
    "text": "text/x-transcript",
}
_TURN = re.compile(r"^(?:\[?[\d:.]{4,12}\]?\s+)?(?P<speaker>[^\W\d_][\w .'-]{0,39}):\s+(?P<text>.+)$")
_FACT = re.compile(r"^(?P<name>[A-Za-z][A-Za-z _-]{1,30}):[ \t]*(?P<value>.*)$")


@dataclass
class Transcript:
    """Facts by name (of `FACTS`, in that order) and turns as (speaker, words); the speaker may be empty."""

    facts: dict[str, str] = field(default_factory=dict)
    turns: list[tuple[str, str]] = field(default_factory=list)

    @property
    def lines(self) -> list[str]:
        """The transcript as people see it, one line a fact or turn, and a rule between them."""
        head = [f"{name}: {self.facts[name]}" for name in FACTS if self.facts.get(name)]
        return [*head, RULE, *(f"{speaker}: {text}" if speaker else text for speaker, text in self.turns)]


def form_of(content: bytes, *, mail: bool) -> str:
    """Which of `MEDIA_TYPES` the bytes are; what is neither JSON, CSV nor mail is text."""
    if mail:
        return "mail"
    head = content[:4096].decode("utf-8-sig", errors="replace").lstrip()
    if head.startswith(("{", "[")) and not re.match(r"\[[\d:.]+\]", head):
        return "json"
    columns = _columns(head)
    return "csv" if _one_of(columns, SPEAKERS) and _one_of(columns, TEXTS) else "text"


def parse_transcript(content: bytes, media_type: str) -> Transcript:
    """Take a transcript apart.

    Raises:
        UnreadableError: it is not what its media type says, or holds no words. LimitExceededError: it is too large.
    """
    if len(content) > MOST_BYTES:
        raise LimitExceededError("the transcript is too large")
    found = _PARSERS[media_type](content)
    found.turns = [(_plain(speaker), words) for speaker, text in found.turns if (words := _plain(text))]
    if len(found.turns) > MOST_TURNS:
        raise LimitExceededError("the transcript has too many turns")
    if not found.turns:
        raise UnreadableError("the transcript holds no words")
    return found


def _from_json(content: bytes) -> Transcript:
    try:
        data = json.loads(_text(content))
    except (ValueError, RecursionError) as error:
        raise UnreadableError("the transcript is no JSON") from error
    facts = data if isinstance(data, dict) else {}
    turns = facts.get("turns", facts.get("messages")) if isinstance(data, dict) else data
    if not isinstance(turns, list) or not all(isinstance(turn, dict) for turn in turns):
        raise UnreadableError("the transcript has no list of turns")
    return Transcript(_facts(facts), [(_value(turn, SPEAKERS), _value(turn, TEXTS)) for turn in turns])


def _from_csv(content: bytes) -> Transcript:
    text = _text(content)
    try:
        rows = list(csv.DictReader(io.StringIO(text), delimiter=_delimiter(text)))
    except csv.Error as error:
        raise UnreadableError("the transcript is no CSV") from error
    folded = [{str(name).strip().lower(): value for name, value in row.items()} for row in rows]
    turns = [(_value(row, SPEAKERS), _value(row, TEXTS)) for row in folded]
    return Transcript(_facts(folded[0] if folded else {}), turns)


def _from_text(content: bytes) -> Transcript:
    lines = _text(content).strip().splitlines()
    facts: dict[str, str] = {}
    for number, line in enumerate(lines):
        head = _FACT.match(line)
        if not line.strip():  # the head is over; without a blank line there was none
            return Transcript(_facts(facts), _spoken(lines[number:]))
        if head is None or not _known(head["name"]):
            break
        facts[head["name"]] = head["value"]
    return Transcript({}, _spoken(lines))


def _from_mail(content: bytes) -> Transcript:
    try:
        message = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        body = message.get_body(preferencelist=("plain",))
        text = body.get_content() if body is not None else ""
        facts = {
            "contact_id": str(message.get("X-Contact-Id", "")),
            "agent": str(message.get("X-Agent", "")) or _person(str(message.get("From", ""))),
            "team": str(message.get("X-Team", "")),
            "customer": _person(str(message.get("To", ""))),
            "channel": "mail",
            "contact_date": _day(str(message.get("Date", ""))),
            "topic": str(message.get("Subject", "")),
        }
    except (ValueError, LookupError, AttributeError, TypeError, AssertionError, RecursionError) as error:
        raise UnreadableError("the mail is damaged") from error
    return Transcript(_facts(facts), [("", line) for line in str(text).splitlines()])


_PARSERS = {
    MEDIA_TYPES["json"]: _from_json,
    MEDIA_TYPES["csv"]: _from_csv,
    MEDIA_TYPES["text"]: _from_text,
    MEDIA_TYPES["mail"]: _from_mail,
}


def _facts(given: Mapping[str, object]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in given.items():
        known = _known(str(name))
        if known and isinstance(value, str | int | float) and _plain(str(value)):
            found.setdefault(known, _plain(str(value)))
    return found


def _known(name: str) -> str | None:
    folded = re.sub(r"[\s-]+", "_", name.strip().lower())
    folded = OTHER_NAMES.get(folded, folded)
    return folded if folded in FACTS else None


def _spoken(lines: list[str]) -> list[tuple[str, str]]:
    """`Speaker: words` lines; a line without a speaker goes on with the turn before."""
    turns: list[tuple[str, str]] = []
    for line in filter(str.strip, lines):
        match = _TURN.match(line.strip())
        if match:
            turns.append((match["speaker"], match["text"]))
        elif turns:
            turns[-1] = (turns[-1][0], f"{turns[-1][1]} {line.strip()}")
        else:
            turns.append(("", line))
    return turns


def _value(turn: dict[str, object], names: tuple[str, ...]) -> str:
    found = next((turn[name] for name in names if turn.get(name) not in (None, "")), "")
    return found if isinstance(found, str) else ""


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _plain(text: str) -> str:
    """Single blanks, no control characters."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def _columns(head: str) -> set[str]:
    first = head.partition("\n")[0]
    return {name.strip().strip('"').lower() for name in first.split(_delimiter(first))}


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)


def _one_of(columns: set[str], names: tuple[str, ...]) -> bool:
    return any(name in columns for name in names)


def _person(header: str) -> str:
    name, address = parseaddr(header)
    return name or address


def _day(header: str) -> str:
    return parsedate_to_datetime(header).date().isoformat() if header else ""
