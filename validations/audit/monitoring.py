"""Does a certificate still hold? An alarm that may be looked at after every audit.

An e-CUSUM over audited values that went out by themselves: for each suspected share of wrong values q the likelihood ratio
against the promise is multiplied up and starts anew whenever it falls below 1, as in Page, *Continuous inspection schemes*,
Biometrika 41 (1954). The mean over several q is an e-detector (Shin, Ramdas and Rinaldo, *E-detectors: a nonparametric
framework for sequential change detection*, 2022, arXiv 2203.03532): while the promise holds, an alarm at `BAR` comes after at
least `BAR` audits on average, and in practice far later. Each start-again marks where drift could have begun.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from schemas.errors import DefinitionError

SUSPECTED = (2.0, 3.0, 4.0, 8.0)  # times the promised share of wrong values; soonest at 3 times, still quick at 10
BAR = 1000.0
_CEILING = 1e12  # an alarm is an alarm; keeps the state finite


@dataclass(frozen=True)
class ECusum:
    """The state: plain numbers, so that `dataclasses.asdict` and `ECusum(**kept)` store it and bring it back.

    promise: the promised share of wrong values; audits: how many were seen; evidence: one per suspected share; since: for each
    the number of audits when its evidence started anew.
    """

    promise: float
    audits: int
    evidence: tuple[float, ...]
    since: tuple[int, ...]

    @classmethod
    def start(cls, promise: float) -> ECusum:
        """Before the first audit. Raises DefinitionError for a promise outside 0 to 0.5."""
        if not 0 < promise < 0.5:
            raise DefinitionError("monitoring needs a promised share of wrong values between 0 and 0.5")
        return cls(promise, 0, (1.0,) * len(_suspected(promise)), (0,) * len(_suspected(promise)))

    def update(self, wrong: bool) -> ECusum:
        """The state after one more audited value; constant time."""
        evidence, since = [], []
        for suspected, before, began in zip(_suspected(self.promise), self.evidence, self.since, strict=False):
            ratio = suspected / self.promise if wrong else (1 - suspected) / (1 - self.promise)
            evidence.append(min(max(before, 1.0) * ratio, _CEILING))
            since.append(began if before > 1.0 else self.audits)
        return replace(self, audits=self.audits + 1, evidence=tuple(evidence), since=tuple(since))

    @property
    def level(self) -> float:
        """The evidence against the promise: 1 is none, `BAR` the alarm."""
        return sum(self.evidence) / len(self.evidence)

    @property
    def alarm(self) -> bool:
        """Whether the certificate is to be revoked."""
        return self.level >= BAR

    @property
    def good_until(self) -> int:
        """After how many audits the promise was last believed to hold; what was delivered since is to be looked at again."""
        return max(zip(self.evidence, self.since, strict=True))[1]


def _suspected(promise: float) -> tuple[float, ...]:
    return tuple(min(factor * promise, (1 + promise) / 2) for factor in SUSPECTED)
