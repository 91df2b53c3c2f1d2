"""Candidates, values, line items and findings: what is claimed about a document, and what is wrong with it.

A value is addressed by `(table, row, name)`. Header fields have table "" and row 0; a document type's tables (`line_items`,
`taxes`) have rows from 1. Normalised text is canonical: amounts `1234.50`, dates `2026-01-31`, percentages `19`, currencies
`EUR`, IBANs and tax ids without blanks, everything else with single blanks.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from schemas.reading import Box

LANGUAGE_MODEL = "language_model"  # a value's source and evidence; the remarks below are evidence too
AGREES = "language_model:agrees"
DIFFERS = "language_model:differs:"  # and what it reads instead
NOT_ON_PAGE = "language_model:not_on_page:"  # and what it says that no page does
UNGROUNDED = "ungrounded"  # nobody found the value on a page


class Address(NamedTuple):
    """Where a value stands in a document's data."""

    name: str
    table: str = ""
    row: int = 0


class ValueState(StrEnum):
    """Whether there is a value at all: a person may say that it is absent or cannot be read."""

    PRESENT = "present"
    ABSENT = "absent"
    UNREADABLE = "unreadable"


class Candidate(BaseModel):
    """A span of words that could be a field's value, with its score in the chooser's own units."""

    model_config = ConfigDict(frozen=True)

    field: str
    text: str  # normalised
    raw: str  # as printed
    page: int
    box: Box
    score: float
    confidence: float = 1.0  # the reader's, of the least sure word
    evidence: list[str] = []  # short reasons: `label:Rechnungsnummer`, `type:iban`, `sum:net+tax`


class Value(BaseModel):
    """The chosen value: normalised text, raw text, page and box, source, and probability of being exactly right (0 to 1)."""

    model_config = ConfigDict(frozen=True)

    name: str
    table: str = ""
    row: int = 0
    state: ValueState = ValueState.PRESENT
    text: str = ""
    raw: str = ""
    page: int | None = None
    box: Box | None = None
    source: str = "machine"  # machine | person | master_data | derived | language_model
    probability: float = 0.0
    evidence: list[str] = []

    @property
    def address(self) -> Address:
        return Address(self.name, self.table, self.row)


def absence_of(scores: Iterable[float]) -> float:
    """0 to 1, from the scores of a field's runners-up: 1 where nothing was seen, less the better the best one looks.

    It orders absent values from sure to doubtful, which is all that a certificate asks; it is no calibrated probability.
    """
    best = max(scores, default=None)
    return 1.0 if best is None else 1 / (1 + math.exp(min(max(best, -30.0), 30.0)))


class Severity(StrEnum):
    """An error stops delivery until a person decides; a warning is shown; info is kept."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Finding(BaseModel):
    """A broken rule, tied to its fields. `parameters` are rendered into the reader's language by `schemas.messages`."""

    model_config = ConfigDict(frozen=True)

    rule: str
    severity: Severity
    fields: list[Address] = []
    parameters: dict[str, str] = {}


class Extraction(BaseModel):
    """All that extraction says of a document: its type, how sure, its values, and the runners-up for the reviewer."""

    model_config = ConfigDict(frozen=True)

    document_type: str  # a type's name, or "other"
    type_probability: float
    type_reason: str = ""  # the word that decided, or what kind of paper it seems to be
    language: str
    values: list[Value]
    candidates: list[Candidate] = []
    extractor: str = ""  # name and version

    def get(self, name: str, table: str = "", row: int = 0) -> Value | None:
        """The value at an address, or None where nothing was found."""
        return next((v for v in self.values if (v.name, v.table, v.row) == (name, table, row)), None)

    def is_absent(self, name: str) -> bool:
        """Whether nothing was found for a header field."""
        value = self.get(name)
        return value is None or not value.text

    def absence(self, name: str) -> float:
        """How sure it is that a header field is not there, see `absence_of`."""
        return absence_of(candidate.score for candidate in self.candidates if candidate.field == name)
