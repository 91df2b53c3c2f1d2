"""Does a document begin on this page? A small logistic model: hand-set weights at first, moved by files that people split.

Learning is the maximum a posteriori estimate with a normal prior around the hand-set weights (Bishop, Pattern Recognition and
Machine Learning, 2006, section 4.3.3), found by Newton's method: with few examples the hand-set weights win.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from extraction.page_signs import SIGNALS, Glance, glance, signals
from schemas.reading import Reading, Source

FILE = "first_pages.json"
PRIOR_SPREAD = 1.0  # of a weight around its hand-set value, log-odds
NEWTON_STEPS = 25
_START = -2.2  # log-odds of a page that says nothing: it goes on
_WEIGHTS = {
    "title": 2.8,
    "says_first": 4.5,
    "says_later": -5.0,
    "ended": 3.0,
    "other_number": 3.6,
    "same_number": -3.5,
    "letterhead": -2.0,
    "date": 1.2,
    "total_before": 1.0,
    "continued": -2.0,
    "other_size": 1.2,
}

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class SplitExample:
    """A file whose documents are known: `starts` are the numbers of their first pages."""

    reading: Reading
    starts: frozenset[int]


@dataclass(frozen=True)
class FirstPageModel:
    """`weights` of `SIGNALS`, the constant last; `examples`: how many page boundaries they were learned from."""

    weights: tuple[float, ...] = (*(_WEIGHTS[name] for name in SIGNALS), _START)
    examples: int = 0

    def probability(self, page: Glance, before: Sequence[Glance]) -> float:
        """Of `page` being the first of a document, after the pages `before` of another; 1 where there are none."""
        if not before:
            return 1.0
        return float(_logistic(np.dot([*signals(page, before), 1.0], self.weights)))

    def files(self) -> dict[str, bytes]:
        """The model as data."""
        content = {"weights": dict(zip((*SIGNALS, "start"), self.weights, strict=True)), "examples": self.examples}
        return {FILE: (json.dumps(content, indent=1, sort_keys=True) + "\n").encode()}

    @classmethod
    def load(cls, files: Mapping[str, bytes]) -> FirstPageModel:
        """The model from its files."""
        content = json.loads(files[FILE])
        return cls(tuple(float(content["weights"][name]) for name in (*SIGNALS, "start")), int(content["examples"]))


def learn_first_pages(examples: Sequence[SplitExample]) -> FirstPageModel:
    """Move the hand-set weights as far as the examples ask for. Deterministic."""
    rows = [row for example in examples for row in _boundaries(example)]
    prior = np.array(FirstPageModel().weights)
    if not rows:
        return FirstPageModel()
    seen, starts = np.array([[*values, 1.0] for values, _ in rows]), np.array([float(start) for _, start in rows])
    return FirstPageModel(tuple(float(weight) for weight in _posterior(seen, starts, prior)), len(rows))


def _boundaries(example: SplitExample) -> Iterator[tuple[list[float], bool]]:
    """The signals of every page but the file's first, and whether a document begins there."""
    before: list[Glance] = []
    for page in example.reading.pages:
        if page.source is Source.NONE:
            continue
        seen = glance(page)
        if before:
            yield signals(seen, before), page.number in example.starts
        before = [seen] if page.number in example.starts else [*before, seen]


def _posterior(seen: Floats, starts: Floats, prior: Floats) -> Floats:
    weights, precision = prior.copy(), np.eye(len(prior)) / PRIOR_SPREAD**2
    for _ in range(NEWTON_STEPS):
        predicted = _logistic(seen @ weights)
        slope = seen.T @ (predicted - starts) + precision @ (weights - prior)
        curve = (seen * (predicted * (1 - predicted))[:, None]).T @ seen + precision
        step = np.linalg.solve(curve, slope)
        weights = weights - step
        if float(np.abs(step).max()) < 1e-9:
            break
    return weights


def _logistic(log_odds: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(log_odds, -35.0, 35.0))))
