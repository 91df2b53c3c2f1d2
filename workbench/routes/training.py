"""Training: people learn on known documents; leads make the courses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from schemas.document_type import DocumentType
from schemas.errors import IllegalTransitionError
from store.courses import open_courses, runs_of
from store.lists import processes_seen
from tasks.audit.looking import look_at
from tasks.course_truth import Feedback, cell, definition_of
from tasks.training import Lesson, answer, change_course, close_course, lesson, make_course, offers, start
from tasks.training_plots import curve
from workbench.access import DeskHere, Requires
from workbench.pages import page, words_for
from workbench.permissions import Permission
from workbench.shown_values import canonical, shown
from workbench.visitor import Visitor

router = APIRouter()
Learner = Annotated[Visitor, Depends(Requires(Permission.TASK_WORK))]
Viewer = Annotated[Visitor, Depends(Requires(Permission.PEOPLE_VIEW))]
Teacher = Annotated[Visitor, Depends(Requires(Permission.COURSE_WRITE))]
FIELD = "field-"
Told = list[tuple[Feedback, str, str]]


@router.get("/training")
def list_page(request: Request, desk: DeskHere, visitor: Learner) -> Response:
    """The courses that this person may take, and how far they came."""
    found = offers(desk, visitor.scope, visitor.name, visitor.skills)
    return page(request, "training.html", offers=found)


@router.post("/training/{course_id}/start")
def begin(course_id: str, desk: DeskHere, visitor: Learner) -> Response:
    """Begin a run, or go on with the open one. Raises NotFoundError."""
    start(desk, visitor.scope, course_id)
    return RedirectResponse(f"/training/{course_id}", 303)


@router.get("/training/{course_id}")
def show(request: Request, course_id: str, desk: DeskHere, visitor: Learner) -> Response:
    """The next document of the open run; without one the way to begin it. Raises NotFoundError."""
    return page(
        request,
        "lesson.html",
        lesson=lesson(desk, visitor.scope, course_id),
        course_id=course_id,
        told=None,
        title_of=_title_of(request),
    )


@router.post("/training/{course_id}")
async def keep(request: Request, course_id: str, desk: DeskHere, visitor: Learner) -> Response:
    """What was keyed of a document: what is true of each field. Raises NotFoundError, IllegalTransitionError."""
    form = {key: value for key, value in (await request.form()).items() if isinstance(value, str)}
    at = lesson(desk, visitor.scope, course_id)
    if at is None or form.get("number") != str(at.number):
        raise IllegalTransitionError(f"this is not the next document of {course_id}")
    look_at(desk, visitor.scope, at.document_id)  # the answer tells what is true of it
    typed = _typed(form, at, visitor.language)
    told = answer(desk, visitor.scope, course_id, at.number, typed, seconds=_seconds(form.get("seconds", "")))
    return page(
        request,
        "lesson.html",
        lesson=at,
        course_id=course_id,
        told=_shown(told, visitor.language),
        title_of=_title_of(request),
    )


def _typed(form: dict[str, str], at: Lesson, language: str) -> dict[str, str]:
    """By field or cell, what the form holds, as values are kept."""
    typed = {}
    for name in fields_asked(at):
        field = definition_of(name, at.kind)
        text = form.get(FIELD + name, "")[:2000]
        typed[name] = (canonical(text, field.type, language) if field else None) or text
    return typed


def fields_asked(at: Lesson) -> list[str]:
    """Every header field, and every cell of the rows to key."""
    cells = [
        cell(table, row, name)
        for table, rows in at.rows.items()
        for row in rows
        for name in at.kind.tables[table].columns
    ]
    return [*at.kind.fields, *cells]


def _seconds(text: str) -> float:
    try:
        return min(86_400.0, max(0.0, float(text)))
    except ValueError:
        return 0.0


def _shown(told: list[Feedback], language: str) -> Told:
    """Each answer with what was typed and what is true, as this language writes them."""
    return [(each, _text(each.typed, each, language), _text(each.truth, each, language)) for each in told]


def _title_of(request: Request) -> Callable[[str, DocumentType], str]:
    """A field as people call it; a table's cell with its row."""
    t = words_for(request)

    def title(name: str, kind: DocumentType) -> str:
        field = definition_of(name, kind)
        called = field.title.get(t.language, name) if field else name
        return f"{called} ({t('keying.row', row=name.split('.')[1])})" if "." in name else called

    return title


def _text(text: str, of: Feedback, language: str) -> str:
    return shown(text, of.kind, language)


@router.get("/training/{course_id}/curve.svg")
def draw(course_id: str, desk: DeskHere, visitor: Learner) -> Response:
    """The visitor's learning curve. Raises NotFoundError."""
    return Response(curve(desk, visitor.scope, course_id, visitor.name, visitor.language), media_type="image/svg+xml")


@router.get("/courses")
def courses(request: Request, desk: DeskHere, visitor: Viewer) -> Response:
    """Every course with everybody's runs."""
    with desk.store.read(visitor.scope) as session:
        rows = [(course, runs_of(session, course.id)) for course in open_courses(session)]
        processes = processes_seen(session)
    return page(request, "courses.html", rows=rows, processes=processes)


@router.post("/courses")
def add(
    desk: DeskHere,
    visitor: Teacher,
    process: Annotated[str, Form(max_length=200)],
    title: Annotated[str, Form(max_length=200)],
    skill: Annotated[str, Form(max_length=100)],
    mark: Annotated[int, Form(ge=1, le=99)] = 95,
    size: Annotated[int, Form(ge=1, le=200)] = 20,
    lines: Annotated[bool, Form()] = False,
) -> Response:
    """Make a course of a process's finished documents. Raises NotFoundError, IllegalTransitionError."""
    client, _, name = process.partition("/")
    about = {"title": title, "skill": skill}
    make_course(desk, visitor.scope, client, name, **about, pass_mark=mark / 100, size=size, lines=lines)
    return RedirectResponse("/courses", 303)


@router.post("/courses/{course_id}")
def change(
    course_id: str,
    desk: DeskHere,
    visitor: Teacher,
    title: Annotated[str, Form(max_length=200)],
    mark: Annotated[int, Form(ge=1, le=99)],
) -> Response:
    """Change a course's title or pass mark. Raises NotFoundError, IllegalTransitionError."""
    change_course(desk, visitor.scope, course_id, title=title, pass_mark=mark / 100)
    return RedirectResponse("/courses", 303)


@router.post("/courses/{course_id}/close")
def close(course_id: str, desk: DeskHere, visitor: Teacher) -> Response:
    """Offer a course no more. Raises NotFoundError, IllegalTransitionError."""
    close_course(desk, visitor.scope, course_id)
    return RedirectResponse("/courses", 303)
