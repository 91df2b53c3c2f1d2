"""Courses and people's runs through them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from schemas.clock import now
from schemas.errors import NotFoundError
from schemas.ids import new_id
from schemas.lifecycle import DocumentState
from schemas.quality import SampleState
from store.events import record
from store.tables import Course, CourseRun, Document, Sample, User
from store.users import DESK, change_user, find_user


def finished_documents(session: Session, client_id: str, process: str, limit: int) -> Sequence[Document]:
    """Finished documents that a person worked on or an audit decided values of: audited ones first, then the newest."""
    audited = exists().where(Sample.document_id == Document.id, Sample.state == SampleState.DECIDED)
    return session.scalars(
        select(Document)
        .where(
            Document.client_id == client_id,
            Document.process == process,
            Document.state.in_((DocumentState.READY, DocumentState.DELIVERED)),
            audited | Document.touched.is_(True),
        )
        .order_by(audited.desc(), Document.id.desc())
        .limit(limit)
    ).all()


def open_courses(session: Session) -> Sequence[Course]:
    """Courses of the clients that this session may see, by process and title."""
    statement = (
        select(Course).where(Course.closed_at.is_(None)).order_by(Course.client_id, Course.process, Course.title)
    )
    return session.scalars(statement).all()


def find_course(session: Session, course_id: str) -> Course:
    """Raises NotFoundError."""
    course = session.scalars(select(Course).where(Course.id == course_id)).one_or_none()
    if course is None:
        raise NotFoundError(course_id)
    return course


def runs_of(session: Session, course_id: str, person: str | None = None) -> Sequence[CourseRun]:
    """Runs of a course, of one person or of all, in their order."""
    query = select(CourseRun).where(CourseRun.course_id == course_id).order_by(CourseRun.started_at, CourseRun.id)
    return session.scalars(query if person is None else query.where(CourseRun.person == person)).all()


def runs_finished_before(session: Session, client_id: str, process: str, end: dt.datetime) -> Sequence[CourseRun]:
    """Everybody's finished runs of a process's courses, in the order in which they were finished."""
    return session.scalars(
        select(CourseRun)
        .join(Course, Course.id == CourseRun.course_id)
        .where(
            Course.client_id == client_id,
            Course.process == process,
            CourseRun.finished_at < end,
            CourseRun.total > 0,
        )
        .order_by(CourseRun.finished_at, CourseRun.id)
    ).all()


def begin_run(session: Session, course: Course, person: str) -> CourseRun:
    """The person's open run, or a new one."""
    for run in runs_of(session, course.id, person):
        if run.finished_at is None:
            return run
    run = CourseRun(
        id=new_id("run"), client_id=course.client_id, course_id=course.id, person=person, answers=[], started_at=now()
    )
    session.add(run)
    record(session, course.client_id, "course.begun", run.id, course=course.id, person=person)
    return run


def add_course(session: Session, course: Course) -> None:
    """Open a course to people."""
    session.add(course)
    record(session, course.client_id, "course.made", course.id, process=course.process, documents=len(course.items))


def note_change(session: Session, course: Course) -> None:
    """Put a course's title and mark, or its end, into the trail."""
    closed = course.closed_at is not None
    record(session, course.client_id, "course.changed", course.id, mark=course.pass_mark, closed=closed)


def note_answer(session: Session, course: Course, run: CourseRun) -> None:
    """Put a run's newest document into the trail, with the outcome where it was the last one."""
    data = {"course": course.id, "document": len(run.answers), "passed": run.passed}
    record(session, course.client_id, "course.answered", run.id, **data)


def give_skill(session: Session, person: str, course: Course) -> None:
    """Passing opens the queue: the person has the course's skill from now on."""
    user = find_user(session, person)
    if user is not None and course.skill not in user.skills:
        _set_skills(session, user, [*user.skills, course.skill])
        record(session, DESK, "skill.given", user.id, skill=course.skill, course=course.id)


def take_skill(session: Session, person: str, course: Course, *, right: int, checked: int) -> bool:
    """The skill is taken away until the course is passed again. Returns whether the person had it."""
    user = find_user(session, person)
    if user is None or course.skill not in user.skills:
        return False
    _set_skills(session, user, [skill for skill in user.skills if skill != course.skill])
    record(session, DESK, "skill.taken", user.id, skill=course.skill, course=course.id, right=right, checked=checked)
    return True


def _set_skills(session: Session, user: User, skills: list[str]) -> None:
    rights = {"client_ids": list(user.client_ids), "queues": list(user.queues)}
    change_user(session, user, role=user.role, skills=skills, **rights)  # type: ignore[arg-type]
