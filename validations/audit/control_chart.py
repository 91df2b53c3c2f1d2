"""The p-chart: is a share of wrong items over days, lots or people more than chance? (Shewhart; Montgomery, *Introduction to
Statistical Quality Control*, chapter 7.)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class ChartPoint:
    """One sample: its share of wrong items, its limits (0 to 1), and whether it lies outside them."""

    share: float
    lower: float
    upper: float
    outside: bool


@dataclass(frozen=True)
class Chart:
    """The centre line, 0 to 1, and the points in order."""

    centre: float
    points: tuple[ChartPoint, ...]


def p_chart(samples: Sequence[tuple[int, int]], centre: float | None = None, sigmas: float = 3.0) -> Chart:
    """Control limits for (wrong, checked) per sample; samples without checked items are left out.

    `centre`: a known share of wrong items; by default that of all samples together. Limits are centre ± sigmas *
    sqrt(centre (1 - centre) / checked), cut at 0 and 1.
    """
    counted = [(wrong, checked) for wrong, checked in samples if checked]
    total = sum(checked for _, checked in counted)
    middle = centre if centre is not None else sum(wrong for wrong, _ in counted) / total if total else 0.0
    return Chart(middle, tuple(_point(wrong, checked, middle, sigmas) for wrong, checked in counted))


def _point(wrong: int, checked: int, centre: float, sigmas: float) -> ChartPoint:
    width = sigmas * math.sqrt(centre * (1 - centre) / checked)
    lower, upper = max(0.0, centre - width), min(1.0, centre + width)
    return ChartPoint(wrong / checked, lower, upper, not lower <= wrong / checked <= upper)
