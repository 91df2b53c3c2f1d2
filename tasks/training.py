"""Training: known documents on which people learn a process, with an answer to every field at once.

A run goes through a course's documents in their order. The share of fields right in it is compared with the pass mark; passing
gives the course's skill, which opens the tasks that ask for it. Where later work shows less, the skill is taken away and the
course is offered again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.clock import now
from schemas.document_type import DocumentType
from schemas.errors import IllegalTransitionError, NotFoundError
from schemas.ids import new_id
from schemas.narrowing import type_in_process
from store.courses import (
    add_course,
    begin_run,
    find_course,
    finished_documents,
    give_skill,
    note_answer,
    note_change,
    open_courses,
    runs_of,
    take_skill,
)
from store.database import Scope, Session, system
from store.definitions import current_definitions, load_definition
from store.documents import load_extraction, load_pages
from store.tables import Course, CourseRun, Document
from tasks.course_truth import Feedback, compare, rows_asked, truth_of
from tasks.desk import Desk
from tasks.people import recent_counts
from validations.audit.bounds import lower_bound
from validations.audit.skill import checks_until

ACTOR = system("flow:audit")
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Offer:
    """A course as a person sees it. `again`: it was passed once, and the skill is gone."""

    course: Course
    runs: list[CourseRun]
    passed: bool
    again: bool


@dataclass(frozen=True)
class Lesson:
    """The document that comes next in a run: its fields are keyed from the page. `number` from 1; `rows`: to key, by table."""

    course: Course
    number: int
    document_id: str
    pages: list[int]
    kind: DocumentType
    rows: Mapping[str, Sequence[int]]


def make_course(
    desk: Desk,
    scope: Scope,
    client: str,
    process: str,
    *,
    title: str,
    skill: str,
    pass_mark: float,
    size: int,
    lines: bool = False,
) -> str:
    """A course of a process's finished documents, with `lines` of their table rows too; returns its id.

    Raises:
        NotFoundError: no such process, or no finished document in it. IllegalTransitionError: title, skill or mark is missing.
    """
    if not title.strip() or not skill.strip() or not 0 < pass_mark < 1 or size < 1:
        raise IllegalTransitionError("a course has a title, a skill, documents and a pass mark between 0 and 1")
    with desk.store.session(scope) as session:
        known = {(d.process.client, d.process.process) for d in current_definitions(session)}
        allowed = scope.client_ids is None or client in scope.client_ids
        documents = finished_documents(session, client, process, size) if allowed and (client, process) in known else []
        items = [item for document in documents if (item := _item(session, document, lines=lines))]
        if not items:
            raise NotFoundError(f"{client}/{process} has no finished document to learn from")
        course = Course(
            id=new_id("crs"),
            client_id=client,
            process=process,
            title=title.strip(),
            skill=skill.strip(),
            pass_mark=pass_mark,
            items=items,
            created_by=scope.actor,
            created_at=now(),
        )
        add_course(session, course)
        return course.id


def _item(session: Session, document: Document, *, lines: bool) -> dict[str, Any] | None:
    """A document with what is true of it."""
    extraction = load_extraction(session, document.id, document.version)
    kind = _kind(session, document, extraction.document_type) if extraction else None
    if extraction is None or kind is None:
        return None
    truth = truth_of(extraction, kind, lines=lines)
    return {"document": document.id, "version": document.version, "type": kind.name, "truth": truth} if truth else None


def _kind(session: Session, document: Document, name: str) -> DocumentType | None:
    return type_in_process(load_definition(session, document.definition_id).process, name)


def change_course(desk: Desk, scope: Scope, course_id: str, *, title: str, pass_mark: float) -> None:
    """Another title or pass mark; the mark holds for runs that are finished from now on.

    Raises:
        NotFoundError: no such course. IllegalTransitionError: it is closed, or title or mark is missing.
    """
    if not title.strip() or not 0 < pass_mark < 1:
        raise IllegalTransitionError("a course has a title and a pass mark between 0 and 1")
    with desk.store.session(scope) as session:
        course = _still_open(session, course_id)
        course.title, course.pass_mark = title.strip(), pass_mark
        note_change(session, course)


def close_course(desk: Desk, scope: Scope, course_id: str) -> None:
    """Offer a course no more; who passed keeps the skill. Raises NotFoundError, IllegalTransitionError: it is closed."""
    with desk.store.session(scope) as session:
        course = _still_open(session, course_id)
        course.closed_at = now()
        note_change(session, course)


def _still_open(session: Session, course_id: str) -> Course:
    course = find_course(session, course_id)
    if course.closed_at is not None:
        raise IllegalTransitionError(f"{course_id} is closed")
    return course


def offers(desk: Desk, scope: Scope, person: str, skills: tuple[str, ...]) -> list[Offer]:
    """The courses that a person may take, with their own runs."""
    with desk.store.read(scope) as session:
        return [_offer(session, course, person, skills) for course in open_courses(session)]


def _offer(session: Session, course: Course, person: str, skills: tuple[str, ...]) -> Offer:
    runs = list(runs_of(session, course.id, person))
    has_skill, passed = course.skill in skills, any(run.passed for run in runs)
    return Offer(course, runs, passed and has_skill, passed and not has_skill)


def start(desk: Desk, scope: Scope, course_id: str) -> None:
    """Begin a run, or go on with the open one. Raises NotFoundError, IllegalTransitionError: the course is closed."""
    with desk.store.session(scope) as session:
        begin_run(session, _still_open(session, course_id), scope.actor)


def lesson(desk: Desk, scope: Scope, course_id: str) -> Lesson | None:
    """The document that comes next in the person's open run; None where there is no open run. Raises NotFoundError."""
    with desk.store.read(scope) as session:
        course = find_course(session, course_id)
        run = _open_run(session, course, scope.actor)
        if run is None:
            return None
        item = course.items[len(run.answers)]
        document = session.get_one(Document, item["document"])
        kind = _kind(session, document, item["type"])
        if kind is None:
            raise NotFoundError(course_id)
        pages = [page.number for page in load_pages(session, document.id)]
        rows = rows_asked(item["truth"], kind)
        return Lesson(course, len(run.answers) + 1, document.id, pages or [1], kind, rows)


def _open_run(session: Session, course: Course, person: str) -> CourseRun | None:
    return next((run for run in runs_of(session, course.id, person) if run.finished_at is None), None)


def answer(
    desk: Desk, scope: Scope, course_id: str, number: int, typed: Mapping[str, str], *, seconds: float
) -> list[Feedback]:
    """Keep what was keyed of a run's document, and say of each field what is true.

    Raises:
        NotFoundError: no such course. IllegalTransitionError: the document is not the next one of an open run.
    """
    with desk.store.session(scope) as session:
        course = find_course(session, course_id)
        run = _open_run(session, course, scope.actor)
        if run is None or number != len(run.answers) + 1:
            raise IllegalTransitionError(f"{number} is not the next document of {course_id}")
        item = course.items[number - 1]
        kind = _kind(session, session.get_one(Document, item["document"]), item["type"])
        told = compare(typed, item, kind)
        fields = {each.name: [each.typed, each.right] for each in told}
        run.answers = [*run.answers, {"fields": fields, "seconds": seconds}]
        run.right, run.total = run.right + sum(each.right for each in told), run.total + len(told)
        if len(run.answers) == len(course.items):
            _finish(session, course, run)
        note_answer(session, course, run)
        return told


def _finish(session: Session, course: Course, run: CourseRun) -> None:
    run.finished_at, run.passed = now(), run.right >= course.pass_mark * run.total
    if run.passed:
        give_skill(session, run.person, course)


def refresh(desk: Desk) -> int:
    """Take skills away whose holder's work since passing shows less than the pass mark. Returns how many.

    Less is: the lower bound of what was checked since is below the mark, after as many checks as a flawless person needs.
    """
    with desk.store.session(ACTOR) as session:
        taken = 0
        for course in open_courses(session):
            passed = {run.person: run for run in runs_of(session, course.id) if run.passed}
            taken += sum(_refreshed(session, course, run) for run in passed.values())
        return taken


def _refreshed(session: Session, course: Course, run: CourseRun) -> bool:
    right, checked = recent_counts(session, run.person, (course.client_id, course.process), run.finished_at)
    mark = course.pass_mark
    if checked < checks_until(mark) or lower_bound(right, checked, CONFIDENCE) >= mark:
        return False
    return take_skill(session, run.person, course, right=right, checked=checked)
