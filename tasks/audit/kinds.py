"""Kinds: on which decisions a lot's verdict or a certificate rests, and what was audited beside it with figures of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from schemas.quality import DECISION_STREAMS, SampleState
from schemas.values import ValueState
from store.tables import Sample

VALUE, ABSENT, CELL = "value", "absent", "cell"
KINDS = (VALUE, ABSENT, CELL, *(stream.value for stream in DECISION_STREAMS))


@dataclass(frozen=True)
class KindCount:
    """How many decisions of one kind were drawn, how many of them are decided, and how many of those were wrong."""

    kind: str
    drawn: int
    decided: int
    wrong: int

    @property
    def counts(self) -> bool:
        """Whether the verdict rests on it: decisions beside values have figures of their own."""
        return self.kind in (VALUE, ABSENT, CELL)


def by_kind(samples: Iterable[Sample]) -> list[KindCount]:
    """The kinds that there are among the samples, values first."""
    found: dict[str, list[Sample]] = {}
    for sample in samples:
        found.setdefault(kind_of(sample), []).append(sample)
    return [_count(kind, found[kind]) for kind in KINDS if kind in found]


def kind_of(sample: Sample) -> str:
    """What was decided: a header value, that there is none, a table's cell, or something beside values."""
    if sample.stream in DECISION_STREAMS:
        return sample.stream
    if sample.value_state == ValueState.ABSENT:
        return ABSENT
    return CELL if sample.table_name else VALUE


def _count(kind: str, samples: list[Sample]) -> KindCount:
    decided = [sample for sample in samples if sample.state == SampleState.DECIDED]
    return KindCount(kind, len(samples), len(decided), sum(sample.right is False for sample in decided))
