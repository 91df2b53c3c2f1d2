"""Charts as plain geometry for a template to draw: bars and a line in a fixed frame. No script, no inline style."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 190  # of the drawing, in its own units
LEFT, RIGHT, TOP, BOTTOM = 54, 6, 8, 22
GAP = 0.24  # of a group's width, between groups


@dataclass(frozen=True)
class Series:
    """One kind of bar, from left to right; `kind` is its style class, `name` stands in the legend."""

    kind: str
    name: str
    values: Sequence[int]


@dataclass(frozen=True)
class Bar:
    """One bar and what it says when pointed at."""

    kind: str
    x: float
    y: float
    width: float
    height: float
    says: str


@dataclass(frozen=True)
class Mark:
    """A word on an axis, at its place along it; `shown`: where there is room."""

    at: float
    text: str


@dataclass(frozen=True)
class Chart:
    """Bars in groups, with a line over them where there is one."""

    bars: list[Bar]
    line: str  # an SVG path, empty where there is no line
    across: list[Mark]
    up: list[Mark]
    legend: list[tuple[str, str]]  # style class, name
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    foot: int = HEIGHT - BOTTOM


def bar_chart(labels: Sequence[str], series: Sequence[Series], line: Series | None = None, *, every: int = 1) -> Chart:
    """Bars side by side for each label, and a line through the middles of the groups; `every` so manieth label is written."""
    all_values = [*(value for each in series for value in each.values), *(line.values if line else ())]
    step = _step(max(all_values, default=0))
    top = step * 4
    group = (WIDTH - LEFT - RIGHT) / max(len(labels), 1)
    middles = [LEFT + group * (at + 0.5) for at in range(len(labels))]
    return Chart(
        bars=[
            bar for at, each in enumerate(series) for bar in _bars(each, at, len(series), labels, middles, group, top)
        ],
        line=_path(middles, line.values, top) if line else "",
        across=[Mark(x, label) for at, (x, label) in enumerate(zip(middles, labels, strict=True)) if at % every == 0],
        up=[Mark(_height(step * each, top), str(step * each)) for each in range(5)],
        legend=[(each.kind, each.name) for each in (*series, *([line] if line else []))],
    )


def _bars(
    series: Series, at: int, of: int, labels: Sequence[str], middles: Sequence[float], group: float, top: int
) -> list[Bar]:
    width = group * (1 - GAP) / of
    return [
        Bar(
            series.kind,
            round(middle - group * (1 - GAP) / 2 + at * width, 1),
            y := _height(value, top),
            round(width, 1),
            round(HEIGHT - BOTTOM - y, 1),
            f"{label}: {series.name} {value}",
        )
        for middle, label, value in zip(middles, labels, series.values, strict=True)
        if value
    ]


def _path(middles: Sequence[float], values: Sequence[int], top: int) -> str:
    return " ".join(
        f"{'L' if at else 'M'}{x:.1f} {_height(value, top)}"
        for at, (x, value) in enumerate(zip(middles, values, strict=True))
    )


def _height(value: int, top: int) -> float:
    """Where a value lies in the drawing, counted from above."""
    return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top), 1)


def _step(highest: int) -> int:
    """A round step (1, 2, 2.5 or 5 times a power of ten), four of which hold the highest value."""
    least = max(highest / 4, 1)
    power = 1
    while True:
        for times in (1, 2, 2.5, 5):
            if power * times >= least and power * times == int(power * times):
                return int(power * times)
        power *= 10
