"""A report's plots: lots with control limits, the characteristic of their plan, risk against automation, learning curves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from schemas.errors import NotFoundError
from schemas.report import LearningCurve, LotLine, ReportData, RiskCurve
from tasks.model_plots import BLUE, GREY, ORANGE, Corner, png_of, svg_of
from validations.audit.control_chart import p_chart
from validations.audit.plans import Plan, oc_curve

COLORS = (BLUE, ORANGE, "#3d7a3d", "#8a3fa0", "#7a5a30", GREY)


@dataclass(frozen=True)
class Plot:
    """One plot. `kind` names it for people, together with `about`: a document type and group, where it is about one."""

    name: str
    kind: str
    draw: Callable[[Axes], None]
    legend: Corner
    about: tuple[str, str] = ("", "")


def plots_of(data: ReportData) -> list[Plot]:
    """The plots that the report has, in their order; people's curves only where the report has a part for ops."""
    found = []
    if any(_wrong_of(lot)[1] for lot in data.lots):
        found.append(Plot("lots", "lots", _lots(data.lots), "upper right"))
    if any(lot.plans for lot in data.lots):
        planned = next(lot for lot in reversed(data.lots) if lot.plans)
        found.append(Plot("plan", "plan", _plan(planned.plans), "upper right"))
    for number, curve in enumerate(data.risk):
        about = (curve.document_type, curve.group)
        found.append(Plot(f"risk-{number}", "risk", _risk(curve), "upper left", about))
    if data.learning:
        found.append(Plot("learning", "learning", _learning(data.learning, "corrected documents"), "lower right"))
    if data.ops is not None and data.ops.people_learning:
        found.append(Plot("people", "people", _learning(data.ops.people_learning, "run of a course"), "lower right"))
    return found


def svg(data: ReportData, name: str, language: str) -> bytes:
    """One plot by its name. Raises NotFoundError where the report has nothing to draw."""
    for plot in plots_of(data):
        if plot.name == name:
            return svg_of(plot.draw, language, plot.legend)
    raise NotFoundError(name)


def png(plot: Plot, language: str) -> bytes:
    """For print."""
    return png_of(plot.draw, language, plot.legend)


def _lots(lots: Sequence[LotLine]) -> Callable[[Axes], None]:
    """A p-chart: the share of wrong values in each lot's sample; what lies outside the limits is more than chance."""
    counted = [each for lot in lots if (each := (lot.number, *_wrong_of(lot)))[2]]

    def draw(axes: Axes) -> None:
        chart = p_chart([(wrong, inspected) for _, wrong, inspected in counted])
        numbers = [number for number, _, _ in counted]
        axes.plot(numbers, [100 * p.share for p in chart.points], color=BLUE, marker="o", label="lot")
        axes.step(numbers, [100 * p.upper for p in chart.points], color=ORANGE, where="mid", label="limit")
        axes.axhline(100 * chart.centre, color=GREY, linewidth=1, linestyle="--", label="mean")
        axes.set(xlabel="lot", ylabel="wrong values, %", ylim=(0, None), xticks=numbers[:: max(1, len(numbers) // 8)])

    return draw


def _wrong_of(lot: LotLine) -> tuple[int, int]:
    found = lot.found.values()
    return sum(int(each["wrong"]) for each in found), sum(int(each["inspected"]) for each in found)


def _plan(plans: Mapping[str, Mapping[str, int | None]]) -> Callable[[Axes], None]:
    """With what chance a lot of each quality passes, for the plans of the newest lot."""

    def draw(axes: Axes) -> None:
        for (name, kept), color in zip(sorted(plans.items()), COLORS, strict=False):
            plan = Plan(**kept)  # type: ignore[arg-type]
            points = oc_curve(plan)
            label = f"{name}: n = {plan.sample_size}, c = {plan.accept}"
            axes.plot([100 * p.share_wrong for p in points], [p.accepted for p in points], color=color, label=label)
        axes.set(xlabel="wrong values in the lot, %", ylabel="chance to pass", xlim=(0, None), ylim=(0, 1.02))

    return draw


def _risk(curve: RiskCurve) -> Callable[[Axes], None]:
    """Errors against automation, with the threshold in force where one is proven."""

    def draw(axes: Axes) -> None:
        across = [100 * coverage for coverage, _, _ in curve.points]
        axes.plot(across, [100 * wrong for _, wrong, _ in curve.points], color=BLUE, label="wrong in audits")
        axes.plot(across, [100 * bound for _, _, bound in curve.points], color=BLUE, linestyle=":", label="bound")
        axes.axhline(100 * curve.promised, color=GREY, linewidth=1, linestyle="--", label="promised")
        if curve.chosen is not None:
            axes.plot([100 * curve.chosen[0]], [100 * curve.chosen[1]], "o", color=ORANGE, label="in force")
        highest = 100 * max(4 * curve.promised, *(wrong for _, wrong, _ in curve.points))
        axes.set(xlabel="without a person, %", ylabel="wrong, %", xlim=(0, 102), ylim=(0, 1.1 * highest))

    return draw


def _learning(curves: Sequence[LearningCurve], along: str) -> Callable[[Axes], None]:
    """What was right over what was learned, a line for each model or person."""

    def draw(axes: Axes) -> None:
        for curve, color in zip(curves, COLORS * len(curves), strict=False):
            xs, ys = [x for x, _ in curve.points], [100 * y for _, y in curve.points]
            axes.plot(xs, ys, color=color, marker="o", markersize=3.5, label=curve.name)
        axes.set(xlabel=along, ylabel="right, %", ylim=(None, 101))

    return draw
