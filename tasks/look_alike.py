"""Look-alikes: a known answer looks like a document that has just come in, wherever the person whom it tries looks.

Its document was finished long ago. Whoever has it as a task sees it as it was when the machine had read it, with the planted
value, received lately, in review; and once they have answered, with their own answer, on its way like their other work. Nobody
else sees any of it, and nothing of it is written.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from hashlib import sha256
from typing import Any

from schemas.lifecycle import DeliveryState, DocumentState, TaskKind, TaskState
from schemas.search_query import WITH_US, Range, SearchQuery, Term, words_in
from schemas.values import Extraction, Finding, ValueState
from store.database import Session
from store.definitions import Definition, load_definition
from store.document_list import DocumentRow
from store.documents import load_extraction
from store.review import done_by, last_done
from store.rows import detached_copy
from store.search import supplier_words, words_of_pages
from store.seeds import latest_seed, next_sending, open_seeds
from store.story import DeliveryRow, Story, StoryEvent, Version, tell_story
from store.tables import Correction, Document, ExtractionRun, ReviewTask, Seed
from tasks.judge import describe, judge_draft
from tasks.route import queue_of
from tasks.seeds import with_planted

MOST_MINUTES = 90  # between the reading and the task's first lease
ENDS = {  # where a document goes with its task's result; with any other its task waits for somebody else
    "submitted": DocumentState.READY,
    "rejected": DocumentState.REJECTED,
    "joined": DocumentState.REJECTED,
    "asked": DocumentState.AWAITING_CLIENT,
    "arranged": DocumentState.IN_WORK,
}


@dataclass(frozen=True)
class LookAlike:
    """A seeded task's document as its person sees it."""

    task: ReviewTask
    seed: Seed
    document: Document
    read: Extraction  # as the machine read it, with what is planted
    extraction: Extraction  # as it stands now
    findings: list[Finding]
    later: dt.timedelta  # by which all that happened before is moved
    definition: Definition


def look_alike(session: Session, task: ReviewTask, seed: Seed) -> LookAlike | None:
    """The document as the person of this seeded task sees it; None where its reading is gone."""
    document = session.get_one(Document, seed.document_id)
    machine = load_extraction(session, seed.document_id, seed.version)
    if machine is None:
        return None
    definition = load_definition(session, document.definition_id)
    read = with_planted(machine, seed.name, seed.planted)
    extraction = Extraction.model_validate(seed.answered) if seed.answered else read
    later = _later(session, task, document, seed)
    shown = detached_copy(document)
    shown.version = seed.version + (seed.answered is not None)
    shown.touched = task.state == TaskState.DONE
    shown.due_at, shown.urgent, shown.received_at = task.due_at, task.urgent, document.received_at + later
    describe(shown, extraction, definition)
    _stand(session, shown, task)
    return LookAlike(task, seed, shown, read, extraction, judge_draft(extraction, definition), later, definition)


def tried_with(session: Session, document_id: str, person: str) -> LookAlike | None:
    """What the document looks like to a person who was, or is, tried with it and did not work on the real one since."""
    found = latest_seed(session, document_id, person)
    if found is None or last_done(session, document_id) == person:
        return None
    return look_alike(session, *found)


def _stand(session: Session, document: Document, task: ReviewTask) -> None:
    """Where it would stand: before a person, then ready, and delivered once the process next delivered."""
    document.ready_at = document.delivered_at = None
    document.reason = str(task.reasons[0]).partition(":")[0] if task.reasons else None
    document.state = ENDS.get(task.result or "", DocumentState.IN_REVIEW)
    if document.state == DocumentState.READY and task.done_at is not None:
        document.ready_at, document.reason = task.done_at, None
        sent = next_sending(session, document.client_id, document.process, task.done_at)
        if sent is not None:
            document.state, document.delivered_at = DocumentState.DELIVERED, sent


def _later(session: Session, task: ReviewTask, document: Document, seed: Seed) -> dt.timedelta:
    """From when it was read to shortly before its task: never the same time, but for one task always the same."""
    minutes = sha256(task.id.encode()).digest()[0] % MOST_MINUTES
    run = session.get_one(ExtractionRun, (document.id, seed.version))
    return task.created_at - dt.timedelta(minutes=minutes + 1) - run.created_at


def story_for(session: Session, document_id: str) -> Story | None:
    """A document's story as this session's person sees it; None where they have no such document."""
    story = tell_story(session, document_id)
    alike = tried_with(session, document_id, session.info["scope"].actor) if story is not None else None
    return _retold(story, alike) if story is not None and alike is not None else story


def _retold(story: Story, alike: LookAlike) -> Story:
    versions = [
        replace(each, made_at=each.made_at + alike.later)
        for each in story.versions
        if each.extractor != "person" and each.number <= alike.document.version
    ][:1]
    if alike.document.ready_at is not None:
        versions.append(Version(alike.document.version, "person", versions[0].reader, alike.document.ready_at))
    return replace(
        story,
        document=alike.document,
        extraction=alike.extraction,
        findings=alike.findings,
        events=list(_events(story.events, alike)),
        versions=versions,
        corrections=list(_corrections(alike)),
        notes=[],
        questions=[],
        tasks=[_as_exception(alike)],
        deliveries=list(_deliveries(story.deliveries, alike.document)),
    )


def _deliveries(rows: Iterable[DeliveryRow], document: Document) -> Iterator[DeliveryRow]:
    """The targets that it went to, as they stand for one that is as far as this one looks."""
    for row in {each.target: each for each in rows}.values():
        if document.ready_at is not None:
            moved = replace(row, version=document.version, queued_at=document.ready_at, sent_at=document.delivered_at)
            queued = replace(moved, state=DeliveryState.QUEUED.value, shipment_number=None)
            yield moved if document.delivered_at is not None else queued


def _as_exception(alike: LookAlike) -> ReviewTask:
    task = alike.task
    shown = detached_copy(task)
    shown.queue = queue_of(alike.definition.process, alike.document.document_type)
    if task.state == TaskState.DONE and task.result not in ENDS:
        shown.state, shown.done_at, shown.done_by, shown.seconds = TaskState.OPEN, None, None, None
    return shown


def _events(events: Sequence[StoryEvent], alike: LookAlike) -> Iterator[StoryEvent]:
    """What happened up to the reading, moved; then its way before this person, and what they did."""
    document, task = alike.document, alike.task
    last = document.received_at
    for event in events:
        if event.kind == "document.state" and event.data.get("old") == DocumentState.IN_WORK:
            break
        last = event.at + alike.later
        yield replace(event, at=last)
    why = str(task.reasons[0]).partition(":")[0] if task.reasons else None
    yield _moved(
        document, last, "flow:process", DocumentState.IN_REVIEW, reason=why, extractor=alike.read.extractor, version=1
    )
    yield StoryEvent(last, "flow:process", "task.opened", task.id, {"document": document.id})
    yield StoryEvent(task.created_at, task.pinned_to or "", "task.leased", task.id, {"document": document.id})
    if task.done_at is not None:
        yield from _end(events, alike, task.done_at, task.done_by or "")


def _end(events: Iterable[StoryEvent], alike: LookAlike, at: dt.datetime, by: str) -> Iterator[StoryEvent]:
    """What the person did, and what came of it."""
    document, task = alike.document, alike.task
    if task.result not in ENDS:
        yield StoryEvent(at, by, "task.released", task.id, {"reason": task.result})
        return
    for each in _corrections(alike):
        yield StoryEvent(at, by, "value.corrected", document.id, {"correction": each.id, "field": each.name})
    yield StoryEvent(at, by, "task.closed", task.id, {"result": task.result})
    made = {"extractor": "person", "version": document.version} if document.ready_at is not None else {}
    yield _moved(document, at, by, ENDS[task.result], **made)
    if document.ready_at is not None:
        yield from (replace(each, at=at, actor=by) for each in events if each.kind == "delivery.frozen")
    if (sent := document.delivered_at) is not None:
        yield from (replace(each, at=sent) for each in events if each.kind == "delivery.state")
        yield _moved(document, sent, "flow:deliver", DocumentState.DELIVERED)


def _moved(document: Document, at: dt.datetime, by: str, new: DocumentState, **more: Any) -> StoryEvent:
    return StoryEvent(at, by, "document.state", document.id, {"new": new.value, **more})


def _corrections(alike: LookAlike) -> Iterator[Correction]:
    """What the person changed of what they were shown."""
    before = {value.address: value for value in alike.read.values}
    for at, new in enumerate(alike.extraction.values):
        old = before.get(new.address)
        if old is not None and (old.text, old.state) == (new.text, new.state):
            continue
        yield Correction(
            id=f"{alike.task.id}-{at}",
            client_id=alike.document.client_id,
            document_id=alike.document.id,
            version=alike.document.version,
            table_name=new.table,
            row=new.row,
            name=new.name,
            old=old.text if old else "",
            new=new.text,
            old_state=(old.state if old else ValueState.ABSENT).value,
            new_state=new.state.value,
            by=alike.task.done_by or "",
            at=alike.task.done_at,
        )


def finished_by(session: Session, *, limit: int) -> list[tuple[ReviewTask, Document]]:
    """What this session's person finished last, the newest first, as they see it."""
    rows = []
    for task, document in done_by(session, session.info["scope"].actor, limit=limit):
        seed = session.get(Seed, task.id) if task.kind == TaskKind.SEEDED else None
        alike = look_alike(session, task, seed) if seed is not None else None
        if seed is None or task.result in ENDS:
            rows.append((task, alike.document if alike is not None else document))
    return rows


def with_look_alikes(
    session: Session, rows: Sequence[DocumentRow], query: SearchQuery, *, first: bool
) -> list[DocumentRow]:
    """A list as the person sees it: what they are tried with stands among the newest, as it looks, if it fits the search."""
    waiting = [look_alike(session, *each) for each in open_seeds(session, session.info["scope"].actor)]
    alikes = {each.document.id: each for each in waiting if each is not None}
    fresh = [_row(each.document) for each in alikes.values() if first and _fits(session, query, each)]
    return [*fresh, *(row for row in rows if row.id not in alikes)]


def _row(document: Document) -> DocumentRow:
    at = {"supplier": "supplier_key"}
    return DocumentRow(**{each.name: getattr(document, at.get(each.name, each.name)) for each in fields(DocumentRow)})


def _fits(session: Session, query: SearchQuery, alike: LookAlike) -> bool:
    """Whether a search finds it by what it looks like, as `store.document_list` finds others."""
    document = alike.document
    known = (
        (query.client, document.client_id),
        (query.process, document.process),
        (query.type, document.document_type),
        (query.reason, document.reason),
        (query.queue, queue_of(alike.definition.process, document.document_type)),
    )
    times = (
        (query.received, document.received_at),
        (query.due, document.due_at if document.state in WITH_US else None),
        (query.delivered, document.delivered_at),
    )
    parts = ((query.number, document.number), (query.file, document.name))
    amount = document.gross_total
    within = query.amount is None or (
        amount is not None
        and (query.amount.low is None or amount >= query.amount.low)
        and (query.amount.high is None or amount <= query.amount.high)
    )
    return (
        all(not wanted or wanted == its for wanted, its in known)
        and all(wanted.casefold() in (its or "").casefold() for wanted, its in parts)
        and (not query.ids or bool({document.id, document.receipt_id} & set(query.ids)))
        and (not query.states or document.state in query.states)
        and query.touched in (None, document.touched)
        and query.urgent in (None, document.urgent)
        and within
        and all(_falls(at, wanted) for wanted, at in times)
        and (not query.by_words or _says(session, query, alike))
    )


def _falls(at: dt.datetime | None, wanted: Range[dt.datetime] | None) -> bool:
    """Whether a time is in the range; there is none that is not asked for."""
    if wanted is None:
        return True
    return at is not None and (wanted.low is None or wanted.low <= at) and (wanted.high is None or at < wanted.high)


def _says(session: Session, query: SearchQuery, alike: LookAlike) -> bool:
    """Whether its file name, its values as it shows them and its pages hold the words."""
    document = alike.document
    values = [value.text for value in alike.extraction.values if value.state is ValueState.PRESENT]
    supplier = supplier_words(document, alike.extraction)
    words = [*words_in(" ".join([document.name, *values])), *supplier]
    everything = [*words, *words_of_pages(session, document.id)] if query.terms else words
    return all(_stands(term, everything) for term in query.terms) and all(
        _stands(term, supplier) for term in query.supplier
    )


def _stands(term: Term, words: list[str]) -> bool:
    """Each word of one of the spellings begins one of these."""
    return any(all(any(word.startswith(part) for word in words) for part in each) for each in term.spellings)
