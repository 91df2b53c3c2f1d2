"""The demo's first day: made-up people work through the desk's own functions, so that every page has something to show.

Ada keys with care and Ben in haste; Cem and Mia key blind what was drawn, Noah and Lea decide. The lot with Ben's work fails.
Enough is left open for whoever looks at the demo.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import NamedTuple
from zoneinfo import ZoneInfo

from cleardesk.demo_truth import Truths
from schemas.clock import now
from schemas.lifecycle import TaskKind
from schemas.values import Address, Extraction, Finding, Severity, Value
from store.database import Scope, system
from store.definitions import Definition, current_definitions
from store.documents import load_extraction
from store.tables import Document
from tasks import questions
from tasks.audit.keying import Asked, Keyed, adjudicate, key_blind, load_blind, next_blind
from tasks.desk import Desk
from tasks.instructions import write
from tasks.report.write import AUDIENCES, write_report
from tasks.review import Person, TaskView, load_task, next_task, reject, release, submit

ME = system("demo")
INVOICES = ("northwind", "supplier-invoices")
INSTRUCTION = {
    "en": "Key the order number without the letters before it.",
    "de": "Die Bestellnummer ohne die Buchstaben davor erfassen.",
}
UNUSUAL = "amount_outlier"


class Worker(NamedTuple):
    """Who works, for which client, on how many tasks at most, and which share of the blind keys goes wrong."""

    name: str
    client: str
    most: int
    slips: float = 0.04

    @property
    def person(self) -> Person:
        return Person(self.name, frozenset({self.client}))


def work(desk: Desk, truths: Truths) -> None:
    """The morning: how a field is keyed is written down, and some of what the machine doubted is worked off."""

    careful = _careful(truths)

    def hasty(view: TaskView) -> list[Value]:
        return [_mistyped(value) if value.name == "invoice_number" else value for value in careful(view)]

    _instruct(desk)
    _review(desk, Worker("ada", "northwind", 7), careful)
    _review(desk, Worker("ben", "northwind", 26), hasty)
    _review(desk, Worker("ada", "harbour", 3), careful)
    _review(desk, Worker("cem", "lumen", 3), careful)


def rework(desk: Desk, truths: Truths) -> None:
    """What came back with the failed lot is keyed with care: enough corrected documents for a first model."""
    _review(desk, Worker("ada", "northwind", 24), _careful(truths))


def audit(desk: Desk, truths: Truths) -> None:
    """The afternoon: what was drawn is keyed blind, and where two keys differ somebody decides."""
    for keyer in (
        Worker("cem", "northwind", 20),
        Worker("mia", "northwind", 200),
        Worker("noah", "lumen", 6, slips=0.5),
    ):
        _key(desk, truths, keyer, TaskKind.BLIND_KEY)
    for decider in (Worker("noah", "northwind", 200), Worker("lea", "northwind", 200)):
        _key(desk, truths, decider, TaskKind.ADJUDICATION)


def tell(desk: Desk) -> None:
    """The evening: reports of a day and a month that are not over yet."""
    for definition in definitions(desk):
        place = (definition.process.client, definition.process.process)
        today = f"{now().astimezone(ZoneInfo(definition.client.time_zone)):%Y-%m-%d}"
        for period in (today, today[:7]) if place == INVOICES else (today,):
            for audience in AUDIENCES:
                write_report(desk, ME, *place, period, audience)


def definitions(desk: Desk) -> list[Definition]:
    """The processes of the desk."""
    with desk.store.read(ME) as session:
        return current_definitions(session)


def extraction_of(desk: Desk, document: Document) -> Extraction:
    """A document's values as they stand."""
    with desk.store.read(ME) as session:
        found = load_extraction(session, document.id, document.version)
    return found or Extraction(document_type="other", type_probability=0.0, language="en", values=[])


def seconds(*parts: str) -> float:
    """How long somebody took, between 15 and 75 seconds; the same every time."""
    return round(15 + 60 * chance(*parts), 1)


def chance(*parts: str) -> float:
    """A number from 0 to 1, the same every time for the same words."""
    return int.from_bytes(sha256("/".join(parts).encode()).digest()[:4]) / 2**32


def swapped(text: str) -> str:
    """The text with the last two different neighbours in each other's place."""
    places = [at for at in range(1, len(text)) if text[at] != text[at - 1] and text[at - 1 : at + 1].isalnum()]
    if not places:
        return text + "1"
    at = places[-1]
    return text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :]


def _careful(truths: Truths) -> Callable[[TaskView], list[Value]]:
    def read(view: TaskView) -> list[Value]:
        return truths.corrected(view.document, view.extraction, view.kind) if view.kind else view.extraction.values

    return read


def _instruct(desk: Desk) -> None:
    for definition in definitions(desk):
        if (definition.process.client, definition.process.process) == INVOICES:
            write(desk, Scope("lea", None), definition, "order_number", INSTRUCTION, None)


def _review(desk: Desk, worker: Worker, read: Callable[[TaskView], list[Value]]) -> None:
    """Take what comes next. What the rules still refuse is left for others, but for one question and one rejection."""
    asked = rejected = False
    for _ in range(worker.most):
        lease = next_task(desk, worker.person)
        if lease is None:
            return
        view = load_task(desk, worker.person, lease)
        wrong = _submit(desk, worker, view, read(view))
        if wrong and not asked:
            asked, question = True, "This does not add up. What should it be?"
            questions.ask(desk, lease, worker.person, question, field=_header_field(wrong[0].fields))
        elif view.kind is None and not rejected:
            rejected = True
            reject(desk, lease, worker.person, "NOT_AGREED", "This is no invoice; we agreed on invoices alone.")
        elif wrong or view.kind is None:
            release(desk, lease, worker.person, "need_help")


def _submit(desk: Desk, worker: Worker, view: TaskView, values: list[Value]) -> list[Finding]:
    """Send values on; an unusual amount that stands on the page is accepted. Returns the errors that keep the document here."""
    kind, took = view.extraction.document_type, seconds(worker.name, view.document.sha256)

    def errors_of(reason: str | None) -> list[Finding]:
        done = submit(desk, view.lease, worker.person, kind, values, accept_reason=reason, seconds=took)
        return [each for each in done.findings if each.severity is Severity.ERROR]

    wrong = errors_of(None)
    if wrong and all(each.rule == UNUSUAL for each in wrong):
        errors_of("The amount stands on the page as it is.")
        return []
    return wrong


def _header_field(fields: list[Address]) -> str | None:
    return next((name for name, table, _ in fields if not table), None)


def _mistyped(value: Value) -> Value:
    return value.model_copy(update={"text": swapped(value.text), "source": "person"})


def _key(desk: Desk, truths: Truths, worker: Worker, kind: TaskKind) -> None:
    keep = key_blind if kind is TaskKind.BLIND_KEY else adjudicate
    for _ in range(worker.most):
        lease = next_blind(desk, worker.person, kind)
        if lease is None:
            return
        view = load_blind(desk, worker.person, lease)
        extraction = extraction_of(desk, view.document)
        keyed = {asked.sample_id: truths.key(view.document, asked, extraction) for asked in view.asked}
        if kind is TaskKind.BLIND_KEY:
            keyed = {each.sample_id: _slip(worker, view.document, each, keyed[each.sample_id]) for each in view.asked}
        keep(desk, lease, worker.person, keyed, seconds=8.0 * len(keyed))


def _slip(worker: Worker, document: Document, asked: Asked, key: Keyed) -> Keyed:
    """Now and then a key goes wrong."""
    if asked.choices or len(key.text) < 3 or chance(worker.name, document.sha256, asked.name) >= worker.slips:
        return key
    return Keyed(swapped(key.text))
