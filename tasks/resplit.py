"""Re-split: a person puts pages right: order, turn, what is no part of it, where a document begins; what changed is read again.

The person's task ends with it. Only what has not left can change: a document that was delivered keeps its pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from extraction.splitting import PagePlace, Part
from schemas.errors import IllegalTransitionError
from schemas.lifecycle import DocumentState, TaskKind, TaskState
from store.database import Session
from store.documents import load_pages, page_rows, replace_pages, set_business_keys
from store.events import record
from store.queue import Lease
from store.receipts import receipt_documents
from store.review import hold_task, open_tasks
from store.tables import Document, ReviewTask
from store.transitions import close_task, move_document
from tasks import seeds
from tasks.acknowledge import acknowledge
from tasks.desk import Desk
from tasks.reprocess import WAY_BACK, read_again
from tasks.review import Person
from tasks.split import divide, give_pages, own_pages

JOINED = "JOINED"
TAKEN_OUT = "TAKEN_OUT"  # why a page is dropped: a person said so
D = DocumentState


@dataclass(frozen=True)
class PlannedPage:
    """A page as a person wants it: `turn` clockwise in degrees (0, 90, 180, 270) from how it lies now; `begins`: a document
    begins here."""

    number: int  # in the document, as it is now
    turn: int = 0
    dropped: bool = False
    begins: bool = False


def arrange(desk: Desk, lease: Lease, person: Person, plan: Sequence[PlannedPage]) -> None:
    """The document's pages, in this order; every page of it is in the plan once, dropped ones too.

    Raises:
        LeaseLostError: somebody else has the task.
        IllegalTransitionError: the plan changes nothing, misses a page, or leaves a document without pages.
    """
    with desk.store.session(person.scope) as session:
        task, document = _held(session, lease)
        if task.kind == TaskKind.SEEDED:
            _planned(document, page_rows(load_pages(session, document.id)), plan)
            seeds.give_up(session, task, person.name, "arranged")
            return
        rows = page_rows(load_pages(session, document.id))
        parts = _planned(document, rows, plan)
        document.touched = True
        _note_arranged(session, document, plan)
        if len(parts) > 1:
            divide(session, document, parts)
        else:
            give_pages(document, parts[0])
        known = {row["file_page"]: row for row in rows}
        replace_pages(session, document, [{**known[page.number], "dropped": page.dropped} for page in parts[0].pages])
        close_task(session, task, TaskState.DONE, by=person.name, result="arranged")
        read_again(session, document)
        receipt_id = document.receipt_id
    acknowledge(desk, receipt_id)


def join_before(desk: Desk, lease: Lease, person: Person) -> None:
    """The document's pages belong to the one before it in the file; this one ends, without pages.

    Raises:
        LeaseLostError: somebody else has the task. IllegalTransitionError: none is before it, or it has left already.
    """
    with desk.store.session(person.scope) as session:
        task, document = _held(session, lease)
        if task.kind == TaskKind.SEEDED:
            seeds.give_up(session, task, person.name, "joined")
            return
        before = _before(session, document)
        pages = sorted([*(own_pages(before) or ()), *(own_pages(document) or ())], key=_is_dropped)
        rows = page_rows([*load_pages(session, before.id), *load_pages(session, document.id)])
        give_pages(document, Part((), 1.0))
        replace_pages(session, document, [])
        give_pages(before, Part(tuple(pages), 1.0))
        if before.reader is not None:
            replace_pages(session, before, sorted(rows, key=lambda row: row["dropped"] is not None))
        for other in open_tasks(session, before.id):
            close_task(session, other, TaskState.CANCELLED, by=person.name, result="joined")
        read_again(session, before)
        set_business_keys(session, document, [])
        document.touched = before.touched = True
        close_task(session, task, TaskState.DONE, by=person.name, result="joined")
        move_document(session, document, D.REJECTED, reason=JOINED, into=before.id)
        receipt_id = document.receipt_id
    acknowledge(desk, receipt_id)


def may_join(session: Session, document: Document) -> bool:
    """Whether there is a document before this one in the file that has not left."""
    return _candidate_before(session, document) is not None


def _held(session: Session, lease: Lease) -> tuple[ReviewTask, Document]:
    task = hold_task(session, lease)
    document = session.get_one(Document, task.document_id, with_for_update=True)
    if task.kind == TaskKind.SEEDED:
        return task, document
    if document.reader is None or document.state != D.IN_REVIEW or document.delivered_at is not None:
        raise IllegalTransitionError(f"{document.id} was not read, is not in review, or has left before")
    return task, document


def _planned(document: Document, rows: Sequence[dict[str, Any]], plan: Sequence[PlannedPage]) -> list[Part]:
    """The documents that the plan makes of this one."""
    known = {row["number"]: row for row in rows}
    if sorted(page.number for page in plan) != sorted(known):
        raise IllegalTransitionError(f"the plan is not for the pages of {document.id}")
    turned = {place.number: place.rotation for place in own_pages(document) or ()}
    places = [_place(known[page.number], page, turned) for page in plan]
    now = [PagePlace(row["file_page"], row["dropped"], turned.get(row["file_page"])) for row in rows]
    kept: list[list[PagePlace]] = []
    for page, place in zip(plan, places, strict=True):
        if place.dropped is None:
            if page.begins or not kept:
                kept.append([])
            kept[-1].append(place)
    if not kept or (len(kept) == 1 and places == now):
        raise IllegalTransitionError(f"the plan leaves {document.id} as it is, or without pages")
    return _with_dropped(kept, filter(_is_dropped, places))


def _with_dropped(parts: Sequence[Sequence[PagePlace]], dropped: Iterable[PagePlace]) -> list[Part]:
    """Each dropped page goes with the kept one that it lies behind in the file, or with the first document."""
    full = [list(part) for part in parts]
    for page in dropped:
        before = [(place.number, part) for part, places in enumerate(parts) for place in places]
        nearest = max((each for each in before if each[0] < page.number), default=(0, 0))
        full[nearest[1]].append(page)
    return [Part(tuple(part), 1.0) for part in full]


def _place(row: dict[str, Any], page: PlannedPage, turned: dict[int, int | None]) -> PagePlace:
    dropped = (row["dropped"] or TAKEN_OUT) if page.dropped else None
    rotation = (row["rotation"] + page.turn) % 360 if page.turn else turned.get(row["file_page"])
    return PagePlace(row["file_page"], dropped, rotation)


def _note_arranged(session: Session, document: Document, plan: Sequence[PlannedPage]) -> None:
    """In the trail: the numbers that the pages had, in their new order, and which were turned, taken out, or begin a document."""
    record(
        session,
        document.client_id,
        "document.arranged",
        document.id,
        order=[page.number for page in plan],
        turned={str(page.number): page.turn for page in plan if page.turn},
        dropped=[page.number for page in plan if page.dropped],
        begins=[page.number for page in plan if page.begins],
    )


def _is_dropped(page: PagePlace) -> bool:
    return page.dropped is not None


def _before(session: Session, document: Document) -> Document:
    found = _candidate_before(session, document)
    if found is None:
        raise IllegalTransitionError(f"no document before {document.id} in its file can still change")
    return session.get_one(Document, found.id, with_for_update=True)


def _candidate_before(session: Session, document: Document) -> Document | None:
    """The document of the same file that begins last before this one, if it has not left."""
    begins = _begins(document)
    siblings = receipt_documents(session, [document.receipt_id]).get(document.receipt_id, [])
    earlier = [each for each in siblings if each.id != document.id and 0 < _begins(each) < begins]
    last = max(earlier, key=_begins, default=None)
    return last if last is not None and last.state in WAY_BACK else None


def _begins(document: Document) -> int:
    """The first page's number in the file; 0 where the document has no pages of its own."""
    return min((page.number for page in own_pages(document) or () if page.dropped is None), default=0)
