"""What lots and certificates rest on, as SVG: the operating characteristic of plans, and risk against automation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from schemas.errors import NotFoundError
from tasks.model_plots import BLUE, GREY, ORANGE, svg_of
from validations.audit.bounds import upper_bound
from validations.audit.certificates import Audit, counts, levels_of
from validations.audit.plans import Plan, oc_curve

OC_POINTS = 61


@dataclass(frozen=True)
class Risk:
    """One threshold: the share of recent traffic at or above it, and the audits there with the bound on their error."""

    threshold: float
    coverage: float
    audits: int
    wrong: int
    bound: float

    @property
    def share_wrong(self) -> float:
        """The share of audited values that were wrong."""
        return self.wrong / self.audits


def risk_curve(audits: Sequence[Audit], traffic: Sequence[float], delta: float) -> list[Risk]:
    """Every threshold that has audits, strict to loose; `bound`: exact, one-sided, at 1 - delta, for each alone."""
    if not traffic:
        return []
    levels = levels_of(traffic)
    accepted, wrong = counts(audits, levels)
    rows = zip(levels.thresholds.tolist(), levels.coverage.tolist(), accepted.tolist(), wrong.tolist(), strict=True)
    return [Risk(at, share, n, bad, upper_bound(bad, n, 1 - delta)) for at, share, n, bad in rows if n]


def plan_plot(plans: Mapping[str, Plan], language: str) -> bytes:
    """With what chance a lot of each quality passes, a line for each named plan. Raises NotFoundError: no plan."""
    if not plans:
        raise NotFoundError("plan")

    def draw(axes: Axes) -> None:
        for (name, plan), color in zip(sorted(plans.items()), (BLUE, ORANGE), strict=False):
            points = oc_curve(plan, OC_POINTS)
            label = f"{name}: n = {plan.sample_size}, c = {plan.accept}".removeprefix(": ")
            axes.plot([100 * p.share_wrong for p in points], [p.accepted for p in points], color=color, label=label)
        axes.set(xlabel="wrong values in the lot, %", ylabel="chance to pass", xlim=(0, None), ylim=(0, 1.02))

    return svg_of(draw, language, "upper right")


def risk_plot(curve: Sequence[Risk], target: float, chosen: tuple[float, float] | None, language: str) -> bytes:
    """Errors against automation; `chosen`: coverage and bound of the threshold in force. Raises NotFoundError: no audits."""
    if not curve:
        raise NotFoundError("curve")

    def draw(axes: Axes) -> None:
        across = [100 * point.coverage for point in curve]
        axes.plot(across, [100 * point.share_wrong for point in curve], color=BLUE, label="wrong in audits")
        axes.plot(across, [100 * point.bound for point in curve], color=BLUE, linestyle=":", label="bound")
        axes.axhline(100 * target, color=GREY, linewidth=1, linestyle="--", label="promised")
        if chosen is not None:
            axes.plot([100 * chosen[0]], [100 * chosen[1]], color=ORANGE, marker="o", linestyle="", label="in force")
        highest = 100 * max(4 * target, *(point.share_wrong for point in curve))
        axes.set(xlabel="without a person, %", ylabel="wrong, %", xlim=(0, 102), ylim=(0, 1.1 * highest))

    return svg_of(draw, language, "upper left")
