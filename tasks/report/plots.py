"""A report's plots as SVG: wrong values per lot with control limits, and the operating characteristic of the lots' plan."""

from __future__ import annotations

from matplotlib.axes import Axes

from schemas.errors import NotFoundError
from schemas.report import LotLine, ReportData
from tasks.model_plots import BLUE, GREY, ORANGE, svg_of
from validations.audit.control_chart import p_chart
from validations.audit.plans import Plan, oc_curve


def plot(data: ReportData, name: str) -> bytes:
    """One plot by its name. Raises NotFoundError where the report has nothing to draw."""
    if name == "lots" and any(lot.found for lot in data.lots):
        return _lots(data.lots)
    if name == "plan" and any(lot.plans for lot in data.lots):
        return _plan(next(lot for lot in reversed(data.lots) if lot.plans))
    raise NotFoundError(name)


def plots_of(data: ReportData) -> list[str]:
    """The names of the plots that the report has."""
    names = ["lots"] if any(lot.found for lot in data.lots) else []
    return names + (["plan"] if any(lot.plans for lot in data.lots) else [])


def _lots(lots: list[LotLine]) -> bytes:
    """A p-chart: the share of wrong values in each lot's sample; what lies outside the limits is more than chance."""
    counted = [(lot.number, *_wrong_of(lot)) for lot in lots if lot.found]
    counted = [each for each in counted if each[2]]
    chart = p_chart([(wrong, inspected) for _, wrong, inspected in counted])

    def draw(axes: Axes) -> None:
        numbers = [number for number, _, _ in counted]
        axes.plot(numbers, [100 * p.share for p in chart.points], color=BLUE, marker="o", label="lot")
        axes.step(numbers, [100 * p.upper for p in chart.points], color=ORANGE, where="mid", label="limit")
        axes.axhline(100 * chart.centre, color=GREY, linewidth=1, linestyle="--", label="mean")
        axes.set(xlabel="lot", ylabel="wrong values, %", ylim=(0, None))

    return svg_of(draw)


def _wrong_of(lot: LotLine) -> tuple[int, int]:
    found = lot.found.values()
    return sum(int(each["wrong"]) for each in found), sum(int(each["inspected"]) for each in found)


def _plan(lot: LotLine) -> bytes:
    """With what chance a lot of each quality passes, for the plans of the newest lot."""

    def draw(axes: Axes) -> None:
        for (name, kept), color in zip(sorted(lot.plans.items()), (BLUE, ORANGE), strict=False):
            plan = Plan(**kept)  # type: ignore[arg-type]
            points = oc_curve(plan)
            label = f"{name}: n = {plan.sample_size}, c = {plan.accept}"
            axes.plot([100 * p.share_wrong for p in points], [p.accepted for p in points], color=color, label=label)
        axes.set(xlabel="wrong values in the lot, %", ylabel="chance to pass", xlim=(0, None), ylim=(0, 1.02))

    return svg_of(draw)
