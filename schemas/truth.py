"""Truth: what a corpus says is printed on its documents, and how an extraction compares with it.

A corpus is a folder with `labels.jsonl`; each line names a file and its fields (`archive.zip!/member` for a member). Values
are compared with `normalisation.same_value`: whole value right or wrong. A field that the truth does not name is not judged.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from schemas.document_type import DocumentType, FieldType
from schemas.normalisation import same_value
from schemas.values import Extraction, ValueState


class Truth(BaseModel):
    """One labelled document."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    file: str
    fields: dict[str, str]
    line_items: list[dict[str, str]] = []
    taxes: list[dict[str, str]] = []
    group: str = ""
    kind: str = ""
    document_type: str = ""
    pages: list[int] = []

    @property
    def first_page(self) -> int:
        """Where the document begins in its file."""
        return self.pages[0] if self.pages else 1


class FieldOutcome(NamedTuple):
    """One judged field: its name, whether the whole value is right, and how probable the extractor thought it."""

    name: str
    right: bool
    probability: float
    found: bool


def load_truth(corpus: Path) -> list[Truth]:
    """The labels of a corpus folder."""
    lines = (corpus / "labels.jsonl").read_text(encoding="utf-8").splitlines()
    return [Truth.model_validate_json(line) for line in lines if line.strip()]


def judge_fields(truth: Truth, extraction: Extraction, kind: DocumentType | None) -> list[FieldOutcome]:
    """Compare every labelled header field; one that was not found is wrong."""
    outcomes = []
    for name, label in truth.fields.items():
        definition = kind.definition(name) if kind else None
        value = extraction.get(name)
        found = value is not None and value.state is ValueState.PRESENT
        right = (
            value is not None
            and found
            and same_value(value.text, label, definition.type if definition else FieldType.TEXT)
        )
        outcomes.append(FieldOutcome(name, right, value.probability if value else 0.0, found))
    return outcomes
