"""Scorecards: the forms by which contacts (calls, mails, chats) are judged, in YAML; each version is named by its sha256."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from schemas.errors import DefinitionError
from schemas.yaml_file import load_yaml, parse_yaml

HERE = Path(__file__).parent / "scorecards"
NOT_APPLICABLE = "na"
YES, NO = "yes", "no"


class CriticalClass(StrEnum):
    """Whom a critical error harms. Any of them fails the whole contact."""

    CUSTOMER = "customer"
    BUSINESS = "business"
    COMPLIANCE = "compliance"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Option(_Strict):
    """One answer to choose: `points` is the share of the item's weight that it earns."""

    title: dict[str, str]
    points: float = Field(ge=0, le=1, allow_inf_nan=False)


class Item(_Strict):
    """One question. `yes_no` earns all or nothing, `scale` from 1 to `steps` in equal parts, `choice` as its options say.

    An answer that earns nothing on an item with `critical` fails the contact. `evidence`: such an answer must name its place.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_]*$")
    title: dict[str, str]
    kind: Literal["yes_no", "scale", "choice"] = "yes_no"
    weight: int = Field(1, ge=1, le=1000)
    steps: int = Field(5, ge=2, le=10)
    options: dict[str, Option] = {}
    may_not_apply: bool = True
    critical: CriticalClass | None = None
    evidence: bool = False

    @model_validator(mode="after")
    def _options_belong_to_choices(self) -> Item:
        if (self.kind == "choice") != bool(self.options) or NOT_APPLICABLE in self.options:
            raise ValueError(f"options are for a choice, at least one, and none is called `{NOT_APPLICABLE}`")
        return self

    @property
    def answers(self) -> tuple[str, ...]:
        """What may be answered, the best first for yes and no; `na` last where the item may not apply."""
        if self.kind == "yes_no":
            given: tuple[str, ...] = (YES, NO)
        elif self.kind == "scale":
            given = tuple(str(step) for step in range(1, self.steps + 1))
        else:
            given = tuple(self.options)
        return (*given, NOT_APPLICABLE) if self.may_not_apply else given


class Section(_Strict):
    """Items that belong together; the section's weight is shared by those of its items that apply."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_]*$")
    title: dict[str, str]
    weight: int = Field(1, ge=1, le=1000)
    items: list[Item] = Field(min_length=1)


class Form(_Strict):
    """A scorecard. `channels`: the contacts it is for; none: all. `pass_mark`: the least score that is good enough."""

    form: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: dict[str, str]
    channels: list[str] = []
    pass_mark: float = Field(0.8, ge=0, le=1, allow_inf_nan=False)
    sections: list[Section] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_are_unique(self) -> Form:
        for names in ([item.id for item in self.items], [section.id for section in self.sections]):
            if len(set(names)) != len(names):
                raise ValueError("every section and every item needs an id of its own")
        return self

    @property
    def items(self) -> list[Item]:
        """All items, section after section."""
        return [item for section in self.sections for item in section.items]


class Place(_Strict):
    """Evidence: a line of the transcript (from 1), and the characters in it; `end` 0: the whole line."""

    line: int = Field(ge=1)
    start: int = Field(0, ge=0)
    end: int = Field(0, ge=0)


class Answer(_Strict):
    """What an evaluator said of one item. An empty answer is not given yet."""

    answer: str = ""
    note: str = Field("", max_length=2000)
    place: Place | None = None


def sha256_of(text: str) -> str:
    """A form's version."""
    return hashlib.sha256(text.encode()).hexdigest()


def parse_form(text: str, *, file: str) -> Form:
    """A form from YAML. Raises DefinitionError."""
    return parse_yaml(text, Form, file=file)


@cache
def shipped_forms() -> dict[str, str]:
    """The YAML of the forms that ship with Cleardesk, by name. Raises DefinitionError."""
    return {load_yaml(path, Form).form: path.read_text(encoding="utf-8") for path in sorted(HERE.glob("*.yaml"))}


def form_text(name: str, own: dict[str, str]) -> str:
    """A form's YAML: the process's own before the shipped one of that name.

    Raises:
        DefinitionError: there is none.
    """
    text = own.get(name) or shipped_forms().get(name)
    if text is None:
        raise DefinitionError(
            f"there is no scorecard `{name}`", mend=f"use one of {', '.join(sorted(shipped_forms()))}"
        )
    return text
