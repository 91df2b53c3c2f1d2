"""The three curves of a model card as SVG: reliability, coverage at error, learning. Text stays text."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from schemas.learning import ModelCard, Point
from tasks.plot_words import put_over

INCHES = (4.4, 3.2)
PRINT_DPI = 200
INK, BLUE, ORANGE, GREY = (
    "#404a58",
    "#1a56b0",
    "#c26a00",
    "#9aa4b2",
)  # legible on white; the page gives them a white sheet
Corner = Literal["lower right", "upper right", "upper left"]
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "cleardesk",
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.grid": True,
    "grid.color": "#e3e7ed",
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def plots_of(card: ModelCard) -> dict[str, Callable[[Axes], None]]:
    """Name -> how it is drawn, for those curves that the card has."""
    drawn = {
        "reliability": _reliability(card) if card.reliability else None,
        "coverage": _coverage(card) if card.coverage else None,
        "learning": _learning(card) if card.learning else None,
    }
    return {name: draw for name, draw in drawn.items() if draw is not None}


def _reliability(card: ModelCard) -> Callable[[Axes], None]:
    """How often values of a probability were right; the closer to the diagonal, the better calibrated."""

    def draw(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle="--", label="perfect")
        _curve(axes, card.reliability, BLUE, "held-out values")
        axes.set(xlabel="probability given", ylabel="share that was right", xlim=(0, 1.02), ylim=(0, 1.02))

    return draw


def _coverage(card: ModelCard) -> Callable[[Axes], None]:
    """The share of values that can be accepted without a look, at each share of errors among them."""

    def draw(axes: Axes) -> None:
        points = sorted(card.coverage, key=lambda point: point.x)
        axes.step([100 * p.x for p in points], [100 * p.y for p in points], color=BLUE, where="post", label="held-out")
        axes.set(xlabel="errors among accepted values, %", ylabel="accepted, %", ylim=(0, 102))

    return draw


def _learning(card: ModelCard) -> Callable[[Axes], None]:
    """Accuracy over the number of corrected documents, suppliers that training knew and others apart."""

    def draw(axes: Axes) -> None:
        _curve(axes, card.learning, BLUE, "all suppliers")
        _curve(axes, card.learning_unseen, ORANGE, "suppliers never seen")
        low = min(point.y for point in (*card.learning, *card.learning_unseen))
        axes.set(xlabel="corrected documents", ylabel="fields right", xlim=(0, None), ylim=(max(0.0, low - 0.1), 1.01))

    return draw


def _curve(axes: Axes, points: Sequence[Point], color: str, label: str) -> None:
    if points:
        ordered = sorted(points, key=lambda point: point.x)
        axes.plot([p.x for p in ordered], [p.y for p in ordered], color=color, marker="o", markersize=3.5, label=label)


def svg_of(draw: Callable[[Axes], None], language: str, legend: Corner = "lower right") -> bytes:
    """Draw on a figure of its own, without a window, as SVG. The same card gives the same bytes."""
    return _saved(draw, language, legend, "svg", {"Date": None, "Creator": None})


def png_of(draw: Callable[[Axes], None], language: str, legend: Corner = "lower right") -> bytes:
    """The same as PNG, sharp enough for print."""
    return _saved(draw, language, legend, "png", {"Software": None})


def _saved(
    draw: Callable[[Axes], None], language: str, legend: Corner, form: str, metadata: Mapping[str, str | None]
) -> bytes:
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=INCHES, layout="constrained")
        axes = figure.add_subplot()
        draw(axes)
        put_over(axes, language)
        axes.legend(frameon=False, loc=legend)
        out = io.BytesIO()
        figure.savefig(out, format=form, dpi=PRINT_DPI, metadata=dict(metadata))
    return out.getvalue()
