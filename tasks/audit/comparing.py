"""Comparing keys: two people (or a person and the machine) mean the same value, after the field's normalisation."""

from __future__ import annotations

from schemas.document_type import DocumentType, FieldType
from schemas.normalisation import same_value
from schemas.quality import DECISION_STREAMS, Stream
from schemas.values import ValueState
from store.tables import Sample

NORMALISATION = "1"  # named in every report: a change of `schemas.normalisation` that changes comparisons raises it
DECISIONS = frozenset(DECISION_STREAMS) - {Stream.LINES}  # what is keyed is a choice, compared as it stands


def agrees(sample: Sample, text: str, state: ValueState, kind: DocumentType | None) -> bool:
    """Whether a key means what was delivered. "Absent" and "unreadable" are values like others."""
    if state is not ValueState.PRESENT or sample.value_state != ValueState.PRESENT:
        return state.value == sample.value_state
    if sample.stream in DECISIONS:
        return text.strip() == sample.value
    definition = kind.definition(sample.name, sample.table_name) if kind else None
    return same_value(text, sample.value, definition.type if definition else FieldType.INTEGER)
