"""Seeds: known answers between real tasks, which look like them. They tell who looks before they confirm.

What is shown is the machine's first reading of a document whose truth was decided long ago. Where the machine was right, one
value is planted wrong, as a reader misreads it, or left as it is: an error every time would be a sign. An answer touches the
seed's own row: no version, correction, state, lesson, queue figure or SLA knows of it.
"""

from __future__ import annotations

import datetime as dt
from random import SystemRandom

from schemas.clock import now
from schemas.document_type import FieldType
from schemas.errors import NotFoundError
from schemas.lifecycle import TaskState
from schemas.narrowing import type_in_process
from schemas.normalisation import same_value
from schemas.values import Extraction, Finding, ValueState
from store.database import Session
from store.definitions import Definition, load_definition
from store.documents import load_extraction
from store.drafts import drop_draft
from store.events import record
from store.queue import Lease
from store.seeds import add_seed, known_values, machine_version, waits_for_seed
from store.tables import Document, ReviewTask, Sample, Seed
from store.transitions import close_task
from tasks.judge import judge_draft
from tasks.route import route

CHANCE = SystemRandom()
LEFT_RIGHT = 0.25  # of values that the machine read right, the share that stays so
MISREAD = {"0": "8", "1": "7", "2": "7", "3": "8", "4": "9", "5": "6", "6": "5", "7": "1", "8": "3", "9": "0"}
"""Digits as readers take them for each other."""


def perhaps_add(session: Session, task: ReviewTask, person: str, *, lease: dt.timedelta) -> Seed | None:
    """With the process's share of chance, lease a known answer ahead for who has just taken a task."""
    document = session.get_one(Document, task.document_id)
    rate = load_definition(session, document.definition_id).process.audit.seed_rate
    if CHANCE.random() >= rate or waits_for_seed(session, person):
        return None
    known = list(known_values(session, document, person))
    CHANCE.shuffle(known)
    for sample in known:
        seed = _plant(session, sample, task, person, lease)
        if seed is not None:
            return seed
    return None


def _plant(session: Session, sample: Sample, like: ReviewTask, person: str, lease: dt.timedelta) -> Seed | None:
    version = machine_version(session, sample.document_id)
    extraction = load_extraction(session, sample.document_id, version) if version is not None else None
    value = extraction.get(sample.name) if extraction else None
    if version is None or extraction is None or value is None or value.state is not ValueState.PRESENT:
        return None
    if extraction.document_type != sample.document_type:
        return None
    truth = sample.truth or ""
    left = value.text == truth and CHANCE.random() >= LEFT_RIGHT
    planted = misread(truth) if left else value.text
    document = session.get_one(Document, sample.document_id)
    reading = with_planted(extraction, sample.name, planted)
    reasons = _reasons(reading, load_definition(session, document.definition_id))
    return add_seed(session, sample, version, planted, person=person, like=like, reasons=reasons, lease=lease)


def misread(text: str) -> str:
    """The text with one of its digits read as another; without digits two letters changed places."""
    digits = [place for place, char in enumerate(text) if char in MISREAD]
    if digits:
        place = CHANCE.choice(digits[1:] or digits)
        return text[:place] + MISREAD[text[place]] + text[place + 1 :]
    places = [place for place in range(1, len(text) - 1) if text[place] != text[place + 1]]
    if not places:
        return text
    place = CHANCE.choice(places)
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def with_planted(extraction: Extraction, name: str, planted: str) -> Extraction:
    """The reading with one header value as it is planted; where it stands and how sure the machine was stay."""
    values = [
        value.model_copy(update={"text": planted, "raw": planted})
        if value.name == name and not value.table and value.text != planted
        else value
        for value in extraction.values
    ]
    return extraction.model_copy(update={"values": values})


def _reasons(extraction: Extraction, definition: Definition) -> list[str]:
    """Why a person would be asked, had the document just been read."""
    kind = type_in_process(definition.process, extraction.document_type)
    findings = judge_draft(extraction, definition)
    return list(route(extraction, findings, [], definition.process, kind, scanned=False).reasons)


def shown(
    session: Session, task: ReviewTask, document: Document, definition: Definition
) -> tuple[Document, Extraction, list[Finding]]:
    """A seeded task's document, reading and findings as if they had just come in. Raises NotFoundError."""
    seed = session.get_one(Seed, task.id)
    extraction = load_extraction(session, seed.document_id, seed.version)
    if extraction is None:
        raise NotFoundError(seed.document_id)
    session.expunge(document)  # a look-alike: nothing of it is written
    document.due_at, document.urgent = task.due_at, task.urgent
    planted = with_planted(extraction, seed.name, seed.planted)
    sent = Extraction.model_validate(seed.answered) if seed.answered else planted  # opened again
    return document, sent, judge_draft(sent, definition)


def answer(
    session: Session, task: ReviewTask, person: str, extraction: Extraction, definition: Definition, *, seconds: float
) -> None:
    """Keep whether the true value stands in the end, and how long it took."""
    seed = session.get_one(Seed, task.id)
    kind = type_in_process(definition.process, extraction.document_type)
    field = kind.definition(seed.name, "") if kind else None
    given = extraction.get(seed.name)
    kept = given.text if given is not None and given.state is ValueState.PRESENT else ""
    seed.caught = same_value(kept, seed.truth, field.type if field else FieldType.TEXT)
    seed.answered = extraction.model_dump(mode="json", exclude={"candidates"})
    task.seconds = (task.seconds or 0) + seconds
    seed.person, seed.seconds, seed.at = person, task.seconds, now()
    drop_draft(session, task.id)
    close_task(session, task, TaskState.DONE, by=person, result="submitted")


def again(session: Session, task: ReviewTask, seed: Seed, person: str, *, lease: dt.timedelta) -> Lease:
    """The person opens a known answer again that they sent: it is theirs to change."""
    seed.caught = seed.seconds = seed.at = None
    task.state, task.done_at, task.done_by, task.result = TaskState.LEASED, None, None, None
    task.lease_owner, task.lease_expires_at, task.lease_epoch = person, now() + lease, task.lease_epoch + 1
    record(session, task.client_id, "task.leased", task.id, document=seed.document_id, person=person)
    return Lease(task.id, task.lease_epoch, person)


def give_up(session: Session, task: ReviewTask, person: str, result: str) -> None:
    """Rejected, asked, handed on or skipped: the seed says nothing of who confirms unseen."""
    seed = session.get_one(Seed, task.id)
    seed.person, seed.at = person, now()
    drop_draft(session, task.id)
    close_task(session, task, TaskState.DONE, by=person, result=result)
