"""A person's control chart as SVG: the share of wrong values by week, with the limits of chance."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from matplotlib.axes import Axes

from store.database import Scope
from tasks.desk import Desk
from tasks.model_plots import BLUE, GREY, ORANGE, svg_of
from tasks.people import Outcome, recent_outcomes
from validations.audit.control_chart import p_chart


def chart(desk: Desk, scope: Scope, name: str, language: str) -> bytes:
    """A p-chart of the person's weeks: what lies outside its limits is more than chance."""
    with desk.store.read(scope) as session:
        weeks: dict[dt.date, list[Outcome]] = defaultdict(list)
        for each in recent_outcomes(session, person=name):
            weeks[each.at.date() - dt.timedelta(days=each.at.weekday())].append(each)
    days = sorted(weeks)
    drawn = p_chart([(sum(not each.right for each in weeks[day]), len(weeks[day])) for day in days])

    def draw(axes: Axes) -> None:
        labels = [f"{day:%m-%d}" for day in days]
        axes.plot(labels, [100 * point.share for point in drawn.points], color=BLUE, marker="o", label="week")
        axes.plot(labels, [100 * point.upper for point in drawn.points], color=ORANGE, marker="_", label="limit")
        axes.axhline(100 * drawn.centre, color=GREY, linewidth=1, linestyle="--", label="mean")
        axes.set(xlabel="week from", ylabel="wrong values, %", ylim=(0, None))

    return svg_of(draw, language)
