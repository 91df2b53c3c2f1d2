"""Does the accuracy contract hold? Simulated streams of audits, certified and watched as the desk does it.

    python -m benchmarks.contract [--runs N] [--seed N] [--json FILE]

A stream is a mixture of easy, middling and hard values (70 % are wrong with probability 0.0015, 20 % with 0.04, 10 % with 0.45);
the machine sees the log odds of being right with normal noise of 0.8, so that the true error above any threshold is known
exactly. `settings`: per promised share of wrong values and number of audits the share of runs whose certificate broke the
promise (`broken_promises`; none certified breaks none), the mean share of traffic that goes out by itself (`automation`) with
its standard error, what the best threshold would allow (`possible`), and how often the naive rule breaks the promise: the loosest
threshold above which few enough audits were wrong (`broken_by_naive_rule`). `drift`: audits from the onset of three times the
promised error to the alarm, and the share of runs with a false alarm over 20,000 audits at 0.6 times.
"""

from __future__ import annotations

import argparse
import json
import statistics
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, logit, ndtr

from validations.audit.certificates import Audit, certify, counts, levels_of
from validations.audit.monitoring import ECusum

TARGETS = (0.005, 0.01, 0.02)
AUDITS = (500, 1_000, 2_000, 5_000)
DELTA = 0.10
TRAFFIC = 5_000  # recent values without audits
WEIGHTS = np.array([0.70, 0.20, 0.10])
RIGHT = np.array([0.9985, 0.96, 0.55])
NOISE = 0.8
DRIFT, QUIET = 3.0, 0.6  # times the promise
BEFORE_DRIFT, QUIET_AUDITS, LONGEST = 1_000, 20_000, 50_000
DRIFTS_PER_RUN = 5  # delays scatter widely: their median needs more streams


@dataclass(frozen=True)
class Setting:
    """What came of one promise and number of audits; shares are 0 to 1."""

    target: float
    audits: int
    broken_promises: float
    broken_by_naive_rule: float
    certified: float
    automation: float
    standard_error: float
    possible: float


@dataclass(frozen=True)
class Drift:
    """What came of watching one promise; shares are 0 to 1."""

    target: float
    median_audits_to_alarm: float
    false_alarms: float
    quiet_audits: int


def main(arguments: list[str] | None = None) -> None:
    """Simulate and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args(arguments)
    settings = [setting(t, n, args.runs, args.seed) for t in TARGETS for n in AUDITS]
    drifts = [drift(target, args.runs, args.seed) for target in TARGETS]
    result = {
        "runs": args.runs,
        "delta": DELTA,
        "settings": [asdict(s) for s in settings],
        "drift": [asdict(d) for d in drifts],
    }
    text = json.dumps(result, indent=2)
    print(text)
    if args.json:
        args.json.write_text(text + "\n", encoding="utf-8")


def setting(target: float, audits: int, runs: int, seed: int) -> Setting:
    """Certify from so many audits in every run and compare with the true error above the threshold."""
    random = np.random.default_rng([seed, audits, round(target * 1e6)])
    broken, naively_broken, automation = [], [], []
    for _ in range(runs):
        traffic, _ = draw(random, TRAFFIC)
        scores, right = draw(random, audits)
        sample = [Audit(p, bool(r)) for p, r in zip(expit(scores).tolist(), right.tolist(), strict=True)]
        certificate = certify(sample, expit(traffic), target, DELTA)
        naive = naive_threshold(sample, expit(traffic), target)
        covered, error = truth(float(logit(certificate.threshold))) if certificate.threshold else (0.0, 0.0)
        broken.append(error > target)
        naively_broken.append(naive is not None and truth(float(logit(naive)))[1] > target)
        automation.append(covered)
    return Setting(
        target,
        audits,
        broken_promises=round(statistics.fmean(broken), 4),
        broken_by_naive_rule=round(statistics.fmean(naively_broken), 4),
        certified=round(statistics.fmean(covered > 0 for covered in automation), 4),
        automation=round(statistics.fmean(automation), 4),
        standard_error=round(statistics.stdev(automation) / runs**0.5, 4),
        possible=round(possible(target), 4),
    )


def drift(target: float, runs: int, seed: int) -> Drift:
    """Watch quiet streams and streams that drift; an alarm before the onset counts as false, not as detected."""
    random = np.random.default_rng([seed, round(target * 1e6)])
    quiet = (_first_alarm(ECusum.start(target), random.random(QUIET_AUDITS) < QUIET * target) for _ in range(runs))
    false = sum(alarm is not None for alarm in quiet)
    delays = []
    for _ in range(runs * DRIFTS_PER_RUN):
        before = random.random(BEFORE_DRIFT) < QUIET * target
        after = random.random(LONGEST) < DRIFT * target
        alarm = _first_alarm(ECusum.start(target), np.concatenate([before, after]))
        if alarm is None or alarm > BEFORE_DRIFT:
            delays.append((alarm or BEFORE_DRIFT + LONGEST) - BEFORE_DRIFT)
    return Drift(target, statistics.median(delays), round(false / runs, 4), QUIET_AUDITS)


def draw(random: np.random.Generator, count: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """So many values: the machine's log odds, and whether they are right."""
    kind = random.choice(len(WEIGHTS), count, p=WEIGHTS)
    return logit(RIGHT[kind]) + NOISE * random.normal(size=count), random.random(count) < RIGHT[kind]


def truth(threshold: float) -> tuple[float, float]:
    """The exact share of values at or above a threshold (log odds), and the share of wrong ones among them."""
    above = WEIGHTS * (1 - ndtr((threshold - logit(RIGHT)) / NOISE))
    return float(above.sum()), float((above * (1 - RIGHT)).sum() / above.sum())


def naive_threshold(audits: list[Audit], traffic: NDArray[np.float64], target: float) -> float | None:
    """What is not done: the loosest threshold above which the share of wrong audits is within the target."""
    levels = levels_of(traffic)
    accepted, wrong = counts(audits, levels)
    within = np.flatnonzero((accepted > 0) & (wrong <= target * accepted))
    return float(levels.thresholds[within[-1]]) if len(within) else None


def possible(target: float) -> float:
    """The largest share that can go out by itself within the target, if the truth were known."""
    return truth(float(brentq(lambda threshold: truth(threshold)[1] - target, 0.0, 8.0)))[0]


def _first_alarm(watch: ECusum, wrong: NDArray[np.bool_]) -> int | None:
    for count, mistake in enumerate(wrong.tolist(), start=1):
        watch = watch.update(mistake)
        if watch.alarm:
            return count
    return None


if __name__ == "__main__":
    main()
