"""A person's learning curve in a course as SVG: fields right and seconds a document, run by run."""

from __future__ import annotations

from statistics import median

from matplotlib.axes import Axes

from schemas.errors import NotFoundError
from store.courses import find_course, runs_of
from store.database import Scope
from tasks.desk import Desk
from tasks.model_plots import BLUE, GREY, ORANGE, svg_of


def curve(desk: Desk, scope: Scope, course_id: str, person: str, language: str) -> bytes:
    """Raises NotFoundError where there is no such course or no finished run."""
    with desk.store.read(scope) as session:
        course = find_course(session, course_id)
        runs = [run for run in runs_of(session, course_id, person) if run.finished_at and run.total]
    if not runs:
        raise NotFoundError(course_id)
    numbers = list(range(1, len(runs) + 1))

    def draw(axes: Axes) -> None:
        axes.plot(numbers, [100 * run.right / run.total for run in runs], color=BLUE, marker="o", label="right, %")
        seconds = [median(each["seconds"] for each in run.answers) for run in runs]
        axes.plot(numbers, seconds, color=ORANGE, marker="s", label="seconds a document")
        axes.axhline(100 * course.pass_mark, color=GREY, linewidth=1, linestyle="--", label="pass mark, %")
        axes.set(xlabel="run", ylim=(0, None), xticks=numbers)

    return svg_of(draw, language)
